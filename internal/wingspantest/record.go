package wingspantest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Request is one request as the server saw it, and what became of it. Header and Body are the server's own: do not change them.
type Request struct {
	Method string
	Path   string // escaped, as it was sent
	Route  Route
	Header http.Header

	Account    string // the value of X-WINGSPAN-USER
	HasAccount bool   // whether that header was sent

	Body      []byte
	Status    int  // of the response; 0 while none is known and when the connection was cut
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

func (s *Server) selected(want func(*Request) bool) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	selection := []Request{}
	for _, request := range s.requests {
		if want(request) {
			selection = append(selection, *request)
		}
	}
	return selection
}

// Requests returns all requests since the start or ResetRequests, in the order of their arrival, also those that still wait
// for a response.
func (s *Server) Requests() []Request {
	return s.selected(func(*Request) bool { return true })
}

// Writes returns the requests whose method is POST, PATCH or DELETE, carried out or not.
func (s *Server) Writes() []Request {
	return s.selected(func(r *Request) bool {
		return r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodDelete
	})
}

// Count counts requests; "" and RouteAny mean any.
func (s *Server) Count(method string, route Route) int {
	return len(s.selected(func(r *Request) bool {
		return (method == "" || method == r.Method) && (route == RouteAny || route == r.Route)
	}))
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() { s.locked(func() { s.requests = nil }) }
