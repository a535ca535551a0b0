package wingspan

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// accountHeader names the account to act for. Without it the token's own account acts.
const accountHeader = "X-Wingspan-User"

// answer is a 2xx answer whose body nobody has looked into yet.
type response struct {
	status      int
	contentType string
	body        []byte
	date        time.Time
	call        *call
}

// send is the only place that talks to the network. Its errors are ErrNoToken, *APIError and *TransportError.
// Path segments are escaped here; account may be empty.
func (c *Client) send(ctx context.Context, method, account string, body any, segments ...string) (*response, error) {
	if c.token == "" {
		return nil, ErrNoToken
	}
	// Escaped for errors and logs too: an id comes from outside and could hold line breaks.
	var path string
	for _, s := range segments {
		// A server, or a proxy before it, would resolve these as steps in the path: another endpoint.
		if s == "" || s == "." || s == ".." {
			return nil, &IDError{ID: s}
		}
		path += "/" + url.PathEscape(s)
	}
	if !ValidHeaderValue(account) {
		return nil, errors.New("the account id holds characters that an HTTP header cannot carry")
	}

	var payload any // retryablehttp tells "no body" by the untyped nil
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = encoded
	}

	current := &call{method: method, path: path, started: time.Now()}
	ctx = context.WithValue(ctx, callKey{}, current)
	req, err := retryablehttp.NewRequestWithContext(ctx, method, c.resolve(segments), payload)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if c.agent != "" {
		req.Header.Set("User-Agent", c.agent)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if account != "" {
		req.Header.Set(accountHeader, account)
	}

	if err := c.pace.admit(ctx, method); err != nil {
		return nil, c.transportError(ctx, current, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportError(ctx, current, err)
	}
	defer resp.Body.Close()

	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, c.transportError(ctx, current, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.apiError(current, account, resp, content)
	}

	return &response{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), body: content, date: dateOf(resp), call: current}, nil
}

// resolve appends the segments to the base URL, each escaped as one segment.
func (c *Client) resolve(segments []string) string {
	u := *c.base
	u.RawPath = u.EscapedPath()
	for _, s := range segments {
		u.Path += "/" + s
		u.RawPath += "/" + url.PathEscape(s)
	}

	return u.String()
}

// decode reads the answer's body into v, or fails with *ResponseError.
func (a *response) decode(c *Client, v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return a.unusable(c, describeJSONError(a.body, err))
	}

	return nil
}

func (a *response) unusable(c *Client, reason string) error {
	return &ResponseError{
		Method: a.call.method, Path: a.call.path, Status: a.status,
		ContentType: printable(c.Redact(a.contentType), 100), Size: len(a.body), Reason: c.Redact(reason),
	}
}

// checkRetry is retryablehttp's question whether to repeat. It also keeps what the wait will be.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	current := callOf(ctx)
	o, status, retryAfter := classify(ctx, current, err), 0, time.Duration(0)
	if resp != nil {
		status = resp.StatusCode
		retryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	if (o != answered && current.written.Load()) || status >= http.StatusInternalServerError {
		current.uncertain = true
	}

	current.retryWait = c.policy.wait(current.attempts-1, retryAfter)
	if status == http.StatusTooManyRequests {
		c.pace.pause(current.retryWait)
	}

	return c.policy.again(current.method, o, status), nil
}

// prepareRetry does the waiting. retryablehttp's own Backoff hook is not told which call it is for
// when no answer came, so it is set to no wait at all.
func (c *Client) prepareRetry(req *http.Request) error {
	current := callOf(req.Context())
	if err := sleep(req.Context(), current.retryWait); err != nil {
		return err
	}

	return c.pace.admit(req.Context(), current.method)
}

func classify(ctx context.Context, current *call, err error) outcome {
	var untrusted *tls.CertificateVerificationError

	switch {
	case err == nil:
		return answered
	case ctx.Err() != nil:
		return ended
	case errors.Is(err, errTooLarge), errors.As(err, &untrusted):
		return hopeless
	case !current.written.Load():
		return unsent
	default:
		return lost
	}
}

func dateOf(resp *http.Response) time.Time {
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}

	return t
}

func (c *Client) waitForPause(ctx context.Context) error { return sleep(ctx, c.pace.left()) }
