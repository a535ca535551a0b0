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

// errPauses is the end of a request's patience with pauses.
var errPauses = errors.New("the server limits requests for too long")

// limiter holds requests back: by kind below the API's limits, and all of them after a 429.
type limiter struct {
	reads, writes *rate.Limiter

	mu sync.Mutex
	// begin and until are those of the last pause.
	begin, until time.Time
	// cost is how many retries the pause takes from each request that waits through it.
	cost int
	// cause is the response that began the pause.
	cause error
	// pauses counts those since the last response that was no 429, and gaveUp that a request was not retried after one of them.
	pauses int
	gaveUp bool
	since  time.Time
}

func newLimiter() *limiter {
	return &limiter{
		reads:  rate.NewLimiter(readsPerSecond-readBurst, readBurst),
		writes: rate.NewLimiter(writesPerSecond-writeBurst, writeBurst),
	}
}

// pauseFor holds every request back for at least d from now. The cause is the error of a request, which may be retried or not.
func (l *limiter) pauseFor(d time.Duration, cost int, cause error, retried bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	if !now.Before(l.until) {
		l.begin, l.cost = now, 0
		if l.pauses++; l.pauses == 1 {
			l.since = now
		}
	}
	l.cost, l.cause, l.gaveUp = max(l.cost, cost), cause, l.gaveUp || !retried
	if until := now.Add(d); until.After(l.until) {
		l.until = until
	}
}

// wait returns when a request of this method may be sent, with the retries that its pauses cost. It gives up with the
// context's error, or with errPauses when another pause begins after those that it waited through have cost the budget.
func (l *limiter) wait(ctx context.Context, method string, budget int) (int, error) {
	bucket := l.writes
	if method == http.MethodGet {
		bucket = l.reads
	}

	for spent := 0; ; {
		for l.remaining() > 0 {
			if spent >= budget {
				return spent, errPauses
			}
			cost, err := l.waitForPause(ctx)
			spent += cost
			if err != nil {
				return spent, err
			}
		}
		if err := bucket.Wait(ctx); err != nil {
			// Wait also gives up when it foresees the deadline. The error is to be the caller's own.
			<-ctx.Done()

			return spent, ctx.Err()
		}
		// A pause may have begun while this request stood in the queue.
		if l.remaining() <= 0 {
			return spent, nil
		}
	}
}

// waitForPause waits for the end of the pause in force, also when that is put off, and returns what it cost. The next one may have begun by then.
func (l *limiter) waitForPause(ctx context.Context) (int, error) {
	l.mu.Lock()
	begin := l.begin
	l.mu.Unlock()

	for cost := 0; ; {
		l.mu.Lock()
		left := time.Until(l.until)
		if left > 0 && l.begin.Equal(begin) {
			cost = l.cost
		} else {
			left = 0
		}
		l.mu.Unlock()
		if left == 0 {
			return cost, nil
		}
		if err := sleep(ctx, left); err != nil {
			return cost, err
		}
	}
}

// remaining is what is left of a pause.
func (l *limiter) remaining() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()

	return time.Until(l.until)
}

// served takes note of a response that is no 429.
func (l *limiter) served() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pauses, l.gaveUp = 0, false
}

// hopeless reports whether no one should wait for the end of the pause: it is long, follows another one, and a request has given up on them.
func (l *limiter) hopeless() bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.gaveUp && l.pauses > 1 && time.Until(l.until) > longPause
}

// outage is the error of a request that isn't sent because of pauses.
func (l *limiter) outage(method, path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	return &OutageError{Method: method, Path: path, Since: l.since, Err: l.cause}
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
