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
	synctest.Test(t, func(t *testing.T) {
		// The server keeps one preference for each URL.
		for _, lose := range []bool{false, true} {
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
			existing := server.Put(wingspantest.Preference{
				URL: "https://HOOKS.example.com/wingspan", SharedSecret: otherSecret, SubscribedEvents: []string{"Payee.Created"}, CreatedAt: time.Now().Add(-time.Hour),
			})
			if lose {
				server.Fail(lostCreate(true))
			}
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			e := wantError[*ExistingError](t, err)
			wantEqual(t, "error", *e, ExistingError{ID: existing.ID, URL: hookURL})
			wantEqual(t, "created", created == nil, true)
			wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 0)
		}

		// What one create of this process made isn't another's, however they meet.
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
		first, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
		wantEqual(t, "id", wantError[*ExistingError](t, err).ID, first.ID)

		// A lost create that is repeated returns what the first one made.
		webhooks, server = serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
		server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Body: "[]", Times: -1, Match: func(wingspantest.Request) bool { return posts(server) < 2 }})
		server.Fail(lostCreate(true))
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
	})
}

func TestAnOldResponseIsNotOursThoughAnIncompleteListHidesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lists := map[string]wingspantest.Fault{"no list": {Status: 403}, "cut off": {Body: "[" + documentedJSON("another") + "]"}}
		for name, fault := range lists {
			webhooks, server := serverStore(t)
			fault.Route = wingspantest.RouteList
			if name == "cut off" {
				fault.Body = "[" + document(t, "another", map[string]any{"createdAt": time.Now().UTC().Format(time.RFC3339)}) + "]"
			}
			server.Fail(fault)
			server.Fail(onPosts(wingspantest.Fault{Body: documentedJSON("years-old")}))
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
			wantEqual(t, "id, "+name, wantError[*ExistingError](t, err).ID, "years-old")
		}
	})
}

func TestACreateInAnotherAccountIsOnlyOursWhenItWasJustMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]struct {
			world   func(testing.TB, *wingspantest.Server)
			created bool
		}{
			"made there": {func(_ testing.TB, s *wingspantest.Server) {
				s.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrElse" })
			}, true},
			"made there, by another clock": {func(_ testing.TB, s *wingspantest.Server) {
				s.Configure(func(c *wingspantest.Settings) { c.AnswerAs, c.Clock = "usrElse", -time.Hour })
			}, true},
			"made there, at a time that can't be read": {func(_ testing.TB, s *wingspantest.Server) {
				s.Configure(func(c *wingspantest.Settings) {
					c.AnswerAs, c.Times = "usrElse", func(t time.Time) any { return t.UnixMilli() }
				})
			}, false},
			"the parent's of years ago": {func(t testing.TB, s *wingspantest.Server) {
				t.Helper()
				s.Fail(onPosts(wingspantest.Fault{Body: document(t, "parents", map[string]any{"userId": "usrElse"})}))
			}, false},
			"the parent's of some seconds ago": {func(t testing.TB, s *wingspantest.Server) {
				t.Helper()
				s.Fail(onPosts(wingspantest.Fault{Body: document(t, "parents", map[string]any{
					"userId": "usrElse", "createdAt": time.Now().Add(-20 * time.Second).UTC().Format(time.RFC3339),
				})}))
			}, false},
		}
		for name, test := range tests {
			webhooks, server := serverStore(t)
			server.AddAccounts(childAccount)
			test.world(t, server)
			created, err := webhooks.Create(t.Context(), childAccount, newHook(), CreateOptions{})
			e := wantError[*AccountError](t, err)
			wantEqual(t, "error, "+name, *e, AccountError{Asked: childAccount, Got: "usrElse", ID: e.ID, Created: test.created})
			wantEqual(t, "returned, "+name, created != nil, test.created)
			wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 0)
		}
	})
}

func TestALostCreateThatLandedElsewhereIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// A gateway drops X-WINGSPAN-USER: the webhook is in the token's own account, and so is the list.
		webhooks, server := serverStore(t)
		server.AddAccounts(childAccount)
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = wingspantest.OwnAccount })
		server.Fail(lostCreate(true))
		_, err := webhooks.Create(t.Context(), childAccount, newHook(), CreateOptions{})
		e := wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "candidates", idsOf(e.Candidates), wantHeld(t, server, nil, newHook()))
		wantEqual(t, "creates that were sent", posts(server), 1)
	})
}

func TestAnIDThatCannotBeAddressedIsRejected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, id := range []string{".", ".."} {
			webhooks, server := serverStore(t)
			server.SetRewrite(func(_ wingspantest.Request, p map[string]any) { p["preferenceId"] = id })
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantEqual(t, "id", wantError[*IDError](t, err).ID, id)
			wantEqual(t, "created", created == nil, true)
		}
	})
}

func TestACreateWithAnIDIsKeptWhateverElseIsUnexpected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for field, value := range oddFields {
			if field == "preferenceId" {
				continue
			}
			for _, odd := range value {
				webhooks, server := serverStore(t)
				server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
					if r.Method == http.MethodPost {
						p[field] = odd
					}
				})
				created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
				wantEqual(t, "url", created.URL, hookURL)
				wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)
			}
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
			hook := newHook()
			hook.URL += path
			created, err := webhooks.Create(t.Context(), "", hook, CreateOptions{})
			wantNoError(t, err)
			wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)
			wantEqual(t, "reads", server.Count(http.MethodGet, wingspantest.RouteItem), 3)
			wantEqual(t, "creates", posts(server), i+1)
		}

		// An account that was asked for is the owner where nothing says otherwise.
		server.AddAccounts(childAccount)
		created, err := webhooks.Create(t.Context(), childAccount, newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "owner", created.UserID, childAccount)
	})
}

func TestAPauseOfAMinuteDoesNotEndTheSearch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, limited := time.Now(), false
		api := &script{}
		var client *Client
		api.answer = func(r *http.Request) step {
			switch {
			case r.Method == http.MethodPost:
				return step{delay: time.Second, err: errCut}
			case r.URL.Path != collectionPath && !limited:
				limited = true

				return step{status: 429, header: http.Header{"Retry-After": {"60"}}}
			case time.Since(start) < 30*time.Second:
				return step{body: "[]"}
			default:
				return step{body: "[" + documentedJSON("id1") + "]"}
			}
		}
		client = scripted(t, api)
		go func() {
			time.Sleep(500 * time.Millisecond) // While the create is under way.
			_, _ = client.GetPreference(t.Context(), "", "id2")
		}()
		created, err := NewWebhooks(client).Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "id", created.ID, "id1")
		wantEqual(t, "waited for the pause", time.Since(start) > time.Minute, true)
		time.Sleep(time.Hour) // The other call ends.
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

func TestAnInterruptedSearchWaitsNoLongerThanItSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The API asks for a pause of a minute, and the run is interrupted meanwhile.
		ctx, cancel := context.WithCancel(t.Context())
		api := &script{}
		client := scripted(t, api)
		api.answer = func(r *http.Request) step {
			if r.Method == http.MethodPost {
				client.limiter.pause(rejection{wait: time.Minute})
				cancel()

				return step{err: errCut}
			}

			return step{body: "[]"}
		}
		start := time.Now()
		_, err := NewWebhooks(client).Create(ctx, "", newHook(), CreateOptions{})
		wantEqual(t, "outcome", wantError[*AmbiguousCreateError](t, err).Outcome, Unlistable)
		wantEqual(t, "time", time.Since(start), client.settle)
	})
}

// TestACreateThatReturnsWhatWasReadBefore: also where the account couldn't be listed, what this process has read is known to exist.
func TestACreateThatReturnsWhatWasReadBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := map[string]func(*Webhooks, string) error{
			"by its id": func(w *Webhooks, id string) error {
				_, err := w.GetExact(t.Context(), Target{ID: id})

				return err
			},
			"in a list": func(w *Webhooks, _ string) error {
				_, err := w.List(t.Context(), "")

				return err
			},
		}
		for name, read := range reads {
			w, server := serverStore(t)
			old := server.Put(wingspantest.Preference{URL: hookURL + "/old", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid"}})
			wantNoError(t, read(w, old.ID))
			clear(w.known.lists) // It is no longer recent.
			noList := wingspantest.ErrorStatus(403, "no lists today")
			noList.Method, noList.Route, noList.Times = "GET", wingspantest.RouteList, -1
			server.Fail(noList)
			server.Fail(onPosts(wingspantest.Fault{Body: document(t, old.ID, map[string]any{"createdAt": time.Now().UTC().Format(time.RFC3339)})}))
			created, err := w.Create(t.Context(), "", newHook(), CreateOptions{})
			if existing := wantError[*ExistingError](t, err); created != nil || existing.ID != old.ID {
				t.Errorf("read %s: got %v and %v", name, created, existing)
			}
		}
	})
}
