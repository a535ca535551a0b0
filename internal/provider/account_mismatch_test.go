package provider

import (
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestACreateThatReturnsAnotherAccountsOldWebhookLeavesItAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts(childA)
	r.Fail(wingspantest.Fault{Method: "POST", Body: `{"preferenceId":"old","userId":"` + childB + `","url":"` + hookURL("a") +
		`","subscribedEvents":["Invoice.Paid"],"createdAt":"2024-01-02T03:04:05Z"}`})
	h, told := r.wire(values{"event_name_validation": "off"}).apply(held{}, hookValues(values{"user_id": childA}))
	told.want(t, "error at user_id: Unexpected account in response")
	for _, part := range []string{childA, childB, "old"} {
		if !strings.Contains(told.text(), part) {
			t.Errorf("the error does not name %q:\n%s", part, told.text())
		}
	}
	if h.state != nil && r.wire().values(h) != nil {
		t.Error("the state contains another account's webhook")
	}
	r.wantWrites(create)
}

func TestACreateForAnotherAccountIsDeletedByTheNextApply(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts(childA, childB)
	config := hookValues(values{"user_id": childA})
	r.run(
		step{
			before: func() { r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB }) }, config: config, plan: toCreate,
			applySays: []string{"error at user_id: Unexpected account in response"}, writes: []string{create},
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
			r := newRig(t)
			r.AddAccounts(childA)
			w := r.wire()
			config := hookValues(values{"user_id": account})
			h, told := w.apply(held{}, config)
			told.want(t)
			r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB })
			r.ResetRequests()
			after, told := w.read(h)
			told.want(t, "error at user_id: Unexpected account in response")
			if !strings.Contains(told.text(), childB) {
				t.Errorf("the error does not name the other account:\n%s", told.text())
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
	r := newRig(t)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	w := r.wire(values{"event_name_validation": "off"})
	for name, do := range map[string]func() said{
		"create": func() said { _, told := w.apply(held{}, hookValues(values{"user_id": stranger})); return told },
		"import": func() said { _, told := w.importID(stranger + "/" + p.ID); return told },
		"names":  func() said { _, told := w.data("wingspan_event_names", values{"user_id": stranger}); return told },
		"one": func() said {
			_, told := w.data(preferenceTypeName, values{"user_id": stranger, "id": p.ID})
			return told
		},
		"all": func() said { _, told := w.data(preferenceTypeName+"s", values{"user_id": stranger}); return told },
	} {
		told := do()
		if !told.failed() || !strings.Contains(told.text(), stranger) || !strings.Contains(told.text(), "the token has no access to account") {
			t.Errorf("%s: the error does not name the account and what the API said:\n%s", name, told.text())
		}
	}
	if n := len(r.Preferences()); n != 1 {
		t.Errorf("the server holds %d preferences, want 1", n)
	}
}
