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
	if !b.isFailing() || state == gobreaker.StateClosed {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()

	return state == gobreaker.StateOpen || paused || time.Now().Before(b.probeFrom) || (method == http.MethodPost && !b.createsProbe)
}

// attemptResult is what came of an attempt that the breakers admitted.
type attemptResult struct {
	// canceled: the attempt shows nothing.
	canceled bool
	failed   bool
	// gaveUp is the request's error if the failed attempt isn't retried.
	gaveUp error
}

// allow admits one attempt, whose result has to be reported to the returned function.
func (b *breaker) allow(method string) (func(attemptResult), bool) {
	if b.refuses(method, false) {
		return nil, false
	}
	began := time.Now()
	done, err := b.states.Allow()
	if err != nil {
		if b.isFailing() {
			return nil, false
		}
		done = func(error) {}
	}

	return func(r attemptResult) {
		switch {
		case r.canceled:
			done(errCanceled)
		case r.failed:
			b.failed(began, r.gaveUp)
			done(errFailed)
		default:
			b.succeeded()
			done(nil)
		}
	}, true
}

// isFailing reports whether nothing has succeeded since an attempt failed. One that began before the outage may succeed in it.
func (b *breaker) isFailing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	return !b.since.IsZero()
}

func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since, b.attempts, b.requests = time.Time{}, 0, 0
}

func (b *breaker) failed(began time.Time, gaveUp error) {
	b.mu.Lock()
	defer b.mu.Unlock()

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

// breakers are those of each method: one for the server, and one for each method that writes, as an API may refuse to create and serve
// all else.
type breakers map[string][]*breaker

func newBreakers() breakers {
	server := newBreaker(false)

	return breakers{
		http.MethodGet: {server}, http.MethodPost: {server, newBreaker(true)},
		http.MethodPatch: {server, newBreaker(true)}, http.MethodDelete: {server, newBreaker(true)},
	}
}

// refusal returns the outage that a request would be refused for now, or nil.
func (b breakers) refusal(method, path string, paused bool) error {
	for _, each := range b[method] {
		if each.refuses(method, paused) {
			return each.outage(method, path)
		}
	}

	return nil
}

// allow admits one attempt, whose result has to be reported to the returned function, or returns the outage that it is refused for.
func (b breakers) allow(method, path string) (func(attemptResult), error) {
	var reports []func(attemptResult)
	reportAll := func(r attemptResult) {
		for _, report := range reports {
			report(r)
		}
	}
	for _, each := range b[method] {
		report, ok := each.allow(method)
		if !ok {
			reportAll(attemptResult{canceled: true})

			return nil, each.outage(method, path)
		}
		reports = append(reports, report)
	}

	return reportAll, nil
}
