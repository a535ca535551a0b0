package wingspan

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// createAll creates in parallel and returns what each create came to, in the order of the creates.
func createAll(t *testing.T, store *Webhooks, hooks []CreatePreferenceRequest, allowDuplicate bool) ([]*Preference, []error) {
	t.Helper()
	created, errs := make([]*Preference, len(hooks)), make([]error, len(hooks))
	var all sync.WaitGroup
	for i, hook := range hooks {
		all.Go(func() { created[i], errs[i] = store.Create(t.Context(), "", hook, allowDuplicate) })
	}
	all.Wait()

	return created, errs
}

// wantOneEach checks that each create got a webhook of its own, with its own url, events and secret, and that there is no other.
func wantOneEach(t *testing.T, server *wingspantest.Server, before []wingspantest.Preference, hooks []CreatePreferenceRequest, created []*Preference, errs []error) {
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
	held := wantHeld(t, server, before, hooks...)
	slices.Sort(held)
	slices.Sort(ids)
	wantEqual(t, "ids", ids, held)
}

// oncePerBody strikes each create the first time that it comes.
func oncePerBody(f wingspantest.Fault) wingspantest.Fault {
	var mu sync.Mutex
	struck := map[string]bool{}
	f.Times = -1
	f.Match = func(r wingspantest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		again := struck[string(r.Body)]
		struck[string(r.Body)] = true

		return !again
	}

	return f
}

func TestManyCreatesThatFailAtOnceAreEachThereOnce(t *testing.T) {
	t.Parallel()

	const count = 8
	hooks := map[string]func(int) CreatePreferenceRequest{
		"different urls": func(i int) CreatePreferenceRequest {
			p := newHook()
			p.URL = fmt.Sprintf("%s/%d", hookURL, i)

			return p
		},
		"same url, different events": func(i int) CreatePreferenceRequest {
			p := newHook()
			p.SubscribedEvents = []string{fmt.Sprintf("Event.%02d", i)}

			return p
		},
		"same url in other spellings": func(i int) CreatePreferenceRequest {
			p := newHook()
			p.URL = []string{"https://hooks.example.com/wingspan", "https://HOOKS.example.com:443/wingspan"}[i%2]
			p.SubscribedEvents = []string{fmt.Sprintf("Event.%02d", i)}

			return p
		},
	}
	faults := map[string]wingspantest.Fault{
		"cut, carried out": lostCreate(true), "cut, not carried out": lostCreate(false),
		"502, carried out": {Method: http.MethodPost, Status: 502, Commit: true}, "500, not carried out": {Method: http.MethodPost, Status: 500},
	}
	for form, hook := range hooks {
		for name, fault := range faults {
			for shown, secrets := range secretModes {
				t.Run(form+", "+name+", secrets "+shown, func(t *testing.T) {
					t.Parallel()
					store, server := serverStore(t)
					store.client.settle = 20 * time.Millisecond
					server.SetEventNames()
					server.SetSecrets(secrets)
					before := seed(server, 3)
					server.Fail(oncePerBody(fault))
					var wanted []CreatePreferenceRequest
					for i := range count {
						wanted = append(wanted, hook(i))
					}
					created, errs := createAll(t, store, wanted, false)
					wantOneEach(t, server, before, wanted, created, errs)
				})
			}
		}
	}
}

func TestTwinsThatAreAllowedAreEachThereOnce(t *testing.T) {
	t.Parallel()

	const count = 6
	for _, commit := range []bool{true, false} {
		for shown, secrets := range secretModes {
			t.Run(fmt.Sprintf("commit %t, secrets %s", commit, shown), func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				server.SetSecrets(secrets)
				server.Fail(oncePerBody(lostCreate(commit)))
				var wanted []CreatePreferenceRequest
				for i := range count {
					p := newHook()
					p.SharedSecret = Secret(fmt.Sprintf("fake-secret-of-twin-%d", i))
					wanted = append(wanted, p)
				}
				created, errs := createAll(t, store, wanted, true)
				wantOneEach(t, server, nil, wanted, created, errs)
			})
		}
	}
}

func TestOfTwinsThatAreNotAllowedOneIsMade(t *testing.T) {
	t.Parallel()

	for _, commit := range []bool{true, false} {
		store, server := serverStore(t)
		server.Fail(lostCreate(commit))
		_, errs := createAll(t, store, []CreatePreferenceRequest{newHook(), newHook(), newHook(), newHook()}, false)
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

func TestCreatesOfOneURLRunOneAtATime(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	var mu sync.Mutex
	var under, most int
	server.SetEventNames()
	server.Fail(wingspantest.Fault{Method: http.MethodPost, Delay: 5 * time.Millisecond, Times: -1, Match: func(wingspantest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		under++
		most = max(most, under)

		return true
	}})
	server.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost {
			mu.Lock()
			defer mu.Unlock()
			under--
		}
	})
	var hooks []CreatePreferenceRequest
	for i := range 10 {
		p := newHook()
		p.SubscribedEvents = []string{fmt.Sprintf("Event.%d", i)}
		hooks = append(hooks, p)
	}
	created, errs := createAll(t, store, hooks, false)
	wantOneEach(t, server, nil, hooks, created, errs)
	wantEqual(t, "most creates at once", most, 1)
}

func TestTwoNamesOfOneAccountDoNotMixTheirCreatesUp(t *testing.T) {
	t.Parallel()

	// The token's own account can be left out, or named.
	for shown, secrets := range secretModes {
		for _, commit := range []bool{true, false} {
			t.Run(fmt.Sprintf("secrets %s, commit %t", shown, commit), func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				server.SetSecrets(secrets)
				server.Fail(oncePerBody(lostCreate(commit)))
				var mu sync.Mutex
				got := map[string]string{}
				var all sync.WaitGroup
				var wanted []CreatePreferenceRequest
				for i := range 6 {
					p := newHook()
					p.SharedSecret = Secret(fmt.Sprintf("fake-secret-of-twin-%d", i))
					wanted = append(wanted, p)
					all.Go(func() {
						created, err := store.Create(t.Context(), []string{"", wingspantest.OwnAccount}[i%2], p, true)
						if err != nil {
							t.Errorf("create %d: %v", i, err)

							return
						}
						held, _ := server.Preference(created.ID)
						wantEqual(t, fmt.Sprintf("secret of the webhook that create %d got", i), held.SharedSecret, string(p.SharedSecret))
						mu.Lock()
						defer mu.Unlock()
						got[created.ID] = created.URL
					})
				}
				all.Wait()
				wantEqual(t, "webhooks", len(got), 6)
				wantHeld(t, server, nil, wanted...)
			})
		}
	}
}

func TestTwinsUnderTwoNamesOfOneAccountAreRefused(t *testing.T) {
	t.Parallel()

	for _, names := range [][]string{{"", wingspantest.OwnAccount}, {wingspantest.OwnAccount, ""}} {
		store, server := serverStore(t)
		// Both names have listed the account before either creates.
		for _, name := range names {
			p := newHook()
			p.URL += "/of-" + name
			_, err := store.Create(t.Context(), name, p, CreateOptions{AllowDuplicate: false})
			wantNoError(t, err)
		}
		_, err := store.Create(t.Context(), names[0], newHook(), CreateOptions{AllowDuplicate: false})
		wantNoError(t, err)
		_, err = store.Create(t.Context(), names[1], newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*DuplicateError](t, err)
		wantEqual(t, "account", e.Account, names[1])
		wantEqual(t, "held", len(server.Preferences()), 3)
	}
}
