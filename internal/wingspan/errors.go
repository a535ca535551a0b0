package wingspan

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrNoToken is the error of every request of a client without a token.
var ErrNoToken = errors.New("no API token")

// APIError is a response whose status is not 2xx, whatever its body. Its texts are free of secrets and control characters.
type APIError struct {
	Method, Path string
	// Account is the account that the request was made on behalf of, or empty.
	Account string
	Status  int
	// Message is the API's own message, or a description of a response that has none; never empty.
	Message string
	// Documented: Message is the API's own. Otherwise it isn't shown, or something before the API may have responded.
	Documented bool
	// RequestID is the server's identifier of the request, if it sent one.
	RequestID string
	// Date is the response's Date header, zero if it cannot be read.
	Date time.Time
	// Uncertain means that some attempt of the request may have been carried out, whatever the last response is.
	Uncertain bool
	// Attempts is how often the request was sent, and Elapsed how long that took, including waits.
	Attempts int
	Elapsed  time.Duration
}

// Error describes the request and the response in one line.
func (e *APIError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))

	return fmt.Sprintf("%s %s: %s: %s", e.Method, e.Path, status, e.Message)
}

// TransportError is a request without a complete response: no connection, a lost one, a timeout,
// a canceled context, or a response that is too large. It wraps the cause, whose text quotes nothing that a server sent.
type TransportError struct {
	Method, Path string
	// Attempts is how often the request was sent, and Elapsed how long that took, including waits.
	Attempts int
	Elapsed  time.Duration
	// Uncertain means that some attempt of the request may have been carried out.
	Uncertain bool
	Err       error
}

// Error describes the request and the cause in one line.
func (e *TransportError) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Timeout reports whether the cause is an attempt that took too long.
func (e *TransportError) Timeout() bool {
	timeout, ok := errors.AsType[net.Error](e.Err)

	return ok && timeout.Timeout()
}

// OutageError is a request that was not sent, because earlier ones used up their retries and none has succeeded since.
type OutageError struct {
	Method, Path string
	// Err is what one of them failed with: an *APIError or a *TransportError.
	Err error
}

// Error describes the request and the failure of the earlier ones in one line.
func (e *OutageError) Error() string {
	return fmt.Sprintf("%s %s: not sent, because an earlier request failed: %v", e.Method, e.Path, e.Err)
}

// Unwrap returns the failure of an earlier request.
func (e *OutageError) Unwrap() error { return e.Err }

// ResponseError is a 2xx response that is not what the API documents. It quotes nothing of the body, which may contain a secret.
type ResponseError struct {
	Method, Path, ContentType, Reason string
	Status, Size                      int
}

// Error describes the request and what is wrong in one line.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("%s %s: %d with %d bytes of %q: %s", e.Method, e.Path, e.Status, e.Size, e.ContentType, e.Reason)
}

// IDError is an id that no webhook preference can have.
type IDError struct {
	ID string
	// Created means that a create returned it, so that a webhook may exist that no request can address.
	Created bool
}

// Error shows the beginning of the id.
func (e *IDError) Error() string { return fmt.Sprintf("%q cannot be an id", printable(e.ID, maxPath)) }

// AccountError is a response about an account other than the one that was asked for.
type AccountError struct {
	Asked, Got, ID string
	// Created means that this very request created the preference there.
	Created bool
}

// Error names both accounts.
func (e *AccountError) Error() string {
	return fmt.Sprintf("asked for account %q, got preference %q of account %q", e.Asked, e.ID, e.Got)
}

// IsNotFound reports whether the response was 404.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsUnauthorized reports whether the response was 401 or 403.
func IsUnauthorized(err error) bool {
	return hasStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}

// IsBadRequest reports whether the API rejected the content of the request: 400 or 422.
func IsBadRequest(err error) bool {
	return hasStatus(err, http.StatusBadRequest, http.StatusUnprocessableEntity)
}

// IsRateLimited reports whether the response was 429.
func IsRateLimited(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

func hasStatus(err error, statuses ...int) bool {
	apiErr, ok := errors.AsType[*APIError](err)

	return ok && slices.Contains(statuses, apiErr.Status)
}

// isOutage reports whether the request was not sent because earlier ones failed.
func isOutage(err error) bool {
	_, ok := errors.AsType[*OutageError](err)

	return ok
}

// MayHaveSucceeded reports whether a request that failed may have been carried out. Of several joined errors, one is enough.
func MayHaveSucceeded(err error) bool {
	switch e := err.(type) { //nolint:errorlint // errors.As would look into an OutageError, whose cause is about another request
	case *OutageError:
		return false
	case *APIError:
		return e.Uncertain || e.Status >= http.StatusInternalServerError || e.Status == http.StatusRequestTimeout
	case *TransportError:
		return e.Uncertain
	case *ResponseError:
		return true
	case interface{ Unwrap() error }:
		return MayHaveSucceeded(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), MayHaveSucceeded)
	default:
		return false
	}
}
