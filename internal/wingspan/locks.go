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

// backoff spreads retries over a limited time: the pauses double from a fiftieth of it up to a second. However slow the machine or
// the API is, there are leastRetries: a limit that is over after one response proves nothing.
type backoff struct {
	end   time.Time
	pause time.Duration
	least int
}

const leastRetries = 2

// newBackoff allows no retry when the limit is not above zero.
func newBackoff(limit time.Duration) *backoff {
	b := &backoff{end: time.Now().Add(limit), pause: min(limit/50, time.Second)}
	if limit > 0 {
		b.least = leastRetries
	}

	return b
}

// wait reports whether to try again, after the next pause. It is false when the retries are used up or the context has ended.
func (b *backoff) wait(ctx context.Context) bool {
	pause := b.pause
	if left := time.Until(b.end); left > 0 {
		pause = min(pause, left)
	} else if b.least <= 0 {
		return false
	}
	b.least--
	b.pause = min(2*b.pause, time.Second)

	return sleep(ctx, pause) == nil
}

// failed is wait after an error, for which no retry is owed when the time is over.
func (b *backoff) failed(ctx context.Context) bool {
	b.least = 0

	return b.wait(ctx)
}
