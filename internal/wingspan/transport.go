package wingspan

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// maxAnswer is the largest body that is read, in bytes. A list of about 15,000 preferences fits.
const maxAnswer = 8 << 20

var errTooLarge = errors.New("the answer is larger than 8 MiB")

// Attempt is what a log may say of one attempt: no headers, no bodies.
type Attempt struct {
	Method, Path string
	// Number counts from 1.
	Number   int
	Duration time.Duration
	// Status is 0 when no answer came.
	Status int
	Err    error
}

// call follows one request through its attempts. It travels in the request's context, because
// retryablehttp shows its hooks nothing but that when an attempt fails.
type call struct {
	method, path string
	started      time.Time
	attempts     int
	// written: a connection was there in this attempt, so that the request may have been sent.
	written atomic.Bool
	// uncertain: some attempt may have been carried out without a word of it coming back.
	uncertain bool
	retryWait time.Duration
	// redirect is where the answer pointed to, as it stood there.
	redirect string
}

type callKey struct{}

// callOf is never nil: a request that did not come through Client.send reads as an unknown call.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}

	return &call{}
}

// attempts is the transport of one attempt. It reads the body itself, so that a connection cut in the
// middle of an answer is a failed attempt like any other, which the retry policy gets to see.
type attempts struct {
	base   http.RoundTripper
	log    func(context.Context, Attempt)
	redact func(string) string
}

// RoundTrip sends the request and reads the whole answer.
func (t *attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	c := callOf(req.Context())
	c.attempts++
	c.written.Store(false)
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { c.written.Store(true) }}

	resp, err := t.base.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	status := 0
	if err == nil {
		status = resp.StatusCode
		// http.Client would fail on one that it cannot parse, although it is told to follow none.
		c.redirect = resp.Header.Get("Location")
		resp.Header.Del("Location")
		err = buffer(resp)
	}
	err = t.quiet(err)
	if t.log != nil {
		t.log(req.Context(), Attempt{Method: c.method, Path: c.path, Number: c.attempts, Duration: time.Since(start), Status: status, Err: err})
	}
	if err != nil {
		return nil, err
	}

	return resp, nil
}

// quietError is an error with another text than its cause, because that was long, held a secret, or told people nothing.
type quietError struct {
	text  string
	cause error
}

func (e *quietError) Error() string { return e.text }

func (e *quietError) Unwrap() error { return e.cause }

// quiet keeps what a server sent out of the error's text: net/http quotes all of a line that is not HTTP, and a server
// can send back the token that it was sent.
func (t *attempts) quiet(err error) error {
	if err == nil {
		return nil
	}
	text := printable(t.redact(err.Error()), maxQuoted)
	if text == err.Error() {
		return err
	}

	return &quietError{text: text, cause: err}
}

// buffer replaces the body by a copy in memory, or fails with errTooLarge or the network's error.
func buffer(resp *http.Response) error {
	defer resp.Body.Close()

	if resp.ContentLength > maxAnswer {
		return errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return err
	}
	if len(body) > maxAnswer {
		return errTooLarge
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))

	return nil
}
