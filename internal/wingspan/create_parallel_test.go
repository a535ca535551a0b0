package wingspan

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// createAll creates in parallel, in the accounts in turn, and returns what each create came to, in the order of the creates.
func createAll(t testing.TB, webhooks *Webhooks, accounts []string, hooks []CreatePreferenceRequest, allowDuplicate bool) ([]*Preference, []error) {
	t.Helper()
	created, errs := make([]*Preference, len(hooks)), make([]error, len(hooks))
	var all sync.WaitGroup
	for i, hook := range hooks {
		all.Go(func() {
			created[i], errs[i] = webhooks.Create(t.Context(), accounts[i%len(accounts)], hook, CreateOptions{AllowDuplicate: allowDuplicate})
		})
	}
	all.Wait()

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

func TestManyCreatesThatFailAtOnceAreEachThereOnce(t *testing.T) {
	t.Parallel()

	hooks := map[string]func(int, *CreatePreferenceRequest){
		"different urls":    func(i int, p *CreatePreferenceRequest) { p.URL = fmt.Sprintf("%s/%d", hookURL, i) },
		"different queries": func(i int, p *CreatePreferenceRequest) { p.URL = fmt.Sprintf("%s?team=%d", hookURL, i) },
		"same url, different events": func(i int, p *CreatePreferenceRequest) {
			p.URL = []string{"https://hooks.example.com/wingspan", "https://HOOKS.example.com:443/wingspan"}[i%2]
			p.SubscribedEvents = []string{fmt.Sprintf("Event.%02d", i)}
		},
		"twins": func(i int, p *CreatePreferenceRequest) {
			p.SharedSecret = Secret(fmt.Sprintf("fake-secret-of-twin-%d", i))
		},
	}
	faults := map[string]wingspantest.Fault{
		"cut, carried out": lostCreate(true), "cut, not carried out": lostCreate(false),
		"502, carried out": onPosts(wingspantest.Fault{Status: 502, Commit: true}), "500, not carried out": onPosts(wingspantest.Fault{Status: 500}),
	}
	accounts := map[string][]string{"one account": {""}, "one account by two names": {"", wingspantest.OwnAccount}}
	for form, change := range hooks {
		for name, fault := range faults {
			for shown, secrets := range secretModes {
				for names, accounts := range accounts {
					if form == "different queries" && names != "one account" {
						continue // Under another name a query of the server's own form can't be distinguished.
					}
					bubble(t, form+", "+name+", secrets "+shown+", "+names, func(t *testing.T) {
						webhooks, server := serverStore(t)
						server.Configure(func(c *wingspantest.Settings) { c.EventNames, c.Secrets = nil, secrets })
						before := seed(server, 3)
						server.Fail(oncePerBody(fault))
						var wanted []CreatePreferenceRequest
						for i := range 6 {
							hook := newHook()
							change(i, &hook)
							wanted = append(wanted, hook)
						}
						created, errs := createAll(t, webhooks, accounts, wanted, form == "twins")
						wantOneEach(t, server, before, wanted, created, errs)
					})
				}
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
			var wanted []CreatePreferenceRequest
			for i := range lost {
				hook := newHook()
				hook.URL = fmt.Sprintf("%s/%d", hookURL, i)
				wanted = append(wanted, hook)
			}
			created, errs := createAll(t, webhooks, []string{""}, wanted, false)
			if lost > 1 {
				wantOneEach(t, server, before, wanted, created, errs)
			} else {
				wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, errs[0]).Candidates), wantHeld(t, server, before, wanted...))
			}
		}
	})
}

func TestOfDuplicatesThatAreNotAllowedOneIsCreated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, accounts := range [][]string{{""}, {"", wingspantest.OwnAccount}, {wingspantest.OwnAccount, ""}} {
			for _, commit := range []bool{true, false} {
				webhooks, server := serverStore(t)
				server.Fail(lostCreate(commit))
				hooks := []CreatePreferenceRequest{newHook(), newHook(), newHook(), newHook()}
				_, errs := createAll(t, webhooks, accounts, hooks, false)
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

func TestOneCreateAtATimeWorksOnAnAccountAndURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.EventNames = nil })
		// Long enough for a second create to come, where nothing holds it back.
		var running atomic.Int32
		server.Fail(onPosts(wingspantest.Fault{Delay: 20 * time.Millisecond, Times: -1, Match: func(wingspantest.Request) bool {
			if n := running.Add(1); n > 1 {
				t.Errorf("%d creates at once", n)
			}

			return true
		}}))
		server.OnRequest(func(r wingspantest.Request) {
			if r.Method == http.MethodPost {
				running.Add(-1)
			}
		})
		var hooks []CreatePreferenceRequest
		for i := range 10 {
			hook := newHook()
			hook.SubscribedEvents = []string{fmt.Sprintf("Event.%d", i)}
			hooks = append(hooks, hook)
		}
		created, errs := createAll(t, webhooks, []string{"", wingspantest.OwnAccount}, hooks, false)
		wantOneEach(t, server, nil, hooks, created, errs)
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
		var hooks []CreatePreferenceRequest
		for range accounts {
			hooks = append(hooks, newHook())
		}
		go func() { // All are under way at the same time.
			waitFor(func() bool { return posts(server) == len(accounts) })
			close(release)
		}()
		created, errs := createAll(t, webhooks, accounts, hooks, false)
		wantOneEach(t, server, nil, hooks, created, errs)
		wantEqual(t, "requests", len(server.Requests()), 2*len(accounts))
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
			var hooks []CreatePreferenceRequest
			for range accounts {
				hooks = append(hooks, newHook())
			}
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
