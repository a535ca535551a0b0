package wingspantest

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// response is what a request gets unless a fault replaces it.
type response struct {
	status    int
	header    http.Header
	body      []byte
	committed bool
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(*conn)
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.handlers.Done()

	in := receive(r, c)
	if c.dead.Load() {
		panic(http.ErrAbortHandler)
	}
	fault, struck := s.strike(in.Request)
	in.Fault = struck
	entry := s.record(in.Request)
	if !s.wait(fault.Delay, fault.Until) {
		panic(http.ErrAbortHandler)
	}
	out := s.respond(in, fault, entry)
	status := out.status
	if fault.cuts(out) {
		status = 0
	}
	settled, conf := s.settle(entry, status, out.committed)
	if !s.wait(conf.latency, nil) {
		panic(http.ErrAbortHandler)
	}
	if conf.observe != nil {
		conf.observe(settled)
	}
	if fault.cuts(out) {
		s.cut(c, fault)
	}
	conf.writeHeader(w, out, fault)
	if s.writeBody(w, out.body, fault); fault.Cut == CutBody {
		s.cut(c, fault)
	}
}

// respond carries the request out, or goes through the motions when a fault does not let it: a cut
// body is half of a response that looks true.
func (s *Server) respond(in *incoming, fault Fault, entry *Request) response {
	var out response
	if fault.Commit || !fault.replaces() {
		out = s.carryOut(in, fault.Commit || fault.Cut == NoCut)
	}
	if fault.Late {
		s.mu.Lock()
		s.late = append(s.late, func() bool { return s.commitLate(in, entry) })
		s.mu.Unlock()
	}
	if fault.replaces() {
		out = response{status: fault.Status, body: []byte(fault.Body), committed: out.committed}
		if out.status == 0 {
			out.status = http.StatusOK
		}
	}
	return out
}

func (s *Server) commitLate(in *incoming, entry *Request) bool {
	committed := s.carryOut(in, true).committed
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Committed = entry.Committed || committed
	return committed
}

// carryOut writes the response without the lock, as SetRewrite's function may use the server.
func (s *Server) carryOut(in *incoming, commit bool) response {
	s.mu.Lock()
	conf := s.settings
	account, refused := in.check(conf)
	var found []Preference
	if refused == nil {
		found, refused = s.store.carryOut(in, account, conf, commit)
	}
	s.mu.Unlock()

	write := in.Method != http.MethodGet
	switch {
	case refused != nil:
		return *refused
	case in.Route == RouteEventNames:
		return response{status: http.StatusOK, body: conf.writeEventNames(account)}
	case in.Route == RouteList:
		return response{status: http.StatusOK, body: conf.writeList(in.Request, found)}
	case in.Method == http.MethodDelete && conf.deletes == NoContent:
		return response{status: http.StatusNoContent, committed: commit}
	}
	return response{status: http.StatusOK, body: encode(conf.object(in.Request, found[0])), committed: commit && write}
}

// cut never returns. net/http then closes an HTTP/1.1 connection and resets an HTTP/2 stream.
func (s *Server) cut(c *conn, f Fault) {
	switch {
	case f.Cut == Freeze:
		c.dead.Store(true)
		c.mute.Store(true)
		<-s.done
	case f.Cut == CutConnection || !c.http2:
		c.kill()
	default:
		c.mu.Lock()
		c.endings = append(c.endings, f)
		c.mu.Unlock()
	}
	panic(http.ErrAbortHandler)
}

func (conf settings) writeHeader(w http.ResponseWriter, out response, fault Fault) {
	header := w.Header()
	if conf.date != nil || conf.clock != 0 {
		now := conf.now()
		date := now.Format(http.TimeFormat)
		if conf.date != nil {
			date = conf.date(now)
		}
		header["Date"] = []string{date}
		if date == "" {
			header["Date"] = nil // A missing key would be filled in by net/http.
		}
	}
	hasBody := out.status != http.StatusNoContent && out.status != http.StatusNotModified
	if hasBody {
		header.Set("Content-Type", "application/json")
	}
	// A client must not learn beforehand how many spaces come.
	if hasBody && fault.Spaces == 0 {
		header.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	for _, extra := range []http.Header{out.header, fault.Header} {
		for name, values := range extra {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	w.WriteHeader(out.status)
}

func (s *Server) writeBody(w http.ResponseWriter, body []byte, fault Fault) {
	send := func(part []byte) bool {
		if _, err := w.Write(part); err != nil {
			return false
		}
		return http.NewResponseController(w).Flush() == nil
	}
	switch {
	case fault.Spaces > 0:
		// Flushed before, because net/http would measure what fits its buffer.
		chunk := bytes.Repeat([]byte(" "), 32<<10)
		for n := fault.Spaces; send(nil) && n > 0; n -= int64(len(chunk)) {
			chunk = chunk[:min(n, int64(len(chunk)))]
			_, _ = w.Write(chunk)
		}
	case fault.Cut == CutBody:
		send(body[:len(body)/2])
	case fault.Drip > 0:
		for i := range body {
			if i > 0 && !s.wait(fault.Drip, nil) || !send(body[i:i+1]) {
				return
			}
		}
	default:
		_, _ = w.Write(body)
	}
}

func (conf settings) now() time.Time { return time.Now().Add(conf.clock).UTC() }
