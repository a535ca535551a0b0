package provider

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// edit is a step's preparation: somebody changes the one preference outside of Terraform.
func (r *rig) edit(change func(*wingspantest.Preference)) func() {
	return func() {
		if !r.Edit(r.only().ID, change) {
			r.t.Error("there is nothing to edit")
		}
	}
}

// TestDriftIsCorrected: what the configuration sets is put back, each with the request that it needs; what it does not set is taken over.
func TestDriftIsCorrected(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(
		resource.TestStep{Config: r.hook(), Check: r.writes("POST sharedSecret,subscribedEvents,url")},
		resource.TestStep{
			PreConfig:         r.edit(func(p *wingspantest.Preference) { p.URL = "https://elsewhere.example.com" }),
			Config:            r.hook(),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/a")},
			Check:             r.writes("PATCH url"),
		},
		resource.TestStep{
			PreConfig:         r.edit(func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Invoice.Paid"} }),
			Config:            r.hook(),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Invoice.Paid", "Invoice.Sent")},
			Check:             r.writes("PATCH subscribedEvents"),
		},
		resource.TestStep{
			PreConfig:         r.edit(func(p *wingspantest.Preference) { p.SubscribedEvents = nil }),
			Config:            r.hook(),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{eventsAre("Invoice.Paid", "Invoice.Sent")},
			Check:             r.writes("PATCH subscribedEvents"),
		},
		resource.TestStep{
			PreConfig: r.edit(func(p *wingspantest.Preference) {
				p.Labels, p.EventActors = map[string]string{"team": "pay"}, map[string]string{"Invoice.Paid": "usr2"}
				p.UpdatedAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			}),
			Config:           r.hook(),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("labels", knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("pay")})),
				attribute("event_actors", knownvalue.MapExact(map[string]knownvalue.Check{"Invoice.Paid": knownvalue.StringExact("usr2")})),
				attribute("updated_at", knownvalue.StringExact("2030-01-02T03:04:05.000Z")),
			},
			Check: r.writes(),
		},
		resource.TestStep{
			PreConfig: r.edit(func(p *wingspantest.Preference) {
				p.URL, p.SubscribedEvents = "https://elsewhere.example.com", []string{"Payout.Failed"}
			}),
			Config:            r.hook(`url = "https://hooks.example.com/new"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{urlIs("https://hooks.example.com/new"), eventsAre("Invoice.Paid", "Invoice.Sent")},
			Check:             r.writes("PATCH subscribedEvents,url"),
		},
	)
	r.wantWrites("DELETE")
}

// TestDeletedOutside is created again, and what is gone already needs no second deletion.
func TestDeletedOutside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := statecheck.CompareValue(compare.ValuesDiffer())
	remove := func() { r.Remove(r.only().ID) }
	age := r.edit(func(p *wingspantest.Preference) { p.CreatedAt = time.Now().Add(-time.Hour) })
	r.run(
		resource.TestStep{
			Config: r.hook(), ConfigStateChecks: []statecheck.StateCheck{id.AddStateValue(address, tfjsonpath.New("id"))},
			Check: r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		// A 404 for what is less than a minute old is doubted for seconds.
		resource.TestStep{PreConfig: age, Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
		resource.TestStep{PreConfig: remove, RefreshState: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{id.AddStateValue(address, tfjsonpath.New("id"))},
			Check:             r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{PreConfig: age, Config: r.hook(), Check: r.writes()},
		resource.TestStep{PreConfig: remove, Config: r.hook(), Destroy: true},
	)
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
	for _, w := range r.Writes() {
		if w.Method != "DELETE" || w.Status != 404 {
			t.Errorf("sent %s, answered with %d", w.Method, w.Status)
		}
	}
}

// TestResponsesWithoutEvents: an API that never repeats the events says nothing by leaving them out; one that did says that there are none.
func TestResponsesWithoutEvents(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]wingspantest.EventsMode{"null": wingspantest.Null, "missing": wingspantest.Missing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			both := []statecheck.StateCheck{eventsAre("Invoice.Paid", "Invoice.Sent")}
			r.run(
				resource.TestStep{
					PreConfig: func() { r.SetEvents(mode) }, Config: r.hook(), ConfigStateChecks: both,
					Check: r.writes("POST sharedSecret,subscribedEvents,url"), // An empty plan follows.
				},
				resource.TestStep{
					PreConfig: func() { r.SetEvents(wingspantest.AsSent) }, Config: r.hook(`subscribed_events = ["Invoice.Paid"]`),
					Check: r.writes("PATCH subscribedEvents"),
				},
				resource.TestStep{
					PreConfig: func() { r.SetEvents(mode) }, Config: r.hook(`subscribed_events = ["Invoice.Paid"]`),
					PlanOnly: true, ExpectNonEmptyPlan: true,
				},
			)
		})
	}
}

// TestTimesAreAsTheAPIReturnsThem, to the last digit: a change within a second reaches the state as well.
func TestTimesAreAsTheAPIReturnsThem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.seasoned()
	w := r.wire()
	for _, say := range []string{
		"2030-01-02T03:04:05.000Z", "2030-01-02T03:04:05.001Z", "2030-01-02T03:04:05.001000001Z", "2030-01-02T03:04:05Z", "2030-01-02T04:04:05+01:00",
	} {
		body := fmt.Sprintf(`{"preferenceId":%q,"userId":%q,"url":"https://hooks.example.com/a","subscribedEvents":["Invoice.Paid","Invoice.Sent"],"createdAt":%q,"updatedAt":%q}`,
			r.only().ID, wingspantest.OwnAccount, say, say)
		r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteItem, Body: body})
		var told said
		h, told = r.wire().read(h)
		told.want(t)
		if got := w.values(h); got["updated_at"] != say || got["created_at"] != say {
			t.Errorf("the state says %v and %v, want %s", got["created_at"], got["updated_at"], say)
		}
	}
}
