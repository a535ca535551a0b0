package wingspan

import (
	"context"
	"sync"
	"time"
)

// keyedLocks serializes callers that share a key. A lock's few bytes are kept for the life of the process.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[string]chan struct{}
}

// lock waits for the key and returns the function that releases it, or the context's error.
func (l *keyedLocks) lock(ctx context.Context, key string) (func(), error) {
	l.mu.Lock()
	if l.locks == nil {
		l.locks = map[string]chan struct{}{}
	}
	turn := l.locks[key]
	if turn == nil {
		turn = make(chan struct{}, 1)
		l.locks[key] = turn
	}
	l.mu.Unlock()

	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// backoff spreads retries over a limited time: the pauses double from a fiftieth of it up to a second.
type backoff struct {
	end   time.Time
	pause time.Duration
}

func newBackoff(limit time.Duration) *backoff {
	return &backoff{end: time.Now().Add(limit), pause: min(limit/50, time.Second)}
}

// wait reports whether to try again, after the next pause. It is false when the time is over or the context has ended.
func (b *backoff) wait(ctx context.Context) bool {
	left := time.Until(b.end)
	if left <= 0 || sleep(ctx, min(b.pause, left)) != nil {
		return false
	}
	b.pause = min(2*b.pause, time.Second)

	return true
}
