package wingspantest

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

func (s *Server) send(w http.ResponseWriter, a answer, fault Fault) {
	if fault.cuts(a) {
		cutConnection(w)
		return
	}
	control := http.NewResponseController(w)
	header := w.Header()
	hasBody := a.status != http.StatusNoContent && a.status != http.StatusNotModified
	if hasBody {
		header.Set("Content-Type", "application/json")
	}
	for _, extra := range []http.Header{a.header, fault.Header} {
		for name, values := range extra {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if fault.Blanks > 0 {
		w.WriteHeader(a.status)
		blanks(w, control, fault.Blanks)
		return
	}
	if hasBody {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	switch {
	case fault.Cut == CutBody:
		// net/http closes a connection whose answer is shorter than its Content-Length.
		_, _ = w.Write(a.body[:len(a.body)/2])
	case fault.Drip > 0:
		s.drip(w, control, a.body, fault.Drip)
	default:
		_, _ = w.Write(a.body)
	}
}

// cutConnection is needed to answer nothing: a handler that just returns answers an empty 200.
func cutConnection(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func (s *Server) drip(w http.ResponseWriter, control *http.ResponseController, body []byte, pause time.Duration) {
	for i := range body {
		if i > 0 && !s.wait(pause) {
			return
		}
		if _, err := w.Write(body[i : i+1]); err != nil {
			return
		}
		if control.Flush() != nil {
			return
		}
	}
}

// blanks never sets a Content-Length: a client must not learn beforehand how much comes.
func blanks(w http.ResponseWriter, control *http.ResponseController, n int64) {
	// Small answers too must be chunked, and net/http would measure those that fit its buffer.
	if control.Flush() != nil {
		return
	}
	chunk := bytes.Repeat([]byte(" "), 32<<10)
	for n > 0 {
		part := chunk[:min(n, int64(len(chunk)))]
		if _, err := w.Write(part); err != nil {
			return
		}
		n -= int64(len(part))
	}
}
