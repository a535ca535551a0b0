package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	childA = "usrChildA0000000000001"
	childB = "usrChildB0000000000001"
)

// ledger knows which account each preference belongs to, also after it is gone.
type ledger map[string]string

func (l ledger) note(r *harness) {
	for _, p := range r.Preferences() {
		l[p.ID] = p.Account
	}
}

// check asserts that each request so far was made for the account that it is about, and returns how many were for which
// account. Where the URL of a hook ends in an account's id, the hook is to be created there.
func (l ledger) check(r *harness) (map[string]int, error) {
	l.note(r)
	made := map[string]int{}
	for _, req := range r.Requests() {
		acting := wingspantest.OwnAccount
		if req.HasAccount {
			acting = req.Account
		}
		made[acting]++
		want := acting
		switch req.Route {
		case wingspantest.RouteItem:
			want = l[req.Path[strings.LastIndex(req.Path, "/")+1:]]
		case wingspantest.RouteCreate:
			want = wingspantest.OwnAccount
			if _, account, found := strings.Cut(string(req.Body), hookURL("usr")); found {
				want = "usr" + account[:strings.Index(account, `"`)]
			}
		default:
		}
		if acting != want || (want == wingspantest.OwnAccount && req.HasAccount) {
			return nil, fmt.Errorf("%s %s was sent for %q (header: %t), want %q", req.Method, req.Path, acting, req.HasAccount, want)
		}
	}

	return made, nil
}

func TestFiftyAccountsInOneConfigurationWithOneProviderBlock(t *testing.T) {
	t.Parallel()
	r, l := newHarness(t), ledger{}
	accounts := []string{""}
	for n := range 50 {
		accounts = append(accounts, fmt.Sprintf("usrFifty%014d", n))
	}
	r.AddAccounts(accounts[1:]...)
	states := make([]managed, len(accounts))
	apply := func(event string) {
		w := r.configured()
		inParallel(len(accounts), func(i int) {
			config := hookValues(values{"url": hookURL("own"), "subscribed_events": []string{event}})
			if accounts[i] != "" {
				config = with(config, values{"user_id": accounts[i], "url": hookURL(accounts[i])})
			}
			if event == "" {
				config = nil
			}
			if err := states[i].apply(w, config); err != nil {
				t.Errorf("%q: %v", accounts[i], err)
			}
		})
		made, err := l.check(r)
		if err != nil {
			t.Error(err)
		}
		if n := len(r.Writes()); n != len(accounts) || len(made) != len(accounts) {
			t.Errorf("%d writes, and requests for %d accounts, want %d", n, len(made), len(accounts))
		}
		for _, p := range r.Preferences() {
			if !strings.HasSuffix(p.URL, p.Account) && p.URL != hookURL("own") {
				t.Errorf("the hook for %s is in the account %s", p.URL, p.Account)
			}
		}
		r.ResetRequests()
	}
	apply("Invoice.Paid")
	apply("Invoice.Sent")
	apply("")
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

func TestTheProvidersAccountIsTheDefaultAndAChangedAccountReplaces(t *testing.T) {
	t.Parallel()
	r, l := newHarness(t), ledger{}
	r.AddAccounts(childA, childB)
	block := func(account string) values { return values{"user_id": account} }
	// Since the last step, requests were made for just these accounts.
	madeFor := func(accounts ...string) func() {
		return func() {
			l.note(r)
			made := map[string]bool{}
			for _, req := range r.Requests() {
				made[req.Account] = true
				if id := req.Path[strings.LastIndex(req.Path, "/")+1:]; req.Route == wingspantest.RouteItem && req.HasAccount && l[id] != req.Account {
					t.Errorf("%s %s was sent for %q, want %q", req.Method, req.Path, req.Account, l[id])
				}
			}
			for _, a := range accounts {
				if !made[a] || len(made) != len(accounts) {
					t.Errorf("requests were made for %v, want %q", made, accounts)
				}
			}
		}
	}
	owner := func(account string) values { return values{"user_id": account} }
	own := wingspantest.OwnAccount
	replaced := []string{"DELETE", create}
	r.run(
		step{config: hookValues(), plan: toCreate, state: owner(own), after: madeFor(""), writes: []string{create}},
		// Naming the account that owns it already is no change.
		step{config: hookValues(owner(own)), plan: noChange, state: owner(own), after: madeFor("")},
		step{block: block(childA), config: hookValues(), plan: toReplace, state: owner(childA), after: madeFor("", childA), writes: replaced},
		step{block: block(childA), config: hookValues(owner(childB)), plan: toReplace, state: owner(childB), after: madeFor(childA, childB), writes: replaced},
		// With no account left in the configuration, it stays where it is, and is still asked for there.
		step{config: hookValues(), plan: noChange, state: owner(childB), after: madeFor(childB)},
		step{config: hookValues(values{"subscribed_events": []string{"Invoice.Paid"}}), plan: toUpdate, after: madeFor(childB), writes: []string{patchEvents}},
		// One that the token may not act on behalf of is rejected before anything is deleted.
		step{config: hookValues(owner("usrElsewhere")), diags: []string{"error: Account access denied"}},
	)
}

// TestAnAccountIsConfirmedWhereTheOwnerIsUnknown: otherwise the state would forget the webhook at the next read.
func TestAnAccountIsConfirmedWhereTheOwnerIsUnknown(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	r.SetRewrite(func(_ wingspantest.Request, p map[string]any) { delete(p, "userId") })
	h, diags := r.configured().apply(instance{}, hookValues())
	diags.want(t)
	_, diags = r.configured().apply(h, hookValues(values{"user_id": childA}))
	diags.want(t, "error at user_id: Webhook preference not found in the account")
	h, diags = r.configured().apply(h, hookValues(values{"user_id": wingspantest.OwnAccount}))
	diags.want(t)
	if h, diags = r.configured().read(h); r.configured().values(h)["id"] != r.only().ID {
		t.Errorf("it is forgotten: %s", diags.text())
	}
}

// TestAnUpdateThatSendsNothingKeepsItsAccount: later requests are for the account that was configured then, whichever token they have.
func TestAnUpdateThatSendsNothingKeepsItsAccount(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	h, diags := r.configured().apply(instance{}, hookValues())
	diags.want(t)
	r.ResetRequests()
	h, diags = r.configured().apply(h, hookValues(values{"user_id": wingspantest.OwnAccount, "allow_duplicate": true}))
	diags.want(t)
	r.wantWrites()

	const colleague = "fake-token-of-a-colleague"
	r.AddToken(colleague, childA, wingspantest.OwnAccount)
	w := r.configured(values{"api_token": colleague})
	_, diags = w.apply(h, hookValues(values{"url": changedURL}))
	diags.want(t)
	r.wantWrites(patchURL)
}
