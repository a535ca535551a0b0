package provider

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const foreignSecret = "fake-secret-set-by-somebody-else"

// secretModes are the four ways in which an API may return a secret.
var secretModes = map[string]wingspantest.SecretMode{
	"echo": wingspantest.Echo, "mask": wingspantest.Mask, "hash": wingspantest.Hash, "omit": wingspantest.Omit,
}

// given is what a configuration sets of the secret. The zero value sets nothing.
type given struct {
	plain, writeOnly string
	version          int
}

// config is a hook's with just these arguments about the secret.
func (g given) config(more ...values) values {
	config := values{"shared_secret": nil}
	if g.plain != "" {
		config["shared_secret"] = g.plain
	}
	if g.writeOnly != "" {
		config["shared_secret_wo"] = g.writeOnly
	}
	if g.version != 0 {
		config["shared_secret_wo_version"] = g.version
	}

	return with(hookValues(config), more...)
}

// inState is what a state has of the secret.
func (g given) inState() values {
	state := values{"shared_secret": nil, "shared_secret_wo": nil}
	if g.plain != "" {
		state["shared_secret"] = g.plain
	}

	return state
}

// givenForms are the hooks that give a secret, in each form.
func givenForms(secret string) map[string]given {
	return map[string]given{"plain": {plain: secret}, "write-only": {writeOnly: secret}, "versioned": {writeOnly: secret, version: 1}}
}

// transition is a step of one hook: what its configuration sets of the secret, and the expected result.
type transition struct {
	given
	// writes is what is sent, "" for nothing.
	writes, plan string
	// serverSecret is the secret that the server has to have afterwards.
	serverSecret string
}

// sends is a step whose secret is sent.
func sends(g given) transition {
	return transition{given: g, writes: patchSecret, plan: toUpdate, serverSecret: g.plain + g.writeOnly}
}

func creates(g given) transition {
	return transition{given: g, writes: create, plan: toCreate, serverSecret: g.plain + g.writeOnly}
}

// keeps is a step that sends nothing, and plans something only because the state is to forget an argument.
func keeps(g given, plan, serverSecret string) transition {
	return transition{given: g, plan: plan, serverSecret: serverSecret}
}

// allTransitions leads three hooks through every form of the secret and every way from one to another.
func allTransitions() map[string][]transition {
	s := func(n int) string { return fmt.Sprintf("fake-secret-number-%02d", n) }

	return map[string][]transition{
		"a": {
			creates(given{plain: s(1)}),
			sends(given{plain: s(2)}),                                 // plain, rotated
			sends(given{writeOnly: s(3)}),                             // plain to write-only
			sends(given{writeOnly: s(4)}),                             // write-only, rotated
			sends(given{writeOnly: s(4), version: 1}),                 // write-only to versioned, with the same secret
			keeps(given{writeOnly: s(5), version: 1}, noChange, s(4)), // versioned, another secret
			keeps(given{}, toUpdate, s(4)),                            // versioned to neither
			sends(given{writeOnly: s(4), version: 1}),                 // neither to versioned
		},
		"b": {
			creates(given{writeOnly: s(11)}),
			keeps(given{}, noChange, s(11)),            // write-only to neither
			sends(given{plain: s(12)}),                 // neither to plain
			keeps(given{}, toUpdate, s(12)),            // plain to neither
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
			keeps(given{writeOnly: s(22)}, noChange, s(22)),
			sends(given{writeOnly: s(23), version: 1}), // write-only to versioned, with another secret
			sends(given{plain: s(23)}),                 // versioned to plain, with the same secret
			sends(given{writeOnly: s(23)}),             // plain to write-only, with the same secret
		},
	}
}

func TestSecretTransitionsConvergeHoweverTheAPIReturnsSecrets(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		for hook, transitions := range allTransitions() {
			t.Run(name+" "+hook, func(t *testing.T) {
				t.Parallel()
				r := newHarness(t)
				v := r.watch()
				r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
				var steps []step
				for _, now := range transitions {
					s := step{config: now.config(), plan: now.plan, state: now.inState()}
					if now.writes != "" {
						s.writes = []string{now.writes}
					}
					s.after = func() {
						if got := r.only().SharedSecret; got != now.serverSecret {
							t.Errorf("the server has %q, want %q", got, now.serverSecret)
						}
						// No new state may contain any but the one that the configuration has in plain.
						for _, other := range transitions {
							if secret := other.plain + other.writeOnly; secret != "" && secret != now.plain {
								wantNone(t, v.applied, []string{secret})
							}
						}
						v.applied = nil
					}
					steps = append(steps, s)
				}
				r.run(steps...)

				// Write-only secrets were never handed over, and neither was the API's form of any secret.
				for _, s := range transitions {
					if s.writeOnly != "" && !slices.ContainsFunc(transitions, func(o transition) bool { return o.plain == s.writeOnly }) {
						v.wantNoneHanded(t, s.writeOnly)
					}
				}
				first := transitions[0].plain + transitions[0].writeOnly
				v.wantNonePassedOn(t, "********", fmt.Sprintf("%x", sha256.Sum256([]byte(first))))
			})
		}
	}
}

func TestAnImportIsFollowedByAnySecretArgumentHoweverTheAPIReturnsSecrets(t *testing.T) {
	t.Parallel()
	forms := givenForms(fakeSecret)
	forms["neither"] = given{}
	for name, mode := range secretModes {
		for form, g := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				r := newHarness(t)
				v := r.watch()
				r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
				p := r.Put(wingspantest.Preference{URL: "https://hooks.example.com/a", SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}})
				imported := step{importID: p.ID, config: g.config(), plan: toUpdate, state: with(g.inState(), values{"user_id": wingspantest.OwnAccount}), writes: []string{patchSecret}}
				if form == "neither" {
					imported.plan, imported.writes = noChange, nil
					imported.after = func() {
						if r.only().SharedSecret != foreignSecret {
							t.Error("the secret of the hook without any has changed")
						}
					}
				}
				// One that has no secret in the configuration is still changed in place, and keeps its secret.
				r.run(imported, step{config: g.config(values{"subscribed_events": []string{"Invoice.Paid"}}), plan: toUpdate, writes: []string{patchEvents}})
				v.wantNonePassedOn(t, foreignSecret)
			})
		}
	}
}

// An ephemeral source may give another secret each time that it is asked: here one to the plan and one to the apply.
func TestASecretThatDiffersBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	v := r.watch()
	n, last := 0, ""
	next := func() string {
		n++
		last = fmt.Sprintf("fake-ephemeral-secret-%04d", n)

		return last
	}
	// differing is a step in which the plan, the apply and the next plan are given different secrets.
	differing := func(s step, version int, more ...values) step {
		s.config, s.late = given{writeOnly: next(), version: version}.config(more...), values{"shared_secret_wo": next()}
		secret := last
		if len(s.writes) > 0 {
			s.after = func() {
				if got := r.only().SharedSecret; got != secret {
					t.Errorf("the server has %q, want %q, which is the apply's", got, secret)
				}
			}
		}

		return s
	}
	allow, events := values{"allow_duplicate": true}, values{"subscribed_events": []string{"Invoice.Paid"}}
	both := []string{"PATCH sharedSecret,subscribedEvents"}
	r.run(
		differing(step{plan: toCreate, writes: []string{create}}, 1),
		differing(step{plan: noChange}, 1),
		differing(step{plan: toUpdate}, 1, allow),
		differing(step{plan: toUpdate, writes: []string{patchSecret}}, 2, allow),
		// Without a version there is always a new secret to set, and that is no error, whatever else changes with it.
		differing(step{plan: toUpdate, writes: []string{patchSecret}}, 0, allow),
		differing(step{plan: toUpdate, writes: both}, 0, allow, events),
		differing(step{plan: toUpdate, writes: both}, 1, allow),
	)
	// At plan it is the one that is set; at apply it is another one. Only an argument that makes no request changes.
	set := given{writeOnly: fakeSecret}
	r.run(
		step{config: set.config(), writes: []string{create}},
		step{config: set.config(allow), late: values{"shared_secret_wo": otherSecret}, plan: toUpdate, planned: values{"updated_at": unknown{}}, writes: []string{patchSecret}},
	)
	// It is unknown during planning, and turns out to be the same.
	open := given{writeOnly: "unknown"}.config(values{"shared_secret_wo": unknown{}})
	r.run(
		step{config: open, late: set.config(), plan: toCreate, writes: []string{create}},
		step{config: open, late: values{"shared_secret_wo": otherSecret}, plan: toUpdate, planned: values{"updated_at": unknown{}}, writes: []string{patchSecret}},
		step{config: open, late: values{"shared_secret_wo": otherSecret}, plan: toUpdate, planned: values{"updated_at": unknown{}}},
	)
	v.wantNoneHanded(t, "fake-ephemeral-secret", fakeSecret, otherSecret)
}
