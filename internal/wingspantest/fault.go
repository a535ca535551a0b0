package wingspantest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Cut is how a response is cut short. NoCut sends it.
type Cut int

// The cuts.
const (
	NoCut Cut = iota
	// CutConnection closes the connection instead. A Go client repeats a GET by itself when that happens to a connection that
	// it used before.
	CutConnection
	// CutBody sends the headers and half of the body, then closes the connection.
	CutBody
)

// Fault is something that goes wrong, with the requests that it strikes. A fault without Status,
// Body and Cut ends in the true response; the others strike before the request is looked at, so
// that also one without a valid token gets them.
type Fault struct {
	Method string             // "" means any
	Route  Route              // RouteAny means any
	Match  func(Request) bool // nil means any; called from several goroutines, must not change the request
	Times  int                // 0 means once, <0 for ever

	Commit bool            // a write is carried out before the fault strikes
	Late   bool            // a write is carried out by Server.CommitLate, after the response
	Delay  time.Duration   // before anything else, even when the client went away meanwhile
	Until  <-chan struct{} // likewise, until it is closed; nil means at once

	Status int         // the status of the response, 200 to 599; 0 with a Body means 200
	Header http.Header // on top of the response's own headers; nil values leave a header out
	Body   string      // application/json unless Header says otherwise

	Cut Cut
}

// replaces reports whether something else than the true response is sent.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Body != "" || f.Late || f.Cut == CutConnection
}

func (f *Fault) response() *response {
	return &response{status: cmp.Or(f.Status, http.StatusOK), body: []byte(f.Body)}
}

func (f *Fault) matches(r Request) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Route == RouteAny || f.Route == r.Route) &&
		(f.Match == nil || f.Match(r))
}

// Fail arms a fault. The oldest one that matches a request strikes it, and only that one.
func (s *Server) Fail(f Fault) {
	f.Times = cmp.Or(f.Times, 1)
	s.locked(func() { s.faults = append(s.faults, &f) })
}

// strike records the request and returns the fault that strikes it. It calls Match and choose without the lock, so that
// they may use the server, and take their time.
func (s *Server) strike(r *Request) (fault Fault) {
	s.mu.Lock()
	faults, choose := slices.Clone(s.faults), s.choose
	s.mu.Unlock()
	for _, f := range faults {
		if !r.Fault && f.matches(*r) {
			fault, r.Fault = s.take(f)
		}
	}
	if !r.Fault && choose != nil {
		if chosen, struck := choose(*r); struck {
			fault, r.Fault = chosen, true
		}
	}
	s.locked(func() { s.requests = append(s.requests, r) })

	return fault
}

// take counts a request that an armed fault matches, and reports whether it strikes.
func (s *Server) take(f *Fault) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.faults, f)
	if i < 0 {
		return Fault{}, false
	}
	if f.Times--; f.Times == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}

	return *f, true
}

// FailBy has choose called with each request that no armed fault strikes, from several goroutines, to say what strikes it, if
// anything does. The fault's conditions and counts mean nothing here. Nil ends it, and so does ClearFaults.
func (s *Server) FailBy(choose func(Request) (Fault, bool)) {
	s.locked(func() { s.choose = choose })
}

// ClearFaults disarms all faults. Requests that one struck already are not released, and late writes stay.
func (s *Server) ClearFaults() { s.locked(func() { s.faults, s.choose = nil, nil }) }

// CommitLate carries out the writes of faults that are Late, in the order of their arrival, and returns how many of them
// the server did not refuse. Their Request is then Committed.
func (s *Server) CommitLate() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.late {
		if s.carryOut(r, true); r.Committed {
			n++
		}
	}
	s.late = nil

	return n
}

// HTML is a proxy's page instead of JSON.
func HTML(status int) Fault {
	return Fault{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   "<!DOCTYPE html><html><head><title>" + http.StatusText(status) + "</title></head><body></body></html>\n",
	}
}

// BrokenJSON is a 200 with a body that ends too early, although its length is right.
func BrokenJSON() Fault { return Fault{Status: http.StatusOK, Body: `{"preferenceId":"a1b2`} }

// EmptyBody is a 200 without a body.
func EmptyBody() Fault { return Fault{Status: http.StatusOK} }

// ErrorStatus is an error in the documented form.
func ErrorStatus(status int, message string) Fault {
	return Fault{Status: status, Body: string(errorBody(message))}
}

// TooMany is a 429; retryAfter "" leaves the header out.
func TooMany(retryAfter string) Fault {
	f := ErrorStatus(http.StatusTooManyRequests, "Too many requests")
	if retryAfter != "" {
		f.Header = http.Header{"Retry-After": {retryAfter}}
	}

	return f
}
