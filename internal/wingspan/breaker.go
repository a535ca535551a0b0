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
// single probe are gobreaker's; what an outage is, is decided here. Its methods need the lock of breakers.
type breaker struct {
	states *gobreaker.TwoStepCircuitBreaker[struct{}]
	// createsProbe: a POST may be the probe. Where others may be, it waits for their result, as one that fails may have to be searched for.
	createsProbe bool
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
	b.close()

	return b
}

// close lets every request through.
func (b *breaker) close() {
	b.states = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     probePause,
		ReadyToTrip: func(gobreaker.Counts) bool { return b.isOutage() },
		IsExcluded:  func(err error) bool { return errors.Is(err, errCanceled) },
	})
}

func (b *breaker) isOutage() bool {
	failing := time.Since(b.since)

	return b.attempts >= outageAttempts && b.requests > 0 && (failing >= outageAfterOne || b.requests > 1 && failing >= outageAfter)
}

// refuses reports whether a request would be refused now. In a pause nothing can be probed.
func (b *breaker) refuses(method string, paused bool) bool {
	switch b.states.State() {
	case gobreaker.StateOpen:
		return true
	case gobreaker.StateHalfOpen:
		return paused || time.Now().Before(b.probeFrom) || (method == http.MethodPost && !b.createsProbe)
	default:
		return false
	}
}

// reportFunc takes what came of an attempt that the breakers admitted. If it is the request's last one, the error is the request's.
type reportFunc func(r result, last bool, err error)

// allow admits one attempt, whose result has to be reported to the returned function.
func (b *breaker) allow(method string) (reportFunc, bool) {
	if b.refuses(method, false) {
		return nil, false
	}
	done, err := b.states.Allow()
	if err != nil {
		return nil, false
	}
	began := time.Now()

	return func(r result, last bool, err error) {
		switch {
		case r.outcome == canceled:
			done(errCanceled)
		case r.failedServer():
			b.failed(began, last, err)
			done(errFailed)
		default:
			done(nil)
			b.succeeded()
		}
	}, true
}

func (b *breaker) succeeded() {
	b.since, b.attempts, b.requests = time.Time{}, 0, 0
	if b.states.State() != gobreaker.StateClosed {
		b.close() // gobreaker ignores the success of an attempt from before the outage.
	}
}

func (b *breaker) failed(began time.Time, last bool, err error) {
	if b.since.IsZero() {
		b.since = began
	}
	b.attempts++
	now := time.Now()
	b.probeFrom = now.Add(now.Sub(began))
	if last {
		b.requests++
		b.cause = err
	}
}

func (b *breaker) outage(method, path string) error {
	return &OutageError{Method: method, Path: path, Err: b.cause}
}

// breakers are those of each method: one for the server, and one for each method that writes, as an API may refuse to create and serve
// all else.
type breakers struct {
	mu sync.Mutex
	of map[string][]*breaker
}

func newBreakers() *breakers {
	server := newBreaker(false)

	return &breakers{of: map[string][]*breaker{
		http.MethodGet: {server}, http.MethodPost: {server, newBreaker(true)},
		http.MethodPatch: {server, newBreaker(true)}, http.MethodDelete: {server, newBreaker(true)},
	}}
}

// refusal returns the outage that a request would be refused for now, or nil.
func (b *breakers) refusal(method, path string, paused bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, each := range b.of[method] {
		if each.refuses(method, paused) {
			return each.outage(method, path)
		}
	}

	return nil
}

// allow admits one attempt, whose result has to be reported to the returned function, or returns the outage that it is refused for.
func (b *breakers) allow(method, path string) (reportFunc, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var reports []reportFunc
	reportAll := func(r result, last bool, err error) {
		for _, report := range reports {
			report(r, last, err)
		}
	}
	for _, each := range b.of[method] {
		report, ok := each.allow(method)
		if !ok {
			reportAll(result{outcome: canceled}, false, nil)

			return nil, each.outage(method, path)
		}
		reports = append(reports, report)
	}

	return func(r result, last bool, err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		reportAll(r, last, err)
	}, nil
}
