package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	childA = "usrChildA0000000000001"
	childB = "usrChildB0000000000001"

	unexpectedAccount = "error at user_id: Unexpected account in response"
)

// reads are all ways to read, each for the account.
func (w *providerServer) reads(id string, account any) map[string]diagnostics {
	w.t.Helper()

	return map[string]diagnostics{
		"names": second(w.data("wingspan_event_names", values{"user_id": account})),
		"one":   second(w.data(preferenceTypeName, values{"id": id, "user_id": account})),
		"all":   second(w.data(preferenceTypeName+"s", values{"user_id": account})),
		"query": second(w.list(values{"user_id": account}, 0, true, nil)),
	}
}

func second[A any](_ A, diags diagnostics) diagnostics { return diags }

// TestWhichAccountARequestIsFor is what follows from the configuration, the provider's account and the state.
func TestWhichAccountARequestIsFor(t *testing.T) {
	t.Parallel()
	text, null := types.StringValue, types.StringNull()
	for _, test := range []struct {
		name     string
		sources  accountSources
		provider string
		want     string
	}{
		{"set nowhere", accountSources{configured: null}, "", ""},
		{"the provider's", accountSources{configured: null}, "usrP", "usrP"},
		{"configured", accountSources{configured: text("usrC")}, "usrP", "usrC"},
		{"configured, for a webhook of the state", accountSources{configured: text("usrC"), owner: text("usrO"), stored: "usrS", hasStored: true}, "usrP", "usrC"},
		{"as before", accountSources{configured: null, owner: text("usrO"), stored: "usrO", hasStored: true}, "usrP", "usrO"},
		{"the token's own, as before", accountSources{configured: null, owner: text("usrO"), hasStored: true}, "usrP", ""},
		{"the token's own before, and now the provider's", accountSources{configured: null, owner: text("usrP"), hasStored: true}, "usrP", "usrP"},
		{"a state that another tool wrote", accountSources{configured: null, owner: text("usrO")}, "usrP", "usrO"},
		{"a state that another tool wrote without an owner", accountSources{configured: null, owner: null}, "usrP", "usrP"},
	} {
		if got := test.sources.account(test.provider); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestPlannedUserID: user_id keeps the state's account when the argument is removed.
func TestPlannedUserID(t *testing.T) {
	t.Parallel()
	text, null, unknown := types.StringValue, types.StringNull(), types.StringUnknown()
	state := func(userID types.String) *preferenceModel {
		return &preferenceModel{readableModel: readableModel{UserID: userID}}
	}
	for _, test := range []struct {
		name       string
		configured types.String
		state      *preferenceModel
		provider   string
		want       types.String
	}{
		{"create", null, nil, "", unknown},
		{"create for the provider's", null, nil, "usrP", text("usrP")},
		{"create, configured", text("usrC"), nil, "usrP", text("usrC")},
		{"create, not known yet", unknown, nil, "usrP", unknown},
		{"removed from the configuration", null, state(text("usrS")), "", text("usrS")},
		{"an API that returns none", null, state(null), "", null},
		{"the provider's is another one now", null, state(text("usrS")), "usrP", text("usrP")},
	} {
		if got := planUserID(test.configured, test.state, test.provider); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// wantAccounts asserts that the requests were for just these accounts, "" for the token's own, which no
// header names, and that each account had what it was asked for.
func (r *harness) wantAccounts(want ...string) {
	r.t.Helper()
	made := map[string]bool{}
	for _, req := range r.Requests() {
		if made[req.Account] = true; req.Status >= 400 || req.HasAccount && req.Account == wingspantest.OwnAccount {
			r.t.Errorf("%s %s for %q (header: %t) was answered with %d", req.Method, req.Path, req.Account, req.HasAccount, req.Status)
		}
	}
	for _, account := range want {
		if !made[account] || len(made) != len(want) {
			r.t.Fatalf("requests were made for %v, want %q", made, want)
		}
	}
}

func TestManyAccountsInOneConfigurationWithOneProviderBlock(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	accounts := []string{""}
	for n := range 2 * parallelism {
		accounts = append(accounts, fmt.Sprintf("usrMany%015d", n))
	}
	r.AddAccounts(accounts[1:]...)
	states := make([]managed, len(accounts))
	for _, event := range []string{"Invoice.Paid", "Invoice.Sent", ""} {
		w := r.configured()
		inParallel(len(accounts), func(i int) {
			config := hookValues(values{"url": hookURL(accounts[i]), "subscribed_events": []string{event}})
			if accounts[i] != "" {
				config["user_id"] = accounts[i]
			}
			if event == "" {
				config = nil
			}
			if err := states[i].apply(w, config); err != nil {
				t.Errorf("%q: %v", accounts[i], err)
			}
		})
		if n := len(r.Writes()); n != len(accounts) {
			t.Errorf("%d writes, want %d", n, len(accounts))
		}
		r.wantAccounts(accounts...)
		r.ResetRequests()
		for _, p := range r.Preferences() {
			if p.URL != hookURL(strings.TrimPrefix(p.Account, wingspantest.OwnAccount)) {
				t.Errorf("the hook for %s is in the account %s", p.URL, p.Account)
			}
		}
	}
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

func TestTheProvidersAccountIsTheDefaultAndAChangedAccountReplaces(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA, childB)
	// Since the last step, requests were made for just these accounts.
	madeFor := func(accounts ...string) func() { return func() { r.wantAccounts(accounts...) } }
	user := func(account string) values { return values{"user_id": account} }
	own := wingspantest.OwnAccount
	replaced := []string{"DELETE", create}
	r.run(
		step{config: hookValues(), plan: toCreate, state: user(own), after: madeFor(""), writes: []string{create}},
		// Naming the account that owns it already is no change.
		step{config: hookValues(user(own)), plan: noChange, state: user(own), after: madeFor("")},
		step{block: user(childA), config: hookValues(), plan: toReplace, state: user(childA), after: madeFor("", childA), writes: replaced},
		step{block: user(childA), config: hookValues(user(childB)), plan: toReplace, state: user(childB), after: madeFor(childA, childB), writes: replaced},
		// With no account left in the configuration, it stays where it is, and is still asked for there.
		step{config: hookValues(), plan: noChange, state: user(childB), after: madeFor(childB)},
		step{config: hookValues(values{"subscribed_events": []string{"Invoice.Paid"}}), plan: toUpdate, after: madeFor(childB), writes: []string{patchEvents}},
		// One that the token may not act on behalf of is rejected before anything is deleted.
		step{config: hookValues(user("usrElsewhere")), diags: []string{"error: Account access denied"}},
	)
}

// TestAnAccountIsConfirmedWhereTheOwnerIsUnknown: otherwise the state would forget the webhook at the next read.
func TestAnAccountIsConfirmedWhereTheOwnerIsUnknown(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	r.SetRewrite(func(_ wingspantest.Request, p map[string]any) { delete(p, "userId") })
	h := r.configured().applied(instance{}, hookValues())
	_, diags := r.configured().apply(h, hookValues(values{"user_id": childA}))
	diags.want(t, "error at user_id: Webhook preference not found in the account")
	h = r.configured().applied(h, hookValues(values{"user_id": wingspantest.OwnAccount}))
	if h, diags = r.configured().read(h); r.configured().values(h)["id"] != r.only().ID {
		t.Errorf("it is forgotten: %s", diags.text())
	}
}

// TestAnUpdateThatSendsNothingKeepsItsAccount: later requests are for the account that was configured then, whichever token they have.
func TestAnUpdateThatSendsNothingKeepsItsAccount(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	h := r.configured().applied(instance{}, hookValues())
	r.ResetRequests()
	h = r.configured().applied(h, hookValues(values{"user_id": wingspantest.OwnAccount, "allow_duplicate": true}))
	r.wantWrites()

	const colleague = "fake-token-of-a-colleague"
	r.AddToken(colleague, childA, wingspantest.OwnAccount)
	w := r.configured(values{"api_token": colleague})
	w.applied(h, hookValues(values{"url": changedURL}))
	r.wantWrites(patchURL)
}

func TestAnAccountOutOfReachIsNamedWithTheAPIsWords(t *testing.T) {
	t.Parallel()
	const stranger = "usrStranger00000000001"
	r := newHarness(t)
	p, _ := seeded(r, wingspantest.OwnAccount)
	w := r.configured(values{"event_name_validation": "off"})
	results := w.reads(p.ID, stranger)
	results["import"] = second(w.importID(stranger + "/" + p.ID))
	results["create"] = second(w.apply(instance{}, hookValues(values{"user_id": stranger})))
	for what, diags := range results {
		if diags.want(t, "error: Account access denied"); t.Failed() {
			t.Fatal(what)
		}
		diags.wantText(t, stranger, "the token has no access to account")
	}
	r.wantWrites()
}

func TestAResponseForAnotherAccountIsAnError(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]any{"asked for": childA, "never named": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			w := r.configured()
			h := w.applied(instance{}, hookValues(values{"user_id": account}))
			r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB })
			r.ResetRequests()
			results := map[string]diagnostics{}
			if account != nil {
				results = w.reads(r.only().ID, account)
				delete(results, "names") // They are the same for all.
			}
			results["read"] = second(w.read(h))
			for what, diags := range results {
				if diags.want(t, unexpectedAccount); t.Failed() {
					t.Fatal(what)
				}
				diags.wantText(t, childB)
			}
			r.wantWrites()
		})
	}
}

func TestACreateForAnotherAccountIsDeletedByTheNextApply(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA, childB)
	config := hookValues(values{"user_id": childA})
	r.run(
		step{
			before: func() { r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB }) }, config: config, plan: toCreate,
			applyDiags: []string{unexpectedAccount}, writes: []string{create},
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
