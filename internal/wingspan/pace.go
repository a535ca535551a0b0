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
	for {
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if left <= 0 {
			break
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}

	limiter := p.writes
	if method == http.MethodGet {
		limiter = p.reads
	}
	if err := limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}

		return context.DeadlineExceeded // Wait foresees it and does not wait.
	}

	return nil
}

// sleep waits for d, or returns the context's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
