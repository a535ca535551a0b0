package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// Each step of these tests saves its plan and applies the saved plan, in processes of their own.

func TestASharedSecretThatIsUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	config := func(secret string, trigger int) string {
		return r.config(fmt.Sprintf("resource \"terraform_data\" \"secret\" {\n  input = %q\n  triggers_replace = %d\n}\n", secret, trigger) +
			hookWith("hook", "shared_secret = terraform_data.secret.output"))
	}
	unknown := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("shared_secret")),
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("updated_at")),
	}}
	holds := func(secret string) []statecheck.StateCheck {
		return []statecheck.StateCheck{attribute("shared_secret", knownvalue.StringExact(secret))}
	}
	r.run(
		resource.TestStep{Config: config(fakeSecret, 1), ConfigPlanChecks: unknown, ConfigStateChecks: holds(fakeSecret), Check: r.writes(create)},
		resource.TestStep{Config: config(otherSecret, 1), ConfigPlanChecks: unknown, ConfigStateChecks: holds(otherSecret), Check: r.writes(patchSecret)},
		// It turns out to be the same.
		resource.TestStep{Config: config(otherSecret, 2), ConfigPlanChecks: unknown, ConfigStateChecks: holds(otherSecret), Check: r.writes()},
	)
}

func TestAWriteOnlySecretThatIsUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r, v, secrets := newRig(t), &vault{}, &secretsProvider{}
	config := func(secret string, trigger int) string {
		return r.config(fmt.Sprintf("resource \"terraform_data\" \"source\" {\n  triggers_replace = %d\n}\n", trigger) +
			fmt.Sprintf("ephemeral \"secrets_value\" \"secret\" {\n  fixed = terraform_data.source.id == \"\" ? null : %q\n}\n", secret) +
			hookWith("hook", "shared_secret_wo = ephemeral.secrets_value.secret.value") +
			hookWith("versioned", "shared_secret_wo = ephemeral.secrets_value.secret.value\n  shared_secret_wo_version = 1"))
	}
	open := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, action),
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("updated_at")),
		}}
	}
	runWith(t, secrets.with(v.factories(r)), []resource.TestStep{
		{
			Config: config(fakeSecret, 1), ConfigPlanChecks: open(plancheck.ResourceActionCreate),
			Check: r.sent(map[string][]string{"hook": {create}, "versioned": {create}}),
		},
		{
			Config: config(otherSecret, 2), ConfigPlanChecks: open(plancheck.ResourceActionUpdate),
			Check: r.sent(map[string][]string{"hook": {patchSecret}}),
		},
		{
			Config: config(otherSecret, 3), ConfigPlanChecks: open(plancheck.ResourceActionUpdate),
			Check: r.sent(map[string][]string{}),
		},
	})
	if err := v.shown(fakeSecret, otherSecret); err != nil {
		t.Error(err)
	}
}

func TestASecretThatDiffersOnEveryRun(t *testing.T) {
	t.Parallel()
	r, v, secrets := newRig(t), &vault{}, &secretsProvider{}
	config := func(version int, lines ...string) string {
		lines = append(lines, "shared_secret_wo = ephemeral.secrets_value.secret.value", fmt.Sprintf("shared_secret_wo_version = %d", version))

		return r.config("ephemeral \"secrets_value\" \"secret\" {}\n" + hookWith("hook", lines...))
	}
	lastIsSet := func(*terraform.State) error {
		// The one of the apply, not the one of the plan.
		if got := r.secretOf("hook"); got != secrets.last() {
			return fmt.Errorf("the server holds %q, want %q", got, secrets.last())
		}

		return nil
	}
	unversioned := strings.Replace(config(3), "shared_secret_wo_version = 3", "", 1)
	runWith(t, secrets.with(v.factories(r)), []resource.TestStep{
		{Config: config(1), Check: resource.ComposeTestCheckFunc(lastIsSet, r.writes(create))},
		{Config: config(1), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), Check: r.writes()},
		{Config: config(1, "allow_duplicate = true"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: r.writes()},
		{Config: config(2, "allow_duplicate = true"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: resource.ComposeTestCheckFunc(lastIsSet, r.writes(patchSecret))},
		// Without a version there is always a new secret to set, and that is no error, whatever else changes with it.
		{Config: unversioned, ExpectNonEmptyPlan: true, Check: resource.ComposeTestCheckFunc(lastIsSet, r.writes(patchSecret))},
		{Config: strings.Replace(unversioned, "Invoice.Paid", "Invoice.Sent", 1), ExpectNonEmptyPlan: true, Check: resource.ComposeTestCheckFunc(lastIsSet, r.writes("PATCH sharedSecret,subscribedEvents"))},
		{Config: config(1), Check: resource.ComposeTestCheckFunc(lastIsSet, r.writes("PATCH sharedSecret,subscribedEvents"))},
	})
	if err := v.shown("fake-ephemeral-secret"); err != nil {
		t.Error(err)
	}
}

func TestASecretThatChangesBetweenPlanAndApplyWithNothingElsePlanned(t *testing.T) {
	t.Parallel()
	r, secrets := newRig(t), &secretsProvider{}
	// At plan the secret is the one that is set; at apply it is another one. Only an argument that makes no request changes.
	config := func(fixed string, allow bool) string {
		return r.config(fmt.Sprintf("ephemeral \"secrets_value\" \"secret\" {\n  fixed = %s\n}\n", fixed) +
			hookWith("hook", "shared_secret_wo = ephemeral.secrets_value.secret.value", fmt.Sprintf("allow_duplicate = %t", allow)))
	}
	first := fmt.Sprintf("%q", madeUp(1))
	runWith(t, secrets.with(r.factories()), []resource.TestStep{
		{Config: config(first, false), Check: r.writes(create)},
		{Config: config("null", true), ExpectNonEmptyPlan: true, Check: r.writes(patchSecret)},
	})
}
