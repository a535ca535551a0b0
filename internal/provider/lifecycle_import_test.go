package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// onlyID is the import id of the one preference that the server holds.
func (r *rig) onlyID(*terraform.State) (string, error) { return r.only().ID, nil }

// TestImportReadsEverythingButTheSecret imports what was created, and compares.
func TestImportReadsEverythingButTheSecret(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(
		resource.TestStep{Config: r.hook(), Check: r.writes("POST sharedSecret,subscribedEvents,url")},
		resource.TestStep{
			PreConfig: r.edit(func(p *wingspantest.Preference) { p.Labels = map[string]string{"team": "pay"} }),
			// The labels are in the state before the comparison.
			Config: r.hook(), Check: r.writes(),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateIdFunc: r.onlyID,
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"shared_secret"},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"shared_secret"},
			ImportStateIdFunc: func(*terraform.State) (string, error) { return wingspantest.OwnAccount + "/" + r.only().ID, nil },
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "nosuchid",
			ExpectError: says(r.URL() + ` responded with 404 Not Found`),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "a/b/c",
			ExpectError: says(`Expected import ID format: <id> or <user_id>/<id>, got: "a/b/c", which has more than one slash`),
		},
		resource.TestStep{Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
	)
	r.wantWrites("DELETE")
}

// TestImportBlock takes over what somebody made outside of Terraform: with no secret the plan is empty, with one it is set in place.
func TestImportBlock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		lines  []string
		action plancheck.ResourceActionType
		writes []string
		secret string
	}{
		{"no secret in the configuration", []string{"shared_secret = null"}, plancheck.ResourceActionNoop, nil, otherSecret},
		{"a secret is set in place", nil, plancheck.ResourceActionUpdate, []string{"PATCH sharedSecret"}, fakeSecret},
		{"everything differs", []string{`url = "https://hooks.example.com/b"`, `subscribed_events = ["Payout.Failed"]`}, plancheck.ResourceActionUpdate, []string{"PATCH sharedSecret,subscribedEvents,url"}, fakeSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			made := r.Put(wingspantest.Preference{
				URL: "https://hooks.example.com/a", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
				CreatedAt: time.Now().Add(-time.Hour),
			})
			config := r.hook(test.lines...)
			r.run(
				resource.TestStep{
					Config:            config + "import {\n  to = " + address + "\n  id = \"" + made.ID + "\"\n}\n",
					ConfigPlanChecks:  planned(test.action),
					ConfigStateChecks: []statecheck.StateCheck{attribute("id", knownvalue.StringExact(made.ID)), attribute("allow_duplicate", knownvalue.Bool(false))},
					Check: all(func(*terraform.State) error {
						if p := r.only(); p.SharedSecret != test.secret {
							t.Error("the server holds another secret than it should")
						}

						return nil
					}, r.writes(test.writes...)),
				},
				resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
			)
			r.wantWrites("DELETE")
		})
	}
}
