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
	"slices"
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
		"503 with Retry-After":                           {step{status: 503, header: retryAfter("1")}, attempts{1, all}},
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
				err := callAs(t.Context(), scripted(t, s), method)
				want := test.want.others
				if method == http.MethodPost {
					want = test.want.post
				}
				wantEqual(t, fmt.Sprintf("attempts of %s, %s, and in the error", method, name), []int{s.attempts(), attemptsIn(err)}, []int{want, want})
			})
		}
	}
}

func attemptsIn(err error) int {
	if e, ok := errors.AsType[*APIError](err); ok {
		return e.Attempts
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.Attempts
	}

	return 0
}

func TestMaxRetriesBoundsTheAttempts(t *testing.T) {
	t.Parallel()

	for _, retries := range []int{0, 1, 2, 7} {
		for _, fault := range []step{{status: 429}, {status: 503}, {err: errCut}, {unsent: true, err: errRefused}} {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{fault}}
				c := scripted(t, s, func(c *Config) { c.MaxRetries = retries })
				if callAs(t.Context(), c, http.MethodGet) == nil {
					t.Error("no error")
				}
				wantEqual(t, "attempts", s.attempts(), retries+1)
			})
		}
	}
}

func TestARetryThatSucceedsIsASuccess(t *testing.T) {
	t.Parallel()

	good := step{body: documentedJSON("id1")}
	for _, method := range allMethods {
		steps := []step{{status: 429}, {unsent: true, err: errRefused}, good}
		if method != http.MethodPost {
			steps = slices.Insert(steps, 0, step{status: 500}, step{err: errCut})
		}
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: steps}
			wantNoError(t, callAs(t.Context(), scripted(t, s), method))
			wantEqual(t, "attempts of "+method, s.attempts(), len(steps))
			for i, r := range s.requests {
				wantEqual(t, fmt.Sprintf("token of attempt %d", i), r.Header.Get("Authorization"), "Bearer "+fakeToken)
			}
		})
	}
}

func TestWaitsBetweenAttemptsGrowAndHonorRetryAfter(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name  string
		steps []step
		want  []time.Duration
	}{
		{
			"the drawn waits",
			[]step{{status: 503}},
			[]time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond},
		},
		{
			"seconds",
			[]step{{status: 429, header: retryAfter("3")}, {status: 404}},
			[]time.Duration{3200 * time.Millisecond},
		},
		{
			"a date", // A bubble begins at midnight of 2000-01-01.
			[]step{{status: 503, header: retryAfter("Sat, 01 Jan 2000 00:00:05 GMT")}, {status: 404}},
			[]time.Duration{5200 * time.Millisecond},
		},
		{
			"a past date",
			[]step{{status: 503, header: retryAfter("Fri, 31 Dec 1999 23:00:00 GMT")}, {status: 404}},
			[]time.Duration{200 * time.Millisecond},
		},
		{
			"an hour",
			[]step{{status: 429, header: retryAfter("3600")}, {status: 404}},
			[]time.Duration{time.Minute + 200*time.Millisecond},
		},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			s := &script{steps: test.steps}
			if callAs(t.Context(), scripted(t, s), http.MethodGet) == nil {
				t.Error("no error")
			}
			wantEqual(t, "waits", s.waits(), test.want)
		})
	}
}

func TestRetryAfterOfASuccessIsIgnored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{body: documentedJSON("id1"), header: retryAfter("30")}}}
		c := scripted(t, s)
		wantNoError(t, callAs(t.Context(), c, http.MethodGet))
		wantNoError(t, callAs(t.Context(), c, http.MethodGet))
		if wait := s.waits()[0]; wait > time.Second {
			t.Errorf("the next call waited %s", wait)
		}
	})
}

func TestEachAttemptHasItsOwnTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{delay: time.Hour}, {delay: time.Hour}, {delay: 4 * time.Second, body: documentedJSON("id1")}}}
		start := time.Now()
		wantNoError(t, callAs(t.Context(), scripted(t, s, func(c *Config) { c.RequestTimeout = 5 * time.Second }), http.MethodGet))
		wantEqual(t, "elapsed", time.Since(start), 5*time.Second+200*time.Millisecond+5*time.Second+400*time.Millisecond+4*time.Second)
	})
}

func TestARetryAfterOfMoreThanAMinuteIsBelievedTheSecondTime(t *testing.T) {
	t.Parallel()
	limited := func(seconds string) step { return step{status: 429, header: retryAfter(seconds)} }
	ok := step{body: documentedJSON("id1")}
	for name, test := range map[string]struct {
		steps []step
		want  int
		fails bool
	}{
		"an hour":                   {[]step{limited("3600"), limited("3599"), ok}, 2, true},
		"two minutes":               {[]step{limited("120"), limited("60"), ok}, 3, false},
		"long, short, and long":     {[]step{limited("61"), limited("5"), limited("61"), ok}, 4, false},
		"a minute, again and again": {[]step{limited("60")}, DefaultMaxRetries + 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: test.steps}
			err := callAs(t.Context(), scripted(t, s), http.MethodGet)
			wantEqual(t, name+": fails", err != nil, test.fails)
			wantEqual(t, name+": attempts", s.attempts(), test.want)
		})
	}
}

func TestARequestThatHangsIsRetriedForALimitedTime(t *testing.T) {
	t.Parallel()
	for timeout, attempts := range map[time.Duration]int{time.Second: 5, 3 * time.Second: 4, 5 * time.Second: 3, DefaultRequestTimeout: 2} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{delay: time.Hour}}}
			err := callAs(t.Context(), scripted(t, s, func(c *Config) { c.RequestTimeout = timeout }), http.MethodGet)
			wantEqual(t, "timeout", wantError[*TransportError](t, err).Timeout(), true)
			wantEqual(t, fmt.Sprintf("attempts of %s", timeout), s.attempts(), attempts)
		})
	}
	for _, method := range allMethods {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{unsent: true, delay: time.Hour}, {status: 429}, {body: documentedJSON("id1")}}}
			wantNoError(t, callAs(t.Context(), scripted(t, s), method))
			wantEqual(t, "attempts after a response", s.attempts(), 3)
		})
	}
}

func TestAnAttemptThatIsTooSlowIsATimeout(t *testing.T) {
	t.Parallel()

	for _, method := range allMethods {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{delay: time.Hour}}}
			c := scripted(t, s, func(c *Config) { c.MaxRetries, c.RequestTimeout = 1, 5*time.Second })
			err := callAs(t.Context(), c, method)
			e := wantError[*TransportError](t, err)
			wantEqual(t, "timeout", e.Timeout(), true)
			wantEqual(t, "cause", e.Err.Error(), "timed out after 5s")
			wantEqual(t, "may have happened", MayHaveSucceeded(err), true)
			if method == http.MethodPost {
				wantEqual(t, "attempts", s.attempts(), 1)
			} else {
				wantEqual(t, "attempts", s.attempts(), 2)
			}
		})
	}
}

func TestAConnectionThatTakesTooLongWasNeverWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{unsent: true, delay: time.Hour}}}
		err := callAs(t.Context(), scripted(t, s, func(c *Config) { c.RequestTimeout = time.Second }), http.MethodPost)
		wantEqual(t, "attempts", s.attempts(), DefaultMaxRetries+1)
		wantEqual(t, "timeout", wantError[*TransportError](t, err).Timeout(), true)
		wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
	})
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

func TestElapsedCountsWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		err := callAs(t.Context(), scripted(t, &script{steps: []step{{status: 503, delay: time.Second}}}), http.MethodGet)
		wantEqual(t, "elapsed", wantError[*APIError](t, err).Elapsed, 8*time.Second)
		err = callAs(t.Context(), scripted(t, &script{steps: []step{{err: errCut, delay: time.Second}}}), http.MethodGet)
		wantEqual(t, "elapsed", wantError[*TransportError](t, err).Elapsed, 8*time.Second)
	})
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

func TestARequestThatMayHaveBeenCarriedOutStaysUncertain(t *testing.T) {
	t.Parallel()

	// The first attempt may have been carried out, so that the last one's refusal does not mean that nothing happened.
	tests := []struct {
		name  string
		steps []step
		want  bool
	}{
		{"cut, then no connection", []step{{err: errCut}, {unsent: true, err: errRefused}}, true},
		{"500, then no connection", []step{{status: 500}, {unsent: true, err: errRefused}}, true},
		{"no connection at all", []step{{unsent: true, err: errRefused}}, false},
		{"429, then no connection", []step{{status: 429}, {unsent: true, err: errRefused}}, false},
		{"cut, then refused", []step{{err: errCut}, {status: 403}}, true},
		{"500, then limited for ever", []step{{status: 500}, {status: 429}}, true},
		{"limited, then refused", []step{{status: 429}, {status: 403}}, false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			err := callAs(t.Context(), scripted(t, &script{steps: test.steps}), http.MethodPatch)
			wantEqual(t, test.name, MayHaveSucceeded(err), test.want)
		})
	}
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
