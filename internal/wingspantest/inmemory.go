package wingspantest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"time"
)

// NewInMemory returns a server that listens nowhere. A client reaches it by its RoundTrip, so that a test can run in a bubble of
// testing/synctest, whose clock stands still while a network is waited for.
func NewInMemory() *Server { return newServer("http://in-memory.localhost") }

// RoundTrip carries a request out as over a network: it takes a moment, and goes on although the caller's context ends.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	received := r.Clone(context.WithoutCancel(r.Context()))
	received.Body = http.NoBody
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		received.Body = io.NopCloser(bytes.NewReader(body))
	}

	responses := make(chan *http.Response, 1)
	go func() {
		time.Sleep(time.Millisecond)
		responses <- s.handle(received)
	}()
	select {
	case response := <-responses:
		if response == nil {
			return nil, io.EOF
		}

		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// handle returns the response, of which the body ends early if that is cut, or nil if the connection is.
func (s *Server) handle(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	cut := aborts(func() { s.serve(recorder, r) })
	if cut && !recorder.Flushed {
		return nil
	}
	response := recorder.Result()
	if cut {
		response.Body = io.NopCloser(io.MultiReader(response.Body, errorReader{io.ErrUnexpectedEOF}))
	}

	return response
}

// aborts reports whether the handler cuts the connection.
func aborts(handler func()) (aborted bool) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(p)
		} else {
			aborted = p != nil
		}
	}()
	handler()

	return false
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
