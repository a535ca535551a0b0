package wingspan

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBaseURLs(t *testing.T) {
	t.Parallel()

	tests := []struct{ raw, want, problem string }{
		{ProductionURL, ProductionURL, ""},
		{StagingURL, StagingURL, ""},
		{"https://api.example.com/", "https://api.example.com", ""},
		{"https://api.example.com:8443/v1//", "https://api.example.com:8443/v1", ""},
		{"HTTPS://API.example.com", "https://API.example.com", ""},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080", ""},
		{"http://localhost:1/x", "http://localhost:1/x", ""},
		{"http://LOCALHOST.", "http://LOCALHOST.", ""},
		{"", "", "must begin with https://"},
		{"api.example.com", "", "must begin with https://"},
		{"ftp://api.example.com", "", "must begin with https://"},
		{"file:///etc/passwd", "", "must begin with https://"},
		{"https://", "", "must include a host"},
		{"https:///v1", "", "must include a host"},
		{"https:api.example.com", "", "must include a host"},
		{"https://:443", "", "must include a host"},
		{"https://user:fake@api.example.com", "", "must not contain credentials"},
		{"https://fake-token@api.example.com", "", "must not contain credentials"},
		{"https://api.example.com?token=fake", "", "must not contain a query or a fragment"},
		{"https://api.example.com?", "", "must not contain a query or a fragment"},
		{"https://api.example.com/#x", "", "must not contain a query or a fragment"},
		{"http://api.example.com", "", `over http to "api.example.com"`},
		{"http://[::ffff:10.0.0.1]", "", "must use https"},
		{"https://fake-token-\x7f", "", "is not a URL"},
		{"https://api example.com", "", "is not a URL"},
		{"https://[::1", "", "is not a URL"},
		{"https://api.example.com:x", "", "is not a URL"},
		{"%", "", "is not a URL"},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			t.Parallel()
			got, err := ParseBaseURL(test.raw)
			_, clientErr := NewClient(Config{BaseURL: test.raw})
			wantEqual(t, "the client's error", fmt.Sprint(clientErr), fmt.Sprint(err))
			if test.problem == "" {
				wantNoError(t, err)
				wantEqual(t, "url", got.String(), test.want)

				return
			}
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Fatalf("error %v, want one that says %q", err, test.problem)
			}
			if strings.Contains(err.Error(), "fake") {
				t.Errorf("error %q repeats what may be a secret", err)
			}
		})
	}
}

func TestLoopbackHosts(t *testing.T) {
	t.Parallel()

	for _, host := range []string{"localhost", "LocalHost", "localhost.", "a.localhost", "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"} {
		wantEqual(t, host, IsLoopback(host), true)
	}
	for _, host := range []string{"", ".", "localhost.com", "xlocalhost", "127.0.0.1.com", "128.0.0.1", "0.0.0.0", "::", "::2", "10.0.0.1", "127.0.0.256", "127.1", "2130706433", "::ffff:10.0.0.1", "[::1]"} {
		wantEqual(t, host, IsLoopback(host), false)
	}
}

// notHeaderValues would end a header, or the whole head of a request.
var notHeaderValues = []string{"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b", "a\x7fb", "\x1b[31m"}

func TestSettingsCannotInjectHeaders(t *testing.T) {
	t.Parallel()

	for _, evil := range notHeaderValues {
		t.Run(fmt.Sprintf("%q", evil), func(t *testing.T) {
			t.Parallel()
			_, err := NewClient(Config{BaseURL: ProductionURL, Token: evil})
			wantRefusal(t, err, "the API token", evil)
			_, err = NewClient(Config{BaseURL: ProductionURL, Token: fakeToken, UserAgent: evil})
			wantRefusal(t, err, "the user agent", evil)

			s := &script{}
			_, err = scripted(t, s).listPreferences(t.Context(), evil)
			wantRefusal(t, err, "the account id", evil)
			wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
			wantEqual(t, "requests", s.attempts(), 0)
		})
	}
}

func wantRefusal(t *testing.T, err error, what, value string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), what) {
		t.Errorf("error %v, want one about %s", err, what)

		return
	}
	if strings.Contains(err.Error(), value) {
		t.Errorf("error %q repeats the value", err)
	}
}

func TestWithoutATokenEveryRequestFailsUnsent(t *testing.T) {
	t.Parallel()

	s := &script{}
	c := scripted(t, s, func(c *Config) { c.Token = "" })
	for _, call := range calls {
		err := call(t.Context(), c, "")
		wantEqual(t, "error", err, ErrNoToken, sameError)
		wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
	}
	wantEqual(t, "requests", s.attempts(), 0)
}

func TestDefaultsOfAClient(t *testing.T) {
	t.Parallel()

	c := newTestClient(t, Config{BaseURL: "https://api.example.com/", Token: fakeToken})
	wantEqual(t, "base URL", c.BaseURL(), "https://api.example.com")
	wantEqual(t, "timeout of an attempt", c.transport.timeout, 30*time.Second)
	wantEqual(t, "retries", c.policy.maxRetries, 0)
	wantEqual(t, "reconcile timeout", c.settle, 5*time.Second)
	wantEqual(t, "a text with the token", c.Redact("<"+fakeToken+">"), "<[redacted]>")
}

func TestSecretsOfWritesAreConcealed(t *testing.T) {
	t.Parallel()

	c := scripted(t, &script{steps: []step{{body: documentedJSON("id1")}}})
	_, err := c.createPreference(t.Context(), "", newHook())
	wantNoError(t, err)
	other := Secret(otherSecret)
	_, err = c.updatePreference(t.Context(), "", "id1", UpdatePreferenceRequest{SharedSecret: &other})
	wantNoError(t, err)
	for _, s := range []string{fakeToken, fakeSecret, otherSecret} {
		wantEqual(t, "redacted", c.Redact("<"+s+">"), "<[redacted]>")
	}
}

func TestPathsInErrorsAndLogsShowNoSecretAndStayShort(t *testing.T) {
	t.Parallel()

	s := &script{steps: []step{{status: 404}}}
	var logged Attempt
	c := scripted(t, s, func(c *Config) { c.Log = func(_ context.Context, a Attempt) { logged = a } })
	c.AddSecrets("fake secret/1")
	for id, want := range map[string]string{
		fakeToken:                            "/[redacted]",
		"x fake secret/1":                    "[redacted]",
		"\x1b]0;title\a\u202e":               "/%1B%5D0%3Btitle%07%E2%80%AE",
		strings.Repeat("x", 2000):            "/" + strings.Repeat("x", maxPath-1-len(collectionPath)) + " …",
		strings.Repeat("x", 2<<20) + "/\x1b": "[redacted]",
	} {
		_, err := c.GetPreference(t.Context(), "", id)
		e := wantError[*APIError](t, err)
		if e.Path != collectionPath+want && e.Path != want {
			t.Errorf("path %.400q, want %q", e.Path, want)
		}
		wantEqual(t, "logged", logged.Path, e.Path)
	}
}
