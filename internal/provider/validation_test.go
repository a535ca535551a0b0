package provider

import (
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestArgumentsAreValidated before there is a plan, and so before any request, without a message that shows what may be secret.
func TestArgumentsAreValidated(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	url := func(v any) values { return hookValues(values{"url": v}) }
	events := func(v any) values { return hookValues(values{"subscribed_events": v}) }
	plain := func(v any) values { return hookValues(values{"shared_secret": v}) }
	writeOnly := func(v any) values { return given{}.config(values{"shared_secret_wo": v}) }
	account := func(v any) values { return hookValues(values{"user_id": v}) }
	const (
		invalidURL   = "error at url: Invalid webhook URL"
		insecureURL  = "warning at url: Insecure webhook URL"
		credentials  = "warning: Webhook URL contains credentials"
		emptySecret  = "error: Empty shared secret"
		shortSecret  = "warning: Short shared secret"
		spacedSecret = "warning: Shared secret has leading or trailing whitespace"
		invalidUser  = "error at user_id: Invalid user_id"
		notTogether  = "error at shared_secret_wo_version: Invalid Attribute Combination"
		invisible    = "The url contains whitespace, control, or invisible characters."
		noScheme     = "The url must start with https:// or http://."
		noHost       = "The url must include a host."
	)
	for _, test := range []struct {
		name   string
		config values
		line   string
		text   string
	}{
		{"nothing known yet", hookValues(values{"url": unknown{}, "subscribed_events": unknown{}, "shared_secret": unknown{}, "user_id": unknown{}}), "", ""},

		{"https", url("https://hooks.example.com/a?b=c"), "", ""},
		{"upper case", url("HTTPS://HOOKS.EXAMPLE.COM"), "", ""},
		{"http to a loopback name", url("http://localhost:8080/a"), "", ""},
		{"http to a loopback address", url("http://[::1]/a"), "", ""},
		{"http", url("http://hooks.example.com/a"), insecureURL, ""},
		{"http to a misleading host", url("http://localhost.example.com/a"), insecureURL, ""},
		{"user name", url("https://me:fake-pass@hooks.example.com/a"), credentials, ""},
		{"no URL", url(" \t"), invalidURL, "The url must not be empty."},
		{"whitespace around the URL", url(" https://hooks.example.com"), invalidURL, invisible},
		{"line break in the URL", url("https://hooks.example.com/\na"), invalidURL, invisible},
		{"zero-width space in the URL", url("https://hooks.example.com/\u200ba"), invalidURL, invisible},
		{"relative", url("hooks/a"), invalidURL, noScheme},
		{"only a path", url("/hooks/a"), invalidURL, noScheme},
		{"host without a scheme", url("hooks.example.com/a"), invalidURL, noScheme},
		{"no scheme", url("//hooks.example.com/a"), invalidURL, `The url must use http or https, got: "".`},
		{"other scheme", url("ftp://hooks.example.com/a"), invalidURL, `The url must use http or https, got: "ftp".`},
		{"host and port without a scheme", url("localhost:8080/a"), invalidURL, `The url must use http or https, got: "localhost".`},
		{"no host", url("https:///a"), invalidURL, noHost},
		{"only a port", url("https://:443/a"), invalidURL, noHost},
		{"opaque", url("https:hooks.example.com"), invalidURL, noHost},
		{"port too high", url("https://hooks.example.com:65536/"), invalidURL, `The url has an invalid port: "65536".`},
		{"port 0", url("https://hooks.example.com:0/"), invalidURL, `The url has an invalid port: "0".`},
		{"port that is no number", url("https://me:fake-pass@hooks.example.com:x/"), "error: Invalid webhook URL", "The url isn't a valid URL."},
		{"broken", url("https://[::1/"), invalidURL, "The url isn't a valid URL."},

		{"an event that is not known yet", events([]any{unknown{}}), "", ""},
		{"null event", events([]any{nil}), "error at subscribed_events: Null Set Value", ""},
		{"empty event", events([]string{"\t"}), "error at subscribed_events[\t]: Invalid Attribute Value Match", "must not be empty. Use the wingspan_event_names data source to list available names.\n"},

		{"secret of 16 characters", plain(strings.Repeat("é", 16)), "", ""},
		{"secret of 15 characters and 30 bytes", plain(strings.Repeat("é", 15)), shortSecret, ""},
		{"empty secret", plain(""), emptySecret, ""},
		{"blank secret", plain("                    \n"), emptySecret, ""},
		{"whitespace before the secret", plain(" " + fakeSecret), spacedSecret, ""},
		{"no secret", given{}.config(), "", ""},
		{"write-only secret", writeOnly(fakeSecret), "", ""},
		{"write-only secret that is not known yet", writeOnly(unknown{}), "", ""},
		{"short write-only secret", writeOnly("fake"), shortSecret, ""},
		{"blank write-only secret", writeOnly(" \t\n"), emptySecret, ""},
		{"line break after the write-only secret", writeOnly(fakeSecret + "\n"), spacedSecret, ""},
		{"both secrets", hookValues(values{"shared_secret_wo": otherSecret}), "error: Conflicting shared secrets", ""},
		{"versioned", given{writeOnly: fakeSecret, version: 1}.config(), "", ""},
		{"fractional version", given{writeOnly: fakeSecret}.config(values{"shared_secret_wo_version": 1.5}), "error at shared_secret_wo_version: Invalid shared_secret_wo_version", ""},
		{"version alone", given{version: 1}.config(), notTogether, ""},
		{"version of a plain secret", hookValues(values{"shared_secret_wo_version": 1}), notTogether, ""},

		{"account", account("usr1"), "", ""},
		{"empty account", account(""), invalidUser, "must not be empty"},
		{"blank account", account(" "), invalidUser, "must not be empty"},
		{"whitespace after the account", account("usr1 "), invalidUser, ""},
		{"account with a header of its own", account("usr1\r\nX-Evil: 1"), invalidUser, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := r.configured()
			w.t = t
			diags := w.validate(test.config)
			diags.want(t, test.line)
			diags.wantText(t, test.text)
			for _, shown := range []string{"fake-pass", "é", "Evil", `"fake"`} {
				if strings.Contains(diags.text(), shown) {
					t.Errorf("the value is shown:\n%s", diags.text())
				}
			}
		})
	}
	r.configured().validate(values{"url": "http://me@hooks.example.com", "subscribed_events": []string{""}, "shared_secret": "", "user_id": " "}).want(t,
		"warning: Insecure webhook URL", credentials, "error at subscribed_events[]: Invalid Attribute Value Match", emptySecret, invalidUser)
	t.Cleanup(func() { r.wantAsked(wingspantest.RouteAny, 0) })
}
