package provider

import (
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestBadResource: each argument is validated before there is a plan, and so before any request. TestURLValidator and TestStringValidators have
// each problem.
func TestBadResource(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, test := range []struct {
		name   string
		config values
		lines  []string
	}{
		{"good", hookValues(), nil},
		{"nothing known yet", hookValues(values{"url": unknown{}, "subscribed_events": unknown{}, "shared_secret": unknown{}, "user_id": unknown{}}), nil},
		{"an event that is not known yet", hookValues(values{"subscribed_events": []any{unknown{}}}), nil},
		{"null event", hookValues(values{"subscribed_events": []any{nil}}), []string{"error at subscribed_events: Null Set Value"}},
		{"fractional version", hookValues(values{"shared_secret": nil, "shared_secret_wo": fakeSecret, "shared_secret_wo_version": 1.5}), []string{"error at shared_secret_wo_version: Invalid shared_secret_wo_version"}},
		{"user_id with a header of its own", hookValues(values{"user_id": "usr1\r\nX-Evil: 1"}), []string{"error at user_id: Invalid user_id"}},
		{
			"everything at once",
			values{"url": "hooks", "subscribed_events": []string{""}, "shared_secret": "", "user_id": " "},
			[]string{
				"error at subscribed_events[]: Invalid Attribute Value Match", "error at url: Invalid webhook URL",
				"error at user_id: Invalid user_id", "error: Empty shared secret",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := r.configured()
			w.t = t
			w.validate(test.config).want(t, test.lines...)
		})
	}
	t.Cleanup(func() {
		if n := len(r.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// TestBadProviderBlock: `validate` sees it, without a token and without a request. TestSettingProblem has each problem.
func TestBadProviderBlock(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.unconfigured().configure(r.block(values{"environment": "staging"})).want(t, "error at base_url: Conflicting provider configuration")
	r.unconfigured().configure(r.block(values{"api_token": wingspantest.Token + "\nmore", "max_retries": -1})).want(t,
		"error: Invalid api_token", "error at max_retries: Invalid max_retries")
	r.unconfigured().configure(r.block(values{"base_url": "https://bob:fake-token@api.example.com"})).want(t, "error: Invalid base_url")
	r.env["WINGSPAN_API_TOKEN"] = wingspantest.Token + "\nmore"
	r.unconfigured().configure(values{}).want(t, "error: Invalid WINGSPAN_API_TOKEN")
	if n := len(r.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestBadImport(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	for _, id := range []string{" abc", "a/b/c", "/abc", "usr1/", "https://my.wingspan.app/webhooks/abc"} {
		h, diags := w.importID(id)
		diags.want(t, "error: Invalid import ID")
		if h.state != nil {
			t.Errorf("%q was imported", id)
		}
	}
	if n := len(r.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}

	h, diags := w.importID("nosuchid")
	diags.want(t, "error: Webhook preference not found")
	if h.state != nil || !strings.Contains(diags.text(), r.URL()+" responded with 404 Not Found") {
		t.Errorf("got %s", diags.text())
	}

	for _, dots := range []string{".", ".."} {
		_, diags = w.importID(dots)
		diags.want(t, "error at id: Invalid webhook preference ID")
	}
}
