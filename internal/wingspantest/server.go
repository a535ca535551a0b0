// Package wingspantest is an in-memory server with Wingspan's webhook API, for tests and demonstrations.
//
// It keeps what it is sent, refuses what the API's documentation does not allow, records each request,
// and can be told to fail and to behave in other ways, so that a client is tested over real HTTP without the vendor.
package wingspantest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Server is one running server. Its methods may be called from any goroutine.
type Server struct {
	// Close stops the server: connections are closed, delays end, and requests that were still waiting
	// are neither carried out nor responded to. It returns when no handler runs any more.
	Close func()

	http *httptest.Server
	done chan struct{}

	mu       sync.Mutex          // guards what follows
	token    string              // of OwnAccount's user
	accounts map[string][]string // by token: that of its user, and those on behalf of which it may act
	settings Settings
	rewrite  func(Request, map[string]any)
	observe  func(Request)
	records  []*record // in the order of their creation
	requests []*Request
	faults   []*Fault
	choose   func(Request) (Fault, bool)
	late     []*Request
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

	return Serve(listener), nil
}

// Serve is Start on a listener, which need not be of a network. Close closes it, possibly more than once.
func Serve(listener net.Listener) *Server {
	s := &Server{
		done:     make(chan struct{}),
		token:    Token,
		accounts: map[string][]string{Token: {OwnAccount}},
		settings: defaultSettings(),
	}
	// No ServeMux: it redirects ids with escaped slashes or dots.
	config := &http.Server{Handler: http.HandlerFunc(s.serve), ConnState: s.connState, ReadHeaderTimeout: 10 * time.Second}
	s.http = &httptest.Server{Listener: listener, Config: config}
	s.http.Start()
	s.Close = sync.OnceFunc(func() {
		close(s.done)
		s.http.CloseClientConnections()
		s.http.Close()
	})

	return s
}

// URL is the base URL, without a slash at its end.
func (s *Server) URL() string { return s.http.URL }

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *Server) connState(conn net.Conn, state http.ConnState) {
	s.locked(func() {
		if state == http.StateIdle && s.settings.CloseIdle {
			_ = conn.Close()
		}
	})
}

// response is what a request gets. Without a status, the connection is cut instead.
type response struct {
	status int
	header http.Header
	body   []byte
}

func success(body any) *response { return &response{status: http.StatusOK, body: encode(body)} }

func (s *Server) serve(w http.ResponseWriter, incoming *http.Request) {
	r := receive(incoming)
	fault := s.strike(r)
	wait(s, time.After(fault.Delay))
	if fault.Until != nil {
		wait(s, fault.Until)
	}
	out := s.respond(r, fault)

	s.mu.Lock()
	request, conf, observe := *r, s.settings, s.observe
	s.mu.Unlock()
	wait(s, time.After(conf.Latency))
	if observe != nil {
		observe(request)
	}
	out.send(w, conf, fault)
}

// wait ends the handler when the server is closed meanwhile. It ignores the request's context on purpose: a real server
// finishes what it began, although the client went away.
func wait[T any](s *Server, event <-chan T) {
	select {
	case <-s.done:
		panic(http.ErrAbortHandler)
	case <-event:
	}
}

// respond carries the request out, unless a fault prevents it. Then a cut body is half of the response that it would have had.
func (s *Server) respond(r *Request, fault Fault) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out *response
	if fault.Commit || !fault.replaces() {
		out = s.carryOut(r, fault.Commit || fault.Cut == NoCut)
	}
	if fault.Late {
		s.late = append(s.late, r)
	}
	if fault.replaces() {
		out = fault.response()
	}
	// Of an empty body there is no half to send.
	if fault.Cut == CutConnection || fault.Cut == CutBody && len(out.body) == 0 {
		out.status = 0
	}
	r.Status = out.status

	return out
}

// carryOut returns the true response. Without commit, a write changes nothing.
func (s *Server) carryOut(r *Request, commit bool) *response {
	account, refused := s.check(r)
	if refused != nil {
		return refused
	}
	switch r.Route {
	case RouteEventNames:
		return success(s.settings.eventNames(account))
	case RouteList:
		objects := []map[string]any{}
		for _, listed := range s.list(r, account) {
			objects = append(objects, s.object(r, listed.Preference))
		}

		return success(objects)
	}

	subject, refused := s.subject(r, account)
	if refused != nil {
		return refused
	}
	p := subject.Preference
	if r.hasBody() {
		p = s.changed(p, func(p *Preference) { r.apply(p, s.settings) })
	}
	if commit && r.Method != http.MethodGet {
		r.Committed = true
		if r.Method == http.MethodDelete {
			s.remove(subject)
		} else {
			s.keep(subject, p)
		}
	}
	if r.Method == http.MethodDelete && s.settings.DeleteNoContent {
		return &response{status: http.StatusNoContent}
	}

	return success(s.object(r, p))
}

func (out *response) send(w http.ResponseWriter, conf Settings, fault Fault) {
	if out.status == 0 {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header["Date"] = nil // A missing key would be filled in by net/http.
	if date := conf.Date(conf.now()); date != "" {
		header.Set("Date", date)
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
