package wingspan

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestACreateThatReturnsWhatExistedBeforeKeepsNothing(t *testing.T) {
	t.Parallel()

	upsert := settings(func(c *wingspantest.Settings) { c.Upsert = true })
	existing := func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { old(s) }
	yearsOld := failing(onPosts(wingspantest.Fault{Body: documentedJSON("years-old")}))
	another := document(t, "another", map[string]any{"createdAt": "2000-06-01T00:00:00Z"})
	hoursOld := onPosts(wingspantest.Fault{Body: document(t, "years-old", map[string]any{
		"createdAt": time.Now().Add(-2 * time.Hour).Format(time.RFC3339), "updatedAt": time.Now().Format(time.RFC3339),
	})})
	refused := onList(wingspantest.Fault{Status: 403})
	// returnsIt has the account not be listed any more, and the create return what is there, as if it were new.
	returnsIt := func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
		t.Helper()
		body := document(t, s.Preferences()[0].ID, map[string]any{"createdAt": "2000-01-01T00:00:00Z"})
		failing(refused, onPosts(wingspantest.Fault{Body: body}))(t, w, s)
	}
	for name, setups := range map[string][]setup{
		"the server keeps one for each URL":                           {upsert, existing},
		"the server keeps one for each URL, and the response is lost": {upsert, existing, failing(lostCreate(true))},
		"another create of this process made it": {upsert, func(t testing.TB, w *Webhooks, _ *wingspantest.Server) {
			t.Helper()
			create(t, w, "", newHook())
		}},
		"years old, and the account can't be listed":           {failing(refused), yearsOld},
		"changed hours later, and the account can't be listed": {failing(refused, hoursOld)},
		"years old, and the list is cut off":                   {failing(onList(wingspantest.Fault{Body: "[" + another + "]"})), yearsOld},
		"read before, and the account can't be listed": {existing, func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
			t.Helper()
			_, err := w.GetExact(t.Context(), Target{ID: s.Preferences()[0].ID})
			wantNoError(t, err)
		}, returnsIt},
		"listed before, and the account can't be listed any more": {existing, func(t testing.TB, w *Webhooks, _ *wingspantest.Server) {
			t.Helper()
			_, err := w.List(t.Context(), "")
			wantNoError(t, err)
			time.Sleep(2 * listLifetime)
		}, returnsIt},
	} {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			for _, w := range setups {
				w(t, webhooks, server)
			}
			id := "years-old"
			if held := server.Preferences(); len(held) > 0 {
				id = held[0].ID
			}
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
			wantEqual(t, "error", *wantError[*ExistingError](t, err), ExistingError{ID: id, URL: hookURL})
			wantEqual(t, "created", created == nil, true)
			wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 0)
		})
	}
}

// TestACreateIsKeptWhateverTheServersClockSays: its times may be those of another time zone, or be cut to the day.
func TestACreateIsKeptWhateverTheServersClockSays(t *testing.T) {
	t.Parallel()
	nothing := func(testing.TB, *Webhooks, *wingspantest.Server) {}
	newer := func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
		s.Put(wingspantest.Preference{URL: hookURL + "/other", CreatedAt: time.Now().Add(24 * time.Hour)})
	}
	noList := failing(always(onList(wingspantest.Fault{Status: 500})))
	hoursBehind := func(t time.Time) any { return t.Add(-14 * time.Hour).Format(time.RFC3339) }
	onlyTheDay := func(t time.Time) any { return t.Truncate(24 * time.Hour).Format(time.RFC3339) }
	for name, test := range map[string]struct {
		times func(time.Time) any
		setup setup
	}{
		"hours behind, beside a newer one":     {hoursBehind, newer},
		"hours behind, with no list":           {hoursBehind, noList},
		"only the day, beside a newer one":     {onlyTheDay, newer},
		"only the day, with no list":           {onlyTheDay, noList},
		"a year behind, in a list without one": {func(t time.Time) any { return t.AddDate(-1, 0, 0).Format(time.RFC3339) }, nothing},
	} {
		bubble(t, name, func(t *testing.T) {
			time.Sleep(20 * time.Hour) // The bubble's clock begins at midnight.
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Times = test.times })
			test.setup(t, webhooks, server)
			created := create(t, webhooks, "", newHook())
			wantEqual(t, "creates", posts(server), 1)
			_, exists := server.Preference(created.ID)
			wantEqual(t, "exists", exists, true)
		})
	}
}

func TestACreateInAnotherAccountIsOnlyOursWhenItWasJustMade(t *testing.T) {
	t.Parallel()

	elsewhere := func(change func(*wingspantest.Settings)) setup {
		return settings(func(c *wingspantest.Settings) {
			c.AnswerAs = "usrElse"
			change(c)
		})
	}
	parents := func(age time.Duration) setup {
		return func(t testing.TB, _ *Webhooks, s *wingspantest.Server) {
			t.Helper()
			at := time.Now().Add(-age).UTC().Format(time.RFC3339)
			s.Fail(onPosts(wingspantest.Fault{Body: document(t, "parents", map[string]any{"userId": "usrElse", "createdAt": at})}))
		}
	}
	for name, test := range map[string]struct {
		setup   setup
		created bool
	}{
		"made there":                   {elsewhere(func(*wingspantest.Settings) {}), true},
		"made there, by another clock": {elsewhere(func(c *wingspantest.Settings) { c.Clock = -time.Hour }), true},
		"made there, at a time that can't be read": {elsewhere(func(c *wingspantest.Settings) {
			c.Times = func(t time.Time) any { return t.UnixMilli() }
		}), false},
		"the parent's of months ago":       {parents(100 * 24 * time.Hour), false},
		"the parent's of some seconds ago": {parents(20 * time.Second), false},
	} {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			server.AddAccounts(childAccount)
			test.setup(t, webhooks, server)
			created, err := webhooks.Create(t.Context(), childAccount, newHook(), CreateOptions{})
			e := wantError[*AccountError](t, err)
			wantEqual(t, "error", *e, AccountError{Asked: childAccount, Got: "usrElse", ID: e.ID, Created: test.created})
			wantEqual(t, "returned", created != nil, test.created)
			wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 0)
		})
	}

	// A gateway drops X-WINGSPAN-USER: the webhook is in the token's own account, and so is the list.
	runCreates(t, []createCase{{"made there, and the response is lost", []setup{func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
		s.AddAccounts(childAccount)
		s.Configure(func(c *wingspantest.Settings) { c.AnswerAs = wingspantest.OwnAccount })
	}, failing(lostCreate(true))}, childAccount, createResult{outcome: Undecidable, candidates: "it", live: 1, posts: 1}}})
}

func TestACreateWithAnIDIsKeptWhateverElseIsUnexpected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for field, value := range oddFields {
			for _, odd := range value {
				webhooks, server := serverStore(t)
				server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
					if r.Method == http.MethodPost && field != "preferenceId" {
						p[field] = odd
					}
				})
				created := create(t, webhooks, "", newHook())
				wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
				wantEqual(t, "url, owner", []string{created.URL, created.UserID}, []string{hookURL, wingspantest.OwnAccount})
			}
		}
		for _, id := range []string{".", ".."} { // No request can address it.
			webhooks, server := serverStore(t)
			server.SetRewrite(func(_ wingspantest.Request, p map[string]any) { p["preferenceId"] = id })
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantEqual(t, "id", *wantError[*IDError](t, err), IDError{ID: id, Created: true})
			wantEqual(t, "created", created == nil, true)
		}
	})
}

func TestAnOwnerThatTheCreateLeavesOutIsReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: 2, Lists: 2} })
		server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
			if r.Method == http.MethodPost {
				delete(p, "userId")
			}
		})
		for i, path := range []string{"/a", "/b", "/c"} {
			created := create(t, webhooks, "", hookAt(hookURL+path))
			wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)
			wantEqual(t, "reads", server.Count(http.MethodGet, wingspantest.RouteItem), 3)
			wantEqual(t, "creates", posts(server), i+1)
		}

		// An account that was asked for is the owner where nothing says otherwise.
		server.AddAccounts(childAccount)
		wantEqual(t, "owner", create(t, webhooks, childAccount, newHook()).UserID, childAccount)
	})
}

func TestACanceledCreateIsSearchedForAndNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, commit := range []bool{true, false} {
			webhooks, server := serverStore(t)
			ctx, cancel := context.WithCancel(t.Context())
			server.OnRequest(func(r wingspantest.Request) {
				if r.Method == http.MethodPost {
					cancel() // The response is known by now, and isn't sent.
				}
			})
			server.Fail(always(lostCreate(commit)))
			created, err := webhooks.Create(ctx, "", newHook(), CreateOptions{})
			wantEqual(t, "creates that were sent", posts(server), 1)
			if commit {
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
			} else {
				wantError[*AmbiguousCreateError](t, err)
				wantEqual(t, "lists", lists(server) > 1, true)
			}
		}

		webhooks, server := serverStore(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := webhooks.Create(ctx, "", newHook(), CreateOptions{})
		wantEqual(t, "error", err, context.Canceled, sameError)
		wantEqual(t, "creates that were sent", posts(server), 0)
	})
}

// The API asks for a pause of a minute while a create is under way, and the run may be interrupted meanwhile.
func TestASearchWaitsForAPauseUnlessItIsInterrupted(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			start, shown, api := time.Now(), time.Minute+4*time.Second, &script{}
			client := scripted(t, api)
			api.answer = func(r *http.Request) step {
				switch {
				case r.Method == http.MethodPost:
					client.limiter.pause(rejection{wait: time.Minute})
					if interrupted {
						cancel()
					}

					return step{err: errCut}
				case time.Since(start) < shown:
					return step{body: "[]"}
				default:
					return step{body: "[" + documentedJSON("id1") + "]"}
				}
			}
			created, err := NewWebhooks(client).Create(ctx, "", newHook(), CreateOptions{})
			if interrupted {
				wantEqual(t, "outcome", wantError[*AmbiguousCreateError](t, err).Outcome, Unlistable)
				wantEqual(t, "time", time.Since(start), client.settle)

				return
			}
			wantNoError(t, err)
			wantEqual(t, "id", created.ID, "id1")
			wantEqual(t, "time", time.Since(start) >= shown, true)
		})
	}
}
