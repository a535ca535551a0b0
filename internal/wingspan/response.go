package wingspan

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	// maxQuoted is how much of the API's own message an error repeats, in bytes.
	maxQuoted = 500
	// maxError is the largest response that is searched for the API's own message, in bytes.
	maxError = 64 << 10
)

// response is a complete response to a request. Nothing of it has been checked.
type response struct {
	result

	request *request
}

// date is the Date header, zero if it cannot be read.
func (r *response) date() time.Time {
	date, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return time.Time{}
	}

	return date
}

// unusable is the error of a 2xx response that is not what the API documents. The reason quotes nothing of it.
func (r *response) unusable(reason string) error {
	return &ResponseError{
		Method: r.request.method, Path: r.request.path, Status: r.status, ContentType: r.contentType(), Size: len(r.body), Reason: reason,
	}
}

// requestID is what servers write as the identifier of a request. What is longer may be a secret.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._:=+/-]{1,40}$`)

// apiError is the error of a response whose status is not 2xx, with all that the response says.
func (r *response) apiError(secrets *redactor) *APIError {
	e := &APIError{Method: r.request.method, Path: r.request.path, Account: r.request.account, Status: r.status, Date: r.date()}
	e.Message, e.Documented = r.message(secrets)
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "Cf-Ray"} {
		if v := r.header.Get(name); e.RequestID == "" && requestID.MatchString(v) {
			e.RequestID = secrets.redact(v)
		}
	}

	return e
}

// message is the response's message for a person. Only the message that the API documents, {"error": "<message>"}, is quoted;
// one that may contain credentials is described, and so is what gateways and proxies before it respond with; the second result says
// which it is.
func (r *response) message(secrets *redactor) (string, bool) {
	if to := r.header.Get("Location"); to != "" && r.status >= 300 && r.status < 400 {
		return describeRedirect(r.request.url, to, secrets), false
	}
	if message := documentedMessage(r.body); message != "" {
		shown := secrets.redact(message)
		if shown == redacted {
			return fmt.Sprintf("an error message of %d bytes, which isn't shown because it may contain credentials", len(message)), false
		}

		return printable(shown, maxQuoted), true
	}

	text := strings.TrimSpace(string(r.body[:min(len(r.body), maxError)]))
	kind := r.contentType()
	switch {
	case text == "":
		return "empty response body", false
	case strings.Contains(kind, "html"), strings.HasPrefix(text, "<"):
		return fmt.Sprintf("the response was HTML, not JSON (%s, %d bytes): it may come from a proxy or a gateway", kind, len(r.body)), false
	default:
		return fmt.Sprintf("the response was not the API's JSON error (%s, %d bytes)", kind, len(r.body)), false
	}
}

// documentedMessage returns the message in a JSON error, or "".
func documentedMessage(body []byte) string {
	var fields struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	if len(body) > maxError || json.Unmarshal(body, &fields) != nil {
		return ""
	}
	for _, raw := range []json.RawMessage{fields.Error, fields.Message} {
		var text string
		var object struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(raw, &text) != nil && json.Unmarshal(raw, &object) == nil {
			text = object.Message
		}
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}

	return ""
}

// hostName is what is shown of where a redirect leads to.
var hostName = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,100}$`)

func describeRedirect(from *url.URL, to string, secrets *redactor) string {
	host := "another address"
	if u, err := from.Parse(to); err == nil && hostName.MatchString(u.Host) && (u.Scheme == "http" || u.Scheme == "https") {
		host = secrets.redact(u.Scheme + "://" + u.Host)
	}

	return "a redirect to " + host + ", which is not followed, because the token would go with it"
}

// mediaType is a content type without its parameters, as registered ones are written.
var mediaType = regexp.MustCompile(`^[a-z0-9.+-]{1,20}/[a-z0-9.+-]{1,24}$`)

// contentType is the response's content type, as far as it can be shown.
func (r *response) contentType() string {
	header := r.header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(header)
	switch {
	case header == "":
		return "no content type"
	case err != nil || !mediaType.MatchString(kind):
		return "unknown content type"
	default:
		return kind
	}
}
