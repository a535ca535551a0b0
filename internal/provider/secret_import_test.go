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

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// importedForms are the hooks of one configuration that imports them all, by name.
var importedForms = map[string]given{
	"plain": {plain: fakeSecret}, "wo": {writeOnly: fakeSecret}, "versioned": {writeOnly: fakeSecret, version: 1}, "neither": {},
}

func TestAnImportIsFollowedByAnySecretArgumentHoweverTheAPIReturnsSecrets(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, v := newRig(t), &vault{}
			r.SetSecrets(mode)
			var imports, hooks strings.Builder
			want := map[string][]string{}
			step := resource.TestStep{}
			for hook, g := range importedForms {
				p := r.Put(wingspantest.Preference{URL: hookURL(hook), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid"}})
				fmt.Fprintf(&imports, "import {\n  to = %s\n  id = %q\n}\n", hookAddress(hook), p.ID)
				hooks.WriteString(hookWith(hook, g.lines()))
				action := plancheck.ResourceActionNoop
				if hook != "neither" {
					// In place, and nothing but the secret is sent.
					want[hook], action = []string{patchSecret}, plancheck.ResourceActionUpdate
				}
				step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, plancheck.ExpectResourceAction(hookAddress(hook), action))
				step.ConfigStateChecks = append(step.ConfigStateChecks,
					statecheck.ExpectKnownValue(hookAddress(hook), tfjsonpath.New("shared_secret"), g.inState()),
					statecheck.ExpectKnownValue(hookAddress(hook), tfjsonpath.New("user_id"), knownvalue.StringExact(wingspantest.OwnAccount)))
			}
			step.Config = r.config(imports.String() + hooks.String())
			step.Check = resource.ComposeTestCheckFunc(r.sent(want), func(*terraform.State) error {
				if got := r.secretOf("neither"); got != foreignSecret {
					return fmt.Errorf("the secret of the hook without any became %q", got)
				}

				return nil
			})
			// One that has no secret in the configuration is still changed in place, and keeps its secret.
			changed := resource.TestStep{
				Config: strings.ReplaceAll(r.config(hooks.String()), "Invoice.Paid", "Invoice.Sent"),
				Check: r.sent(map[string][]string{
					"plain": {"PATCH subscribedEvents"}, "wo": {"PATCH subscribedEvents"},
					"versioned": {"PATCH subscribedEvents"}, "neither": {"PATCH subscribedEvents"},
				}),
			}
			runWith(t, v.factories(r), []resource.TestStep{step, changed})
			if err := v.passedOn(foreignSecret); err != nil {
				t.Error(err)
			}
		})
	}
}
