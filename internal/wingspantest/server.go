// Package wingspantest is an in-memory server with Wingspan's webhook API, for tests and demonstrations.
//
// It keeps what it is sent, refuses what the API's documentation does not allow, records each request,
// and can be told to fail and to behave in other ways, so that a client is tested over real HTTP without the vendor.
package wingspantest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
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
	// Transport is the only way to a server of NewInMemory; others leave it nil.
	Transport http.RoundTripper

	http *http.Server
	url  string

	done     chan struct{}
	handlers sync.WaitGroup

	mu       sync.Mutex // guards what follows
	closed   bool
	token    string              // of OwnAccount's user
	accounts map[string][]string // by token: that of its user, and those on behalf of which it may act
	settings Settings
	rewrite  func(Request, map[string]any)
	observe  func(Request)
	records  []*record // in the order of their creation
	requests []*Request
	faults   []*Fault
	choose   func(Request) (Fault, bool)
	late     []*incoming
}

// New starts a server on a free loopback port and stops it when the test ends. It serves HTTP/1.1, and HTTP/2 to clients that
// begin with it (http.Protocols.SetUnencryptedHTTP2).
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
	return serveOn(listener, "http://"+listener.Addr().String()), nil
}

func serveOn(listener net.Listener, url string) *Server {
	s := &Server{
		url:      url,
		done:     make(chan struct{}),
		token:    Token,
		accounts: map[string][]string{Token: {OwnAccount}},
		settings: defaultSettings(),
	}
	s.http = &http.Server{
		// No ServeMux: it redirects ids with escaped slashes or dots.
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		Protocols:         new(http.Protocols),
		ConnState:         s.connState,
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = s.http.Serve(listener) }()
	return s
}

// Close stops the server: connections are closed, delays end, and requests that were still waiting
// are neither carried out nor responded to. It returns when no handler runs any more.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.mu.Unlock()
	_ = s.http.Close()
	s.handlers.Wait()
}

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// URL is the base URL, without a slash at its end.
func (s *Server) URL() string { return s.url }

func (s *Server) connState(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateIdle && s.settings.CloseIdle {
		_ = conn.Close()
	}
}

// response is what a request gets. Without a status, the connection is cut instead.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.enter()
	defer s.handlers.Done()
	in := receive(r)
	fault := s.strike(in)
	s.wait(fault.Delay, fault.Until)
	out := s.respond(in, fault)

	s.mu.Lock()
	request, conf, observe := *in.Request, s.settings, s.observe
	s.mu.Unlock()
	s.wait(conf.Latency, nil)
	if observe != nil {
		observe(request)
	}
	out.send(w, conf, fault)
}

// enter registers a handler that Close waits for. Under the lock, so that no Add races with Wait.
func (s *Server) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		panic(http.ErrAbortHandler)
	}
	s.handlers.Add(1)
}

// wait ends the handler when the server is closed meanwhile. It ignores the request's context on purpose: a real server
// finishes what it began, although the client went away.
func (s *Server) wait(d time.Duration, until <-chan struct{}) {
	select {
	case <-s.done:
		panic(http.ErrAbortHandler)
	case <-time.After(d):
	}
	if until == nil {
		return
	}
	select {
	case <-s.done:
		panic(http.ErrAbortHandler)
	case <-until:
	}
}

// respond carries the request out, unless a fault prevents it. Then a cut body is half of the response that it would have had.
func (s *Server) respond(in *incoming, fault Fault) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out response
	if fault.Commit || !fault.replaces() {
		out = s.carryOut(in, fault.Commit || fault.Cut == NoCut)
	}
	if fault.Late {
		s.late = append(s.late, in)
	}
	if fault.replaces() {
		out = response{status: cmp.Or(fault.Status, http.StatusOK), body: []byte(fault.Body)}
	}
	// Of an empty body there is no half to send.
	if fault.Cut == CutConnection || fault.Cut == CutBody && len(out.body) == 0 {
		out.status = 0
	}
	in.Status = out.status
	return out
}

// carryOut returns the true response. Without commit, a write changes nothing.
func (s *Server) carryOut(in *incoming, commit bool) response {
	account, refused := s.check(in)
	if refused != nil {
		return *refused
	}
	switch in.Route {
	case RouteEventNames:
		return success(s.settings.eventNames(account))
	case RouteList:
		objects := []map[string]any{}
		for _, r := range s.list(in, account) {
			objects = append(objects, s.object(in, r.Preference))
		}
		return success(objects)
	}

	var r *record
	if in.Route == RouteCreate {
		r = s.create(account, in.changes, commit)
	} else if r, refused = s.item(in, account); refused != nil {
		return *refused
	}
	p := r.Preference
	switch in.Method {
	case http.MethodPost, http.MethodPatch:
		p = s.change(r, in.changes, commit)
	case http.MethodDelete:
		if commit {
			s.remove(r)
		}
	}
	in.Committed = in.Committed || commit && in.Method != http.MethodGet
	if in.Method == http.MethodDelete && s.settings.DeleteNoContent {
		return response{status: http.StatusNoContent}
	}
	return success(s.object(in, p))
}

func success(body any) response { return response{status: http.StatusOK, body: encode(body)} }

func (out response) send(w http.ResponseWriter, conf Settings, fault Fault) {
	if out.status == 0 {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header["Date"] = nil // A missing key would be filled in by net/http.
	if date := conf.Date(conf.now()); date != "" {
		header["Date"] = []string{date}
	}
	if out.status != http.StatusNoContent && out.status != http.StatusNotModified {
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	for _, extra := range []http.Header{out.header, fault.Header} {
		for name, values := range extra {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	w.WriteHeader(out.status)
	if fault.Cut == CutBody {
		_, _ = w.Write(out.body[:len(out.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(out.body)
}
