package wingspan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// maxQuoted is how much of a server's words an error repeats, in bytes.
const maxQuoted = 500

// ErrNoToken is every call's error on a client without a token.
var ErrNoToken = errors.New("no API token")

// APIError is an answer whose status is not 2xx, whatever its body. Its texts are free of secrets.
type APIError struct {
	Method, Path string
	// Account is the account that the call asked to act for, or empty.
	Account string
	Status  int
	Date    time.Time
	// Message is what the server said, as far as it can be read; never empty.
	Message string
	// Documented: the body was JSON as the API writes it. Otherwise something before the API may have answered.
	Documented bool
	// RequestID is the server's name for the request, if it gave one.
	RequestID string
	// Uncertain means that some attempt of the call may have been carried out, whatever the last answer says.
	Uncertain bool
	// Attempts is how often the call was tried, and Elapsed how long that took, waits included.
	Attempts int
	Elapsed  time.Duration
}

// Error tells the call and the answer in one line.
func (e *APIError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))

	return fmt.Sprintf("%s %s: %s: %s", e.Method, e.Path, status, e.Message)
}

// TransportError is a call that brought no whole answer: no connection, a cut one, a timeout,
// a caller that gave up, or an answer too large to be read. It wraps the cause.
type TransportError struct {
	Method, Path string
	// Attempts is how often the call was tried, and Elapsed how long that took, waits included.
	Attempts int
	Elapsed  time.Duration
	// Uncertain means that the request may have been carried out all the same.
	Uncertain bool
	Err       error
}

// Error tells the call and the cause in one line.
func (e *TransportError) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Timeout tells whether the cause is an attempt that took too long.
func (e *TransportError) Timeout() bool {
	var timeout net.Error

	return errors.As(e.Err, &timeout) && timeout.Timeout()
}

// ResponseError is a 2xx answer that is not what the API documents. It quotes nothing of the body,
// which may hold a secret.
type ResponseError struct {
	Method, Path, ContentType, Reason string
	Status, Size                      int
}

// Error tells the call and what is wrong in one line.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("%s %s: %d with %d bytes of %q: %s", e.Method, e.Path, e.Status, e.Size, e.ContentType, e.Reason)
}

// IDError is an id that no preference can have.
type IDError struct{ ID string }

// Error names the id.
func (e *IDError) Error() string { return fmt.Sprintf("%q cannot be an id", e.ID) }

// IsNotFound tells whether the API answered 404.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsUnauthorized tells whether the API answered 401 or 403.
func IsUnauthorized(err error) bool {
	return hasStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}

// IsBadRequest tells whether the API refused the content of the request: 400 or 422.
func IsBadRequest(err error) bool {
	return hasStatus(err, http.StatusBadRequest, http.StatusUnprocessableEntity)
}

// IsRateLimited tells whether the API answered 429.
func IsRateLimited(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

func hasStatus(err error, statuses ...int) bool {
	var apiErr *APIError
	if !errors.As(err, &apiErr) {
		return false
	}
	for _, s := range statuses {
		if apiErr.Status == s {
			return true
		}
	}

	return false
}

// MayHaveSucceeded tells whether the call may have been carried out although it failed.
func MayHaveSucceeded(err error) bool {
	var (
		apiErr    *APIError
		transport *TransportError
		answerErr *ResponseError
	)

	switch {
	case errors.As(err, &apiErr):
		return apiErr.Uncertain || apiErr.Status >= http.StatusInternalServerError || apiErr.Status == http.StatusRequestTimeout
	case errors.As(err, &transport):
		return transport.Uncertain
	default:
		return errors.As(err, &answerErr)
	}
}

func (c *Client) transportError(ctx context.Context, current *call, err error) error {
	// url.Error repeats the method and the whole URL, which TransportError says better.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		err = &quietError{text: "the run was interrupted", cause: ctx.Err()}
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		err = &slowError{after: c.timeout}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		// Their own texts say nothing to those who do not program.
		err = &quietError{text: "the connection was closed before the whole answer came", cause: err}
	}

	return &TransportError{
		Method: current.method, Path: current.path,
		Attempts: max(current.attempts, 1), Elapsed: time.Since(current.started), Uncertain: current.uncertain, Err: err,
	}
}

// slowError is an attempt that took longer than it may. net/http's own text names its fields.
type slowError struct{ after time.Duration }

func (e *slowError) Error() string { return fmt.Sprintf("no whole answer within %s", e.after) }

func (*slowError) Timeout() bool { return true }

// Temporary completes net.Error.
func (*slowError) Temporary() bool { return true }

func (c *Client) apiError(current *call, account string, resp *http.Response, body []byte) error {
	message, documented := serverMessage(current, resp, body)
	e := &APIError{
		Method: current.method, Path: current.path, Account: account,
		Status: resp.StatusCode, Date: dateOf(resp), Uncertain: current.uncertain, Attempts: current.attempts, Elapsed: time.Since(current.started),
		Message: printable(withoutSecretFields(c.Redact(message)), maxQuoted), Documented: documented,
	}
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "Cf-Ray"} {
		if v := resp.Header.Get(name); v != "" && e.RequestID == "" {
			e.RequestID = printable(c.Redact(v), 100)
		}
	}

	return e
}

// serverMessage is what the answer says to a person. The API documents {"error": "<message>"};
// gateways and proxies before it answer in other shapes, which the second result tells apart.
func serverMessage(current *call, resp *http.Response, body []byte) (string, bool) {
	if to := current.redirect; to != "" && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		host := "another address"
		if u, err := resp.Request.URL.Parse(to); err == nil && u.Host != "" {
			host = u.Scheme + "://" + u.Host
		}

		return "a redirect to " + host + ", which is not followed, because the token would go with it", false
	}

	var documented struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(body, &documented) == nil {
		for _, raw := range []json.RawMessage{documented.Error, documented.Message} {
			if text := messageIn(raw); text != "" {
				return text, true
			}
		}
	}

	text := strings.TrimSpace(string(body))
	switch contentType := resp.Header.Get("Content-Type"); {
	case text == "":
		return "the answer had no body", false
	case strings.Contains(contentType, "html"), strings.HasPrefix(text, "<"):
		return fmt.Sprintf("the answer was a page (%s, %d bytes), not the API's JSON: it may come from a proxy or a gateway", printable(contentType, 100), len(body)), false
	default:
		return text, false
	}
}

// messageIn takes a message that is text, or an object with a message.
func messageIn(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var object struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &object) == nil {
		return strings.TrimSpace(object.Message)
	}

	return ""
}

// describeJSONError says what is wrong without repeating any value, as the value may be a secret.
func describeJSONError(body []byte, err error) string {
	var typeErr *json.UnmarshalTypeError

	switch {
	case len(strings.TrimSpace(string(body))) == 0:
		return "the answer had no body"
	case errors.As(err, &typeErr):
		kind, _, _ := strings.Cut(typeErr.Value, " ")
		if typeErr.Field == "" {
			return fmt.Sprintf("the JSON is of another kind (%s)", kind)
		}

		return fmt.Sprintf("the field %s is of another type (%s)", typeErr.Field, kind)
	default:
		return "the answer is not JSON"
	}
}

// printable keeps a server's text on few lines and out of the terminal's control.
func printable(s string, limit int) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		default:
			return r
		}
	}, s)
	s = strings.TrimSpace(s)
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + " …"
	}

	return s
}
