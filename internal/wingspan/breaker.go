package wingspan

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// outageAfter is how long everything has to fail before requests are refused, when several have used up their retries…
	outageAfter = 5 * time.Second
	// …and when only one has, because nothing else was asked meanwhile. One resource that fails alone is no outage.
	outageAfterOne = 15 * time.Second
	// outageAttempts keeps one slow response from being an outage where retries are off.
	outageAttempts = 3
	// probePause is how long an outage lasts at least before one request may find out whether it is over.
	probePause = time.Second
)

var (
	errFailed   = errors.New("failed")
	errCanceled = errors.New("canceled")
)

// breaker refuses requests once requests have used up their retries and none has succeeded since. The states and the
// single probe are gobreaker's; what an outage is, is decided here.
type breaker struct {
	states *gobreaker.TwoStepCircuitBreaker[struct{}]
	// createsProbe: a POST may be the probe. Where others may be, it waits for their result, as one that fails may have to be searched for.
	createsProbe bool

	mu sync.Mutex
	// since is when the first attempt began that failed since the last success, zero if there is none.
	since time.Time
	// attempts have failed since then, and requests have used up their retries.
	attempts, requests int
	// cause is the error of the last of these requests.
	cause error
	// probeFrom is when the next probe may be sent: a hanging server costs at most half of the time.
	probeFrom time.Time
}

func newBreaker(createsProbe bool) *breaker {
	b := &breaker{createsProbe: createsProbe}
	b.states = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     probePause,
		ReadyToTrip: func(gobreaker.Counts) bool { return b.isOutage() },
		IsExcluded:  func(err error) bool { return errors.Is(err, errCanceled) },
	})

	return b
}

func (b *breaker) isOutage() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	failing := time.Since(b.since)

	return b.attempts >= outageAttempts && b.requests > 0 && (failing >= outageAfterOne || b.requests > 1 && failing >= outageAfter)
}

// refuses reports whether a request would be refused now. In a pause nothing can be probed.
func (b *breaker) refuses(method string, paused bool) bool {
	state := b.states.State()
	b.mu.Lock()
	defer b.mu.Unlock()

	// An attempt that began before the outage may have succeeded in it.
	if b.since.IsZero() || state == gobreaker.StateClosed {
		return false
	}

	return state == gobreaker.StateOpen || paused || time.Now().Before(b.probeFrom) || (method == http.MethodPost && !b.createsProbe)
}

// allow admits one attempt, whose result has to be reported to the returned function.
func (b *breaker) allow(method string) (func(error), bool) {
	if b.refuses(method, false) {
		return nil, false
	}
	done, err := b.states.Allow()
	if err == nil {
		return done, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()

	return func(error) {}, b.since.IsZero()
}

// record takes note of an attempt. A failed one that is not retried comes with the request's error.
func (b *breaker) record(began time.Time, failed bool, gaveUp error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if !failed {
		b.since, b.attempts, b.requests = time.Time{}, 0, 0

		return
	}
	if b.since.IsZero() {
		b.since = began
	}
	b.attempts++
	now := time.Now()
	b.probeFrom = now.Add(now.Sub(began))
	if gaveUp != nil {
		b.requests++
		b.cause = gaveUp
	}
}

func (b *breaker) outage(method, path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()

	return &OutageError{Method: method, Path: path, Since: b.since, Err: b.cause}
}

// breakers are one for the server, and one for each method that writes: an API may refuse to create and serve all else.
type breakers struct {
	server *breaker
	writes map[string]*breaker
}

func newBreakers() breakers {
	return breakers{server: newBreaker(false), writes: map[string]*breaker{
		http.MethodPost: newBreaker(true), http.MethodPatch: newBreaker(true), http.MethodDelete: newBreaker(true),
	}}
}

func (b breakers) of(method string) []*breaker {
	if w := b.writes[method]; w != nil {
		return []*breaker{b.server, w}
	}

	return []*breaker{b.server}
}

// refusal returns the outage that a request would be refused for now, or nil.
func (b breakers) refusal(method, path string, paused bool) error {
	for _, each := range b.of(method) {
		if each.refuses(method, paused) {
			return each.outage(method, path)
		}
	}

	return nil
}

// allow admits one attempt, or returns the outage that it is refused for. The result is to be reported: whether the
// attempt failed, and the request's error if it is not retried, or that it was canceled.
func (b breakers) allow(method, path string) (*admission, error) {
	a := &admission{began: time.Now()}
	for _, each := range b.of(method) {
		done, ok := each.allow(method)
		if !ok {
			a.canceled()

			return nil, each.outage(method, path)
		}
		a.breakers, a.done = append(a.breakers, each), append(a.done, done)
	}

	return a, nil
}

// admission is one attempt that the breakers have admitted.
type admission struct {
	began    time.Time
	breakers []*breaker
	done     []func(error)
}

func (a *admission) canceled() {
	for _, done := range a.done {
		done(errCanceled)
	}
}

func (a *admission) finished(failed bool, gaveUp error) {
	var result error
	if failed {
		result = errFailed
	}
	for i, each := range a.breakers {
		each.record(a.began, failed, gaveUp)
		a.done[i](result)
	}
}
