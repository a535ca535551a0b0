package provider

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// secretModes are the four ways in which an API may answer a secret.
var secretModes = map[string]wingspantest.SecretMode{
	"echo": wingspantest.Echo, "mask": wingspantest.Mask, "hash": wingspantest.Hash, "omit": wingspantest.Omit,
}

// given is what a configuration says of the secret. The zero value says nothing.
type given struct {
	plain, writeOnly string
	version          int
}

func (g given) lines() string {
	var lines []string
	if g.plain != "" {
		lines = append(lines, fmt.Sprintf("shared_secret = %q", g.plain))
	}
	if g.writeOnly != "" {
		lines = append(lines, fmt.Sprintf("shared_secret_wo = %q", g.writeOnly))
	}
	if g.version != 0 {
		lines = append(lines, fmt.Sprintf("shared_secret_wo_version = %d", g.version))
	}

	return strings.Join(lines, "\n  ")
}

func (g given) inState() knownvalue.Check {
	if g.plain == "" {
		return knownvalue.Null()
	}

	return knownvalue.StringExact(g.plain)
}

func hookAddress(name string) string { return "wingspan_webhook_preference." + name }

// hookURL is where the hook of that name sends its events, by which the server's records are found again.
func hookURL(name string) string { return "https://hooks.example.com/" + name }

func hookWith(name string, lines ...string) string {
	return fmt.Sprintf("resource \"wingspan_webhook_preference\" %q {\n  url = %q\n  subscribed_events = [\"Invoice.Paid\"]\n  %s\n}\n",
		name, hookURL(name), strings.Join(lines, "\n  "))
}

// secretOf is what the server holds for the hook of that name.
func (r *rig) secretOf(name string) string {
	for _, p := range r.Preferences() {
		if p.URL == hookURL(name) {
			return p.SharedSecret
		}
	}

	return ""
}

// writesByHook forgets the requests so far, and returns their writes by the name of the hook.
func (r *rig) writesByHook() map[string][]string {
	names := map[string]string{}
	for _, p := range r.Preferences() {
		names[p.ID] = strings.TrimPrefix(p.URL, hookURL(""))
	}
	writes := map[string][]string{}
	for _, w := range r.Writes() {
		name := names[w.Path[strings.LastIndex(w.Path, "/")+1:]]
		if w.Method == "POST" {
			for _, p := range r.Preferences() {
				if strings.Contains(string(w.Body), `"`+p.URL+`"`) {
					name = names[p.ID]
				}
			}
		}
		writes[name] = append(writes[name], w.Method+" "+strings.Join(w.Fields(), ","))
	}
	r.ResetRequests()

	return writes
}

// transition is a step of one hook: what its configuration says of the secret, and what has to come of it.
type transition struct {
	given
	// writes is what is sent, "" for nothing.
	writes string
	plan   plancheck.ResourceActionType
	// holds is the secret that the server has to have afterwards.
	holds string
}

const (
	create      = "POST sharedSecret,subscribedEvents,url"
	patchSecret = "PATCH sharedSecret"
)

// sends is a step whose secret is sent.
func sends(g given) transition {
	return transition{given: g, writes: patchSecret, plan: plancheck.ResourceActionUpdate, holds: g.plain + g.writeOnly}
}

func creates(g given) transition {
	return transition{given: g, writes: create, plan: plancheck.ResourceActionCreate, holds: g.plain + g.writeOnly}
}

// keeps is a step that sends nothing, and plans something only because the state is to forget an argument.
func keeps(g given, plan plancheck.ResourceActionType, holds string) transition {
	return transition{given: g, plan: plan, holds: holds}
}

// allTransitions leads three hooks through every form of the secret and every way from one to another, side by side
// because a step of the CLI costs the same for one hook as for three.
func allTransitions() map[string][]transition {
	const noop, update = plancheck.ResourceActionNoop, plancheck.ResourceActionUpdate
	s := func(n int) string { return fmt.Sprintf("fake-secret-number-%02d", n) }

	return map[string][]transition{
		"a": {
			creates(given{plain: s(1)}),
			sends(given{plain: s(2)}),                             // plain, rotated
			sends(given{writeOnly: s(3)}),                         // plain to write-only
			sends(given{writeOnly: s(4)}),                         // write-only, rotated
			sends(given{writeOnly: s(4), version: 1}),             // write-only to versioned, with the same secret
			keeps(given{writeOnly: s(5), version: 1}, noop, s(4)), // versioned, another secret
			keeps(given{}, update, s(4)),                          // versioned to neither
			sends(given{writeOnly: s(4), version: 1}),             // neither to versioned
		},
		"b": {
			creates(given{writeOnly: s(11)}),
			keeps(given{}, noop, s(11)),                // write-only to neither
			sends(given{plain: s(12)}),                 // neither to plain
			keeps(given{}, update, s(12)),              // plain to neither
			sends(given{writeOnly: s(13)}),             // neither to write-only
			sends(given{plain: s(13)}),                 // write-only to plain, with the same secret
			sends(given{writeOnly: s(14), version: 7}), // plain to versioned
			sends(given{plain: s(15)}),                 // versioned to plain
		},
		"c": {
			creates(given{writeOnly: s(21), version: 1}),
			sends(given{writeOnly: s(22), version: 2}), // versioned, rotated
			sends(given{writeOnly: s(22), version: 1}), // backwards is a change too
			sends(given{writeOnly: s(22)}),             // versioned to write-only
			keeps(given{writeOnly: s(22)}, noop, s(22)),
			sends(given{writeOnly: s(23), version: 1}), // write-only to versioned, with another secret
			sends(given{plain: s(23)}),                 // versioned to plain, with the same secret
			sends(given{writeOnly: s(23)}),             // plain to write-only, with the same secret
		},
	}
}

func TestSecretTransitionsConvergeHoweverTheAPIReturnsSecrets(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, v := newRig(t), &vault{}
			r.SetSecrets(mode)
			hooks := allTransitions()

			var steps []resource.TestStep
			for i := range hooks["a"] {
				steps = append(steps, transitionStep(r, v, hooks, i))
			}
			runWith(t, v.factories(r), steps)

			// Write-only secrets were never handed over, and neither was the API's form of any secret.
			for _, list := range hooks {
				for _, step := range list {
					if step.writeOnly != "" && !slices.ContainsFunc(list, func(o transition) bool { return o.plain == step.writeOnly }) {
						if err := v.shown(step.writeOnly); err != nil {
							t.Error(err)
						}
					}
				}
			}
			if err := v.passedOn("********", fmt.Sprintf("%x", sha256.Sum256([]byte(hooks["a"][0].plain)))); err != nil {
				t.Error(err)
			}
		})
	}
}

func transitionStep(r *rig, v *vault, hooks map[string][]transition, i int) resource.TestStep {
	step := resource.TestStep{}
	var config strings.Builder
	want := map[string][]string{}
	for name, list := range hooks {
		now := list[i]
		config.WriteString(hookWith(name, now.lines()))
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, plancheck.ExpectResourceAction(hookAddress(name), now.plan))
		step.ConfigStateChecks = append(step.ConfigStateChecks,
			statecheck.ExpectKnownValue(hookAddress(name), tfjsonpath.New("shared_secret"), now.inState()),
			statecheck.ExpectKnownValue(hookAddress(name), tfjsonpath.New("shared_secret_wo"), knownvalue.Null()),
			statecheck.ExpectSensitiveValue(hookAddress(name), tfjsonpath.New("shared_secret")),
		)
		if now.writes != "" {
			want[name] = []string{now.writes}
		}
	}
	step.Config = r.config(config.String())
	step.Check = func(*terraform.State) error {
		if diff := cmp.Diff(want, r.writesByHook()); diff != "" {
			return errors.New("writes (-want +got):\n" + diff)
		}
		for name, list := range hooks {
			if got := r.secretOf(name); got != list[i].holds {
				return fmt.Errorf("the server holds %q for %s, want %q", got, name, list[i].holds)
			}
		}

		return v.kept(notPlainNow(hooks, i)...)
	}

	return step
}

// notPlainNow are the secrets that no new state may hold: all but those that the configuration has in plain.
func notPlainNow(hooks map[string][]transition, i int) []string {
	var secrets []string
	for _, list := range hooks {
		for _, step := range list {
			if s := step.plain + step.writeOnly; s != "" && s != list[i].plain {
				secrets = append(secrets, s)
			}
		}
	}

	return secrets
}
