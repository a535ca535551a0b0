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
)

// errPauses is the end of a request's patience with pauses.
var errPauses = errors.New("the server limits requests for too long")

// limiter holds requests back: by kind below the API's limits, and all of them after a 429.
type limiter struct {
	reads, writes *rate.Limiter

	mu    sync.Mutex
	until time.Time
	// cost is how many retries the pause takes from each request that waits through it.
	cost int
	// cause is the response that began the pause.
	cause error
}

func newLimiter() *limiter {
	return &limiter{
		reads:  rate.NewLimiter(readsPerSecond-readBurst, readBurst),
		writes: rate.NewLimiter(writesPerSecond-writeBurst, writeBurst),
	}
}

// pauseFor holds every request back for at least d from now.
func (l *limiter) pauseFor(d time.Duration, cost int, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	if !now.Before(l.until) {
		l.cost = 0
	}
	l.cost, l.cause = max(l.cost, cost), cause
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
		cost, err := l.waitForPause(ctx, spent >= budget)
		spent += cost
		if err != nil {
			return spent, err
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

// waitForPause returns when no pause is in force, with what that cost. An impatient caller waits for none.
func (l *limiter) waitForPause(ctx context.Context, impatient bool) (int, error) {
	cost := 0
	for {
		left := l.remaining()
		if left <= 0 {
			return cost, ctx.Err()
		}
		if impatient {
			return cost, errPauses
		}
		if err := sleep(ctx, left); err != nil {
			return cost, err
		}
		l.mu.Lock()
		cost = max(cost, l.cost)
		l.mu.Unlock()
	}
}

// remaining is what is left of a pause.
func (l *limiter) remaining() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()

	return time.Until(l.until)
}

func (l *limiter) pausedBy() error {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.cause
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
