package provider

import (
	"fmt"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestOtherFormsOfAURLAreAWarning: a server that keeps URLs in its own form may have what a killed apply created.
func TestOtherFormsOfAURLAreAWarning(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	other := r.configured().applied(instance{}, hookValues(values{"url": hookURL("other")}))
	form := r.Put(wingspantest.Preference{URL: hookURL("A/"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid", "Payout.Failed"}})
	_, diags := r.configured().plan(instance{}, hookValues())
	diags.want(t, "warning: Similar webhook preference")
	diags.wantText(t, fmt.Sprintf("The URL https://hooks.example.com/a differs in nothing but punctuation and case from the URL of: webhook preference %q (https://hooks.example.com/A/).", form.ID))

	w := r.configured()
	w.refreshed(other)
	_, diags = w.plan(instance{}, hookValues())
	diags.want(t, "warning: Similar webhook preference")
	diags.wantText(t, "import it instead of creating another one.")

	_, diags = r.configured().plan(instance{}, hookValues(values{"allow_duplicate": true}))
	diags.want(t)
	w = r.configured()
	w.imported(form.ID)
	_, diags = w.plan(instance{}, hookValues())
	diags.want(t)
}
