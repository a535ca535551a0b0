package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
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

func TestLifecycle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run(
		resource.TestStep{
			Config:           r.hook(),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("url", knownvalue.StringExact("https://hooks.example.com/a")),
				attribute("user_id", knownvalue.StringExact(wingspantest.OwnAccount)),
				attribute("allow_duplicate", knownvalue.Bool(false)),
				statecheck.ExpectSensitiveValue(address, tfjsonpath.New("shared_secret")),
			},
			Check: r.writes("POST sharedSecret,subscribedEvents,url"),
		},
		resource.TestStep{Config: r.hook(), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
		resource.TestStep{
			Config:           r.hook(`url = "https://hooks.example.com/b"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            r.writes("PATCH url"),
		},
	)
	r.wantWrites("DELETE")
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}
