package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestLifecycleInTheCLI is the one with a real CLI, whose core checks what was promised: everything that can be unknown at first is,
// and the data sources read what was created. The other lifecycles are steps over the protocol.
func TestLifecycleInTheCLI(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	r.Configure(func(c *wingspantest.Settings) { c.DeleteNoContent = true })
	config := func(url, event, secret string) string {
		late := ""
		for name, value := range map[string]string{"token": wingspantest.Token, "account": childA, "url": url, "event": event, "secret": secret} {
			late += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %q\n}\n\n", name, value)
		}

		return late + fmt.Sprintf("provider \"wingspan\" {\n  base_url  = %q\n  api_token = terraform_data.token.output\n}\n\n", r.URL()) +
			hookBlock("hook", `url = terraform_data.url.output`, `subscribed_events = ["Invoice.Paid", terraform_data.event.output]`,
				`shared_secret = terraform_data.secret.output`, `user_id = terraform_data.account.output`) + `
data "wingspan_webhook_preference" "one" {
  id      = wingspan_webhook_preference.hook.id
  user_id = wingspan_webhook_preference.hook.user_id
}

data "wingspan_webhook_preferences" "all" {
  user_id    = wingspan_webhook_preference.hook.user_id
  depends_on = [wingspan_webhook_preference.hook]
}

data "wingspan_event_names" "all" {
  user_id = wingspan_webhook_preference.hook.user_id
}
`
	}
	const (
		hook = "wingspan_webhook_preference.hook"
		one  = "data.wingspan_webhook_preference.one"
	)
	made := statecheck.CompareValue(compare.ValuesSame())
	at := func(name string) tfjsonpath.Path { return tfjsonpath.New(name) }
	step := func(action plancheck.ResourceActionType, url, event, secret, writes string) resource.TestStep {
		events := knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("Invoice.Paid"), knownvalue.StringExact(event)})

		return resource.TestStep{
			Config: config(url, event, secret),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(hook, action), plancheck.ExpectUnknownValue(hook, at("url")), plancheck.ExpectSensitiveValue(hook, at("shared_secret")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				made.AddStateValue(hook, at("id")), made.AddStateValue(one, at("id")),
				statecheck.ExpectKnownValue(hook, at("url"), knownvalue.StringExact(url)),
				statecheck.ExpectKnownValue(hook, at("user_id"), knownvalue.StringExact(childA)),
				statecheck.ExpectSensitiveValue(hook, at("shared_secret")),
				statecheck.ExpectKnownValue(one, at("subscribed_events"), events),
				statecheck.ExpectKnownValue("data.wingspan_webhook_preferences.all", at("preferences"), knownvalue.ListSizeExact(1)),
				statecheck.ExpectKnownValue("data.wingspan_event_names.all", at("names"), knownvalue.ListSizeExact(12)),
			},
			Check: func(*terraform.State) error {
				if p := r.only(); p.Account != childA || p.URL != url || p.SharedSecret != secret {
					t.Errorf("the server has a webhook of %s for %s", p.Account, p.URL)
				}
				r.wantWrites(writes)

				return nil
			},
		}
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			typeName: func() (tfprotov6.ProviderServer, error) { return newServer(r.provider()), nil },
		},
		Steps: []resource.TestStep{
			step(plancheck.ResourceActionCreate, "https://hooks.example.com:8443/a", "Invoice.Sent", fakeSecret, create),
			step(plancheck.ResourceActionUpdate, changedURL, "Payout.Failed", otherSecret, "PATCH sharedSecret,subscribedEvents,url"),
		},
	})
	r.wantWrites("DELETE")
}

// edit is a step's preparation: someone changes the one preference outside of Terraform.
func (r *harness) edit(change func(*wingspantest.Preference)) func() {
	return func() {
		if !r.Edit(r.only().ID, change) {
			r.t.Error("there is nothing to edit")
		}
	}
}

// TestChangeSendsOnlyWhatChanged changes each argument alone and then all together, in place.
func TestChangeSendsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	var made wingspantest.Preference
	serverHas := func(url, secret string, events ...string) func() {
		return func() {
			p := r.only()
			if p.URL != url || p.SharedSecret != secret || strings.Join(p.SubscribedEvents, " ") != strings.Join(events, " ") {
				t.Errorf("the server has url %q, events %q, and the secret is right: %t", p.URL, p.SubscribedEvents, p.SharedSecret == secret)
			}
			if made.ID == "" {
				made = p
			}
			if p.ID != made.ID || !p.CreatedAt.Equal(made.CreatedAt) {
				t.Error("it was created again")
			}
		}
	}
	const a, b, c = "https://hooks.example.com/a", "https://hooks.example.com/b", "https://hooks.example.com/c"
	allowed := hookValues(values{"allow_duplicate": true, "user_id": wingspantest.OwnAccount})
	toB := with(allowed, values{"url": b})
	events := with(toB, values{"subscribed_events": []string{"Payout.Failed", "Invoice.Paid"}, "user_id": nil})
	secret := with(events, values{"shared_secret": otherSecret})
	r.run(
		step{config: allowed, plan: toCreate, state: allowed, after: serverHas(a, fakeSecret, "Invoice.Paid", "Invoice.Sent"), writes: []string{create}},
		step{config: allowed, plan: noChange, after: func() { r.wantAsked(wingspantest.RouteEventNames, 0) }},
		step{config: toB, plan: toUpdate, state: toB, writes: []string{patchURL}, after: func() {
			serverHas(b, fakeSecret, "Invoice.Paid", "Invoice.Sent")()
			r.wantAsked(wingspantest.RouteEventNames, 0)
		}},
		step{config: events, plan: toUpdate, state: values{"subscribed_events": events["subscribed_events"]}, after: serverHas(b, fakeSecret, "Invoice.Paid", "Payout.Failed"), writes: []string{patchEvents}},
		step{config: secret, plan: toUpdate, state: values{"shared_secret": otherSecret}, after: serverHas(b, otherSecret, "Invoice.Paid", "Payout.Failed"), writes: []string{patchSecret}},
		step{config: with(secret, values{"allow_duplicate": nil}), plan: toUpdate, state: values{"allow_duplicate": false}},
		step{
			config: hookValues(values{"url": c}), plan: toUpdate, state: hookValues(values{"url": c}),
			after: serverHas(c, fakeSecret, "Invoice.Paid", "Invoice.Sent"), writes: []string{"PATCH sharedSecret,subscribedEvents,url"},
		},
	)
}

// TestEquivalentValuesAreNoChange: of the URL, and of the set, in the configuration and in the responses.
func TestEquivalentValuesAreNoChange(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.Configure(func(c *wingspantest.Settings) { c.Events = wingspantest.Shuffled })
	const short = "https://hooks.example.com"
	config := func(url string, events ...string) values {
		return hookValues(values{"url": url, "subscribed_events": events})
	}
	r.run(
		step{config: config(short, "Invoice.Sent", "Payout.Failed", "Invoice.Paid"), state: values{"url": short}, writes: []string{create}},
		step{config: config("HTTPS://Hooks.Example.com:443/", "Payout.Failed", "Invoice.Paid", "Invoice.Sent"), plan: noChange, state: values{"url": short}},
		step{
			before: r.edit(func(p *wingspantest.Preference) { p.URL = "https://HOOKS.example.com:443/" }),
			config: config(short+"/", "Invoice.Paid", "Invoice.Sent", "Payout.Failed"), plan: noChange, state: values{"url": short},
		},
		// What does change takes the equivalent URL along, and still sends nothing else.
		step{config: config(short+"/", "Invoice.Paid"), plan: toUpdate, state: values{"subscribed_events": []string{"Invoice.Paid"}}, writes: []string{patchEvents}},
	)
}

// TestDriftIsCorrected: what the configuration sets is put back, each with the request that it needs; what it does not set is taken over.
func TestDriftIsCorrected(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	other := hookValues(values{"url": "https://hooks.example.com/new"})
	events := func(names ...string) func() {
		return r.edit(func(p *wingspantest.Preference) { p.SubscribedEvents = names })
	}
	computed := values{
		"labels": map[string]any{"team": "pay"}, "event_actors": map[string]any{"Invoice.Paid": "usr2"}, "updated_at": "2030-01-02T03:04:05.000Z",
	}
	r.run(
		step{config: hookValues(), writes: []string{create}},
		step{
			before: r.edit(func(p *wingspantest.Preference) { p.URL = "https://elsewhere.example.com" }),
			config: hookValues(), plan: toUpdate, refreshed: values{"url": "https://elsewhere.example.com"}, state: hookValues(), writes: []string{patchURL},
		},
		step{before: events("Invoice.Paid"), config: hookValues(), plan: toUpdate, state: hookValues(), writes: []string{patchEvents}},
		step{before: events(), config: hookValues(), plan: toUpdate, state: hookValues(), writes: []string{patchEvents}},
		step{
			before: r.edit(func(p *wingspantest.Preference) {
				p.Labels, p.EventActors = map[string]string{"team": "pay"}, map[string]string{"Invoice.Paid": "usr2"}
				p.UpdatedAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			}),
			config: hookValues(), plan: noChange, state: computed,
		},
		step{
			before: r.edit(func(p *wingspantest.Preference) {
				p.URL, p.SubscribedEvents = "https://elsewhere.example.com", []string{"Payout.Failed"}
			}),
			config: other, plan: toUpdate, state: other, writes: []string{"PATCH subscribedEvents,url"},
		},
	)
}

// TestDeletedOutside is created again, and what is gone already needs no second deletion.
func TestDeletedOutside(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	remove := func() { r.Remove(r.only().ID) }
	// A 404 for what is less than a minute old is doubted for seconds.
	age := r.edit(func(p *wingspantest.Preference) { p.CreatedAt = time.Now().Add(-time.Hour) })
	gone := []string{"warning: Webhook preference not found, removing from state"}
	r.run(
		step{config: hookValues(), writes: []string{create}},
		step{before: age, config: hookValues(), plan: noChange},
		step{before: remove, config: hookValues(), diags: gone, text: r.URL() + " responded with 404", plan: toCreate, writes: []string{create}},
		step{before: age, config: hookValues(), plan: noChange},
		step{before: remove, diags: gone, plan: noChange},
	)
	// A plan that was saved before.
	h := r.createdAnHourAgo()
	remove()
	r.ResetRequests()
	r.configured().applied(h, nil)
	for _, w := range r.Writes() {
		if w.Method != http.MethodDelete || w.Status != http.StatusNotFound {
			t.Errorf("sent %s, got status %d", w.Method, w.Status)
		}
	}
}

// TestResponsesWithoutEvents: an API that never repeats the events reports nothing by leaving them out; one that did reports that there are none.
func TestResponsesWithoutEvents(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]wingspantest.EventsMode{"null": wingspantest.Null, "missing": wingspantest.Missing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			fewer := hookValues(values{"subscribed_events": []string{"Invoice.Paid"}})
			returned := func(mode wingspantest.EventsMode) func() {
				return func() { r.Configure(func(c *wingspantest.Settings) { c.Events = mode }) }
			}
			r.run(
				step{before: returned(mode), config: hookValues(), state: hookValues(), writes: []string{create}},
				step{before: returned(wingspantest.AsSent), config: fewer, writes: []string{patchEvents}},
				step{before: returned(mode), config: fewer, plan: toUpdate, writes: []string{patchEvents}, unsettled: true},
			)
		})
	}
}

// TestTimesAreAsTheAPIReturnsThem, to the last digit: a change within a second reaches the state as well.
func TestTimesAreAsTheAPIReturnsThem(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	h := r.createdAnHourAgo()
	w := r.configured()
	for _, say := range []string{
		"2030-01-02T03:04:05.000Z", "2030-01-02T03:04:05.001Z", "2030-01-02T03:04:05.001000001Z", "2030-01-02T03:04:05Z", "2030-01-02T04:04:05+01:00",
	} {
		body := fmt.Sprintf(`{"preferenceId":%q,"userId":%q,"url":"https://hooks.example.com/a","subscribedEvents":["Invoice.Paid","Invoice.Sent"],"createdAt":%q,"updatedAt":%q}`,
			r.only().ID, wingspantest.OwnAccount, say, say)
		r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteItem, Body: body})
		h = r.configured().refreshed(h)
		if got := w.values(h); got["updated_at"] != say || got["created_at"] != say {
			t.Errorf("the state has %v and %v, want %s", got["created_at"], got["updated_at"], say)
		}
	}
}
