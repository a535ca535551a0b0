package wingspan

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// Wingspan's documented limits, per account and second. Ours hold per process.
	readsPerSecond  = 200
	writesPerSecond = 100
	// A bucket of n and a rate of limit-n let through at most limit in any one second.
	readBurst  = 10
	writeBurst = 2
)

// pace holds calls back: by kind below the API's limits, and all of them after a 429.
type pace struct {
	reads, writes *rate.Limiter

	mu    sync.Mutex
	until time.Time
}

func newPace() *pace {
	return &pace{
		reads:  rate.NewLimiter(readsPerSecond-readBurst, readBurst),
		writes: rate.NewLimiter(writesPerSecond-writeBurst, writeBurst),
	}
}

// pause holds every call back for at least d from now.
func (p *pace) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}

// admit returns when a call of this method may go out, or with the context's error.
func (p *pace) admit(ctx context.Context, method string) error {
	limiter := p.writes
	if method == http.MethodGet {
		limiter = p.reads
	}

	for {
		if err := sleep(ctx, p.left()); err != nil {
			return err
		}
		if err := limiter.Wait(ctx); err != nil {
			// Wait also gives up when it foresees the deadline. The error is to be the caller's own.
			<-ctx.Done()

			return ctx.Err()
		}
		// A pause may have begun while this call stood in the queue.
		if p.left() <= 0 {
			return nil
		}
	}
}

// left is what remains of a pause.
func (p *pace) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()

	return time.Until(p.until)
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
