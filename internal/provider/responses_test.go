package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestDifferentValuesInResponsesAreWarnings: what was planned stays in the state, as Terraform accepts nothing else, and the next read returns the truth.
func TestDifferentValuesInResponsesAreWarnings(t *testing.T) {
	t.Parallel()
	const response = `{"preferenceId":%q,"userId":"usrOwn0000000000000001","url":%q,"subscribedEvents":%s,"createdAt":"2022-09-03T19:46:40.748Z","updatedAt":"2022-09-03T19:46:40.748Z"}`
	const different = "warning: Wingspan returned different values"
	for _, test := range []struct {
		name, url, events, line, text string
	}{
		{"url", "https://other.example.com/", `["Invoice.Paid","Invoice.Sent"]`, different, "a different url."},
		{"events", changedURL, `["Invoice.Paid"]`, different, "a different subscribed_events."},
		{"both", "https://other.example.com/", `[]`, different, "a different url and subscribed_events."},
		{"equivalent values", "HTTPS://HOOKS.example.com:443/b", `["Invoice.Sent","Invoice.Paid"]`, "", ""},
		{"events left out", changedURL, `null`, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			before := r.createdAnHourAgo()
			id := r.only().ID
			w := r.configured()
			r.Fail(wingspantest.Fault{Method: http.MethodPatch, Commit: true, Body: fmt.Sprintf(response, id, test.url, test.events)})
			after, diags := w.apply(before, hookValues(values{"url": changedURL}))
			diags.want(t, test.line)
			diags.wantText(t, test.text)
			if got := w.values(after); got["url"] != changedURL || !cmp.Equal(got["subscribed_events"], []any{"Invoice.Paid", "Invoice.Sent"}) {
				t.Errorf("state %v", got)
			}

			r.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payout.Failed"} })
			after = r.configured().refreshed(after)
			if got := w.values(after); !cmp.Equal(got["subscribed_events"], []any{"Payout.Failed"}) {
				t.Errorf("after the next read: %v", got)
			}
		})
	}
}

// TestFreshPreferenceMayBeReadTooEarly: a 404 right after the create is asked again before it is believed.
func TestFreshPreferenceMayBeReadTooEarly(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.settle = untilSettled
	r.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: 2, Lists: 2} }) // The first read looks whether secrets are echoed.
	h := r.configured().applied(instance{}, hookValues())
	r.ResetRequests()
	w := r.configured()
	after := w.refreshed(h)
	w.wantSame(h, after)
	if n := r.Count(http.MethodGet, wingspantest.RouteItem); n != 2 {
		t.Errorf("read %d times, want 2", n)
	}
}

// TestAServersOwnFormIsNoChange: what the API makes of a URL and of events is remembered as a form of what was sent, and anything else
// is a change.
func TestAServersOwnFormIsNoChange(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.SetRewrite(func(_ wingspantest.Request, p map[string]any) {
		events, _ := p["subscribedEvents"].([]string)
		p["subscribedEvents"] = strings.Fields(strings.ToLower(strings.ReplaceAll(strings.Join(events, " "), ".", "")))
		p["url"] = fmt.Sprint(p["url"], "/")
	})
	// unchanged reads, by ID and in a list, and plans.
	unchanged := func(h instance, config values) instance {
		t.Helper()
		w := r.configured()
		r.ResetRequests()
		for range 5 {
			read := w.refreshed(h)
			p := w.planned(read, config)
			if w.changes(read, p) {
				t.Errorf("the plan is not empty: %v", w.values(read))
			}
			h = read
		}
		if n := r.Count(http.MethodGet, wingspantest.RouteItem); n != 3 {
			t.Errorf("%d reads by ID, and the rest is to come from the list", n)
		}

		return h
	}

	// A receiver may distinguish the two URLs, so that the write warns.
	const otherURL = "warning: Wingspan changed the URL"
	h, diags := r.configured().apply(instance{}, hookValues())
	diags.want(t, otherURL)
	h = unchanged(h, hookValues())
	changed := hookValues(values{"url": changedURL, "subscribed_events": []string{"Payee.Created"}})
	h, diags = r.configured().apply(h, changed)
	diags.want(t, otherURL)
	h = unchanged(h, changed)
	r.edit(func(p *wingspantest.Preference) { p.URL, p.SubscribedEvents = hookURL("c"), []string{"Invoice.Sent"} })()
	h = r.configured().refreshed(h)
	if got := r.configured().values(h); got["url"] != hookURL("c")+"/" || !cmp.Equal(got["subscribed_events"], []any{"invoicesent"}) {
		t.Errorf("the change is not shown: %v", got)
	}

	imported, diags := r.configured().apply(r.configured().imported(r.only().ID), changed)
	diags.want(t, otherURL)
	unchanged(imported, changed)

	// The API goes on to show what it showed before a write, which is no form of what was sent: it ignored the write.
	r.Fail(wingspantest.Fault{Method: http.MethodPatch, Status: 200, Body: fmt.Sprintf(`{"preferenceId":%q,"url":%q,"subscribedEvents":["payeecreated"]}`, r.only().ID, changedURL+"/")})
	other := hookValues(values{"url": hookURL("other"), "subscribed_events": []string{"Payee.Created"}})
	ignored, diags := r.configured().apply(imported, other)
	diags.want(t, "warning: Wingspan returned different values")
	w := r.configured()
	if ignored = w.refreshed(ignored); !w.changes(ignored, w.planned(ignored, other)) {
		t.Errorf("the plan is empty: %v", w.values(ignored))
	}
}

// TestAServersOwnFormIsLearnedFromAnUpdate whose response is what was there before, as after an import: otherwise each apply would send it.
func TestAServersOwnFormIsLearnedFromAnUpdate(t *testing.T) {
	t.Parallel()
	const otherURL = "warning: Wingspan changed the URL"
	events := func(change func(string) string) func(map[string]any) {
		return func(p map[string]any) {
			names, _ := p["subscribedEvents"].([]string)
			p["subscribedEvents"] = strings.Fields(change(strings.Join(names, " ")))
		}
	}
	for name, test := range map[string]struct {
		rewrite     func(map[string]any)
		write, line string
	}{
		"a slash added":         {func(p map[string]any) { p["url"] = fmt.Sprint(p["url"], "/") }, patchURL, otherURL},
		"the path lower-cased":  {func(p map[string]any) { p["url"] = strings.ToLower(fmt.Sprint(p["url"])) }, patchURL, otherURL},
		"the events lower-case": {events(strings.ToLower), patchEvents, ""},
		"the events undotted":   {events(func(s string) string { return strings.ReplaceAll(s, ".", "") }), patchEvents, ""},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, private data lost %t", name, lost), func(t *testing.T) {
				t.Parallel()
				r := newHarness(t)
				r.SetRewrite(func(_ wingspantest.Request, p map[string]any) { test.rewrite(p) })
				config := with(hookValues(), values{"url": hookURL("Path"), "shared_secret": nil})
				h := r.configured().imported(r.Put(wingspantest.Preference{URL: hookURL("Path"), SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}}).ID)
				if lost {
					h.private = nil
				}
				h, diags := r.configured().apply(h, config)
				diags.want(t, test.line)
				r.wantWrites(test.write)

				w := r.configured()
				read := w.refreshed(h)
				w.wantSame(h, read)
				if w.changes(read, w.planned(read, config)) {
					t.Errorf("the plan is not empty: %v", w.values(read))
				}
				r.wantWrites()
			})
		}
	}
}
