package wingspan

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// The three requests for one preference.
var operations = map[string]func(context.Context, *Webhooks, Target) error{
	http.MethodGet: func(ctx context.Context, w *Webhooks, t Target) error {
		_, err := w.Get(ctx, t, nil)

		return err
	},
	http.MethodPatch: func(ctx context.Context, w *Webhooks, t Target) error {
		_, err := w.Update(ctx, t, UpdatePreferenceRequest{SubscribedEvents: []string{"Invoice.Sent"}})

		return err
	},
	http.MethodDelete: func(ctx context.Context, w *Webhooks, t Target) error { return w.Delete(ctx, t) },
}

// notFounds are what may return 404 in front of the API, or be the API itself.
var notFounds = map[string]wingspantest.Fault{
	"the API's words": wingspantest.ErrorStatus(404, "there is no webhook preference"),
	"a page":          wingspantest.HTML(404),
	"nothing":         {Status: 404},
}

// refuseHeader is an API that doesn't take the token's own account in X-WINGSPAN-USER.
func refuseHeader(server *wingspantest.Server) {
	f := always(wingspantest.ErrorStatus(403, "not a child account"))
	f.Match = func(r wingspantest.Request) bool { return r.HasAccount }
	server.Fail(f)
}

func TestAWebhookIsRemovedOnlyOnProof(t *testing.T) {
	t.Parallel()

	const gone = MissingReason(-1) // A delete succeeds, everything else is Gone.
	tests := map[string]struct {
		world func(*wingspantest.Server, *Target)
		want  MissingReason
	}{
		"deleted": {func(s *wingspantest.Server, w *Target) { s.Remove(w.ID) }, gone},
		"deleted, nothing says whose it was": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			*w = Target{ID: w.ID}
		}, gone},
		"deleted, and the owner's own id isn't accepted": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			refuseHeader(s)
		}, gone},
		"deleted, and the server's address was written otherwise": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			w.Server = strings.ToUpper(w.Server) + "/"
		}, gone},
		"deleted, and the list forgets it late": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Body: "[" + documentedJSON(w.ID) + "]"})
		}, gone},
		"another server": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			w.Server = "https://stagingapi.wingspan.app"
		}, OtherServer},
		"another path of the server": {func(s *wingspantest.Server, _ *Target) { s.Fail(always(notFounds["the API's words"])) }, ListFailed},
		"no list": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.Fail(always(wingspantest.Fault{Route: wingspantest.RouteList, Status: 403}))
		}, ListFailed},
		"a page for a list": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.Fail(always(wingspantest.Fault{Route: wingspantest.RouteList, Body: "<html>"}))
		}, ListFailed},
		"an entry that can't be read": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.Fail(always(wingspantest.Fault{Route: wingspantest.RouteList, Body: `[{"preferenceId": 7}]`}))
		}, ListFailed},
		"another account's list": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.AddAccounts(childAccount)
			w.Account, w.Owner = childAccount, childAccount
			s.Fail(always(wingspantest.Fault{Route: wingspantest.RouteList, Body: "[" + documentedJSON("id1") + "]"}))
		}, ListFailed},
		"another user's token": {func(s *wingspantest.Server, _ *Target) {
			s.SetToken("the token of A")
			s.AddToken(wingspantest.Token, "usrB")
		}, OwnerDenied},
		"another user's token, and the list is empty, too": {func(s *wingspantest.Server, w *Target) {
			s.Remove(w.ID)
			s.SetToken("the token of A")
			s.AddToken(wingspantest.Token, "usrB")
		}, OwnerDenied},
	}
	for name, fault := range notFounds {
		tests["a firewall answers with "+name] = struct {
			world func(*wingspantest.Server, *Target)
			want  MissingReason
		}{func(s *wingspantest.Server, _ *Target) {
			f := always(fault)
			f.Route = wingspantest.RouteItem
			s.Fail(f)
		}, StillListed}
	}
	for name, test := range tests {
		for method, send := range operations {
			bubble(t, name+", "+method, func(t *testing.T) {
				webhooks, server := serverStore(t)
				target := old(server)
				seed(server, 1)
				before := len(server.Preferences())
				test.world(server, &target)
				if test.want != gone && name != "another path of the server" {
					before = len(server.Preferences())
				}

				err := send(t.Context(), webhooks, target)
				if test.want == gone && method == http.MethodDelete {
					wantNoError(t, err)

					return
				}
				e := wantError[*MissingError](t, err)
				wantEqual(t, "reason", e.Reason, max(test.want, Gone))
				wantEqual(t, "gone", IsGone(err), test.want == gone)
				wantEqual(t, "not found", IsNotFound(err), true)
				wantEqual(t, "server", e.Server, server.URL())
				if test.want != gone {
					wantEqual(t, "webhooks", len(server.Preferences()), before)
				}
			})
		}
	}
}

func TestAFirewallThatRespondsToOneMethodDeletesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, fault := range notFounds {
			for _, limit := range []int{0, 1} { // With a list that is cut off before it, only a read shows that it is alive.
				webhooks, server := serverStore(t)
				seed(server, 1)
				target := old(server)
				server.Configure(func(c *wingspantest.Settings) { c.ListLimit = limit })
				fault = always(fault)
				fault.Method = http.MethodDelete
				server.Fail(fault)

				err := webhooks.Delete(t.Context(), target)
				wantEqual(t, "reason after "+name, wantError[*MissingError](t, err).Reason, StillListed)
				wantEqual(t, "gone", IsGone(err), false)
				wantEqual(t, "webhooks", len(server.Preferences()), 2)
			}
		}
	})
}

func TestADeleteIsCompleteWhenTheAPIConfirmsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, noContent := range []bool{false, true} {
			webhooks, server := serverStore(t)
			target := old(server)
			server.Configure(func(c *wingspantest.Settings) { c.DeleteNoContent = noContent })
			wantNoError(t, webhooks.Delete(t.Context(), target))
			wantEqual(t, "webhooks", len(server.Preferences()), 0)
			wantEqual(t, "requests", len(server.Requests()), 1)
		}
	})
}

func TestADoubtfulResponseToADeleteIsNoDelete(t *testing.T) {
	t.Parallel()

	answers := map[string]wingspantest.Fault{"a page": wingspantest.HTML(200), "broken JSON": wingspantest.BrokenJSON()}
	for _, body := range []string{`{"error":"oops"}`, `{"success":false}`, `false`, `[]`, `null`, `"queued"`, `{}`, `{"preferenceId":7}`, documentedJSON("another")} {
		answers[body] = wingspantest.Fault{Body: body}
	}
	for name, answer := range answers {
		for _, commit := range []bool{false, true} {
			bubble(t, name, func(t *testing.T) {
				webhooks, server := serverStore(t)
				target := old(server)
				fault := always(answer) // A copy, as both subtests change it.
				fault.Method, fault.Commit = http.MethodDelete, commit
				server.Fail(fault)
				err := webhooks.Delete(t.Context(), target)
				wantEqual(t, "deletes", server.Count(http.MethodDelete, wingspantest.RouteItem), 2)
				if commit {
					wantNoError(t, err)
					wantEqual(t, "webhooks", len(server.Preferences()), 0)

					return
				}
				wantError[*ResponseError](t, err)
				wantEqual(t, "may have succeeded", MayHaveSucceeded(err), true)
				wantEqual(t, "webhooks", len(server.Preferences()), 1)
			})
		}
	}

	bubble(t, "only once", func(t *testing.T) {
		webhooks, server := serverStore(t)
		target := old(server)
		server.Fail(wingspantest.Fault{Method: http.MethodDelete, Body: "<html>"})
		wantNoError(t, webhooks.Delete(t.Context(), target))
		wantEqual(t, "webhooks", len(server.Preferences()), 0)
	})
}

func TestAnotherUsersTokenActsOnBehalfOfTheOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for method, send := range operations {
			webhooks, server := serverStore(t)
			target := old(server)
			server.SetToken("the token of A")
			server.AddToken(wingspantest.Token, "usrB", wingspantest.OwnAccount)
			wantNoError(t, send(t.Context(), webhooks, target))
			wantEqual(t, method+" requests", len(server.Requests()), 2)
			wantEqual(t, "account of the second", server.Requests()[1].Account, wingspantest.OwnAccount)
		}

		webhooks, server := serverStore(t)
		target := old(server)
		server.AddAccounts(childAccount)
		target.Account = childAccount // The configuration names an account that the webhook isn't in.
		p, err := webhooks.Get(t.Context(), target, nil)
		wantNoError(t, err)
		wantEqual(t, "account that answered", p.Account, wingspantest.OwnAccount)
	})
}

// clocks are how an API may write time: the times of a webhook, and the Date of responses.
var clocks = map[string]func(*wingspantest.Settings){
	"ahead":         func(c *wingspantest.Settings) { c.Clock = 5 * time.Minute },
	"behind":        func(c *wingspantest.Settings) { c.Clock = -5 * time.Minute },
	"without dates": func(c *wingspantest.Settings) { c.Date = func(time.Time) string { return "" } },
	"odd dates": func(c *wingspantest.Settings) {
		c.Date = func(now time.Time) string { return now.Format(time.Kitchen) }
	},
	"numbers": func(c *wingspantest.Settings) { c.Times = func(t time.Time) any { return t.UnixMilli() } },
	"no zone": func(c *wingspantest.Settings) {
		c.Times = func(t time.Time) any { return t.Format("2006-01-02T15:04:05") }
	},
	"no times": func(c *wingspantest.Settings) {
		c.Times, c.Date = func(time.Time) any { return nil }, func(time.Time) string { return "" }
	},
}

func TestReadsOfANewWebhookAreRetriedByAnyClock(t *testing.T) {
	t.Parallel()

	for clock, set := range clocks {
		for method, send := range operations {
			bubble(t, clock+", "+method, func(t *testing.T) {
				first, server := serverStore(t)
				server.Configure(set)
				server.Configure(func(c *wingspantest.Settings) {
					c.Lag = wingspantest.Lag{Reads: leastRetries, Writes: leastRetries, Lists: 100}
				})
				created, err := first.Create(t.Context(), "", newHook(), CreateOptions{})
				wantNoError(t, err)

				// Another process, a moment later, knows what the state says, and perhaps what private state says.
				for _, moment := range []Moment{created.Created, {}} {
					server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{} })
					second := storeOf(t, server)
					target := Target{ID: created.ID, Owner: created.UserID, Server: server.URL(), CreatedAt: created.CreatedAt, Created: moment}
					server.Fail(wingspantest.Fault{Route: wingspantest.RouteItem, Status: 404, Times: leastRetries})
					wantNoError(t, send(t.Context(), second, target))
					server.ClearFaults()
					if method == http.MethodDelete {
						wantEqual(t, "webhooks", len(server.Preferences()), 0)

						break
					}
				}
			})
		}
	}
}

func TestAReadOfWhatThisProcessCreatedWaitsForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: leastRetries, Lists: leastRetries} })
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		_, err = webhooks.Get(t.Context(), Target{ID: created.ID}, nil) // As a data source does.
		wantNoError(t, err)

		// What the list of before the create doesn't show isn't gone.
		server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{} })
		server.Fail(always(wingspantest.Fault{Route: wingspantest.RouteItem, Status: 404}))
		_, err = webhooks.Get(t.Context(), Target{ID: created.ID}, nil)
		wantEqual(t, "reason", wantError[*MissingError](t, err).Reason, StillListed)
	})
}

func TestOneListServesAll404sOfARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		var targets []Target
		for range 20 {
			targets = append(targets, old(server))
		}
		seed(server, 1)
		for _, target := range targets {
			server.Remove(target.ID)
		}
		for _, target := range targets {
			_, err := webhooks.GetExact(t.Context(), target)
			wantEqual(t, "gone", IsGone(err), true)
		}
		wantEqual(t, "lists", lists(server), 1)
	})
}

func TestAListThatIgnores404sIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		targets := []Target{old(server), old(server), old(server), old(server)}
		server.Fail(always(wingspantest.Fault{Route: wingspantest.RouteItem, Status: 404}))
		for i, target := range targets {
			begin := time.Now()
			_, err := webhooks.GetExact(t.Context(), target)
			wantEqual(t, "reason", wantError[*MissingError](t, err).Reason, StillListed)
			if i == 0 {
				wantEqual(t, "waited", time.Since(begin) >= webhooks.client.settle, true)
				webhooks.client.settle = time.Hour
			}
		}
	})
}

func TestA404EndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		webhooks.client.settle = time.Hour
		target := old(server)
		server.Fail(always(wingspantest.Fault{Route: wingspantest.RouteItem, Status: 404}))
		ctx, cancel := context.WithCancel(t.Context())
		server.OnRequest(func(r wingspantest.Request) {
			if r.Route == wingspantest.RouteList {
				cancel()
			}
		})
		_, err := webhooks.GetExact(ctx, target)
		wantEqual(t, "gone", IsGone(err), false)
		wantEqual(t, "canceled", ctx.Err() != nil, true)
	})
}

func TestResponsesForAnotherAccountAreErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.AddAccounts(childAccount)
		p := server.Put(wingspantest.Preference{Account: childAccount, URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrSomebodyElse" })
		want := AccountError{Asked: childAccount, Got: "usrSomebodyElse", ID: p.ID}

		_, err := webhooks.Get(t.Context(), Target{ID: p.ID, Account: childAccount}, nil)
		wantEqual(t, "get", *wantError[*AccountError](t, err), want)
		_, err = webhooks.Get(t.Context(), Target{ID: p.ID, Owner: childAccount, Account: childAccount}, nil)
		wantEqual(t, "get of a known owner", *wantError[*AccountError](t, err), want)
		_, err = webhooks.List(t.Context(), childAccount)
		wantEqual(t, "list", *wantError[*AccountError](t, err), want)
		got, err := webhooks.Update(t.Context(), Target{ID: p.ID, Account: childAccount}, UpdatePreferenceRequest{SubscribedEvents: []string{"Invoice.Sent"}})
		wantEqual(t, "update", *wantError[*AccountError](t, err), want)
		wantEqual(t, "what was updated", got.ID, p.ID)
	})
}
