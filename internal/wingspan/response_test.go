package wingspan

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestOnlyTheAPIsOwnMessageIsQuoted(t *testing.T) {
	t.Parallel()

	json := func(message string) string { return `{"error":"` + message + `"}` }
	bodies := []struct {
		name, contentType, body, message string
		documented                       bool
	}{
		{"documented", "application/json", json("Session expired"), "Session expired", true},
		{"documented, as text", "text/plain", ` {"error":" Session expired "} `, "Session expired", true},
		{"an object", "application/json", `{"error":{"message":"no such event","code":17}}`, "no such event", true},
		{"a message", "application/json", `{"statusCode":400,"message":"no such event"}`, "no such event", true},
		{"an empty error and a message", "application/json", `{"error":"","message":"no such event"}`, "no such event", true},
		{"control characters", "application/json", json(`\u001b]0;title\u0007 a\nb\u202e`), "?]0;title? a b?", true},
		{"a long message", "application/json", json(strings.Repeat("x", 4000)), strings.Repeat("x", 500) + " …", true},
		{"a longer one", "application/json", json(strings.Repeat("x", 5000)), "an error message of 5000 bytes, which isn't shown because it may contain credentials", false},
		{"secrets", "application/json", json("bad token " + fakeToken + " or secret " + fakeSecret), "bad token [redacted] or secret [redacted]", true},
		{"an encoded secret", "application/json", json("bad secret %66" + fakeSecret[1:]), "an error message of 41 bytes, which isn't shown because it may contain credentials", false},
		{"a secret at the cut", "application/json", json(strings.Repeat("x", 485) + "/" + fakeSecret), strings.Repeat("x", 485) + "/[redacted]", true},
		{"a secret of the server", "application/json", json(`{\"sharedSecret\":\"unknown\"}`), "an error message of 26 bytes, which isn't shown because it may contain credentials", false},
		{"a short secret", "application/json", json("the secret abc is too short"), "an error message of 27 bytes, which isn't shown because it may contain credentials", false},
		{"a list of errors", "application/json", `{"error":["leak"]}`, "the response was not the API's JSON error (application/json, 18 bytes)", false},
		{"the preference", "application/json", `{"sharedSecret":"leak"}`, "the response was not the API's JSON error (application/json, 23 bytes)", false},
		{"null", "application/json; charset=utf-8", `null`, "the response was not the API's JSON error (application/json, 4 bytes)", false},
		{"text", "text/plain", "leak", "the response was not the API's JSON error (text/plain, 4 bytes)", false},
		{"no content type", "", "leak", "the response was not the API's JSON error (no content type, 4 bytes)", false},
		{"a content type that says more", "leak " + fakeSecret, "leak", "the response was not the API's JSON error (unknown content type, 4 bytes)", false},
		{"a content type that may be a secret", "text/" + fakeSecret, "leak", "the response was not the API's JSON error (unknown content type, 4 bytes)", false},
		{"huge JSON", "application/json", json(strings.Repeat("x", 1<<20)), "the response was not the API's JSON error (application/json, 1048588 bytes)", false},
		{"nothing", "application/json", "", "empty response body", false},
		{"whitespace", "text/html", " \r\n\t", "empty response body", false},
		{"a page", "text/html; charset=utf-8", "<h1>leak</h1>", "the response was HTML, not JSON (text/html, 13 bytes): it may come from a proxy or a gateway", false},
		{"a page as JSON", "application/json", "<html></html>", "the response was HTML, not JSON (application/json, 13 bytes): it may come from a proxy or a gateway", false},
	}
	for _, test := range bodies {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := oneAttempt(t)
			c.AddSecrets(fakeSecret)
			if test.name == "a short secret" {
				c.AddSecrets("abc\n") // It may stand in any other message.
			}
			for _, status := range []int{101, 400, 501} {
				s.play(step{status: status, body: test.body, header: http.Header{"Content-Type": {test.contentType}}})
				e := wantError[*APIError](t, callAs(t.Context(), c, http.MethodPatch))
				wantEqual(t, "error", *e, APIError{
					Method: http.MethodPatch, Path: collectionPath + "/id1", Status: status, Message: test.message, Documented: test.documented,
					Uncertain: status >= 500, Attempts: 1, Elapsed: e.Elapsed,
				})
			}
		})
	}
}

func TestHeadersOfAResponse(t *testing.T) {
	t.Parallel()

	date := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	tests := []struct {
		name   string
		header http.Header
		id     string
		date   time.Time
	}{
		{"none", http.Header{}, "", time.Time{}},
		{"all", http.Header{"X-Request-Id": {"req-1"}, "X-Correlation-Id": {"cor-1"}, "Cf-Ray": {"ray-1"}, "Date": {"Mon, 04 May 2026 03:02:11 GMT"}}, "req-1", date.Add(10 * time.Second)},
		{"a correlation id", http.Header{"X-Correlation-Id": {"cor-1"}, "Cf-Ray": {"ray-1"}}, "cor-1", time.Time{}},
		{"a ray", http.Header{"Cf-Ray": {"ray-1"}, "Date": {"2026-05-04T03:02:11Z"}}, "ray-1", time.Time{}},
		{"the token", http.Header{"X-Request-Id": {"id-" + fakeToken}}, "id-[redacted]", time.Time{}},
		{"words", http.Header{"X-Request-Id": {"the secret is leak"}, "Cf-Ray": {"ray-1"}}, "ray-1", time.Time{}},
		{"a long one", http.Header{"X-Request-Id": {strings.Repeat("x", 41)}}, "", time.Time{}},
	}
	for _, test := range tests {
		s := &script{steps: []step{{status: 400, header: test.header}}}
		c := scripted(t, s)
		e := wantError[*APIError](t, callAs(t.Context(), c, http.MethodGet))
		wantEqual(t, test.name, e.RequestID, test.id)
		wantEqual(t, test.name, e.Date, test.date)
		s.play(step{header: test.header})
		resp, err := c.send(t.Context(), http.MethodGet, "", nil, "x")
		wantNoError(t, err)
		wantEqual(t, test.name, resp.date(), test.date)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()

	for location, where := range map[string]string{
		"https://login.example.com/leak?x=leak":   "https://login.example.com",
		"http://bob:leak@login.example.com:8080/": "http://login.example.com:8080",
		"//elsewhere.example.com/leak":            "https://elsewhere.example.com",
		"/leak":                                   "https://api.wingspan.app",
		"https://" + fakeToken + ".example.com/":  "https://[redacted].example.com",
		"https://leak_leak/":                      "another address",
		"http://%zz":                              "another address",
		"javascript:leak":                         "another address",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			s := &script{steps: []step{{status: status, header: http.Header{"Location": {location}}}}}
			for _, method := range allMethods {
				e := wantError[*APIError](t, callAs(t.Context(), scripted(t, s), method))
				wantEqual(t, fmt.Sprint(status), e.Status, status)
				wantEqual(t, location, e.Message, "a redirect to "+where+", which is not followed, because the token would go with it")
			}
			wantEqual(t, "requests", s.attempts(), len(allMethods))
		}
	}
	s := &script{steps: []step{{status: 307}}}
	wantEqual(t, "without a location", wantError[*APIError](t, callAs(t.Context(), scripted(t, s), http.MethodGet)).Message, "empty response body")
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"error":"Session expired"}`, `{"error":{"message":"x"}}`, `{"message":"x"}`, `{"error":null}`, `{"error":[]}`, "", "null", "<html>",
		"text \x1b[31m\r\n\x00", "\xff\xfe", "\u202e\u2028", `{"error":"` + fakeToken + `"}`, "Bearer " + fakeToken, strings.Repeat("é", 400),
	} {
		f.Add(400, "application/json", seed)
	}
	f.Add(307, "text/html", "")
	f.Add(599, "\x00", "x")
	c, s := oneAttempt(f)
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 300 || status > 999 || isTransient(status) {
			return // Pauses and outages have tests of their own.
		}
		header := http.Header{"Content-Type": {contentType}, "X-Request-Id": {body}, "Location": {body}}
		s.play(step{status: status, body: body, header: header})
		e := wantError[*APIError](t, callAs(t.Context(), c, http.MethodGet))
		text := e.Error() + e.RequestID
		if e.Status != status || e.Message == "" || len(text) > 1000 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, fakeToken) {
			t.Fatalf("%+v", e)
		}
		if body = strings.TrimSpace(body); len(body) > 60 && !e.Documented && strings.Contains(text, body) {
			t.Fatalf("%+v quotes the body", e)
		}
	})
}
