package wingspan

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// createAll creates in parallel, in the accounts in turn, and returns what each create came to, in the order of the creates.
func createAll(t testing.TB, webhooks *Webhooks, accounts []string, hooks []CreatePreferenceRequest, allowDuplicate bool) ([]*Preference, []error) {
	t.Helper()
	created, errs := make([]*Preference, len(hooks)), make([]error, len(hooks))
	inParallel(len(hooks), 0, func(i int) {
		created[i], errs[i] = webhooks.Create(t.Context(), accounts[i%len(accounts)], hooks[i], CreateOptions{AllowDuplicate: allowDuplicate})
	})

	return created, errs
}

// wantOneEach checks that each create got a webhook of its own, with its own url, events and secret, and that there is no other.
func wantOneEach(t testing.TB, server *wingspantest.Server, before []wingspantest.Preference, hooks []CreatePreferenceRequest, created []*Preference, errs []error) {
	t.Helper()
	var ids []string
	for i, p := range created {
		wantNoError(t, errs[i])
		ids = append(ids, p.ID)
		held, _ := server.Preference(p.ID)
		wantEqual(t, "url of the webhook that create "+fmt.Sprint(i)+" got", held.URL, hooks[i].URL)
		wantEqual(t, "its events", slices.Sorted(slices.Values(held.SubscribedEvents)), slices.Sorted(slices.Values(hooks[i].SubscribedEvents)))
		wantEqual(t, "its secret", held.SharedSecret, string(hooks[i].SharedSecret))
	}
	wantEqual(t, "ids", ids, wantHeld(t, server, before, hooks...), sorted)
}

// oncePerBody strikes each create the first time that it comes.
func oncePerBody(f wingspantest.Fault) wingspantest.Fault {
	var mu sync.Mutex
	struck := map[string]bool{}
	f.Times = -1
	f.Match = func(r wingspantest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		key := r.Account + string(r.Body)
		again := struck[key]
		struck[key] = true

		return !again
	}

	return f
}

// newHooks are that many creates, each changed in its own way.
func newHooks(count int, change func(int, *CreatePreferenceRequest)) []CreatePreferenceRequest {
	hooks := make([]CreatePreferenceRequest, count)
	for i := range hooks {
		hooks[i] = newHook()
		change(i, &hooks[i])
	}

	return hooks
}

func ownURL(i int, p *CreatePreferenceRequest) { p.URL = fmt.Sprintf("%s/%d", hookURL, i) }

func sameURL(int, *CreatePreferenceRequest) {}

func TestManyCreatesThatFailAtOnceAreEachThereOnce(t *testing.T) {
	t.Parallel()

	names := map[string][]string{"one account": {""}, "one account by two names": {"", wingspantest.OwnAccount}}
	modes := slices.Sorted(maps.Keys(secretModes))
	for i, form := range []struct {
		name   string
		change func(int, *CreatePreferenceRequest)
	}{
		{"different urls", ownURL},
		{"different queries", func(i int, p *CreatePreferenceRequest) { p.URL = fmt.Sprintf("%s?team=%d", hookURL, i) }},
		{"same url, different events", func(i int, p *CreatePreferenceRequest) {
			p.URL = []string{"https://hooks.example.com/wingspan", "https://HOOKS.example.com:443/wingspan"}[i%2]
			p.SubscribedEvents = []string{fmt.Sprintf("Event.%02d", i)}
		}},
		{"twins", func(i int, p *CreatePreferenceRequest) {
			p.SharedSecret = Secret(fmt.Sprintf("fake-secret-of-twin-%d", i))
		}},
	} {
		for j, fault := range []wingspantest.Fault{
			lostCreate(true), lostCreate(false), onPosts(wingspantest.Fault{Status: 502, Commit: true}), onPosts(wingspantest.Fault{Status: 500}),
		} {
			shown := modes[(i+j)%len(modes)] // Each meets every form and every fault.
			for name, accounts := range names {
				if form.name == "different queries" && len(accounts) > 1 {
					continue // Under another name a query of the server's own form can't be distinguished.
				}
				bubble(t, fmt.Sprintf("%s, fault %d, secrets %s, %s", form.name, j, shown, name), func(t *testing.T) {
					webhooks, server := serverStore(t)
					server.Configure(func(c *wingspantest.Settings) { c.EventNames, c.Secrets = nil, secretModes[shown] })
					before := seed(server, 3)
					server.Fail(oncePerBody(fault))
					wanted := newHooks(6, form.change)
					created, errs := createAll(t, webhooks, accounts, wanted, form.name == "twins")
					wantOneEach(t, server, before, wanted, created, errs)
				})
			}
		}
	}
}

// TestSeveralLostCreatesShowHowSecretsAreShown: with one alone, an encrypted secret may be another one.
func TestSeveralLostCreatesShowHowSecretsAreShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, lost := range []int{1, 2, 6} {
			webhooks, server := serverStore(t)
			server.SetRewrite(func(_ wingspantest.Request, p map[string]any) {
				p["sharedSecret"] = fmt.Sprintf("ENC[%x]", fmt.Sprint(p["sharedSecret"], p["preferenceId"]))
			})
			before := seed(server, 3)
			server.Fail(oncePerBody(lostCreate(true)))
			wanted := newHooks(lost, ownURL)
			created, errs := createAll(t, webhooks, []string{""}, wanted, false)
			if lost > 1 {
				wantOneEach(t, server, before, wanted, created, errs)
			} else {
				wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, errs[0]).Candidates), wantHeld(t, server, before, wanted...))
			}
		}
	})
}

func TestEachCreateIsOneRequestAndAllShareAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Latency = time.Millisecond })
		hooks := newHooks(100, ownURL)
		created, errs := createAll(t, webhooks, []string{""}, hooks, false)
		wantOneEach(t, server, nil, hooks, created, errs)
		wantEqual(t, "requests", len(server.Requests()), 101)
	})
}

func TestOfDuplicatesThatAreNotAllowedOneIsCreated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, accounts := range [][]string{{""}, {"", wingspantest.OwnAccount}, {wingspantest.OwnAccount, ""}} {
			for _, commit := range []bool{true, false} {
				webhooks, server := serverStore(t)
				server.Fail(lostCreate(commit))
				_, errs := createAll(t, webhooks, accounts, newHooks(4, sameURL), false)
				refused := 0
				for _, err := range errs {
					if err != nil {
						wantError[*DuplicateError](t, err)
						refused++
					}
				}
				wantEqual(t, "refused", refused, 3)
				wantHeld(t, server, nil, newHook())
			}
		}
	})
}

// manyAccounts are an organization's.
func manyAccounts(server *wingspantest.Server) []string {
	var accounts []string
	for i := range 40 {
		accounts = append(accounts, fmt.Sprintf("usrChild%014d", i))
	}
	server.AddAccounts(accounts...)

	return accounts
}

func TestCreatesInFortyAccountsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		accounts := manyAccounts(server)
		release := make(chan struct{})
		server.Fail(onPosts(always(wingspantest.Fault{Until: release})))
		hooks := newHooks(len(accounts), sameURL)
		go func() { // All are under way at the same time.
			waitFor(func() bool { return posts(server) == len(accounts) })
			close(release)
		}()
		created, errs := createAll(t, webhooks, accounts, hooks, false)
		wantOneEach(t, server, nil, hooks, created, errs)
		wantEqual(t, "requests", len(server.Requests()), 2*len(accounts))

		// What they created is no duplicate of a later create in another account, and isn't read for it.
		server.AddAccounts("usrLater")
		for i, account := range []string{"usrLater", ""} {
			create(t, webhooks, account, newHook())
			wantEqual(t, "requests", len(server.Requests()), 2*(len(accounts)+i+1))
		}
	})
}

func TestTheOwnAccountSharesItsURLWithFortyOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The own account sees the others' webhooks, too.
		for _, lose := range []bool{false, true} {
			webhooks, server := serverStore(t)
			webhooks.client.settle = time.Hour // Nothing waits for it.
			accounts := append(manyAccounts(server), "")
			server.SetRewrite(func(_ wingspantest.Request, p map[string]any) { p["userRoles"] = nil })
			server.OnRequest(func(_ wingspantest.Request) {
				for _, p := range server.Preferences() {
					if len(p.ViewerIDs) == 0 && p.Account != wingspantest.OwnAccount {
						server.Edit(p.ID, func(p *wingspantest.Preference) { p.ViewerIDs = []string{wingspantest.OwnAccount} })
					}
				}
			})
			hooks := newHooks(len(accounts), sameURL)
			if lose {
				server.Fail(oncePerBody(lostCreate(true)))
			}
			created, errs := createAll(t, webhooks, accounts, hooks, true)
			wantOneEach(t, server, nil, hooks, created, errs)
			wantEqual(t, "creates that were sent", posts(server), len(accounts))
			if !lose {
				wantEqual(t, "lists", lists(server), len(accounts))
			}

			// One more by the own account's name, and one that isn't allowed.
			_, err := webhooks.Create(t.Context(), wingspantest.OwnAccount, newHook(), CreateOptions{})
			wantError[*DuplicateError](t, err)
		}
	})
}
