package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// late declares a value that is unknown during planning whenever it is new or changes: terraform_data.late_<name>.output.
func late(name, expression string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"late_%s\" {\n  input = %s\n}\n\n", name, expression)
}

func plannedUnknown(action plancheck.ResourceActionType, attributes ...string) resource.ConfigPlanChecks {
	checks := []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}
	for _, a := range attributes {
		checks = append(checks, plancheck.ExpectUnknownValue(address, tfjsonpath.New(a)))
	}

	return resource.ConfigPlanChecks{PreApply: checks}
}

// TestUnknownDuringPlanning: arguments that come from other resources are planned as open and sent as they turn out.
func TestUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	config := func(url, event, events, secret string) string {
		return r.hook(`url = terraform_data.late_url.output`, `subscribed_events = `+events, `shared_secret = terraform_data.late_secret.output`) +
			late("url", `"`+url+`"`) + late("event", `"`+event+`"`) + late("secret", `"`+secret+`"`)
	}
	const one, list = `["Invoice.Paid", terraform_data.late_event.output]`, `split(",", terraform_data.late_event.output)`
	r.run(
		resource.TestStep{
			Config:            config("https://hooks.example.com/a", "Invoice.Sent", one, fakeSecret),
			ConfigPlanChecks:  plannedUnknown(plancheck.ResourceActionCreate, "url", "shared_secret", "id", "user_id"),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/a"), eventsAre("Invoice.Paid", "Invoice.Sent")},
			Check:             r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{
			Config:            config("https://hooks.example.com/b", "Invoice.Sent", one, fakeSecret),
			ConfigPlanChecks:  plannedUnknown(plancheck.ResourceActionUpdate, "url", "updated_at"),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/b")},
			Check:             r.writes("PATCH url"),
		},
		resource.TestStep{
			Config:            config("https://hooks.example.com/b", "Payout.Failed,Payee.Created", list, fakeSecret),
			ConfigPlanChecks:  plannedUnknown(plancheck.ResourceActionUpdate, "subscribed_events", "updated_at"),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Payee.Created", "Payout.Failed")},
			Check:             r.writes("PATCH subscribedEvents"),
		},
		resource.TestStep{
			Config:            config("https://hooks.example.com/b", "Payout.Failed,Payee.Created", list, otherSecret),
			ConfigPlanChecks:  plannedUnknown(plancheck.ResourceActionUpdate, "shared_secret", "updated_at"),
			ConfigStateChecks: []statecheck.StateCheck{attribute("shared_secret", knownvalue.StringExact(otherSecret))},
			Check:             r.writes("PATCH sharedSecret"),
		},
		resource.TestStep{
			// Unknown, and then only another spelling: nothing to send.
			Config:            config("https://HOOKS.example.com:443/b", "Payee.Created,Payout.Failed", list, otherSecret),
			ConfigPlanChecks:  plannedUnknown(plancheck.ResourceActionUpdate, "url", "subscribed_events", "updated_at"),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Payee.Created", "Payout.Failed")},
			Check:             r.writes(),
		},
		resource.TestStep{
			Config:      config("hooks.example.com/b", "Payout.Failed,Payee.Created", list, otherSecret),
			ExpectError: says(`Invalid webhook URL`),
		},
		resource.TestStep{
			Config:      config("https://hooks.example.com/b", "Payout.Faild,Payee.Created", list, otherSecret),
			ExpectError: says(`"Payout.Faild" isn't a known event name. Did you mean "Payout.Failed"?`),
		},
		resource.TestStep{
			Config:      config("https://hooks.example.com/b", "Payout.Failed,Payee.Created", list, " "),
			ExpectError: says(`Empty shared secret`),
		},
		resource.TestStep{
			// Nothing of that was written, and nothing was lost.
			Config:            config("https://hooks.example.com/b", "Payout.Failed,Payee.Created", list, otherSecret),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/b"), eventsAre("Payee.Created", "Payout.Failed")},
			Check:             r.writes(),
		},
	)
	r.wantWrites("DELETE")
}

// TestMisspelledEventThatIsKnownOnlyWhenApplying is refused before a first write as well.
func TestMisspelledEventThatIsKnownOnlyWhenApplying(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(resource.TestStep{
		Config:      r.hook(`subscribed_events = ["Invoice.Paid", terraform_data.late_event.output]`) + late("event", `"Invoice.Pade"`),
		ExpectError: says(`"Invoice.Pade" isn't a known event name. Did you mean "Invoice.Paid"?`),
	})
	if n := r.Count("GET", wingspantest.RouteEventNames); n != 2 {
		t.Errorf("the names were asked for %d times, want once during planning and once when applying", n)
	}
	r.wantWrites()
}
