package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestEveryStatusWithEveryBodyIsAnAPIError(t *testing.T) {
	t.Parallel()

	bodies := []struct {
		name, contentType, body, message string
		documented                       bool
	}{
		{"documented", "application/json", `{"error":"Session expired"}`, "Session expired", true},
		{"documented, as text", "text/plain", ` {"error":" Session expired "} `, "Session expired", true},
		{"an object", "application/json", `{"error":{"message":"no such event","code":17}}`, "no such event", true},
		{"a message", "application/json", `{"statusCode":400,"message":"no such event"}`, "no such event", true},
		{"both", "application/json", `{"error":"Bad Request","message":"no such event"}`, "Bad Request", true},
		{"an empty error and a message", "application/json", `{"error":"","message":"no such event"}`, "no such event", true},
		{"a list of errors", "application/json", `{"error":["a","b"]}`, `{"error":["a","b"]}`, false},
		{"other JSON", "application/json", `{"errors":[{"detail":"x"}]}`, `{"errors":[{"detail":"x"}]}`, false},
		{"null", "application/json", `null`, `null`, false},
		{"text", "text/plain", "upstream connect error", "upstream connect error", false},
		{"no content type", "", "upstream connect error", "upstream connect error", false},
		{"nothing", "application/json", "", "the answer had no body", false},
		{"blanks", "text/html", " \r\n\t", "the answer had no body", false},
		{"a page", "text/html; charset=utf-8", "<!DOCTYPE html><h1>Bad gateway</h1>", "the answer was a page (text/html; charset=utf-8, 35 bytes), not the API's JSON: it may come from a proxy or a gateway", false},
		{"a page as JSON", "application/json", "<html></html>", "the answer was a page (application/json, 13 bytes), not the API's JSON: it may come from a proxy or a gateway", false},
		{"control characters", "text/plain", "\x1b[31mred\x07\r\nX-Evil: \u202e1\x00", "?[31mred?  X-Evil: ?1?", false},
		{"control characters in JSON", "application/json", `{"error":"\u001b]0;title\u0007 a\nb"}`, "?]0;title? a b", true},
		{"not UTF-8", "text/plain", "caf\xe9 \xff\xfe", "caf? ?", false},
		{"huge text", "text/plain", strings.Repeat("é", 5_000), strings.Repeat("é", 250) + " …", false},
		{"a huge message", "application/json", `{"error":"` + strings.Repeat("x", 5_000) + `"}`, strings.Repeat("x", 500) + " …", true},
		{"secrets", "application/json", `{"error":"bad token ` + fakeToken + ` or secret ` + fakeSecret + `"}`, "bad token [redacted] or secret [redacted]", true},
		{"secrets in text", "text/plain", "Authorization: Bearer " + fakeToken + " body " + fakeSecret, "Authorization: Bearer [redacted] body [redacted]", false},
		{"a secret at the cut", "text/plain", strings.Repeat("x", 490) + fakeSecret, strings.Repeat("x", 490) + "[redacted]", false},
	}
	statuses := []int{301, 400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 451, 500, 501, 502, 503, 504, 520, 599}
	for _, test := range bodies {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &script{}
			c := scripted(t, s, func(c *Config) { c.MaxRetries = 0 })
			c.pace = newUnlimitedPace()
			c.AddSecrets(fakeSecret)
			for _, status := range statuses {
				s.play(step{status: status, body: test.body, header: http.Header{"Content-Type": {test.contentType}}})
				for _, method := range allMethods {
					err := fmt.Errorf("wrapped: %w", callAs(t.Context(), c, method))
					e := wantError[*APIError](t, err)
					wantEqual(t, "status", e.Status, status)
					wantEqual(t, "method", e.Method, method)
					wantEqual(t, fmt.Sprintf("message of %d", status), e.Message, test.message)
					wantEqual(t, "documented", e.Documented, test.documented)
					wantEqual(t, "not found", IsNotFound(err), status == 404)
					wantEqual(t, "refused", IsUnauthorized(err), status == 401 || status == 403)
					wantEqual(t, "invalid", IsBadRequest(err), status == 400 || status == 422)
					wantEqual(t, "rate limited", IsRateLimited(err), status == 429)
					wantEqual(t, "may have happened", MayHaveSucceeded(err), status >= 500 || status == 408)
				}
			}
		})
	}
}

func TestPredicatesAreFalseForEverythingElse(t *testing.T) {
	t.Parallel()

	for _, err := range []error{
		nil, errors.New("404 not found"), ErrNoToken, &IDError{ID: "x"}, context.Canceled,
		&TransportError{Err: errors.New("404")}, &ResponseError{Status: 404}, &AccountError{}, &DuplicateError{},
	} {
		wantEqual(t, "not found", IsNotFound(err), false)
		wantEqual(t, "refused", IsUnauthorized(err), false)
		wantEqual(t, "invalid", IsBadRequest(err), false)
		wantEqual(t, "rate limited", IsRateLimited(err), false)
	}
	for _, err := range []error{nil, errors.New("x"), ErrNoToken, &IDError{}, &DuplicateError{}, &TransportError{}, context.Canceled} {
		wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
	}
}

func TestPredicatesSeeThroughJoinedErrors(t *testing.T) {
	t.Parallel()

	err := fmt.Errorf("first: %w; then: %w", &APIError{Status: 404}, errors.Join(errors.New("x"), &APIError{Status: 500}))
	wantEqual(t, "not found", IsNotFound(err), true)
	unclear := &AmbiguousCreateError{Err: &TransportError{Method: "POST", Path: "/x", Uncertain: true, Err: errors.New("cut")}}
	wantEqual(t, "may have happened", MayHaveSucceeded(fmt.Errorf("create: %w", unclear)), true)
	wantEqual(t, "text", unclear.Error(), "POST /x: cut")
}

func TestARequestsNameIsKept(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		header http.Header
		want   string
	}{
		{"none", http.Header{}, ""},
		{"a request id", http.Header{"X-Request-Id": {"req-1"}, "X-Correlation-Id": {"cor-1"}, "Cf-Ray": {"ray-1"}}, "req-1"},
		{"a correlation id", http.Header{"X-Correlation-Id": {"cor-1"}, "Cf-Ray": {"ray-1"}}, "cor-1"},
		{"a ray", http.Header{"Cf-Ray": {"ray-1"}}, "ray-1"},
		{"the token", http.Header{"X-Request-Id": {"id-" + fakeToken}}, "id-[redacted]"},
		{"a long one", http.Header{"X-Request-Id": {strings.Repeat("x", 5000)}}, strings.Repeat("x", 100) + " …"},
	}
	for _, test := range tests {
		s := &script{steps: []step{{status: 400, header: test.header}}}
		e := wantError[*APIError](t, callAs(t.Context(), scripted(t, s), http.MethodGet))
		wantEqual(t, test.name, e.RequestID, test.want)
	}
}

func TestTextsOfErrorsTellTheCallAndTheAnswer(t *testing.T) {
	t.Parallel()

	tests := []struct {
		err  error
		want string
	}{
		{&APIError{Method: "GET", Path: "/x", Status: 404, Message: "no such id"}, "GET /x: 404 Not Found: no such id"},
		{&APIError{Method: "GET", Path: "/x", Status: 520, Message: "odd"}, "GET /x: 520: odd"},
		{&TransportError{Method: "POST", Path: "/x", Err: errors.New("cut")}, "POST /x: cut"},
		{&ResponseError{Method: "GET", Path: "/x", Status: 200, Size: 7, ContentType: "text/html", Reason: "the answer is not JSON"}, `GET /x: 200 with 7 bytes of "text/html": the answer is not JSON`},
		{&IDError{ID: "..\n"}, `"..\n" cannot be an id`},
		{&AccountError{Asked: "a", Got: "b", ID: "id1"}, `asked for account "a", answered with preference "id1" of account "b"`},
		{&DuplicateError{ID: "id1", SharedEvents: []string{"A", "B"}}, `preference "id1" has the same URL and shares 2 events`},
	}
	for _, test := range tests {
		wantEqual(t, fmt.Sprintf("text of a %T", test.err), test.err.Error(), test.want)
	}
}

func TestACallRememberedWithUncertaintyStaysUncertain(t *testing.T) {
	t.Parallel()

	// The first attempt may have been carried out, so that the last one's refusal does not mean that nothing happened.
	tests := []struct {
		name  string
		steps []step
		want  bool
	}{
		{"cut, then no connection", []step{{err: errCut}, {unsent: true, err: errRefused}}, true},
		{"500, then no connection", []step{{status: 500}, {unsent: true, err: errRefused}}, true},
		{"no connection at all", []step{{unsent: true, err: errRefused}}, false},
		{"429, then no connection", []step{{status: 429}, {unsent: true, err: errRefused}}, false},
		{"cut, then refused", []step{{err: errCut}, {status: 403}}, true},
		{"500, then limited for ever", []step{{status: 500}, {status: 429}}, true},
		{"limited, then refused", []step{{status: 429}, {status: 403}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: test.steps}
			c := newTestClient(t, quick(ProductionURL))
			c.setTransport(s)
			wantEqual(t, "may have happened", MayHaveSucceeded(callAs(t.Context(), c, http.MethodPatch)), test.want)
		})
	}
}

var errCut = errors.New("connection reset by peer")
