package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// planned is the step's check of what the plan does with the resource at address.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// attribute is the step's check of an attribute in state.
func attribute(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func urlIs(want string) statecheck.StateCheck { return attribute("url", knownvalue.StringExact(want)) }

func eventsAre(want ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(want))
	for i, w := range want {
		checks[i] = knownvalue.StringExact(w)
	}

	return attribute("subscribed_events", knownvalue.SetExact(checks))
}

// says matches text however Terraform breaks its lines.
func says(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}

	return regexp.MustCompile(strings.Join(words, `\s+`))
}

// all is a step's check that all of the checks hold.
func all(checks ...resource.TestCheckFunc) resource.TestCheckFunc {
	return resource.ComposeAggregateTestCheckFunc(checks...)
}

// asked is the step's check of how many requests a route got since the last writes check. It goes before that one.
func (r *rig) asked(route wingspantest.Route, want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := r.Count("", route); got != want {
			return fmt.Errorf("%d requests to %s, want %d", got, route, want)
		}

		return nil
	}
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetDeleteAnswer(wingspantest.NoContent)
	id := statecheck.CompareValue(compare.ValuesSame())
	r.run(
		resource.TestStep{
			Config:           r.hook(),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				urlIs("https://hooks.example.com/a"), eventsAre("Invoice.Paid", "Invoice.Sent"),
				attribute("user_id", knownvalue.StringExact(wingspantest.OwnAccount)),
				attribute("allow_duplicate", knownvalue.Bool(false)),
				attribute("id", knownvalue.StringRegexp(regexp.MustCompile(`^[0-9A-Za-z]{22}$`))),
				attribute("created_at", knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`))),
				attribute("updated_at", knownvalue.NotNull()),
				attribute("labels", knownvalue.MapExact(map[string]knownvalue.Check{})),
				attribute("event_actors", knownvalue.MapExact(map[string]knownvalue.Check{})),
				attribute("shared_secret_wo", knownvalue.Null()), attribute("shared_secret_wo_version", knownvalue.Null()),
				statecheck.ExpectSensitiveValue(address, tfjsonpath.New("shared_secret")),
				id.AddStateValue(address, tfjsonpath.New("id")),
			},
			Check: r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{
			Config:           r.hook(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            all(r.asked(wingspantest.RouteEventNames, 0), r.writes()),
		},
		resource.TestStep{
			Config:           r.hook(`url = "https://hooks.example.com/b"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				urlIs("https://hooks.example.com/b"), eventsAre("Invoice.Paid", "Invoice.Sent"), id.AddStateValue(address, tfjsonpath.New("id")),
			},
			Check: r.writes("PATCH url"),
		},
	)
	r.wantWrites("DELETE")
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

// TestChangeSendsOnlyWhatChanged changes each argument alone and then all together, in place.
func TestChangeSendsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, created := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
	unchanged := statecheck.CompareValue(compare.ValuesSame())
	inPlace := func(checks ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(checks, id.AddStateValue(address, tfjsonpath.New("id")), created.AddStateValue(address, tfjsonpath.New("created_at")))
	}
	secretIs := func(want string) statecheck.StateCheck {
		return attribute("shared_secret", knownvalue.StringExact(want))
	}
	holds := func(url, secret string, events ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			p := r.only()
			if p.URL != url || p.SharedSecret != secret || strings.Join(p.SubscribedEvents, " ") != strings.Join(events, " ") {
				return fmt.Errorf("the server holds url %q, events %q, and the secret is right: %t", p.URL, p.SubscribedEvents, p.SharedSecret == secret)
			}

			return nil
		}
	}
	const a, b, c = "https://hooks.example.com/a", "https://hooks.example.com/b", "https://hooks.example.com/c"

	r.run(
		resource.TestStep{
			Config:            r.hook(`allow_duplicate = true`, `user_id = "`+wingspantest.OwnAccount+`"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: inPlace(secretIs(fakeSecret), attribute("allow_duplicate", knownvalue.Bool(true))),
			Check:             all(holds(a, fakeSecret, "Invoice.Paid", "Invoice.Sent"), r.writes("POST sharedSecret,subscribedEvents,url")),
		},
		resource.TestStep{
			Config:            r.hook(`allow_duplicate = true`, `user_id = "`+wingspantest.OwnAccount+`"`, `url = "`+b+`"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: inPlace(urlIs(b)),
			Check:             all(holds(b, fakeSecret, "Invoice.Paid", "Invoice.Sent"), r.asked(wingspantest.RouteEventNames, 0), r.writes("PATCH url")),
		},
		resource.TestStep{
			Config:            r.hook(`allow_duplicate = true`, `url = "`+b+`"`, `subscribed_events = ["Payout.Failed", "Invoice.Paid"]`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: inPlace(eventsAre("Invoice.Paid", "Payout.Failed")),
			Check:             all(holds(b, fakeSecret, "Invoice.Paid", "Payout.Failed"), r.writes("PATCH subscribedEvents")),
		},
		resource.TestStep{
			Config:           r.hook(`allow_duplicate = true`, `url = "`+b+`"`, `subscribed_events = ["Payout.Failed", "Invoice.Paid"]`, `shared_secret = "`+otherSecret+`"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: inPlace(secretIs(otherSecret),
				unchanged.AddStateValue(address, tfjsonpath.New("updated_at"))),
			Check: all(holds(b, otherSecret, "Invoice.Paid", "Payout.Failed"), r.writes("PATCH sharedSecret")),
		},
		resource.TestStep{
			Config:           r.hook(`url = "`+b+`"`, `subscribed_events = ["Payout.Failed", "Invoice.Paid"]`, `shared_secret = "`+otherSecret+`"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: inPlace(attribute("allow_duplicate", knownvalue.Bool(false)),
				unchanged.AddStateValue(address, tfjsonpath.New("updated_at"))),
			Check: r.writes(),
		},
		resource.TestStep{
			Config:            r.hook(`url = "` + c + `"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: inPlace(urlIs(c), eventsAre("Invoice.Paid", "Invoice.Sent"), secretIs(fakeSecret)),
			Check:             all(holds(c, fakeSecret, "Invoice.Paid", "Invoice.Sent"), r.writes("PATCH sharedSecret,subscribedEvents,url")),
		},
	)
	r.wantWrites("DELETE")
}

// TestEquivalentValuesAreNoChange: of the URL, and of the set, in the configuration and in the answers.
func TestEquivalentValuesAreNoChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetEvents(wingspantest.Shuffled)
	nothing := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	r.run(
		resource.TestStep{
			Config:            r.hook(`url = "https://hooks.example.com"`, `subscribed_events = ["Invoice.Sent", "Payout.Failed", "Invoice.Paid", "Invoice.Sent"]`),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com"), eventsAre("Invoice.Paid", "Invoice.Sent", "Payout.Failed")},
			Check:             r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{
			Config:            r.hook(`url = "HTTPS://Hooks.Example.com:443/"`, `subscribed_events = ["Payout.Failed", "Invoice.Paid", "Invoice.Sent"]`),
			ConfigPlanChecks:  nothing,
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com")},
			Check:             r.writes(),
		},
		resource.TestStep{
			PreConfig: func() {
				r.Edit(r.only().ID, func(p *wingspantest.Preference) { p.URL = "https://HOOKS.example.com:443/" })
			},
			Config:            r.hook(`url = "https://hooks.example.com/"`, `subscribed_events = ["Invoice.Paid", "Invoice.Sent", "Payout.Failed"]`),
			ConfigPlanChecks:  nothing,
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com")},
			Check:             r.writes(),
		},
		resource.TestStep{
			// What does change takes the new spelling along, and still sends nothing else.
			Config:            r.hook(`url = "https://hooks.example.com/"`, `subscribed_events = ["Invoice.Paid"]`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Invoice.Paid")},
			Check:             r.writes("PATCH subscribedEvents"),
		},
	)
	r.wantWrites("DELETE")
}

// TestManyAtOnce creates, changes and destroys more webhooks than run at a time, each once, over one list of event names per process.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const n = 12
	many := func(path string) string {
		return r.config(fmt.Sprintf(`resource "wingspan_webhook_preference" "hook" {
  count             = %d
  url               = "https://hooks.example.com/%s/${count.index}"
  subscribed_events = ["Invoice.Paid", "Payee.Created"]
  shared_secret     = %q
}
`, n, path, fakeSecret))
	}
	times := func(what string) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = what
		}

		return all
	}
	urls := func(path string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			seen := map[string]bool{}
			for _, p := range r.Preferences() {
				seen[p.URL] = true
			}
			for i := range n {
				if url := fmt.Sprintf("https://hooks.example.com/%s/%d", path, i); !seen[url] || len(r.Preferences()) != n {
					return fmt.Errorf("%d preferences, the one for %s is there: %t", len(r.Preferences()), url, seen[url])
				}
			}

			return nil
		}
	}
	r.run(
		resource.TestStep{
			Config: many("a"),
			// The names are asked for once by the process that plans and once by the one that applies.
			Check: all(urls("a"), r.asked(wingspantest.RouteEventNames, 2), r.writes(times("POST sharedSecret,subscribedEvents,url")...)),
		},
		resource.TestStep{Config: many("b"), Check: all(urls("b"), r.asked(wingspantest.RouteEventNames, 0), r.writes(times("PATCH url")...))},
	)
	r.wantWrites(times("DELETE")...)
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}
