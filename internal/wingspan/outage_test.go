package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// applyCreates creates webhooks as an apply does, ten at a time, and returns their errors and how long it took.
func applyCreates(ctx context.Context, c *Client, creates int) ([]error, time.Duration) {
	start := time.Now()
	w := NewWebhooks(c)
	errs := make([]error, creates)
	inParallel(creates, parallelRequests, func(i int) {
		_, errs[i] = w.Create(ctx, "", hookAt(fmt.Sprintf("%s/%d", hookURL, i)), CreateOptions{})
	})

	return errs, time.Since(start)
}

func down(s step) func(*http.Request) step { return func(*http.Request) step { return s } }

func onPost(s step) func(*http.Request) step {
	return func(r *http.Request) step {
		if r.Method == http.MethodPost {
			return s
		}

		return step{body: "[]"}
	}
}

func TestAnOutageEndsAnApplySoon(t *testing.T) {
	t.Parallel()

	hangs := step{delay: time.Hour}
	tests := []struct {
		name    string
		answer  func(*http.Request) step
		config  func(*Config)
		most    time.Duration
		retries []int
	}{
		{"503 to everything", down(step{status: 503}), nil, 30 * time.Second, []int{0, 1, 4}},
		{"503 to POST", onPost(step{status: 503}), nil, 45 * time.Second, []int{0, 1, 4}},
		{"hangs with a short timeout", down(hangs), func(c *Config) { c.RequestTimeout = 3 * time.Second }, 40 * time.Second, []int{0, 1, 4}},
		{"hangs", down(hangs), nil, 3 * time.Minute, []int{0, 1, 4}},
		{"POST hangs with a short timeout", onPost(hangs), func(c *Config) { c.RequestTimeout = 3 * time.Second }, 40 * time.Second, []int{0, 4}},
		{"429 for an hour", down(step{status: 429, header: retryAfter("3600")}), nil, 75 * time.Second, []int{0, 1, 4, 10}},
		{"429 to POST for an hour", onPost(step{status: 429, header: retryAfter("3600")}), nil, 75 * time.Second, []int{0, 1, 4}},
		{"connection refused", down(step{unsent: true, err: errRefused}), nil, 20 * time.Second, []int{0, 1, 4}},
		{"an untrusted certificate", down(step{unsent: true, err: errUntrusted}), nil, 20 * time.Second, []int{0, 4}},
	}
	for _, test := range tests {
		for _, retries := range test.retries {
			for _, drawn := range []float64{0, 0.999} {
				bubble(t, fmt.Sprintf("%s, %d retries, waits %g", test.name, retries, drawn), func(t *testing.T) {
					s := &script{answer: test.answer}
					c := scripted(t, s, func(c *Config) {
						c.MaxRetries = retries
						if test.config != nil {
							test.config(c)
						}
					})
					c.policy.rand = func() float64 { return drawn }
					errs, took := applyCreates(t.Context(), c, 50)
					if slices.Contains(errs, nil) {
						t.Error("a create succeeded")
					}
					if took > test.most {
						t.Errorf("50 creates took %s, want at most %s", took, test.most)
					}
				})
			}
		}
	}
}

func TestAnInterruptEndsEveryWaitInSeconds(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]func(*http.Request) step{
		"503": down(step{status: 503, header: retryAfter("60")}), "503 to POST": onPost(step{status: 503}), "hangs": down(step{delay: time.Hour}),
		"POST hangs": onPost(step{delay: time.Hour}), "429": down(step{status: 429, header: retryAfter("60")}), "429 to POST": onPost(step{status: 429, header: retryAfter("60")}),
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, took := applyCreates(ctx, scripted(t, &script{answer: answer}), 50); took > 8*time.Second {
				t.Errorf("%s: %s after it was interrupted", name, took-time.Second)
			}
			time.Sleep(time.Hour) // Lists run on a context of their own.
		})
	}
}

func TestAnOutageOfSecondsFailsNothing(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]step{
		"503": {status: 503}, "429": {status: 429, header: retryAfter("1")}, "refused": {unsent: true, err: errRefused}, "cut": {err: errCut},
	} {
		for _, lasts := range []time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var mu sync.Mutex
				var made []string
				c := scripted(t, &script{answer: func(r *http.Request) step {
					if time.Since(start) < lasts {
						return fault
					}
					mu.Lock()
					defer mu.Unlock()
					if r.Method == http.MethodPost {
						id := fmt.Sprintf("id%d", len(made))
						made = append(made, documentedJSON(id))

						return step{body: made[len(made)-1]}
					}

					return step{body: "[" + strings.Join(made, ",") + "]"}
				}})
				errs, _ := applyCreates(t.Context(), c, 50)
				if err := errors.Join(errs...); err != nil {
					t.Errorf("%s for %s: %v", name, lasts, err)
				}
				wantEqual(t, "webhooks", len(made), 50)
			})
		}
	}
}

func TestOneResourceThatFailsIsNoOutage(t *testing.T) {
	t.Parallel()

	for _, retries := range []int{0, 1, DefaultMaxRetries} {
		for _, fault := range []step{{status: 500}, {delay: 4 * time.Second}, {err: errCut}} {
			synctest.Test(t, func(t *testing.T) {
				c := scripted(t, &script{answer: func(r *http.Request) step {
					if strings.HasSuffix(r.URL.Path, "/bad") {
						return fault
					}

					return step{body: documentedJSON("id1")}
				}}, func(c *Config) { c.MaxRetries, c.RequestTimeout = retries, 3*time.Second })
				for range 10 {
					if _, err := c.GetPreference(t.Context(), "", "bad"); err == nil || isOutage(err) {
						t.Errorf("error %v, want the resource's own", err)
					}
					if fault.delay > 0 {
						time.Sleep(fault.delay) // Nothing distinguishes a server that hangs from one resource that hangs when nothing else is asked for.
					}
					wantNoError(t, callAs(t.Context(), c, http.MethodGet))
				}
			})
		}
	}
}

// outage makes everything fail until the breaker refuses requests.
func outage(t *testing.T, c *Client, s *script, fault step) {
	t.Helper()
	s.play(fault)
	for range 100 {
		if isOutage(callAs(t.Context(), c, http.MethodGet)) {
			return
		}
	}
	t.Fatal("there was no outage")
}

func TestAfterAnOutageOneProbeLetsEveryoneIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		c := scripted(t, s)
		outage(t, c, s, step{status: 503})
		err := callAs(t.Context(), c, http.MethodPatch)
		wantError[*OutageError](t, err)
		wantEqual(t, "the earlier request's error", wantError[*APIError](t, err).Status, 503)
		wantEqual(t, "requests", MayHaveSucceeded(err), false)

		// The probe fails, and the pause begins again.
		s.play(step{status: 503, delay: time.Second}, step{body: documentedJSON("id1"), delay: time.Second})
		time.Sleep(2 * probePause)
		var all sync.WaitGroup
		all.Go(func() { _ = callAs(t.Context(), c, http.MethodGet) })
		synctest.Wait()
		wantEqual(t, "refused beside the probe", isOutage(callAs(t.Context(), c, http.MethodGet)), true)
		time.Sleep(time.Second + probePause/2)
		wantEqual(t, "refused after the probe", isOutage(callAs(t.Context(), c, http.MethodGet)), true)
		wantEqual(t, "requests", s.attempts(), 1)
		all.Wait() // The probe is retried as any request, and is the next probe.
		wantEqual(t, "requests", s.attempts(), 2)
		for _, method := range allMethods {
			wantNoError(t, callAs(t.Context(), c, method))
		}
	})
}

func TestACreateIsNoProbeOfTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		c := scripted(t, s)
		outage(t, c, s, step{status: 503})
		s.play(step{body: documentedJSON("id1")})
		time.Sleep(time.Hour)
		wantEqual(t, "refused", isOutage(callAs(t.Context(), c, http.MethodPost)), true)
		wantNoError(t, callAs(t.Context(), c, http.MethodGet))
		wantNoError(t, callAs(t.Context(), c, http.MethodPost))
		wantEqual(t, "requests", s.attempts(), 2)
	})
}

func TestASuccessOfARequestFromBeforeTheOutageEndsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{body: documentedJSON("id1"), delay: 20 * time.Second}}}
		c := scripted(t, s)
		var all sync.WaitGroup
		all.Go(func() { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
		synctest.Wait()
		outage(t, c, s, step{status: 503})
		s.play(step{status: 503}, step{body: documentedJSON("id1")})
		all.Wait()
		// It is over: one attempt that fails is retried, and stops no other request.
		all.Go(func() { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
		synctest.Wait()
		wantNoError(t, callAs(t.Context(), c, http.MethodPatch))
		all.Wait()
	})
}

func TestNothingIsRejectedWhileRequestsAreStillRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := scripted(t, &script{answer: func(*http.Request) step {
			if time.Since(start) < time.Minute {
				return step{status: 503}
			}

			return step{body: documentedJSON("id1")}
		}}, func(c *Config) { c.MaxRetries = 100 })
		inParallel(100, 0, func(i int) {
			time.Sleep(time.Duration(i) * time.Second / 2)
			wantNoError(t, callAs(t.Context(), c, http.MethodGet))
		})
	})
}

func TestAnOutageTakesSeveralRequestsAndSomeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 503}}}
		c := scripted(t, s, func(c *Config) { c.MaxRetries = 0 })
		for range 10 {
			wantEqual(t, "refused at once", isOutage(callAs(t.Context(), c, http.MethodGet)), false)
		}

		c = scripted(t, s)
		c.policy.rand = func() float64 { return 0.999 }
		for range 2 { // Each takes six seconds to use up its retries.
			wantEqual(t, "refused after one", isOutage(callAs(t.Context(), c, http.MethodGet)), false)
		}
		wantEqual(t, "refused after two", isOutage(callAs(t.Context(), c, http.MethodGet)), true)
	})
}
