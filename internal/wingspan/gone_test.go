package wingspan

import (
	"context"
	"errors"
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
		_, err := w.Update(ctx, t, UpdatePreferenceRequest{SubscribedEvents: []string{"Payee.Created"}})

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

func TestAWebhookIsRemovedOnlyOnProof(t *testing.T) {
	t.Parallel()

	const gone = MissingReason(-1) // A delete succeeds, everything else is Gone.
	type change = func(*wingspantest.Server, *Target)
	removed := func(s *wingspantest.Server, w *Target) { s.Remove(w.ID) }
	lists := func(f wingspantest.Fault) change {
		return func(s *wingspantest.Server, _ *Target) { s.Fail(onList(f)) }
	}
	anothers := func(s *wingspantest.Server, _ *Target) {
		s.SetToken("the token of A")
		s.AddToken(wingspantest.Token, "usrB")
	}
	tests := map[string]struct {
		setups []change
		want   MissingReason
	}{
		"deleted":                            {[]change{removed}, gone},
		"deleted, nothing says whose it was": {[]change{removed, func(_ *wingspantest.Server, w *Target) { *w = Target{ID: w.ID} }}, gone},
		"deleted, and the owner's own id isn't accepted": {[]change{removed, func(s *wingspantest.Server, _ *Target) {
			f := always(wingspantest.ErrorStatus(403, "not a child account"))
			f.Match = func(r wingspantest.Request) bool { return r.HasAccount }
			s.Fail(f)
		}}, gone},
		"deleted, and the server's address was written otherwise": {[]change{removed, func(_ *wingspantest.Server, w *Target) {
			w.Server = strings.ToUpper(w.Server) + "/"
		}}, gone},
		"deleted, and the list forgets it late": {[]change{removed, func(s *wingspantest.Server, w *Target) {
			s.Fail(onList(wingspantest.Fault{Body: "[" + documentedJSON(w.ID) + "]"}))
		}}, gone},
		"another server": {[]change{removed, func(_ *wingspantest.Server, w *Target) {
			w.Server = "https://stagingapi.wingspan.app"
		}}, OtherServer},
		"another path of the server": {[]change{func(s *wingspantest.Server, _ *Target) { s.Fail(always(notFounds["the API's words"])) }}, ListFailed},
		"no list":                    {[]change{removed, lists(always(wingspantest.Fault{Status: 403}))}, ListFailed},
		"a page for a list":          {[]change{removed, lists(always(wingspantest.Fault{Body: "<html>"}))}, ListFailed},
		"an entry that can't be read": {[]change{
			removed, lists(always(wingspantest.Fault{Body: `[{"preferenceId": 7}]`})),
		}, ListFailed},
		"another account's list": {[]change{removed, lists(always(wingspantest.Fault{Body: "[" + documentedJSON("id1") + "]"})), func(s *wingspantest.Server, w *Target) {
			s.AddAccounts(childAccount)
			w.Account, w.Owner = childAccount, childAccount
		}}, ListFailed},
		"another user's token":                             {[]change{anothers}, OwnerDenied},
		"another user's token, and the list is empty, too": {[]change{removed, anothers}, OwnerDenied},
	}
	for name, fault := range notFounds {
		test := tests[""]
		test.want, test.setups = StillListed, []change{func(s *wingspantest.Server, _ *Target) {
			f := always(fault)
			f.Route = wingspantest.RouteItem
			s.Fail(f)
		}}
		tests["a firewall answers with "+name] = test
	}
	for name, test := range tests {
		for method, send := range operations {
			bubble(t, name+", "+method, func(t *testing.T) {
				webhooks, server := serverStore(t)
				target := old(server)
				seed(server, 1)
				for _, change := range test.setups {
					change(server, &target)
				}
				before := len(server.Preferences())

				err := send(t.Context(), webhooks, target)
				wantEqual(t, "webhooks", len(server.Preferences()), before)
				if test.want == gone && method == http.MethodDelete {
					wantNoError(t, err)

					return
				}
				e := wantError[*MissingError](t, err)
				wantEqual(t, "reason", e.Reason, max(test.want, Gone))
				wantEqual(t, "gone, not found", []bool{IsGone(err), IsNotFound(err)}, []bool{test.want == gone, true})
				wantEqual(t, "server", e.Server, server.URL())
				if name == "an entry that can't be read" {
					wantEqual(t, "cause", e.Cause.Error(), "at least one entry of the list can't be decoded, and may be this webhook preference")
				}
			})
		}
	}
}

func TestADeleteIsCompleteOnlyWhenTheAPIConfirmsIt(t *testing.T) {
	t.Parallel()

	type outcome struct {
		deletes, webhooks int
		err               string
	}
	run := func(name string, fault *wingspantest.Fault, setting func(*wingspantest.Settings), want outcome) {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			seed(server, 1)
			target := old(server)
			server.Configure(setting)
			if fault != nil {
				f := *fault // A copy, as several subtests change it.
				f.Method = http.MethodDelete
				server.Fail(f)
			}
			err := webhooks.Delete(t.Context(), target)
			got := outcome{server.Count(http.MethodDelete, wingspantest.RouteItem), len(server.Preferences()) - 1, ""}
			var missing *MissingError
			var unusable *ResponseError
			switch {
			case errors.As(err, &missing) && missing.Reason == StillListed && !IsGone(err):
				got.err = "missing"
			case errors.As(err, &unusable) && MayHaveSucceeded(err):
				got.err = "doubtful"
			default:
				wantNoError(t, err)
			}
			if got != want {
				t.Errorf("%+v, want %+v: %v", got, want, err)
			}
			if fault == nil {
				wantEqual(t, "requests", len(server.Requests()), 1)
			}
		})
	}
	plain := func(*wingspantest.Settings) {}
	run("with the preference", nil, plain, outcome{1, 0, ""})
	run("without content", nil, func(c *wingspantest.Settings) { c.DeleteNoContent = true }, outcome{1, 0, ""})
	// A firewall may respond to this method only. With a list that is cut off before it, only a read shows that it is alive.
	for name, fault := range notFounds {
		fault = always(fault)
		run("a firewall answers with "+name, &fault, plain, outcome{2, 1, "missing"})
		run("a firewall answers with "+name+", in a list that is cut off", &fault, func(c *wingspantest.Settings) { c.ListLimit = 1 }, outcome{2, 1, "missing"})
	}

	once := wingspantest.Fault{Body: "<html>"}
	run("only once", &once, plain, outcome{2, 0, ""})
	answers := map[string]wingspantest.Fault{"a page": wingspantest.HTML(200), "broken JSON": wingspantest.BrokenJSON()}
	for _, body := range []string{`{"error":"oops"}`, `{"success":false}`, `false`, `[]`, `null`, `"queued"`, `{}`, `{"preferenceId":7}`, documentedJSON("another")} {
		answers[body] = wingspantest.Fault{Body: body}
	}
	for name, answer := range answers {
		ignored, carriedOut := always(answer), always(answer)
		carriedOut.Commit = true
		run(name, &ignored, plain, outcome{2, 1, "doubtful"})
		run(name+", carried out", &carriedOut, plain, outcome{2, 0, ""})
	}
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
				server, transport := serverInMemory(t)
				first := storeOf(t, server, transport)
				server.Configure(set)
				server.Configure(func(c *wingspantest.Settings) {
					c.Lag = wingspantest.Lag{Reads: leastRetries, Writes: leastRetries, Lists: 100}
				})
				created := create(t, first, "", newHook())

				// Another process, a moment later, knows what the state says, and perhaps what private state says.
				for _, moment := range []Moment{created.Created, {}} {
					server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{} })
					second := storeOf(t, server, transport)
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
		created := create(t, webhooks, "", newHook())
		_, err := webhooks.Get(t.Context(), Target{ID: created.ID}, nil) // As a data source does.
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
