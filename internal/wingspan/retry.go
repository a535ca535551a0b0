package wingspan

import (
	"cmp"
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
	// longestHang is how long the attempts of one request, of which there are two at least, may take without a response before it isn't
	// retried any more: with the default timeout, five attempts at a server that hangs would take almost three minutes.
	longestHang = 12 * time.Second
)

// outcome is the result of one attempt, as far as a retry is concerned.
type outcome int

const (
	// responded: a complete response came; its status decides.
	responded outcome = iota
	// notSent: the server cannot have the complete request.
	notSent
	// ambiguous: the server may have the request, and no complete response came back.
	ambiguous
	// fatal: another attempt would fail in the same way, for example because the server's certificate is not trusted.
	fatal
	// canceled: the caller's context ended.
	canceled
)

// result is what came of one attempt.
type result struct {
	outcome outcome
	// received: the server may have the complete request.
	received bool
	status   int
	header   http.Header
	body     []byte
	// err is set unless the outcome is responded.
	err error
}

// failedServer reports whether the attempt shows that the server is out of order, whatever was asked.
func (r result) failedServer() bool {
	if r.outcome == responded {
		return isTransient(r.status)
	}

	return !errors.Is(r.err, errTooLarge)
}

// policy decides what is retried and when. It is pure but for its source of chance:
//
//   - GET, PATCH and DELETE may be sent twice without harm. They are retried when the network fails
//     at any point, and on 429, 500, 502, 503 and 504.
//   - POST creates a new webhook each time. It is retried on 429, which means that nothing was done, and when the
//     request was never sent in full. After anything else it may have been carried out: Webhooks.Create finds out whether it was.
//   - No other status is retried: the same request would get the same response.
//   - A wait is drawn evenly from zero up to base·2ⁿ, at most cap (full jitter: it spreads those that failed together).
//   - Retry-After, in seconds or as a date, is waited for first, one minute at most, and the drawn wait comes on top,
//     so that those who were given the same moment do not all return in it.
//   - The wait after a 429 is a pause of every request of the client, and one retry for each that waits through it, unless the API serves
//     others between two pauses: then it serves some, and will serve all. It is drawn from the upper half, as everyone gets the same.
//   - Attempts that get no response end the retries once they have taken longestHang in all, but for the first retry.
//   - A request that is asked twice in a row to wait for more than a minute isn't retried: it would take hours.
type policy struct {
	maxRetries int
	base, cap  time.Duration
	// rand returns a number in [0, 1).
	rand func() float64
}

func newPolicy(maxRetries int, base, limit time.Duration) policy {
	return policy{maxRetries: maxRetries, base: cmp.Or(base, defaultBackoffBase), cap: cmp.Or(limit, defaultBackoffCap), rand: rand.Float64}
}

// shouldRetry reports whether a request may be sent again after an attempt with this result, if there are retries left.
func shouldRetry(method string, r result) bool {
	switch r.outcome {
	case notSent:
		return true
	case ambiguous:
		return method != http.MethodPost
	case fatal, canceled:
		return false
	case responded:
	}

	return r.status == http.StatusTooManyRequests || (isTransient(r.status) && method != http.MethodPost)
}

// isTransient reports whether the status means that the server could not serve the request for a reason of its own.
func isTransient(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// wait is how long to wait after attempt n, the first being 0.
func (p policy) wait(n int, retryAfter time.Duration) time.Duration {
	return min(retryAfter, maxRetryAfter) + time.Duration(p.rand()*p.ceiling(n))
}

// pause is how long every request waits after n pauses in a row.
func (p policy) pause(n int, retryAfter time.Duration) time.Duration {
	return min(retryAfter, maxRetryAfter) + time.Duration((1+p.rand())*p.ceiling(n)/2)
}

func (p policy) ceiling(n int) float64 {
	return min(float64(p.base)*math.Pow(2, float64(n)), float64(p.cap))
}

// parseRetryAfter reads both forms of the Retry-After header (RFC 9110, section 10.2.3).
// What is neither, or is in the past, is no wait. The result is at most a day.
func parseRetryAfter(value string, now time.Time) time.Duration {
	const most = 24 * time.Hour

	value = strings.TrimSpace(value)
	// A number that is out of range comes back as the nearest one that is in it.
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int64(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}

	return min(max(at.Sub(now), 0), most)
}
