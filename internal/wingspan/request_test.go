package wingspan

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var errRefused = fmt.Errorf("dial tcp 192.0.2.1:443: %w", syscall.ECONNREFUSED)

func retryAfter(v string) http.Header { return http.Header{"Retry-After": {v}} }

func TestRequestsAreRetriedOnlyWhereThatDoesNoHarm(t *testing.T) {
	t.Parallel()

	const all = DefaultMaxRetries + 1
	type attempts struct{ post, others int }
	tests := map[string]struct {
		step step
		want attempts
	}{
		"refused connections":                            {step{unsent: true, err: errRefused}, attempts{all, all}},
		"connections that die before the body was taken": {step{unread: true, err: errCut}, attempts{all, all}},
		"cut connections":                                {step{err: errCut}, attempts{1, all}},
		"an untrusted certificate":                       {step{unsent: true, err: errUntrusted}, attempts{1, 1}},
		"attempts that hang":                             {step{delay: time.Hour}, attempts{1, 2}},
		"429":                                            {step{status: 429}, attempts{all, all}},
	}
	add := func(want attempts, statuses ...int) {
		for _, status := range statuses {
			test := tests[""]
			test.step, test.want = step{status: status}, want
			tests[fmt.Sprint(status)] = test
		}
	}
	add(attempts{1, all}, 500, 502, 503, 504)
	add(attempts{1, 1}, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 425, 428, 431, 451)
	add(attempts{1, 1}, 501, 505, 507, 508, 511, 520, 599)
	for name, test := range tests {
		for _, method := range allMethods {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{test.step}}
				_ = callAs(t.Context(), scripted(t, s), method)
				want := test.want.others
				if method == http.MethodPost {
					want = test.want.post
				}
				wantEqual(t, fmt.Sprintf("attempts of %s, %s", method, name), s.attempts(), want)
			})
		}
	}
}

// ended is what its caller learns of a request: by the real waits of the policy, of which half is drawn.
type ended struct {
	attempts int
	elapsed  time.Duration
	// problem is the status, or the text of what went wrong without one.
	problem   string
	uncertain bool
}

func TestWhatComesOfARequest(t *testing.T) {
	t.Parallel()

	const ms, sec = time.Millisecond, time.Second
	limited := func(retryAfterSeconds string) step { return step{status: 429, header: retryAfter(retryAfterSeconds)} }
	refused, cut, hangs, unconnected := step{unsent: true, err: errRefused}, step{err: errCut}, step{delay: time.Hour}, step{unsent: true, delay: time.Hour}
	ok := step{body: documentedJSON("id1"), header: retryAfter("30")} // Of a success it is ignored.
	plain := func(*Config) {}
	retries := func(n int) func(*Config) { return func(c *Config) { c.MaxRetries = n } }
	timeout := func(d time.Duration) func(*Config) { return func(c *Config) { c.RequestTimeout = d } }
	const get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	for _, test := range []struct {
		name, method string
		config       func(*Config)
		steps        []step
		want         ended
	}{
		{"a success, of a read", get, plain, []step{{status: 500}, cut, limited(""), refused, ok}, ended{5, 3400 * ms, "", false}},
		{"a success, of an update", patch, plain, []step{{status: 500}, cut, limited(""), refused, ok}, ended{5, 3400 * ms, "", false}},
		{"a success, of a delete", del, plain, []step{{status: 500}, cut, limited(""), refused, ok}, ended{5, 3400 * ms, "", false}},
		{"a success, of a create", post, plain, []step{limited(""), refused, ok}, ended{3, 700 * ms, "", false}},

		{"no retries", get, retries(0), []step{{status: 503}}, ended{1, 0, "503", true}},
		{"one retry", get, retries(1), []step{{status: 503}}, ended{2, 200 * ms, "503", true}},
		{"seven retries, of which the last waits as long as any", get, retries(7), []step{{status: 503}}, ended{8, 22600 * ms, "503", true}},
		{"no retries after 429", get, retries(0), []step{limited("")}, ended{1, 0, "429", false}},
		{"two retries after 429", get, retries(2), []step{limited("")}, ended{3, 900 * ms, "429", false}},

		{"Retry-After in seconds", get, plain, []step{limited("3"), {status: 404}}, ended{2, 3300 * ms, "404", false}},
		// A bubble begins at midnight of 2000-01-01.
		{"a date", get, plain, []step{{status: 503, header: retryAfter("Sat, 01 Jan 2000 00:00:05 GMT")}, {status: 404}}, ended{2, 5200 * ms, "404", true}},
		{"a past date", get, plain, []step{{status: 503, header: retryAfter("Fri, 31 Dec 1999 23:00:00 GMT")}, {status: 404}}, ended{2, 200 * ms, "404", true}},
		{"an hour", get, plain, []step{limited("3600"), {status: 404}}, ended{2, 60300 * ms, "404", false}},
		{"an hour twice", get, plain, []step{limited("3600"), limited("3599"), ok}, ended{2, 60300 * ms, "429", false}},
		{"two minutes, then one", get, plain, []step{limited("120"), limited("60"), ok}, ended{3, 120900 * ms, "", false}},
		{"long, short, and long", get, plain, []step{limited("61"), limited("5"), limited("61"), ok}, ended{4, 127100 * ms, "", false}},
		{"a minute, again and again", get, plain, []step{limited("60")}, ended{5, 244500 * ms, "429", false}},

		{"a timeout of each attempt", get, timeout(5 * sec), []step{hangs, hangs, {delay: 4 * sec, body: ok.body}}, ended{3, 14600 * ms, "", false}},
		{"hangs, one second", get, timeout(sec), []step{hangs}, ended{5, 8 * sec, "timed out after 1s", true}},
		{"hangs, three seconds", get, timeout(3 * sec), []step{hangs}, ended{4, 13400 * ms, "timed out after 3s", true}},
		{"hangs, five seconds", get, timeout(5 * sec), []step{hangs}, ended{3, 15600 * ms, "timed out after 5s", true}},
		{"hangs", get, plain, []step{hangs}, ended{2, 60200 * ms, "timed out after 30s", true}},
		{"a create hangs", post, timeout(5 * sec), []step{hangs}, ended{1, 5 * sec, "timed out after 5s", true}},
		{"a connection that takes too long", post, timeout(sec), []step{unconnected}, ended{5, 8 * sec, "timed out after 1s", false}},
		{"no connection, then a response", post, plain, []step{unconnected, limited(""), ok}, ended{3, 30800 * ms, "", false}},
		{"no connection, then a response to a read", get, plain, []step{unconnected, limited(""), ok}, ended{3, 30800 * ms, "", false}},

		// The first attempt may have been carried out, so that the last one's refusal does not mean that nothing happened.
		{"cut, then no connection", patch, plain, []step{cut, refused}, ended{5, 3 * sec, "connection refused", true}},
		{"500, then no connection", patch, plain, []step{{status: 500}, refused}, ended{5, 3 * sec, "connection refused", true}},
		{"no connection at all", patch, plain, []step{refused}, ended{5, 3 * sec, "connection refused", false}},
		{"429, then no connection", patch, plain, []step{limited(""), refused}, ended{5, 3100 * ms, "connection refused", false}},
		{"cut, then refused", patch, plain, []step{cut, {status: 403}}, ended{2, 200 * ms, "403", true}},
		{"500, then limited for ever", patch, plain, []step{{status: 500}, limited("")}, ended{5, 4400 * ms, "429", true}},
		{"limited, then refused", patch, plain, []step{limited(""), {status: 403}}, ended{2, 300 * ms, "403", false}},
	} {
		bubble(t, test.name, func(t *testing.T) {
			s, start := &script{steps: test.steps}, time.Now()
			c := scripted(t, s, test.config)
			err := callAs(t.Context(), c, test.method)
			got := ended{s.attempts(), time.Since(start), "", MayHaveSucceeded(err)}
			if e, is := errors.AsType[*APIError](err); is {
				got.problem = fmt.Sprint(e.Status)
				wantEqual(t, "attempts, elapsed", []any{e.Attempts, e.Elapsed}, []any{got.attempts, got.elapsed})
			} else if err != nil {
				e := wantError[*TransportError](t, err)
				got.problem = e.Err.Error()
				wantEqual(t, "attempts, elapsed", []any{e.Attempts, e.Elapsed}, []any{got.attempts, got.elapsed})
				wantEqual(t, "timeout", e.Timeout(), strings.HasPrefix(got.problem, "timed out"))
			} else {
				wantEqual(t, "a pause", c.limiter.remaining() > 0, false)
			}
			if got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			for _, r := range s.requests {
				wantEqual(t, "token", r.Header.Get("Authorization"), "Bearer "+fakeToken)
			}
		})
	}
}

func TestEveryWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		step     step
		prepare  func(*limiter)
		attempts int
	}{
		"in the wait after a 429": {step: step{status: 429, header: retryAfter("60")}, attempts: 1},
		"in the wait after a 503": {step: step{status: 503, header: retryAfter("60")}, attempts: 1},
		"in an attempt":           {step: step{delay: time.Hour}, attempts: 1},
		"in a pause":              {prepare: func(l *limiter) { l.pause(rejection{wait: time.Hour}) }},
		"in the queue": {prepare: func(l *limiter) {
			for range 5000 {
				l.reads.Reserve()
				l.writes.Reserve()
			}
		}},
	}
	for name, test := range tests {
		for _, method := range allMethods {
			if name == "in the wait after a 503" && method == http.MethodPost {
				continue // It isn't retried.
			}
			bubble(t, name+", "+method, func(t *testing.T) {
				for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
					s := &script{steps: []step{test.step}}
					c := scripted(t, s)
					if test.prepare != nil {
						test.prepare(c.limiter)
					}
					ctx, cancel := context.WithCancel(t.Context())
					if end == context.DeadlineExceeded { //nolint:errorlint // Of the two above.
						ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
					} else {
						time.AfterFunc(10*time.Second, cancel)
					}
					defer cancel()
					start := time.Now()
					err := callAs(ctx, c, method)
					wantEqual(t, "is the context's", errors.Is(err, end), true)
					wantEqual(t, "elapsed", time.Since(start), 10*time.Second)
					wantEqual(t, "attempts", s.attempts(), test.attempts)
					wantEqual(t, "may have succeeded", MayHaveSucceeded(err), test.step.delay > 0 || test.step.status == 503)
					if strings.Contains(err.Error(), "timed out after") {
						t.Errorf("error %v blames the server for the caller's end", err)
					}
				}
			})
		}
	}
	for _, method := range allMethods {
		s := &script{}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := callAs(ctx, scripted(t, s), method)
		wantEqual(t, "attempts", s.attempts(), 0)
		wantEqual(t, "is the context's", errors.Is(err, context.Canceled), true)
		wantEqual(t, "may have succeeded", MayHaveSucceeded(err), false)
	}
}

func TestEveryAttemptIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log []Attempt
		s := &script{steps: []step{{status: 503, delay: time.Second}, {err: errCut}, {body: documentedJSON("id1")}}}
		c := scripted(t, s, func(c *Config) { c.Log = func(_ context.Context, a Attempt) { log = append(log, a) } })
		wantNoError(t, callAs(t.Context(), c, http.MethodGet))

		path := collectionPath + "/id1"
		wantEqual(t, "attempts", len(log), 3)
		wantEqual(t, "error of the second", errors.Is(log[1].Err, syscall.ECONNRESET), true)
		log[1].Err = nil
		wantEqual(t, "log", log, []Attempt{
			{Method: "GET", Path: path, Number: 1, Duration: time.Second, Status: 503},
			{Method: "GET", Path: path, Number: 2},
			{Method: "GET", Path: path, Number: 3, Status: 200},
		})
	})
}

var errUntrusted = &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}

var errCut = fmt.Errorf("read tcp 192.0.2.1:443: %w", syscall.ECONNRESET)

func TestABodyThatWasNotTakenIsNeverTakenLater(t *testing.T) {
	t.Parallel()

	body := &sentBody{rest: bytes.NewReader([]byte("all of it"))}
	_, err := body.Read(make([]byte, 3))
	wantNoError(t, err)
	wantEqual(t, "sent", body.stop(), false)
	n, err := body.Read(make([]byte, 100))
	wantEqual(t, "read after that", n, 0)
	wantEqual(t, "error", err, io.ErrClosedPipe, sameError)

	body = &sentBody{rest: bytes.NewReader([]byte("all of it"))}
	_, err = io.Copy(io.Discard, body)
	wantNoError(t, err)
	wantEqual(t, "sent", body.stop(), true)
}
