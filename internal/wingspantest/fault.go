package wingspantest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Cut is how a connection is cut.
type Cut int

const (
	// NoCut leaves the connection alone.
	NoCut Cut = iota
	// CutConnection closes the connection instead of answering. A Go client repeats a GET by itself
	// when that happens to a connection it used before.
	CutConnection
	// CutBody sends the headers and half of the body, then closes the connection.
	CutBody
)

// Fault is something that goes wrong, with the requests that it strikes. A fault without Status,
// Body, Cut and Blanks ends in the true answer; the others strike before the request is looked
// at, so that also one without a valid token gets them.
type Fault struct {
	Method string             // "" means any
	Route  Route              // RouteAny means any
	Match  func(Request) bool // nil means any; called from several goroutines, must not change the request
	Skip   int                // so many matching requests pass first; those that another fault strikes do not count
	Times  int                // 0 means once, <0 for ever

	Commit bool          // a write is carried out before the fault strikes
	Delay  time.Duration // before anything else, even when the client went away meanwhile

	Status int         // the status of the answer, 200 to 599; 0 with a Body means 200
	Header http.Header // on top of the answer's own headers
	Body   string      // application/json unless Header says otherwise

	Cut    Cut
	Drip   time.Duration // the answer comes a byte at a time with this pause
	Blanks int64         // so many blanks are streamed as the body
}

// replaces reports whether something else than the true answer is sent.
func (f Fault) replaces() bool {
	return f.Status != 0 || f.Body != "" || f.Blanks > 0 || f.Cut == CutConnection
}

// cuts reports whether not even headers are sent. Of an empty body there is no half to send.
func (f Fault) cuts(a answer) bool {
	return f.Cut == CutConnection || f.Cut == CutBody && len(a.body) == 0
}

func (f Fault) matches(r Request) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Route == RouteAny || f.Route == r.Route) &&
		(f.Match == nil || f.Match(r))
}

type faults struct {
	mu     sync.Mutex
	armed  []*armed
	choose func(Request) (Fault, bool)
}

type armed struct {
	fault Fault
	skip  int
	left  int // 0 means used up, <0 for ever
}

// strike calls Match and choose without the lock, so that they may use the server.
func (f *faults) strike(r Request) (Fault, bool) {
	f.mu.Lock()
	matching, choose := slices.Clone(f.armed), f.choose
	f.mu.Unlock()
	matching = slices.DeleteFunc(matching, func(a *armed) bool { return !a.fault.matches(r) })
	if fault, struck := f.take(matching); struck || choose == nil {
		return fault, struck
	}
	if fault, struck := choose(r); struck {
		return fault, true
	}
	return Fault{}, false
}

func (f *faults) take(matching []*armed) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range matching {
		switch {
		case a.left == 0:
		case a.skip > 0:
			a.skip--
		default:
			if a.left > 0 {
				a.left--
			}
			f.armed = slices.DeleteFunc(f.armed, func(a *armed) bool { return a.left == 0 })
			return a.fault, true
		}
	}
	return Fault{}, false
}

// Fail arms a fault. The oldest one that matches a request strikes it, and only that one.
func (s *Server) Fail(f Fault) {
	f.Header = f.Header.Clone()
	a := &armed{fault: f, skip: f.Skip, left: f.Times}
	if f.Times == 0 {
		a.left = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.armed = append(s.faults.armed, a)
}

// FailBy has choose called with each request that no armed fault strikes, from several goroutines, to say what strikes it, if
// anything does. The fault's conditions and counts mean nothing here. Nil ends it, and so does ClearFaults.
func (s *Server) FailBy(choose func(Request) (Fault, bool)) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.choose = choose
}

// ClearFaults disarms all faults. Requests that one struck already are not released.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, a := range s.faults.armed {
		a.left = 0
	}
	s.faults.armed, s.faults.choose = nil, nil
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

// Redirect is a 307, with which a careless client repeats a write, secret and token included, elsewhere.
func Redirect(to string) Fault {
	return Fault{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {to}}}
}
