package provider

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// editSecrets changes the secret of each hook behind Terraform's back, and nothing else: no API promises that updated_at moves with it.
func (r *harness) editSecrets(secret string) {
	for _, p := range r.Preferences() {
		p.SharedSecret = secret
		r.Put(p)
	}
}

func TestADriftedSecretIsShownAndCorrectedWithoutItsValue(t *testing.T) {
	t.Parallel()
	for form, g := range givenForms(fakeSecret) {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			v := r.watch()
			drift := func(secret string) func() { return func() { r.editSecrets(secret) } }
			corrected := step{before: drift(foreignSecret), config: g.config(), plan: toUpdate, refreshed: values{"shared_secret": nil}, planned: values{"updated_at": unknown{}}, writes: []string{patchSecret}}
			// It is noticed as often as it happens, and a new version corrects what only it can.
			again, bumped := g, g
			if g.version != 0 {
				corrected.plan, corrected.planned, corrected.writes = noChange, nil, nil
				bumped.version++
				again = bumped
			}
			corrected.state = g.inState()
			r.run(
				step{config: g.config(), writes: []string{create}}, corrected,
				step{before: drift(foreignSecret + "-again"), config: again.config(), plan: toUpdate, state: g.inState(), writes: []string{patchSecret}},
			)
			v.wantNonePassedOn(t, foreignSecret)
		})
	}
}

// TestAHiddenSecretCannotDrift: the API hides all secrets, or only those that it shows to readers, who may take what they see for another
// secret. Only what a read has echoed is compared.
func TestAHiddenSecretCannotDrift(t *testing.T) {
	t.Parallel()
	hiding := map[string]func(*harness){}
	for name, mode := range secretModes {
		if mode != wingspantest.Echo {
			hiding[name] = func(r *harness) { r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode }) }
		}
	}
	for name, rewrite := range map[string]func(string) any{
		"mask":            func(string) any { return "********" },
		"null":            func(string) any { return nil },
		"mask of letters": func(s string) any { return s[:4] + "xxxx" },
		"hash":            func(s string) any { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) },
	} {
		hiding[name+" for readers"] = func(r *harness) {
			r.SetRewrite(func(request wingspantest.Request, preference map[string]any) {
				if secret, ok := preference["sharedSecret"].(string); ok && request.Method == http.MethodGet {
					preference["sharedSecret"] = rewrite(secret)
				}
			})
		}
	}
	for name, hide := range hiding {
		for form, g := range givenForms(fakeSecret) {
			t.Run(form+" "+name, func(t *testing.T) {
				t.Parallel()
				r := newHarness(t)
				v := r.watch()
				hide(r)
				rotated := givenForms(otherSecret)[form]
				if rotated.version != 0 {
					rotated.version++
				}
				r.run(
					step{config: g.config(), plan: toCreate, writes: []string{create}},
					step{before: func() { r.editSecrets(foreignSecret) }, config: g.config(), plan: noChange},
					step{config: rotated.config(), plan: toUpdate, writes: []string{patchSecret}},
				)
				v.wantNonePassedOn(t, "********", "fakexxxx", foreignSecret)
			})
		}
	}
}
