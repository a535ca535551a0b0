package wingspan

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// Wingspan's documented limits, per account and second. Ours apply per process.
	readsPerSecond  = 200
	writesPerSecond = 100
	// A bucket of n and a rate of limit-n let through at most limit in any one second.
	readBurst  = 10
	writeBurst = 2
	// longPause is a pause that is not worth waiting for once a request has given up on such pauses.
	longPause = 15 * time.Second
)

// errTooManyPauses ends a request that has waited through all pauses that it may.
var errTooManyPauses = errors.New("the server limits requests for too long")

// limiter holds requests back: by kind below the API's limits, and all of them after a 429.
type limiter struct {
	reads, writes *rate.Limiter

	mu sync.Mutex
	// begin and until are those of the last pause.
	begin, until time.Time
	// write: the pause began with the response to a write, and cause is the error of the last request that got a 429 in it.
	write bool
	cause error
	// othersServed: since then, a request of the other kind had a response that is no 429.
	othersServed bool
	// long: the server asked for more than maxRetryAfter, and futile: for the second time in a row.
	long, futile bool
	// pauses counts those since the last response of the same kind that was no 429, and gaveUp that a request was not retried after one of them.
	pauses int
	gaveUp bool
	// servedReads and servedWrites count the responses that are no 429.
	servedReads, servedWrites int
}

func newLimiter() *limiter {
	return &limiter{
		reads:  rate.NewLimiter(readsPerSecond-readBurst, readBurst),
		writes: rate.NewLimiter(writesPerSecond-writeBurst, writeBurst),
	}
}

// pauseCount counts the pauses that a request has waited through since the API last served one of its kind: while others are served, it may
// be next.
type pauseCount struct {
	// count includes those that the request's own 429s began, and last is when the last one began.
	count int
	last  time.Time
	// served is how many of the kind had been served by then.
	served int
}

// rejection is a 429 as far as a pause is concerned.
type rejection struct {
	// wait is how long to hold requests back from now, at least.
	wait time.Duration
	// write: the request was one; long: the server asked for more than maxRetryAfter; last: the request isn't retried.
	write, long, last bool
	// cause is the request's error.
	cause error
}

// pause holds every request back, and reports whether it is futile to ask again after that.
func (l *limiter) pause(r rejection) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	if !now.Before(l.until) {
		if r.write != l.write && l.othersServed {
			l.pauses, l.gaveUp, l.long = 0, false, false
		}
		l.othersServed = false
		l.futile, l.long = l.long && r.long, r.long
		l.begin, l.write = now, r.write
		l.pauses++
	}
	l.cause, l.gaveUp = r.cause, l.gaveUp || l.futile || r.last
	if until := now.Add(r.wait); until.After(l.until) {
		l.until = until
	}

	return l.futile
}

// wait returns when a request of this method may be sent. It gives up with the context's error, or with errTooManyPauses in a pause that
// requests have given up on, or when another one begins after as many as the budget.
func (l *limiter) wait(ctx context.Context, method string, budget int, p *pauseCount) error {
	write, bucket := true, l.writes
	if method == http.MethodGet {
		write, bucket = false, l.reads
	}

	for {
		for begin, left := l.current(); left > 0; begin, left = l.current() {
			// One that is put off is the same.
			if !begin.Equal(p.last) {
				l.resetIfServed(p, write)
				if p.count >= budget || l.isGivenUp() {
					return errTooManyPauses
				}
				l.count(p)
			}
			if err := sleep(ctx, left); err != nil {
				return err
			}
		}
		if err := bucket.Wait(ctx); err != nil {
			// Wait also gives up when it foresees the deadline. The error is to be the caller's own.
			<-ctx.Done()

			return ctx.Err()
		}
		// A pause may have begun while this request stood in the queue.
		if l.remaining() <= 0 {
			return nil
		}
	}
}

// inARow is how many pauses there were since the API served a request of the kind that the last one began with.
func (l *limiter) inARow() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.pauses
}

// resetIfServed sets the count to zero if the API has served a request of the kind meanwhile.
func (l *limiter) resetIfServed(p *pauseCount, write bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	served := l.servedReads
	if write {
		served = l.servedWrites
	}
	if served != p.served {
		p.count, p.served = 0, served
	}
}

// count takes the last pause into account.
func (l *limiter) count(p *pauseCount) {
	begin, _ := l.current()
	p.last = begin
	p.count++
}

// waitForPause returns when no pause after a 429 is in force, or with the context's error.
func (l *limiter) waitForPause(ctx context.Context) error {
	for left := l.remaining(); left > 0; left = l.remaining() {
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}

	return ctx.Err()
}

// remaining is what is left of a pause.
func (l *limiter) remaining() time.Duration {
	_, left := l.current()

	return left
}

// current returns when the last pause began, and what is left of it.
func (l *limiter) current() (begin time.Time, left time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.begin, time.Until(l.until)
}

// served takes note of a response that is no 429. An API may limit writes and serve all reads.
func (l *limiter) served(write bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if write {
		l.servedWrites++
	} else {
		l.servedReads++
	}
	if write != l.write {
		l.othersServed = true

		return
	}
	l.pauses, l.gaveUp, l.long, l.futile = 0, false, false, false
}

// isGivenUp reports whether no one should wait for the end of the pause: it is long, follows another one, and a request has given up on them.
func (l *limiter) isGivenUp() bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.gaveUp && l.pauses > 1 && time.Until(l.until) > longPause
}

// outage is the error of a request that isn't sent because of pauses.
func (l *limiter) outage(method, path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	return &OutageError{Method: method, Path: path, Err: l.cause}
}

// sleep waits for d, or returns the context's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
