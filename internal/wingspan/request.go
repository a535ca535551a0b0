package wingspan

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// accountHeader names the account to act on behalf of. Without it the token's own account acts.
const accountHeader = "X-Wingspan-User"

// send is the only place that talks to the network. Its errors are ErrNoToken, *IDError, *APIError, *TransportError and *OutageError.
// Path segments are escaped here; account may be empty.
func (c *Client) send(ctx context.Context, method, account string, body any, segments ...string) (*response, error) {
	if c.token == "" {
		return nil, ErrNoToken
	}
	if !ValidHeaderValue(account) {
		return nil, errors.New("the account id contains characters that aren't allowed in an HTTP header")
	}
	plain, escaped := "", ""
	for _, s := range segments {
		// A server, or a proxy before it, would resolve these as steps in the path: another endpoint.
		if s == "" || s == "." || s == ".." {
			return nil, &IDError{ID: s}
		}
		plain, escaped = plain+"/"+s, escaped+"/"+url.PathEscape(s)
	}
	target := *c.base
	target.RawPath = c.base.EscapedPath() + escaped
	target.Path += plain
	r := &request{
		method: method, account: account, url: &target,
		// An id comes from outside: someone may have pasted a secret in its place.
		path: printable(c.redactor.mask(escaped), maxPath),
		header: http.Header{
			"Authorization": {"Bearer " + c.token}, "Accept": {"application/json"}, "User-Agent": {c.agent},
		},
	}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r.body = encoded
		r.header.Set("Content-Type", "application/json")
	}
	if account != "" {
		r.header.Set(accountHeader, account)
	}

	return c.complete(ctx, &exchange{request: r, began: time.Now()})
}

// exchange follows one request through its attempts.
type exchange struct {
	*request

	began time.Time
	// sent counts the attempts, and used the retries but for those after a 429, which count as pauses.
	sent, used int
	paused     pauseCount
	// limited: the last attempt got a 429.
	limited bool
	// uncertain: some attempt may have been carried out without its response coming back.
	uncertain bool
	// fresh: the next attempt needs a connection of its own.
	fresh bool
	// unanswered is how long the attempts took that got no complete response.
	unanswered time.Duration
	// err is the error of the last attempt that was sent.
	err error
}

// complete sends attempts until one gets a response, or the policy, an outage or the context ends it.
func (c *Client) complete(ctx context.Context, x *exchange) (*response, error) {
	for n := 0; ; n++ {
		wait := c.policy.wait(n, 0)
		// The breaker may refuse a retry: that costs the retry, and the API may be back at the next.
		report, err := c.admit(ctx, x, min(n, 1))
		switch {
		case err == nil:
			var resp *response
			var again bool
			if resp, wait, again = c.attempt(ctx, x, n, report); !again {
				return resp, x.err
			}
		case x.sent == 0 || ctx.Err() != nil:
			return nil, err
		case !c.mayRetry(x):
			return nil, x.err
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, x.canceled(err)
		}
	}
}

// mayRetry reports whether the request has a retry left.
func (c *Client) mayRetry(x *exchange) bool { return x.used+x.paused.count < c.policy.maxRetries }

// admit waits until the next attempt may be sent, and takes the retries that it costs. In an outage it does not wait.
func (c *Client) admit(ctx context.Context, x *exchange, retries int) (reportFunc, error) {
	report, err := c.await(ctx, x)
	if err != nil || !x.limited {
		x.used += retries
	}

	return report, err
}

func (c *Client) await(ctx context.Context, x *exchange) (reportFunc, error) {
	if err := c.breakers.refusal(x.method, x.path, c.limiter.remaining() > 0); err != nil {
		return nil, err
	}
	err := c.limiter.wait(ctx, x.method, max(1, c.policy.maxRetries-x.used), &x.paused)
	if errors.Is(err, errTooManyPauses) {
		return nil, c.limiter.outage(x.method, x.path)
	}
	if err != nil {
		return nil, x.canceled(err)
	}

	return c.breakers.allow(x.method, x.path)
}

// attempt sends the request once, and informs everyone who needs to know. It returns the response, or how long to wait before
// the next attempt, if there is to be one; x.err is then what this one failed with.
func (c *Client) attempt(ctx context.Context, x *exchange, n int, report reportFunc) (*response, time.Duration, bool) {
	start, write := time.Now(), x.method != http.MethodGet
	x.sent++
	res := c.transport.attempt(ctx, x.request, x.fresh)
	took := time.Since(start)
	if c.log != nil {
		c.log(ctx, Attempt{Method: x.method, Path: x.path, Number: x.sent, Duration: took, Status: res.status, Err: res.err})
	}
	if res.outcome == responded && res.status != http.StatusTooManyRequests {
		c.limiter.served(write)
	}
	if res.outcome == responded && res.status >= 200 && res.status <= 299 {
		report(res, true, nil)
		x.err = nil

		return &response{request: x.request, result: res}, 0, false
	}

	x.fail(res, took, &c.redactor)
	c.limiter.resetIfServed(&x.paused, write)
	again := shouldRetry(x.method, res) && c.mayRetry(x) && (res.outcome == responded || !x.hangs())
	retryAfter := parseRetryAfter(res.header.Get("Retry-After"), time.Now())
	wait := c.policy.wait(n, retryAfter)
	if x.limited = res.status == http.StatusTooManyRequests; x.limited {
		// The pause grows with those in a row, also where each of them is another request's first.
		wait = c.policy.pause(max(n, c.limiter.inARow()), retryAfter)
		futile := c.limiter.pause(rejection{wait: wait, write: write, long: retryAfter > maxRetryAfter, last: !again, cause: x.err})
		c.limiter.count(&x.paused)
		again, wait = again && !futile, 0
	}
	report(res, !again, x.err)

	return nil, wait, again
}

// fail takes note of an attempt that got no response, or one that isn't 2xx.
func (x *exchange) fail(res result, took time.Duration, secrets *redactor) {
	x.uncertain = x.uncertain || (res.received && (res.outcome != responded || res.status >= http.StatusInternalServerError))
	x.fresh = res.outcome == ambiguous || res.outcome == notSent
	if res.outcome != responded {
		x.unanswered += took
		x.err = x.transportError(res.err)

		return
	}
	e := (&response{request: x.request, result: res}).apiError(secrets)
	e.Uncertain, e.Attempts, e.Elapsed = x.uncertain, x.sent, time.Since(x.began)
	x.err = e
}

func (x *exchange) hangs() bool { return x.sent > 1 && x.unanswered >= longestHang }

func (x *exchange) transportError(err error) error {
	return &TransportError{
		Method: x.method, Path: x.path, Attempts: max(x.sent, 1), Elapsed: time.Since(x.began), Uncertain: x.uncertain, Err: err,
	}
}

// canceled is the end of the caller's context between two attempts.
func (x *exchange) canceled(err error) error { return x.transportError(describeEnd(err)) }
