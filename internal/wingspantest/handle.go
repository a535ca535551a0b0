package wingspantest

import (
	"io"
	"net/http"
)

// answer is what a request gets unless a fault replaces it.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	committed bool
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		cutConnection(w)
		return
	}
	defer s.handlers.Done()

	c := receive(r)
	fault, struck := s.faults.strike(c.Request)
	c.Fault = struck
	entry := s.recorder.add(c.Request)
	if !s.wait(fault.Delay) {
		cutConnection(w)
		return
	}
	conf := s.snapshot()
	a := s.answer(c, conf, fault)
	status := a.status
	if fault.cuts(a) {
		status = 0
	}
	settled := s.recorder.settle(entry, status, a.committed)
	if !s.wait(conf.latency) {
		cutConnection(w)
		return
	}
	if conf.observe != nil {
		conf.observe(settled)
	}
	s.send(w, a, fault)
}

// receive reads the whole body before anything else, so that a delayed request does not need its
// client any more. An unfinished body is refused later: it is not valid JSON.
func receive(r *http.Request) *call {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	path := r.URL.EscapedPath()
	route, id := resolve(r.Method, path)
	c := &call{
		Request: Request{Method: r.Method, Path: path, Route: route, Header: r.Header, Body: body},
		id:      id,
		query:   r.URL.RawQuery,
	}
	if values, ok := r.Header[accountHeader]; ok {
		c.HasAccount = true
		c.Account = values[0]
	}
	return c
}

// answer carries the request out, or goes through the motions when a fault does not let it: a cut
// body is half of an answer that looks true.
func (s *Server) answer(c *call, conf settings, fault Fault) answer {
	var a answer
	if fault.Commit || !fault.replaces() {
		a = s.carryOut(c, conf, fault.Commit || fault.Cut == NoCut)
	}
	if fault.replaces() {
		a = answer{status: fault.Status, body: []byte(fault.Body), committed: a.committed}
		if a.status == 0 {
			a.status = http.StatusOK
		}
	}
	return a
}

func (s *Server) carryOut(c *call, conf settings, commit bool) answer {
	account, refused := c.check(conf)
	if refused != nil {
		return *refused
	}
	var changes change
	if c.Method == http.MethodPost || c.Method == http.MethodPatch {
		if changes, refused = decodeChange(c.Body, conf.eventNames); refused != nil {
			return *refused
		}
	}
	switch {
	case c.Route == RouteEventNames:
		return answer{status: http.StatusOK, body: writeEventNames(conf, account)}
	case c.Route == RouteList:
		s.mu.Lock()
		records := s.store.list(account, conf.listLimit)
		s.mu.Unlock()
		return answer{status: http.StatusOK, body: writeList(records, conf.form)}
	case c.Route == RouteCreate:
		return s.create(account, changes, conf, commit)
	default:
		return s.item(c, account, changes, conf, commit)
	}
}

func (s *Server) create(account string, changes change, conf settings, commit bool) answer {
	if changes.url == nil || changes.secret == nil {
		return *refuse(http.StatusBadRequest, "url and sharedSecret are required")
	}
	p := Preference{Account: account}
	changes.apply(&p)
	p.complete()
	s.mu.Lock()
	p.ID = s.store.newID()
	r := &record{Preference: p}
	if commit {
		r = s.store.add(p, max(0, conf.readLag))
	}
	s.mu.Unlock()
	return answer{status: http.StatusOK, body: r.write(conf.form), committed: commit}
}

func (s *Server) item(c *call, account string, changes change, conf settings, commit bool) answer {
	if c.Method == http.MethodPatch && changes == (change{}) {
		return *refuse(http.StatusBadRequest, "at least one of url, sharedSecret and subscribedEvents is required")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	find := s.store.find
	if c.Method == http.MethodGet {
		find = s.store.read
	}
	r, ok := find(account, c.id)
	if !ok {
		return *refuse(http.StatusNotFound, "there is no webhook preference %q", c.id)
	}
	switch c.Method {
	case http.MethodGet:
		return answer{status: http.StatusOK, body: r.write(conf.form)}
	case http.MethodPatch:
		p := r.clone()
		changes.apply(&p)
		p.touch()
		if commit {
			r = s.store.replace(r, p)
		} else {
			r = &record{Preference: p}
		}
		return answer{status: http.StatusOK, body: r.write(conf.form), committed: commit}
	default:
		if commit {
			s.store.remove(r)
		}
		if conf.deletes == NoContent {
			return answer{status: http.StatusNoContent, committed: commit}
		}
		return answer{status: http.StatusOK, body: r.write(conf.form), committed: commit}
	}
}
