package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	// address is the resource that most configurations of these tests declare.
	address = "wingspan_webhook_preference.hook"

	fakeSecret  = "fake-secret-0123456789abcdef"
	otherSecret = "fake-other-secret-0123456789"
)

// rig is a test server of its own and a provider that talks to it, with waits short enough for tests.
type rig struct {
	*wingspantest.Server

	t *testing.T
	// env is what the provider sees as its environment, in place of the process's.
	env map[string]string
	// cacheDir is the provider's in place of the user's.
	cacheDir string
	// settle is how long the client waits for what may show up late. It is short, for what never does; a test in which something does
	// show up sets untilSettled, so that its verdict depends on no time.
	settle time.Duration
	vault  *vault
}

// untilSettled is a settle time that no test reaches.
const untilSettled = 10 * time.Minute

func newRig(t *testing.T) *rig {
	t.Helper()

	return &rig{Server: wingspantest.New(t), t: t, env: map[string]string{}, settle: 300 * time.Millisecond, cacheDir: t.TempDir()}
}

// provider returns the provider under test. Each CLI command gets one of its own.
func (r *rig) provider() *wingspanProvider {
	return &wingspanProvider{
		version: "1.2.3", commit: "abcdef0", cacheDir: r.cacheDir,
		getenv: func(name string) string { return r.env[name] },
		configOverride: func(c *wingspan.Config) {
			c.BackoffBase, c.BackoffCap = time.Millisecond, 5*time.Millisecond
			c.SettleTime = r.settle
		},
	}
}

func (r *rig) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		typeName: r.newServer,
	}
}

// runCLI drives the real CLI through the steps.
func (r *rig) runCLI(steps ...resource.TestStep) {
	r.t.Helper()
	runWith(r.t, r.factories(), steps)
}

// runWith is runCLI with other providers than the rig's own.
func runWith(t *testing.T, factories map[string]func() (tfprotov6.ProviderServer, error), steps []resource.TestStep) {
	t.Helper()
	// Older CLIs have no write-only arguments, and refuse a configuration that sets one.
	var checks []tfversion.TerraformVersionCheck
	if slices.ContainsFunc(steps, func(s resource.TestStep) bool { return strings.Contains(s.Config, "shared_secret_wo") }) {
		checks = append(checks, tfversion.SkipBelow(tfversion.Version1_11_0))
	}
	resource.UnitTest(t, resource.TestCase{TerraformVersionChecks: checks, ProtoV6ProviderFactories: factories, Steps: steps})
}

// config puts the provider block before the rest. Extra lines go into the block.
func (r *rig) config(rest string, extra ...string) string {
	return fmt.Sprintf("provider \"wingspan\" {\n  base_url  = %q\n  api_token = %q\n  %s\n}\n\n%s",
		r.URL(), wingspantest.Token, strings.Join(extra, "\n  "), rest)
}

// hook declares the resource at address. Without other lines about the secret it has the plain fakeSecret.
func (r *rig) hook(lines ...string) string {
	return r.config(hookBlock("hook", lines...))
}

// hookBlock declares the resource by that name.
func hookBlock(name string, lines ...string) string {
	body := strings.Join(lines, "\n  ")
	for argument, value := range map[string]string{
		"url": `"https://hooks.example.com/a"`, "subscribed_events": `["Invoice.Paid", "Invoice.Sent"]`,
	} {
		if !strings.Contains(body, argument+" ") {
			body += fmt.Sprintf("\n  %s = %s", argument, value)
		}
	}
	if !strings.Contains(body, "shared_secret") {
		body += fmt.Sprintf("\n  shared_secret = %q", fakeSecret)
	}

	return fmt.Sprintf("resource \"wingspan_webhook_preference\" %q {\n  %s\n}\n", name, body)
}

// writes is the step's check that just these writes were sent since the last such check, in this order, each as
// "METHOD field,field".
func (r *rig) writes(want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got := []string{}
		for _, w := range r.Writes() {
			got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
		}
		r.ResetRequests()
		if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
			return errors.New("writes (-want +got):\n" + diff)
		}

		return nil
	}
}

// wantWrites is writes outside of a step.
func (r *rig) wantWrites(want ...string) {
	r.t.Helper()
	if err := r.writes(want...)(nil); err != nil {
		r.t.Error(err)
	}
}

// only returns the one preference that the server holds.
func (r *rig) only() wingspantest.Preference {
	r.t.Helper()
	all := r.Preferences()
	if len(all) != 1 {
		r.t.Fatalf("the server holds %d preferences, want 1", len(all))
	}

	return all[0]
}

// planned is a CLI step's check of what the plan does with the resource at address.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// attribute is a CLI step's check of an attribute in state.
func attribute(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func (r *rig) newServer() (tfprotov6.ProviderServer, error) { return newServer(r.provider()), nil }

// hookURL is where the hook of that name sends its events.
func hookURL(name string) string { return "https://hooks.example.com/" + name }
