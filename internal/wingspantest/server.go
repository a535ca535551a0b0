// Package wingspantest is an in-memory server with Wingspan's webhook API, for tests and demonstrations.
//
// It keeps what it is sent, refuses what the API's documentation does not allow, records each request,
// and can be told to fail and to behave in other ways, so that a client is tested over real HTTP without the vendor.
package wingspantest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

const (
	// Token is the one bearer token that a new server accepts.
	Token = "test-token-not-a-real-one"
	// OwnAccount is the account of the user that Token belongs to.
	OwnAccount = "usrOwn0000000000000001"
)

// Server is one running server. Its methods may be called from any goroutine.
type Server struct {
	http *http.Server
	url  string
	cert *x509.Certificate // nil without TLS

	stop     sync.Once
	done     chan struct{}
	handlers sync.WaitGroup

	mu       sync.Mutex // guards what follows
	closed   bool
	idle     map[*conn]bool
	settings settings
	store    store
	requests []*Request
	faults   []*Fault
	choose   func(Request) (Fault, bool)
	late     []func() bool
}

// New starts a server on a free loopback port and stops it when the test ends. It serves HTTP/1.1, and HTTP/2 to
// clients that begin with it (http.Protocols.SetUnencryptedHTTP2).
func New(tb testing.TB) *Server {
	tb.Helper()
	return start(tb, nil)
}

// NewTLS is New with a certificate, which clients have to trust (see CertPool). It serves HTTP/2 and HTTP/1.1.
func NewTLS(tb testing.TB) *Server {
	tb.Helper()
	return start(tb, newCertificate())
}

func start(tb testing.TB, certificate *tls.Certificate) *Server {
	tb.Helper()
	s, err := listen("127.0.0.1:0", certificate)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start is New for programs; addr is like "127.0.0.1:0". The caller calls Close.
func Start(addr string) (*Server, error) { return listen(addr, nil) }

func listen(addr string, certificate *tls.Certificate) (*Server, error) {
	inner, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start the Wingspan test server: %w", err)
	}
	s := &Server{
		url:      "http://" + inner.Addr().String(),
		done:     make(chan struct{}),
		idle:     map[*conn]bool{},
		settings: defaultSettings(),
		store:    store{byID: map[string]*record{}},
	}
	if certificate != nil {
		s.url, s.cert = "https://"+inner.Addr().String(), certificate.Leaf
		// TLS ends below net/http, which then serves HTTP/2 on a connection whose frames this package can change.
		inner = tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{*certificate}, NextProtos: []string{"h2", "http/1.1"}})
	}
	s.http = &http.Server{
		// No ServeMux: it redirects ids with escaped slashes or dots.
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		Protocols:         new(http.Protocols),
		ConnState:         s.connState,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = s.http.Serve(&listener{Listener: inner}) }()
	return s, nil
}

// Close stops the server: connections are closed, delays end, and requests that were still waiting
// are neither carried out nor responded to. It returns when no handler runs any more.
func (s *Server) Close() {
	s.stop.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		close(s.done)
		_ = s.http.Close()
	})
	s.handlers.Wait()
}

// URL is the base URL, without a slash at its end.
func (s *Server) URL() string { return s.url }

// enter registers a handler that Close waits for. Under the lock, so that no Add races with Wait.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

// wait reports whether the time passed, and the event happened, before Close. It ignores the request's context on
// purpose: a real server finishes what it began, although the client went away.
func (s *Server) wait(d time.Duration, until <-chan struct{}) bool {
	passed := make(chan struct{})
	defer time.AfterFunc(d, func() { close(passed) }).Stop()
	for _, event := range []<-chan struct{}{passed, until} {
		if event == nil {
			continue
		}
		select {
		case <-s.done:
			return false
		case <-event:
		}
	}
	return true
}
