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
			told := w.validate(test.config)
			sortByLine(told)
			told.want(t, test.lines...)
		})
	}
	t.Cleanup(func() {
		if n := len(r.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// sortByLine is for validators that run in no promised order.
func sortByLine(s said) {
	lines := s.lines()
	for i := range lines {
		for j := i; j > 0 && lines[j] < lines[j-1]; j-- {
			lines[j], lines[j-1], s[j], s[j-1] = lines[j-1], lines[j], s[j-1], s[j]
		}
	}
}

// TestBadProviderBlock: `validate` sees it, without a token and without a request.
func TestBadProviderBlock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, test := range []struct {
		name  string
		block values
		lines []string
	}{
		{"unknown environment", values{"base_url": nil, "environment": "prod"}, []string{"error at environment: Invalid environment"}},
		{"plain http off loopback", values{"base_url": "http://api.wingspan.app"}, []string{"error at base_url: Invalid base_url"}},
		{"both servers", values{"environment": "staging"}, []string{"error at base_url: Conflicting provider configuration"}},
		{"token with a line break", values{"api_token": "fake-to\nken"}, []string{"error: Invalid api_token"}},
		{"credentials", values{"base_url": "https://bob:fake-token@api.example.com"}, []string{"error: Invalid base_url"}},
		{"empty account", values{"user_id": " "}, []string{"error at user_id: Invalid user_id"}},
		{"negative retries", values{"max_retries": -1}, []string{"error at max_retries: Invalid max_retries"}},
		{"timeout without a unit", values{"request_timeout": "30"}, []string{"error at request_timeout: Invalid request_timeout"}},
		{"misspelled mode", values{"event_name_validation": "Error"}, []string{"error at event_name_validation: Invalid event_name_validation"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := r.unconfigured()
			told := w.configure(r.block(test.block))
			told.want(t, test.lines...)
			if strings.Contains(told.text(), "fake-to") {
				t.Errorf("the token is shown: %s", told.text())
			}
		})
	}
	t.Cleanup(func() {
		if n := len(r.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestInvalidEnvironmentNamesItsVariable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for variable, value := range map[string]string{
		"WINGSPAN_API_TOKEN": "fake-to\nken", "WINGSPAN_ENVIRONMENT": "prod", "WINGSPAN_BASE_URL": "http://api.wingspan.app", "WINGSPAN_USER_ID": "a\nb",
		"WINGSPAN_MAX_RETRIES": "-1", "WINGSPAN_REQUEST_TIMEOUT": "soon", "WINGSPAN_EVENT_NAME_VALIDATION": "no",
	} {
		bad := &rig{Server: r.Server, t: t, env: map[string]string{variable: value}}
		w := bad.unconfigured()
		told := w.configure(values{})
		told.want(t, "error: Invalid "+variable)
		if strings.Contains(told.text(), "fake-to") {
			t.Errorf("the token is shown: %s", told.text())
		}
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
