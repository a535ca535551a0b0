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

	upsert := func(c *wingspantest.Settings) { c.Upsert = true }
	listed := func(f wingspantest.Fault) wingspantest.Fault {
		f.Route = wingspantest.RouteList

		return f
	}
	now := map[string]any{"createdAt": "2000-01-01T00:00:00Z"}
	// Each prepares the server, and returns the id of what existed before.
	tests := map[string]func(*testing.T, *Webhooks, *wingspantest.Server) string{
		"the server keeps one for each URL": func(_ *testing.T, _ *Webhooks, s *wingspantest.Server) string {
			s.Configure(upsert)

			return old(s).ID
		},
		"the server keeps one for each URL, and the response is lost": func(_ *testing.T, _ *Webhooks, s *wingspantest.Server) string {
			s.Configure(upsert)
			s.Fail(lostCreate(true))

			return old(s).ID
		},
		"another create of this process made it": func(t *testing.T, w *Webhooks, s *wingspantest.Server) string {
			t.Helper()
			s.Configure(upsert)
			first, err := w.Create(t.Context(), "", newHook(), CreateOptions{})
			wantNoError(t, err)

			return first.ID
		},
		"years old, and the account can't be listed": func(_ *testing.T, _ *Webhooks, s *wingspantest.Server) string {
			s.Fail(listed(wingspantest.Fault{Status: 403}))
			s.Fail(onPosts(wingspantest.Fault{Body: documentedJSON("years-old")}))

			return "years-old"
		},
		"years old, and the list is cut off": func(t *testing.T, _ *Webhooks, s *wingspantest.Server) string {
			t.Helper()
			s.Fail(listed(wingspantest.Fault{Body: "[" + document(t, "another", map[string]any{"createdAt": "2000-06-01T00:00:00Z"}) + "]"}))
			s.Fail(onPosts(wingspantest.Fault{Body: documentedJSON("years-old")}))

			return "years-old"
		},
		"read before, and the account can't be listed": func(t *testing.T, w *Webhooks, s *wingspantest.Server) string {
			t.Helper()
			id := old(s).ID
			_, err := w.GetExact(t.Context(), Target{ID: id})
			wantNoError(t, err)
			s.Fail(listed(wingspantest.Fault{Status: 403}))
			s.Fail(onPosts(wingspantest.Fault{Body: document(t, id, now)}))

			return id
		},
		"listed before, and the account can't be listed any more": func(t *testing.T, w *Webhooks, s *wingspantest.Server) string {
			t.Helper()
			id := old(s).ID
			_, err := w.List(t.Context(), "")
			wantNoError(t, err)
			time.Sleep(2 * listLifetime)
			s.Fail(listed(wingspantest.Fault{Status: 403}))
			s.Fail(onPosts(wingspantest.Fault{Body: document(t, id, now)}))

			return id
		},
	}
	for name, prepare := range tests {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			id := prepare(t, webhooks, server)
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
			e := wantError[*ExistingError](t, err)
			wantEqual(t, "error", *e, ExistingError{ID: id, URL: hookURL})
			wantEqual(t, "created", created == nil, true)
			wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 0)
		})
	}
}

func TestARetryThatReturnsWhatTheLostCreateMadeSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
		server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Body: "[]", Times: -1, Match: func(wingspantest.Request) bool { return posts(server) < 2 }})
		server.Fail(lostCreate(true))
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
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
