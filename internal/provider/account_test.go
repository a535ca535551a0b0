package provider

import (
	"context"
	"errors"
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

const (
	childA = "usrChildA0000000000001"
	childB = "usrChildB0000000000001"
)

// ledger knows which account each preference belongs to, also after it is gone.
type ledger map[string]string

func (l ledger) note(r *rig) {
	for _, p := range r.Preferences() {
		l[p.ID] = p.Account
	}
}

// check asserts that each request so far was made for the account that it is about, and returns how many were for which
// account. Where the URL of a hook ends in an account's id, the hook is to be created there.
func (l ledger) check(r *rig) (map[string]int, error) {
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

// stateCheck is a check of the server among those of the state.
type stateCheck func() error

func (f stateCheck) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = f()
}

func TestFiftyAccountsInOneConfigurationWithOneProviderBlock(t *testing.T) {
	t.Parallel()
	r, l := newRig(t), ledger{}
	var accounts []string
	for n := range 50 {
		accounts = append(accounts, fmt.Sprintf("usrFifty%014d", n))
	}
	r.AddAccounts(accounts...)
	config := func(event string) string {
		return r.config(fmt.Sprintf(`
locals {
  accounts = ["%s"]
}

resource "wingspan_webhook_preference" "child" {
  count             = length(local.accounts)
  user_id           = local.accounts[count.index]
  url               = "https://hooks.example.com/${local.accounts[count.index]}"
  subscribed_events = [%q]
  shared_secret     = %q
}

resource "wingspan_webhook_preference" "hook" {
  url               = "https://hooks.example.com/own"
  subscribed_events = [%q]
  shared_secret     = %q
}
`, strings.Join(accounts, `", "`), event, fakeSecret, event, fakeSecret))
	}
	// Each account is asked for its own names, its own list, and gets one write.
	everyAccount := func(atLeast int) stateCheck {
		return func() error {
			made, err := l.check(r)
			if err != nil {
				return err
			}
			for _, a := range append([]string{wingspantest.OwnAccount}, accounts...) {
				if made[a] < atLeast {
					return fmt.Errorf("%d requests were made for %s, want %d or more", made[a], a, atLeast)
				}
			}
			if len(made) != len(accounts)+1 {
				return fmt.Errorf("requests were made for %d accounts, want %d", len(made), len(accounts)+1)
			}
			if n := len(r.Writes()); n != len(accounts)+1 {
				return fmt.Errorf("%d writes, want %d", n, len(accounts)+1)
			}
			for _, p := range r.Preferences() {
				if !strings.HasSuffix(p.URL, p.Account) && p.URL != hookURL("own") {
					return fmt.Errorf("the hook for %s is in the account %s", p.URL, p.Account)
				}
			}
			t.Logf("%d requests, %d of them writes, for %d accounts", len(r.Requests()), len(r.Writes()), len(made))
			r.ResetRequests()

			return nil
		}
	}
	last := hookAddress("child[49]")
	r.run(
		resource.TestStep{
			Config: config("Invoice.Paid"),
			ConfigStateChecks: []statecheck.StateCheck{
				everyAccount(3),
				statecheck.ExpectKnownValue(last, tfjsonpath.New("user_id"), knownvalue.StringExact(accounts[49])),
				attribute("user_id", knownvalue.StringExact(wingspantest.OwnAccount)),
			},
		},
		resource.TestStep{Config: config("Invoice.Sent"), ConfigStateChecks: []statecheck.StateCheck{everyAccount(2)}},
	)
	if _, err := l.check(r); err != nil { // the destroy
		t.Error(err)
	}
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

func TestTheProvidersAccountIsTheDefaultAndAChangedAccountReplaces(t *testing.T) {
	t.Parallel()
	r, l := newRig(t), ledger{}
	r.AddAccounts(childA, childB)
	lists := `
data "wingspan_webhook_preferences" "all" {}
data "wingspan_event_names" "all" {}
`
	config := func(providers, owns string) string {
		providerLine, hookLine := "", ""
		if providers != "" {
			providerLine = fmt.Sprintf("user_id = %q", providers)
		}
		if owns != "" {
			hookLine = fmt.Sprintf("user_id = %q", owns)
		}

		return r.config(hookWith("hook", hookLine, fmt.Sprintf("shared_secret = %q", fakeSecret))+lists, providerLine)
	}
	// Since the last step, requests were made for just these accounts.
	madeFor := func(writes []string, accounts ...string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			l.note(r)
			made := map[string]bool{}
			for _, req := range r.Requests() {
				if req.HasAccount {
					made[req.Account] = true
				} else {
					made[""] = true
				}
				if id := req.Path[strings.LastIndex(req.Path, "/")+1:]; req.Route == wingspantest.RouteItem && req.HasAccount && l[id] != req.Account {
					return fmt.Errorf("%s %s was sent for %q, want %q", req.Method, req.Path, req.Account, l[id])
				}
			}
			if len(made) != len(accounts) {
				return fmt.Errorf("requests were made for %v, want %v", made, accounts)
			}
			for _, a := range accounts {
				if !made[a] {
					return fmt.Errorf("no request was made for %q, only for %v", a, made)
				}
			}

			return r.writes(writes...)(s)
		}
	}
	owner := func(account string) []statecheck.StateCheck {
		return []statecheck.StateCheck{attribute("user_id", knownvalue.StringExact(account))}
	}
	replaced := []string{"DELETE", create}
	r.run(
		resource.TestStep{Config: config("", ""), ConfigStateChecks: owner(wingspantest.OwnAccount), Check: madeFor([]string{create}, "")},
		// Naming the account that owns it already is no change.
		resource.TestStep{
			PreConfig: r.ResetRequests, Config: config("", wingspantest.OwnAccount), ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: owner(wingspantest.OwnAccount), Check: r.writes(),
		},
		resource.TestStep{
			PreConfig: r.ResetRequests, Config: config(childA, ""), ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: owner(childA), Check: madeFor(replaced, "", childA),
		},
		resource.TestStep{
			PreConfig: r.ResetRequests, Config: config(childA, childB), ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: owner(childB), Check: madeFor(replaced, childA, childB),
		},
		// With no account left in the configuration, it stays where it is, and is still asked for there.
		resource.TestStep{
			PreConfig: r.ResetRequests, Config: config("", ""), ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: owner(childB), Check: madeFor(nil, "", childB),
		},
		resource.TestStep{
			PreConfig: r.ResetRequests, Config: strings.Replace(config("", ""), "Invoice.Paid", "Invoice.Sent", 1),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: madeFor([]string{"PATCH subscribedEvents"}, "", childB),
		},
	)
	if left := r.Preferences(); len(left) > 0 {
		t.Errorf("left behind: %d preferences", len(left))
	}
}

func TestAnAccountThatIsUnknownDuringPlanning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts(childA)
	r.run(resource.TestStep{
		Config: r.config(fmt.Sprintf("resource \"terraform_data\" \"account\" {\n  input = %q\n}\n", childA) +
			hookWith("hook", "user_id = terraform_data.account.output", fmt.Sprintf("shared_secret = %q", fakeSecret))),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(address, tfjsonpath.New("user_id"))}},
		Check: func(*terraform.State) error {
			for _, req := range r.Requests() {
				if req.Account != childA {
					return fmt.Errorf("%s %s was sent for %q", req.Method, req.Path, req.Account)
				}
			}
			if r.only().Account != childA {
				return errors.New("the hook is in another account")
			}

			return nil
		},
	})
}
