package wingspan

import (
	"context"
	"time"
)

// backoff spreads retries over a limited time: the pauses grow twofold from a fiftieth of it up to a second. However slow the machine or
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
