package provider

import (
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestAcceptedDuplicatesAreOfOneWebhookAndOnePlan(t *testing.T) {
	t.Parallel()
	const server = "https://api.example.com"
	paid := []string{"Invoice.Paid"}
	same := &wanted{account: "usr1", url: "https://HOOKS.example.com:443/a", events: paid}
	a := newAcceptedDuplicates(t.TempDir(), server)
	a.remember("id1", &wanted{account: "usr1", url: hookURL("a"), events: paid})
	for name, test := range map[string]struct {
		server, id string
		w          *wanted
		want       bool
	}{
		"the same, in an equivalent URL": {server, "id1", same, true},
		"another server":                 {"https://other.example.com", "id1", same, false},
		"another webhook":                {server, "id2", same, false},
		"another account":                {server, "id1", &wanted{url: hookURL("a"), events: paid}, false},
		"another URL":                    {server, "id1", &wanted{account: "usr1", url: hookURL("b"), events: paid}, false},
		"other events":                   {server, "id1", &wanted{account: "usr1", url: hookURL("a"), events: []string{"Invoice.Sent"}}, false},
	} {
		if got := (acceptedDuplicates{a.dir, test.server}).remembers(test.id, test.w); got != test.want {
			t.Errorf("%s: remembered is %t", name, got)
		}
	}
	a.forget("id1")
	if a.remembers("id1", same) {
		t.Error("still remembered")
	}
}

// TestAnAcceptedDuplicateIsReported: the plan of a state that was lost looks like an apply.
func TestAnAcceptedDuplicateIsReported(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	newAcceptedDuplicates(r.cacheDir, r.URL()).remember(p.ID, &wanted{url: hookURL("a"), events: []string{"Invoice.Paid"}})
	_, diags := r.configured().plan(instance{}, hookValues(values{"subscribed_events": []any{"Invoice.Paid"}}))
	diags.want(t, duplicateWarning)
	diags.wantText(t, p.ID)
}
