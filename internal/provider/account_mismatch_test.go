package provider

import (
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestACreateThatReturnsAnotherAccountsOldWebhookLeavesItAlone(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	r.Fail(wingspantest.Fault{Method: "POST", Body: `{"preferenceId":"old","userId":"` + childB + `","url":"` + hookURL("a") +
		`","subscribedEvents":["Invoice.Paid"],"createdAt":"2024-01-02T03:04:05Z"}`})
	h, diags := r.configured(values{"event_name_validation": "off"}).apply(instance{}, hookValues(values{"user_id": childA}))
	diags.want(t, "error at user_id: Unexpected account in response")
	for _, part := range []string{childA, childB, "old"} {
		if !strings.Contains(diags.text(), part) {
			t.Errorf("the error does not name %q:\n%s", part, diags.text())
		}
	}
	if h.state != nil && r.configured().values(h) != nil {
		t.Error("the state contains another account's webhook")
	}
	r.wantWrites(create)
}

func TestACreateForAnotherAccountIsDeletedByTheNextApply(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA, childB)
	config := hookValues(values{"user_id": childA})
	r.run(
		step{
			before: func() { r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB }) }, config: config, plan: toCreate,
			applyDiags: []string{"error at user_id: Unexpected account in response"}, writes: []string{create},
		},
		step{
			before: func() {
				// It was made in the other account indeed.
				r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "" })
				r.Edit(r.only().ID, func(p *wingspantest.Preference) { p.Account = childB })
			},
			config: config, plan: toReplace, writes: []string{"DELETE", create},
		},
	)
}

func TestAReadThatReturnsAnotherAccountChangesNothing(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]any{"asked for": childA, "never named": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			w := r.configured()
			config := hookValues(values{"user_id": account})
			h, diags := w.apply(instance{}, config)
			diags.want(t)
			r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB })
			r.ResetRequests()
			after, diags := w.read(h)
			diags.want(t, "error at user_id: Unexpected account in response")
			if !strings.Contains(diags.text(), childB) {
				t.Errorf("the error does not name the other account:\n%s", diags.text())
			}
			if got, want := w.values(after)["user_id"], w.values(h)["user_id"]; got != want {
				t.Errorf("the state's account became %v, was %v", got, want)
			}
			r.wantWrites()
		})
	}
}

func TestAnAccountOutOfReachIsNamedWithTheAPIsWords(t *testing.T) {
	t.Parallel()
	const stranger = "usrStranger00000000001"
	r := newHarness(t)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	w := r.configured(values{"event_name_validation": "off"})
	for name, do := range map[string]func() diagnostics{
		"create": func() diagnostics {
			_, diags := w.apply(instance{}, hookValues(values{"user_id": stranger}))
			return diags
		},
		"import": func() diagnostics { _, diags := w.importID(stranger + "/" + p.ID); return diags },
		"names": func() diagnostics {
			_, diags := w.data("wingspan_event_names", values{"user_id": stranger})
			return diags
		},
		"one": func() diagnostics {
			_, diags := w.data(preferenceTypeName, values{"user_id": stranger, "id": p.ID})
			return diags
		},
		"all": func() diagnostics {
			_, diags := w.data(preferenceTypeName+"s", values{"user_id": stranger})
			return diags
		},
	} {
		diags := do()
		if !diags.failed() || !strings.Contains(diags.text(), stranger) || !strings.Contains(diags.text(), "the token has no access to account") {
			t.Errorf("%s: the error doesn't contain the account and the API's message:\n%s", name, diags.text())
		}
	}
	if n := len(r.Preferences()); n != 1 {
		t.Errorf("the server has %d preferences, want 1", n)
	}
}
