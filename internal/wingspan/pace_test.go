package wingspan

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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

func TestCallsStayBelowTheLimits(t *testing.T) {
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
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const calls = 1000
				s := &script{steps: []step{{body: documentedJSON("id1"), delay: 50 * time.Millisecond}}}
				c := scripted(t, s)
				var all sync.WaitGroup
				start := time.Now()
				for i := range calls {
					all.Go(func() {
						if err := callAs(t.Context(), c, test.methods[i%len(test.methods)]); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				wantEqual(t, "attempts", s.attempts(), calls)
				if most := mostInASecond(s.times); most > test.limit {
					t.Errorf("%d calls in one second, the limit is %d", most, test.limit)
				}
				if took, fair := time.Since(start), calls*time.Second/time.Duration(test.limit); took > fair*11/10 {
					t.Errorf("%d calls took %s, at the limit they take %s", calls, took, fair)
				}
			})
		})
	}
}

func TestAnUnusedLimitDoesNotPileUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		var times []time.Time
		time.Sleep(time.Hour)
		for range 500 {
			wantNoError(t, p.admit(t.Context(), http.MethodGet))
			times = append(times, time.Now())
		}
		if most := mostInASecond(times); most > readsPerSecond {
			t.Errorf("%d reads in one second after an idle hour", most)
		}
	})
}

func TestWritesDoNotWaitForReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		var reads sync.WaitGroup
		for range 1000 {
			reads.Go(func() { _ = p.admit(t.Context(), http.MethodGet) })
		}
		synctest.Wait()
		start := time.Now()
		wantNoError(t, p.admit(t.Context(), http.MethodPatch))
		wantEqual(t, "wait", time.Since(start), time.Duration(0))
		reads.Wait()
	})
}

func TestA429HoldsEveryCallBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: retryAfter("10")}, {body: documentedJSON("id1")}}}
		c := scripted(t, s)
		start := time.Now()
		var all sync.WaitGroup
		all.Go(func() { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
		synctest.Wait()
		for i := range 40 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				if err := callAs(t.Context(), c, allMethods[i%len(allMethods)]); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()

		wantEqual(t, "attempts", s.attempts(), 42)
		for _, at := range s.times[1:] {
			if wait := at.Sub(start); wait < 10*time.Second {
				t.Errorf("a call went out %s after the 429 that asked for 10s", wait)
			}
		}
	})
}

func TestAPauseAlsoHoldsCallsThatWereQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		var mu sync.Mutex
		var late []time.Time
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() {
				if err := p.admit(t.Context(), http.MethodGet); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				late = append(late, time.Now())
			})
		}
		time.Sleep(500 * time.Millisecond)
		mu.Lock()
		before := len(late)
		late = nil
		mu.Unlock()
		paused := time.Now()
		p.pause(5 * time.Second)
		all.Wait()

		wantEqual(t, "calls", before+len(late), 300)
		for _, at := range late {
			if wait := at.Sub(paused); wait < 5*time.Second {
				t.Fatalf("a queued call went out %s into the pause of 5s", wait)
			}
		}
		if most := mostInASecond(late); most > readsPerSecond {
			t.Errorf("%d calls in one second after the pause", most)
		}
	})
}

func TestALongerPauseIsNotShortened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		start := time.Now()
		p.pause(10 * time.Second)
		p.pause(time.Second)
		time.AfterFunc(9*time.Second, func() { p.pause(5 * time.Second) })
		wantNoError(t, p.admit(t.Context(), http.MethodGet))
		wantEqual(t, "wait", time.Since(start), 14*time.Second)
	})
}

func TestAdmissionEndsWithTheContext(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name    string
		prepare func(*pace)
	}{
		{"in a pause", func(p *pace) { p.pause(time.Hour) }},
		{"in the queue", func(p *pace) {
			for range 5000 {
				p.reads.Reserve()
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPace()
				test.prepare(p)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				err := p.admit(ctx, http.MethodGet)
				wantEqual(t, "is the context's", errors.Is(err, context.Canceled), true)
				wantEqual(t, "wait", time.Since(start), time.Second)

				ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err = p.admit(ctx, http.MethodGet)
				wantEqual(t, "is the deadline's", errors.Is(err, context.DeadlineExceeded), true)
			})
		})
	}
}

func TestAForeseenDeadlineIsTheCallersAndNotTheServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		c := scripted(t, s)
		for range 5000 {
			c.pace.reads.Reserve()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := callAs(ctx, c, http.MethodGet)
		e := wantError[*TransportError](t, err)
		wantEqual(t, "cause", e.Err.Error(), context.DeadlineExceeded.Error())
		wantEqual(t, "attempts", s.attempts(), 0)
	})
}
