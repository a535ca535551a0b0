// Package wingspantest is an in-memory server with Wingspan's webhook API, for tests and demonstrations.
//
// It remembers what it is told, refuses what the API's documentation does not allow, records each
// request, and can be told to fail, so that a client is tested over real HTTP without the vendor.
package wingspantest

import (
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
	// OwnAccount is the account that the token belongs to.
	OwnAccount = "usrOwn0000000000000001"
)

// Server is one running server. Its methods may be called from any goroutine.
type Server struct {
	http *http.Server
	url  string

	stop     sync.Once
	done     chan struct{}
	handlers sync.WaitGroup

	recorder recorder
	faults   faults

	mu       sync.Mutex // guards what follows
	closed   bool
	settings settings
	store    store
}

// New starts a server on a free loopback port and stops it when the test ends.
func New(tb testing.TB) *Server {
	tb.Helper()
	s, err := Start("127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start is New for programs; addr is like "127.0.0.1:0". The caller calls Close.
func Start(addr string) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start the Wingspan test server: %w", err)
	}
	s := &Server{
		url:      "http://" + listener.Addr().String(),
		done:     make(chan struct{}),
		settings: defaultSettings(),
		store:    newStore(),
	}
	// No ServeMux: it answers ids with escaped slashes or dots by redirects.
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// Close stops the server: connections are closed, delays end, and requests that were still waiting
// are neither carried out nor answered. It returns when no handler runs any more.
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

// wait reports whether the time passed before Close. It ignores the request's context on purpose:
// a real server finishes what it began, although the client went away.
func (s *Server) wait(d time.Duration) bool {
	if d <= 0 {
		select {
		case <-s.done:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.done:
		return false
	case <-timer.C:
		return true
	}
}
