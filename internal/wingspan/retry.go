package wingspan

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	defaultBackoffBase = 400 * time.Millisecond
	defaultBackoffCap  = 20 * time.Second
	// maxRetryAfter keeps a server from parking an apply for an hour.
	maxRetryAfter = time.Minute
)

// outcome is what one attempt came to, as far as repeating it is concerned.
type outcome int

const (
	// answered: an answer came whole; its status decides.
	answered outcome = iota
	// unsent: it failed before a connection was there to write the request to.
	unsent
	// lost: the request may have reached the server, and no whole answer came back.
	lost
	// hopeless: the answer is too large to be read, or the server's certificate is not trusted.
	hopeless
	// ended: the caller gave up.
	ended
)

// policy decides what is repeated and after what wait. It is pure but for its source of chance:
//
//   - GET, PATCH and DELETE may be sent twice without harm. They are repeated when the network fails
//     at any point, and on 429, 500, 502, 503 and 504.
//   - POST makes a new webhook each time. It is repeated on 429, which says that nothing was done, and when the
//     request was never written. After anything else it may have been carried out: Creator finds out whether it was.
//   - No other status is repeated: the same request would be answered in the same way.
//   - A wait is drawn evenly from zero up to base·2ⁿ, at most cap (full jitter: it spreads those that failed together).
//   - Retry-After, in seconds or as a date, is waited for first, one minute at most, and the drawn wait comes on top,
//     so that those who were told the same moment do not all return in it.
//   - The wait after a 429 holds for every call of the client, not just the one that was told.
type policy struct {
	maxRetries int
	base, cap  time.Duration
	// chance returns a number in [0, 1).
	chance func() float64
}

func newPolicy(maxRetries int, base, limit time.Duration) policy {
	if base == 0 {
		base = defaultBackoffBase
	}
	if limit == 0 {
		limit = defaultBackoffCap
	}

	return policy{maxRetries: maxRetries, base: base, cap: limit, chance: rand.Float64}
}

// again tells whether a call of this method may be repeated after such an attempt.
func (policy) again(method string, o outcome, status int) bool {
	switch o {
	case unsent:
		return true
	case lost:
		return method != http.MethodPost
	case hopeless, ended:
		return false
	case answered:
	}

	switch status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return method != http.MethodPost
	default:
		return false
	}
}

// wait is how long to wait after attempt n, the first being 0.
func (p policy) wait(n int, retryAfter time.Duration) time.Duration {
	ceiling := float64(p.base) * math.Pow(2, float64(n))
	if ceiling > float64(p.cap) {
		ceiling = float64(p.cap)
	}

	return retryAfter + time.Duration(p.chance()*ceiling)
}

// parseRetryAfter reads both forms of the Retry-After header (RFC 9110, section 10.2.3).
// What is neither, and what lies in the past, is no wait; the longest is a minute.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	// A number that is out of range comes back as the nearest one that is in it.
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}

	return min(max(at.Sub(now), 0), maxRetryAfter)
}
