package wingspan

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// mostInASecond is the largest number of times, which are sorted, in any one second.
func mostInASecond(times []time.Time) int {
	most, first := 0, 0
	for last := range times {
		for times[last].Sub(times[first]) >= time.Second {
			first++
		}
		most = max(most, last-first+1)
	}

	return most
}

func TestRequestsStayBelowTheLimits(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name    string
		methods []string
		limit   int
	}{
		{"reads", []string{http.MethodGet}, readsPerSecond},
		{"writes", []string{http.MethodPost, http.MethodPatch, http.MethodDelete}, writesPerSecond},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			const requests = 400
			s := &script{steps: []step{{body: documentedJSON("id1"), delay: 50 * time.Millisecond}}}
			c := scripted(t, s)
			time.Sleep(time.Hour) // What was not used must not pile up.
			start := time.Now()
			inParallel(requests, 0, func(i int) {
				if err := callAs(t.Context(), c, test.methods[i%len(test.methods)]); err != nil {
					t.Error(err)
				}
			})
			wantEqual(t, "attempts", s.attempts(), requests)
			if most := mostInASecond(s.times); most > test.limit {
				t.Errorf("%d requests in one second, the limit is %d", most, test.limit)
			}
			if took, fair := time.Since(start), requests*time.Second/time.Duration(test.limit); took > fair*11/10 {
				t.Errorf("%d requests took %s, at the limit they take %s", requests, took, fair)
			}
		})
	}
}

func TestWritesDoNotWaitForReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		var reads sync.WaitGroup
		for range 1000 {
			reads.Go(func() { _ = l.wait(t.Context(), http.MethodGet, 1, &pauseCount{}) })
		}
		synctest.Wait()
		start := time.Now()
		wantNoError(t, l.wait(t.Context(), http.MethodPatch, 1, &pauseCount{}))
		wantEqual(t, "wait", time.Since(start), time.Duration(0))
		reads.Wait()
	})
}

func TestA429PausesEveryRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const before, queued, later = 100, 300, 40
		s := &script{steps: slices.Repeat([]step{{body: documentedJSON("id1")}}, before)}
		s.steps = append(s.steps, step{status: 429, header: retryAfter("10")}, step{body: documentedJSON("id1")})
		c := scripted(t, s)
		var all sync.WaitGroup
		all.Go(func() {
			inParallel(queued, 0, func(int) { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
		})
		synctest.Wait()
		for s.attempts() <= before {
			time.Sleep(time.Millisecond)
		}
		all.Go(func() {
			inParallel(later, 0, func(i int) {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				wantNoError(t, callAs(t.Context(), c, allMethods[i%len(allMethods)]))
			})
		})
		wantNoError(t, c.limiter.waitForPause(t.Context()))
		end := time.Now()
		all.Wait()

		paused := s.times[before]
		wantEqual(t, "the end of the pause", end.Sub(paused) >= 10*time.Second, true)
		wantEqual(t, "attempts", s.attempts(), queued+1+later)
		if wait := s.times[before+1].Sub(paused); wait < 10*time.Second {
			t.Errorf("a request was sent %s after the 429 that asked for 10s", wait)
		}
		var reads []time.Time
		for i, r := range s.requests {
			if i > before && r.Method == http.MethodGet {
				reads = append(reads, s.times[i])
			}
		}
		if most := mostInASecond(reads); most > readsPerSecond {
			t.Errorf("%d reads in one second after the pause", most)
		}
	})
}

func TestReadsOutliveThePausesOfWrites(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"1", "3600"} {
		synctest.Test(t, func(t *testing.T) {
			serves := true
			c := scripted(t, &script{answer: func(r *http.Request) step {
				switch {
				case r.Method != http.MethodGet:
					return step{status: 429, header: retryAfter(asked)}
				case serves:
					return step{body: documentedJSON("id1")}
				}
				serves = true

				return step{status: 429, header: retryAfter("61")}
			}})
			wantEqual(t, "a write fails", callAs(t.Context(), c, http.MethodPatch) != nil, true)
			time.Sleep(maxRetryAfter + time.Second) // No pause is in force any more.
			wantNoError(t, callAs(t.Context(), c, http.MethodGet))
			serves = false
			wantNoError(t, callAs(t.Context(), c, http.MethodGet))
		})
	}
}

func TestPausesOverlapAndCostARetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, p := newLimiter(), &pauseCount{}
		start := time.Now()
		l.pause(rejection{wait: 10 * time.Second})
		l.pause(rejection{wait: time.Second})
		time.AfterFunc(9*time.Second, func() { l.pause(rejection{wait: 5 * time.Second}) })
		wantNoError(t, l.wait(t.Context(), http.MethodGet, 2, p))
		wantEqual(t, "a longer pause is not shortened", time.Since(start), 14*time.Second)
		wantEqual(t, "overlapping pauses", p.count, 1)

		wantNoError(t, l.wait(t.Context(), http.MethodGet, 2, p))
		wantEqual(t, "without a pause", p.count, 1)
		l.pause(rejection{wait: time.Second})
		wantNoError(t, l.wait(t.Context(), http.MethodGet, 2, p))
		wantEqual(t, "the next pause", p.count, 2)
		l.served(true)
		l.pause(rejection{wait: time.Second})
		wantEqual(t, "one too many", l.wait(t.Context(), http.MethodGet, 2, p), errTooManyPauses, sameError)
		l.served(false)
		wantNoError(t, l.wait(t.Context(), http.MethodGet, 2, p))
		wantEqual(t, "the first after the API served a read", p.count, 1)
	})
}

// TestPausesInARowGrow: each request meets its first one.
func TestPausesInARowGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, &script{steps: []step{{status: 429}}}, func(c *Config) { c.MaxRetries = 0 })
		for _, want := range []time.Duration{300 * time.Millisecond, 600 * time.Millisecond, 1200 * time.Millisecond} {
			wantEqual(t, "rejected", IsRateLimited(callAs(t.Context(), c, http.MethodPost)), true)
			wantEqual(t, "pause", c.limiter.remaining(), want)
		}
	})
}

// TestAnAPIThatServesSomeServesAll: a limit below what is sent costs time and no request, as long as each pause lets others through.
func TestAnAPIThatServesSomeServesAll(t *testing.T) {
	t.Parallel()
	for _, method := range allMethods {
		bubble(t, method, func(t *testing.T) {
			const burst = 3
			bucket := rate.NewLimiter(burst, burst)
			api := &script{answer: func(r *http.Request) step {
				if r.Method == method && !bucket.Allow() {
					return step{status: 429}
				}

				return step{body: documentedJSON("id1")}
			}}
			c := scripted(t, api)
			inParallel(60, parallelRequests, func(int) { wantNoError(t, callAs(t.Context(), c, method)) })
		})
	}
}
