package wingspantest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Request is one request as the server saw it, and what became of it.
type Request struct {
	Method string
	Path   string // escaped, as it was sent
	Route  Route
	Header http.Header

	Account    string // the value of X-WINGSPAN-USER
	HasAccount bool   // whether that header was sent

	Body      []byte
	Status    int  // what was answered; 0 while none is known and when the connection was cut
	Fault     bool // whether a fault struck it
	Committed bool // whether a write was carried out
}

// Fields returns the sorted top-level keys of the JSON body, nil when that is not an object.
func (r Request) Fields() []string {
	var object map[string]json.RawMessage
	if json.Unmarshal(r.Body, &object) != nil || object == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(object))
}

func (r Request) clone() Request {
	r.Header = r.Header.Clone()
	r.Body = bytes.Clone(r.Body)
	return r
}

type recorder struct {
	mu       sync.Mutex
	requests []*Request
}

// add keeps the request from its arrival on, so that tests see those still waiting for an answer.
func (r *recorder) add(request Request) *Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, &request)
	return &request
}

func (r *recorder) settle(request *Request, status int, committed bool) Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	request.Status = status
	request.Committed = committed
	return *request
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = nil
}

func (r *recorder) selected(want func(*Request) bool) []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	selection := []Request{}
	for _, request := range r.requests {
		if want(request) {
			selection = append(selection, request.clone())
		}
	}
	return selection
}

func (r *recorder) count(method string, route Route) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, request := range r.requests {
		if (method == "" || method == request.Method) && (route == RouteAny || route == request.Route) {
			n++
		}
	}
	return n
}

// Requests returns copies of all requests since the start or ResetRequests, in the order of their arrival.
func (s *Server) Requests() []Request {
	return s.recorder.selected(func(*Request) bool { return true })
}

// Writes returns the requests whose method is POST, PATCH or DELETE, carried out or not.
func (s *Server) Writes() []Request {
	return s.recorder.selected(func(r *Request) bool {
		return r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodDelete
	})
}

// Count counts requests; "" and RouteAny mean any.
func (s *Server) Count(method string, route Route) int { return s.recorder.count(method, route) }

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() { s.recorder.reset() }
