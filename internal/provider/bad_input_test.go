package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestBadResource: each is an error at the right place before there is a plan, and so before any request.
func TestBadResource(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, test := range []struct {
		name   string
		config values
		lines  []string
	}{
		{"good", hookValues(), nil},
		{"nothing known yet", hookValues(values{"url": unknown{}, "subscribed_events": unknown{}, "shared_secret": unknown{}, "user_id": unknown{}}), nil},
		{"an event that is not known yet", hookValues(values{"subscribed_events": []any{unknown{}}}), nil},
		{"relative url", hookValues(values{"url": "/hooks"}), []string{"error at url: Invalid webhook URL"}},
		{"url without a host", hookValues(values{"url": "https:///hooks"}), []string{"error at url: Invalid webhook URL"}},
		{"empty url", hookValues(values{"url": " "}), []string{"error at url: Invalid webhook URL"}},
		{"url that is not http", hookValues(values{"url": "wss://hooks.example.com"}), []string{"error at url: Invalid webhook URL"}},
		{"url of plain http", hookValues(values{"url": "http://hooks.example.com"}), []string{"warning at url: Insecure webhook URL"}},
		{"empty event", hookValues(values{"subscribed_events": []string{" "}}), []string{"error at subscribed_events[ ]: Invalid Attribute Value Match"}},
		{"null event", hookValues(values{"subscribed_events": []any{nil}}), []string{"error at subscribed_events: Null Set Value"}},
		{"fractional version", hookValues(values{"shared_secret": nil, "shared_secret_wo": fakeSecret, "shared_secret_wo_version": 1.5}), []string{"error at shared_secret_wo_version: Invalid shared_secret_wo_version"}},
		{"empty user_id", hookValues(values{"user_id": ""}), []string{"error at user_id: Invalid user_id"}},
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
			w := r.wire()
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
	r := newRig(t)
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

// TestExpiredToken: the API's own words, and where a new token is made, for every verb. Nothing in the state is lost.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.wire(values{"event_name_validation": "off"})
	h, told := w.apply(held{}, hookValues())
	told.want(t)
	id, _ := w.values(h)["id"].(string)
	r.SetToken("fake-new-token")
	r.ResetRequests()

	for what, call := range map[string]func() (held, said){
		"Could not read webhook preference \"" + id + "\".":   func() (held, said) { return w.read(h) },
		"Could not update webhook preference \"" + id + "\".": func() (held, said) { return w.apply(h, hookValues(values{"url": "https://hooks.example.com/b"})) },
		"Could not delete webhook preference \"" + id + "\".": func() (held, said) { return w.apply(h, nil) },
		"Could not create a webhook preference for https://new.example.com/a.": func() (held, said) {
			_, told := w.apply(held{}, hookValues(values{"url": "https://new.example.com/a"}))
			return h, told
		},
		"Could not read the list of event names.": func() (held, said) { _, told := w.data("wingspan_event_names", values{}); return h, told },
	} {
		after, told := call()
		told.want(t, "error: API token rejected")
		if got := told.text(); !strings.Contains(got, what) || !strings.Contains(got, `Wingspan responded with 403 Forbidden: "Session expired".`) {
			t.Errorf("%s: it says %s", what, got)
		}
		if got := w.values(after); got == nil || got["id"] != id || got["url"] != "https://hooks.example.com/a" {
			t.Errorf("%s state is %v", what, got)
		}
	}
	for _, request := range r.Requests() {
		if request.Status != http.StatusForbidden {
			t.Errorf("%s %s returned %d", request.Method, request.Path, request.Status)
		}
	}

	r.SetToken(wingspantest.Token)
	after, told := w.read(h)
	told.want(t)
	if w.values(after)["id"] != id {
		t.Errorf("with a token again: %v", w.values(after))
	}
}

func TestBadImport(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.wire()
	for _, id := range []string{" abc", "a/b/c", "/abc", "usr1/", "https://my.wingspan.app/webhooks/abc"} {
		h, told := w.importID(id)
		told.want(t, "error: Invalid import ID")
		if h.state != nil {
			t.Errorf("%q was imported", id)
		}
	}
	if n := len(r.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}

	h, told := w.importID("nosuchid")
	told.want(t, "error: Webhook preference not found")
	if h.state != nil || !strings.Contains(told.text(), r.URL()+" responded with 404 Not Found") {
		t.Errorf("it says %s", told.text())
	}

	for _, dots := range []string{".", ".."} {
		_, told = w.importID(dots)
		told.want(t, "error at id: Invalid webhook preference ID")
	}
}
