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

// TestUnknownDuringPlanning: arguments that come from other resources are planned as open and sent as they turn out.
func TestUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	openFor := func(attributes ...string) (open values) {
		open = values{"updated_at": unknown{}}
		for _, a := range attributes {
			open[a] = unknown{}
		}

		return open
	}
	allOpen := hookValues(openFor("url", "shared_secret"), values{"updated_at": nil})
	first, other := hookValues(), hookValues(values{"url": changedURL, "subscribed_events": []string{"Payee.Created", "Payout.Failed"}, "shared_secret": otherSecret})
	urlOpen, eventsOpen, secretOpen := values{"url": unknown{}}, values{"subscribed_events": unknown{}}, values{"shared_secret": unknown{}}
	r.run(
		step{
			config: with(allOpen, values{"subscribed_events": []any{"Invoice.Paid", unknown{}}}), late: first, plan: toCreate,
			planned: openFor("url", "shared_secret", "id", "user_id"), state: first, writes: []string{create},
		},
		step{
			config: with(first, urlOpen), late: values{"url": changedURL}, plan: toUpdate,
			planned: openFor("url"), state: values{"url": changedURL}, writes: []string{patchURL},
		},
		step{
			config: with(first, values{"url": changedURL}, eventsOpen), late: values{"subscribed_events": other["subscribed_events"]}, plan: toUpdate,
			planned: openFor("subscribed_events"), state: values{"subscribed_events": other["subscribed_events"]}, writes: []string{patchEvents},
		},
		step{
			config: with(other, secretOpen), late: values{"shared_secret": otherSecret}, plan: toUpdate,
			planned: openFor("shared_secret"), state: other, writes: []string{patchSecret},
		},
		// Unknown, and then the same or only another spelling: nothing to send.
		step{
			config: with(other, urlOpen, eventsOpen, secretOpen), late: with(other, values{"url": "https://HOOKS.example.com:443/b"}), plan: toUpdate,
			planned: openFor("url", "subscribed_events", "shared_secret"), state: values{"subscribed_events": other["subscribed_events"]},
		},
		step{config: with(other, urlOpen), late: values{"url": "hooks.example.com/b"}, plan: toUpdate, applySays: []string{"error at url: Invalid webhook URL"}},
		step{
			config: with(other, eventsOpen), late: values{"subscribed_events": []string{"Payout.Faild"}}, plan: toUpdate,
			applySays: []string{"error at subscribed_events[Payout.Faild]: Unknown event name"}, text: `Did you mean "Payout.Failed"?`,
		},
		step{config: with(other, secretOpen), late: values{"shared_secret": " "}, plan: toUpdate, applySays: []string{"error: Empty shared secret"}},
		// Nothing of that was written, and nothing was lost.
		step{config: other, state: other},
	)
}

// TestMisspelledEventThatIsKnownOnlyWhenApplying is refused before a first write as well.
func TestMisspelledEventThatIsKnownOnlyWhenApplying(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(step{
		config: hookValues(values{"subscribed_events": []any{"Invoice.Paid", unknown{}}}), late: values{"subscribed_events": []string{"Invoice.Paid", "Invoice.Pade"}},
		plan: toCreate, applySays: []string{"error at subscribed_events[Invoice.Pade]: Unknown event name"},
		after: func() { r.wantAsked(wingspantest.RouteEventNames, 2) },
	})
}

// TestUnknownValuesInTheCLI: everything that may come from other resources does, with the real CLI, which checks what was promised.
func TestUnknownValuesInTheCLI(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts(childA)
	config := func(url, event, secret string) string {
		late := ""
		for name, value := range map[string]string{"token": wingspantest.Token, "account": childA, "url": url, "event": event, "secret": secret} {
			late += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %q\n}\n\n", name, value)
		}

		return late + fmt.Sprintf("provider \"wingspan\" {\n  base_url  = %q\n  api_token = terraform_data.token.output\n}\n\n", r.URL()) +
			hookBlock("hook", `url = terraform_data.url.output`, `subscribed_events = ["Invoice.Paid", terraform_data.event.output]`,
				`shared_secret = terraform_data.secret.output`, `user_id = terraform_data.account.output`)
	}
	open := func(action plancheck.ResourceActionType, attributes ...string) resource.ConfigPlanChecks {
		checks := planned(action)
		for _, a := range attributes {
			checks.PreApply = append(checks.PreApply, plancheck.ExpectUnknownValue(address, tfjsonpath.New(a)))
		}

		return checks
	}
	r.runCLI(
		resource.TestStep{
			Config:           config("https://hooks.example.com/a", "Invoice.Sent", fakeSecret),
			ConfigPlanChecks: open(plancheck.ResourceActionCreate, "url", "shared_secret", "user_id"),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("url", knownvalue.StringExact("https://hooks.example.com/a")), attribute("user_id", knownvalue.StringExact(childA)),
			},
			Check: r.writes(create),
		},
		resource.TestStep{
			Config:            config(changedURL, "Payout.Failed", otherSecret),
			ConfigPlanChecks:  open(plancheck.ResourceActionUpdate, "url", "shared_secret", "updated_at"),
			ConfigStateChecks: []statecheck.StateCheck{attribute("shared_secret", knownvalue.StringExact(otherSecret))},
			Check:             r.writes("PATCH sharedSecret,subscribedEvents,url"),
		},
	)
	for _, request := range r.Writes() {
		if request.Account != childA {
			t.Errorf("%s %s was sent for %q", request.Method, request.Path, request.Account)
		}
	}
	r.wantWrites("DELETE")
}
