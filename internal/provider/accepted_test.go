package provider

import (
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestAcceptedDuplicatesAreOfOneWebhookAndOnePlan(t *testing.T) {
	t.Parallel()
	planned := func(change func(*wanted)) *wanted {
		w := &wanted{account: "usr1", url: "https://hooks.example.com/a", events: []string{"Invoice.Paid"}}
		change(w)

		return w
	}
	same := planned(func(w *wanted) { w.url = "https://HOOKS.example.com:443/a" })
	a := newAcceptedDuplicates(t.TempDir())
	a.remember("https://api.example.com", "id1", planned(func(*wanted) {}))
	for name, test := range map[string]struct {
		server, id string
		w          *wanted
		want       bool
	}{
		"the same, in an equivalent URL": {"https://api.example.com", "id1", same, true},
		"another server":                 {"https://other.example.com", "id1", same, false},
		"another webhook":                {"https://api.example.com", "id2", same, false},
		"another account":                {"https://api.example.com", "id1", planned(func(w *wanted) { w.account = "" }), false},
		"another URL":                    {"https://api.example.com", "id1", planned(func(w *wanted) { w.url += "b" }), false},
		"other events":                   {"https://api.example.com", "id1", planned(func(w *wanted) { w.events = []string{"Invoice.Sent"} }), false},
	} {
		if got := a.remembers(test.server, test.id, test.w); got != test.want {
			t.Errorf("%s: remembered is %t", name, got)
		}
	}
	a.forget("https://api.example.com", "id1")
	if a.remembers("https://api.example.com", "id1", same) {
		t.Error("still remembered")
	}
}

// TestAnAcceptedDuplicateIsReported: the plan of a state that was lost looks like an apply.
func TestAnAcceptedDuplicateIsReported(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	newAcceptedDuplicates(r.cacheDir).remember(r.URL(), p.ID, &wanted{url: hookURL("a"), events: []string{"Invoice.Paid"}})
	_, diags := r.configured().plan(instance{}, hookValues(values{"subscribed_events": []any{"Invoice.Paid"}}))
	if diags.failed() || !strings.Contains(diags.text(), p.ID) {
		t.Errorf("want a warning that names %s:\n%s", p.ID, diags.text())
	}
}

// TestUnreadableEntriesAreNotDuplicated: what can be read of them decides, so that an API with other IDs doesn't get another one at each apply.
func TestUnreadableEntriesAreNotDuplicated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entry, want string
		importBlock bool
	}{
		"another ID":               {`{"preferenceId":42,"url":"` + hookURL("a") + `","subscribedEvents":["Invoice.Paid"]}`, duplicateError, false},
		"another form of events":   {`{"preferenceId":"odd","url":"` + hookURL("a") + `","subscribedEvents":"Invoice.Paid"}`, duplicateError, true},
		"another ID and URL":       {`{"preferenceId":42,"url":"` + hookURL("b") + `","subscribedEvents":["Invoice.Paid"]}`, "", false},
		"another ID, other events": {`{"preferenceId":42,"url":"` + hookURL("a") + `","subscribedEvents":["Payout.Failed"]}`, "", false},
		"another form of the URL":  {`{"preferenceId":"odd","url":{"href":"` + hookURL("a") + `"},"subscribedEvents":["Invoice.Paid"]}`, "warning: Duplicates not fully checked", false},
		"nothing that can be read": {`42`, "warning: Duplicates not fully checked", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.Fail(wingspantest.Fault{Method: "GET", Route: wingspantest.RouteList, Times: -1, Body: "[" + test.entry + "]"})
			_, diags := r.configured().plan(instance{}, hookValues())
			if test.want == "" {
				diags.want(t)
			} else {
				diags.want(t, test.want)
			}
			if strings.Contains(diags.text(), "import {") != test.importBlock {
				t.Errorf("got %s", diags.text())
			}
		})
	}
}
