package wingspan

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestAnIncompleteListNeverDuplicatesACreate(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name          string
		seeds, limit  int
		commit, found bool
		posts         int
	}{
		{"oldest, cut exactly at its length", 5, 5, true, false, 2},
		{"oldest, cut exactly at its length, not carried out", 5, 5, false, false, 2},
		{"oldest, shorter", 5, 3, true, false, 2},
		{"oldest, shorter, not carried out", 5, 3, false, false, 2},
		{"oldest, room for one", 5, 6, true, true, 1},
		{"oldest, room for one, not carried out", 5, 6, false, true, 2},
		{"newest, cut exactly at its length", 5, -5, true, true, 1},
		{"newest, shorter", 5, -2, true, true, 1},
	}
	for _, test := range tests {
		for shown, secrets := range secretModes {
			bubble(t, test.name+", secrets "+shown, func(t *testing.T) {
				webhooks, server := serverStore(t)
				server.Configure(func(c *wingspantest.Settings) { c.Secrets = secrets })
				before := seed(server, test.seeds)
				server.Configure(func(c *wingspantest.Settings) { c.ListLimit = test.limit })
				// What is in a list that lacks others is ours only where it is newer than the list of before, by a Date in seconds.
				server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Header: http.Header{"Date": {time.Now().Add(-3 * time.Second).UTC().Format(http.TimeFormat)}}})
				server.Fail(lostCreate(test.commit))
				created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
				wantEqual(t, "creates that were sent", posts(server), test.posts)
				if test.found {
					wantNoError(t, err)
					wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))

					return
				}
				// The list doesn't show the retry, so that it says nothing of the first one either.
				e := wantError[*AmbiguousCreateError](t, err)
				wantEqual(t, "created", created == nil, true)
				wantEqual(t, "outcome", e.Outcome, Incomplete)
				wantEqual(t, "removed again", server.Count(http.MethodDelete, wingspantest.RouteItem), 1)
				if test.commit {
					wantHeld(t, server, before, newHook())
				} else {
					wantHeld(t, server, before)
				}
			})
		}
	}
}

// The list shows the newest one only, which was created by someone else right after the create whose response is lost.
func TestAListThatLosesAnEntryToTheRetryIsIncomplete(t *testing.T) {
	t.Parallel()
	bubble(t, "", func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.ListLimit = -1 })
		var others []wingspantest.Preference
		server.OnRequest(func(r wingspantest.Request) {
			if r.Method == http.MethodPost && len(others) == 0 {
				others = append(others, server.Put(wingspantest.Preference{URL: hookURL + "/b", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid"}}))
			}
		})
		server.Fail(lostCreate(true))
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantEqual(t, "outcome", wantError[*AmbiguousCreateError](t, err).Outcome, Incomplete)
		wantHeld(t, server, others, newHook())
		wantEqual(t, "creates that were sent", posts(server), 2)
	})
}

func TestARetryThatCannotBeUndoneIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := always(wingspantest.ErrorStatus(403, "no deletes today"))
		stuck.Method = http.MethodDelete
		worlds := map[string]func(*wingspantest.Server){
			"no deletes": func(s *wingspantest.Server) { s.Fail(stuck) },
			// Nothing says then that the retry, and not someone else, has made it.
			"times that can't be read": func(s *wingspantest.Server) {
				s.Configure(func(c *wingspantest.Settings) { c.Times = func(time.Time) any { return 7 } })
			},
		}
		for name, world := range worlds {
			webhooks, server := serverStore(t)
			before := seed(server, 5)
			server.Configure(func(c *wingspantest.Settings) { c.ListLimit = 5 })
			server.Fail(lostCreate(false))
			world(server)
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			e := wantError[*AmbiguousCreateError](t, err)
			ids := wantHeld(t, server, before, newHook())
			wantEqual(t, "outcome with "+name, e.Outcome, Retained)
			wantEqual(t, "returned", []string{created.ID}, ids)
			wantEqual(t, "candidates", idsOf(e.Candidates), ids)
		}
	})
}

func TestAListThatLagsIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for shown, secrets := range secretModes {
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Secrets, c.Lag = secrets, wingspantest.Lag{Reads: 2, Lists: 2} })
			before := seed(server, 3)
			server.Fail(lostCreate(true))
			server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Status: 403, Skip: 1, Times: 1}) // It may fail for a moment, too.
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantNoError(t, err)
			wantEqual(t, "id, secrets "+shown, []string{created.ID}, wantHeld(t, server, before, newHook()))
		}

		// Too long, and nothing is duplicated.
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: 1000, Lists: 1000} })
		server.Fail(lostCreate(true))
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantError[*AmbiguousCreateError](t, err)
		wantHeld(t, server, nil, newHook())

		// The first one shows up after the second: the second is undone.
		webhooks, server = serverStore(t)
		server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Body: "[]", Times: -1, Match: func(wingspantest.Request) bool { return posts(server) < 2 }})
		server.Fail(lostCreate(true))
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "creates that were sent", posts(server), 2)
		wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
	})
}

func TestWithoutAListTheCreateIsAmbiguous(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, commit := range []bool{true, false} {
			webhooks, server := serverStore(t)
			before := seed(server, 2)
			refused := wingspantest.ErrorStatus(403, "no lists today")
			refused.Route, refused.Skip, refused.Times = wingspantest.RouteList, 1, -1
			server.Fail(refused)
			server.Fail(lostCreate(commit))
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			e := wantError[*AmbiguousCreateError](t, err)
			wantEqual(t, "outcome", e.Outcome, Unlistable)
			wantEqual(t, "why", IsUnauthorized(e.ListErr), true)
			wantEqual(t, "creates that were sent", posts(server), 1)
			if commit {
				wantHeld(t, server, before, newHook())
			}
		}

		// Without one beforehand, only an echoed secret says which is the create's.
		for shown, secrets := range secretModes {
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Secrets = secrets })
			server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}})
			before := server.Preferences()
			server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Status: 403})
			server.Fail(lostCreate(true))
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
			ids := wantHeld(t, server, before, newHook())
			if shown == "echoed" {
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, ids)
			} else {
				wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, err).Candidates), []string{before[0].ID, ids[0]}, sorted)
			}
		}
	})
}

// strangers appear in the list while a create is lost that was not carried out.
func TestWhatIsNotCertainlyOursIsNotAdopted(t *testing.T) {
	t.Parallel()

	events := []string{"Invoice.Paid", "Invoice.Sent"}
	tests := map[string]struct {
		stranger wingspantest.Preference
		secrets  wingspantest.SecretMode
		// repeated: it is so different that the create is requested again.
		repeated bool
	}{
		"another path":                {wingspantest.Preference{URL: hookURL + "/b", SubscribedEvents: events}, wingspantest.Mask, true},
		"another host":                {wingspantest.Preference{URL: "https://a.example.com/wingspan", SubscribedEvents: events}, wingspantest.Mask, true},
		"another account":             {wingspantest.Preference{URL: hookURL, Account: childAccount, SubscribedEvents: events}, wingspantest.Mask, true},
		"fewer events":                {wingspantest.Preference{URL: hookURL, SubscribedEvents: events[:1]}, wingspantest.Mask, false},
		"no events":                   {wingspantest.Preference{URL: hookURL, SubscribedEvents: []string{}}, wingspantest.Mask, false},
		"another secret":              {wingspantest.Preference{URL: hookURL, SubscribedEvents: events}, wingspantest.Echo, false},
		"another secret's hash":       {wingspantest.Preference{URL: hookURL, SubscribedEvents: events}, wingspantest.Hash, false},
		"older":                       {wingspantest.Preference{URL: hookURL, SubscribedEvents: events, CreatedAt: time.Date(1999, 12, 31, 23, 59, 0, 0, time.UTC)}, wingspantest.Mask, false},
		"another owner's, to be seen": {wingspantest.Preference{URL: hookURL, SubscribedEvents: events, Account: "usrOther", ViewerIDs: []string{wingspantest.OwnAccount}}, wingspantest.Mask, false},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Secrets = test.secrets })
			stranger := test.stranger
			stranger.ID, stranger.SharedSecret = "stranger", otherSecret
			server.OnRequest(func(r wingspantest.Request) {
				if r.Method == http.MethodPost {
					server.Put(stranger)
				}
			})
			server.Fail(lostCreate(false))
			created, err := webhooks.Create(t.Context(), wingspantest.OwnAccount, newHook(), CreateOptions{})
			before, _ := server.Preference("stranger")
			if test.repeated {
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, []wingspantest.Preference{before}, newHook()))

				return
			}
			e := wantError[*AmbiguousCreateError](t, err)
			wantEqual(t, "outcome", e.Outcome, Undecidable)
			wantEqual(t, "candidates", idsOf(e.Candidates), []string{"stranger"})
			wantHeld(t, server, []wingspantest.Preference{before})
			wantEqual(t, "creates that were sent", posts(server), 1)
		})
	}
}

// TestAMaskThatShowsAnotherPartIsAnotherSecret also where this process knows how the API masks.
func TestAMaskThatShowsAnotherPartIsAnotherSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.SetRewrite(func(_ wingspantest.Request, p map[string]any) {
			secret, _ := p["sharedSecret"].(string)
			p["sharedSecret"] = secret[:6] + "****"
		})
		first := newHook()
		first.URL += "/first"
		_, err := webhooks.Create(t.Context(), "", first, CreateOptions{})
		wantNoError(t, err)
		server.OnRequest(func(r wingspantest.Request) {
			if r.Method == http.MethodPost {
				server.Put(wingspantest.Preference{ID: "theirs", URL: hookURL, SharedSecret: "another-secret-of-theirs", SubscribedEvents: newHook().SubscribedEvents})
			}
		})
		server.Fail(lostCreate(false))
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, err).Candidates), []string{"theirs"})
	})
}

// TestWhatWasReadBeforeIsNoCandidate where the list from before the create is missing: the state manages what was read.
func TestWhatWasReadBeforeIsNoCandidate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		neighbor := server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Payee.Created"}})
		_, err := webhooks.GetExact(t.Context(), Target{ID: neighbor.ID})
		wantNoError(t, err)
		server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Status: 403})
		server.Fail(onPosts(wingspantest.HTML(http.StatusGatewayTimeout)))
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantEqual(t, "candidates", len(wantError[*AmbiguousCreateError](t, err).Candidates), 0)
	})
}

func TestAListThatLacksOthersAdoptsNothingOfUnknownAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The list shows another part of the account than before, with someone's older webhook.
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) {
			c.Secrets, c.Times = wingspantest.Mask, func(time.Time) any { return nil }
		})
		server.Put(wingspantest.Preference{ID: "theirs", URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: newHook().SubscribedEvents})
		before := seed(server, 1)
		server.Configure(func(c *wingspantest.Settings) { c.ListLimit = -1 })
		server.OnRequest(func(r wingspantest.Request) {
			if r.Method == http.MethodPost {
				server.Configure(func(c *wingspantest.Settings) { c.ListLimit = 1 })
			}
		})
		server.Fail(lostCreate(false))
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		e := wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "candidates", idsOf(e.Candidates), []string{"theirs"})
		wantHeld(t, server, before)
	})
}

func TestSeveralMatchesAreNamedUnlessTheSecretDecides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for shown, secrets := range secretModes {
			webhooks, server := serverStore(t)
			server.Configure(func(c *wingspantest.Settings) { c.Secrets = secrets })
			server.OnRequest(func(r wingspantest.Request) {
				if r.Method == http.MethodPost { // Someone else makes one at the same moment.
					server.Put(wingspantest.Preference{ID: "theirs", URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: newHook().SubscribedEvents})
				}
			})
			server.Fail(lostCreate(true))
			created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			theirs, _ := server.Preference("theirs")
			ids := wantHeld(t, server, []wingspantest.Preference{theirs}, newHook())
			if shown == "echoed" || shown == "hashed" {
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, ids)
			} else {
				wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, err).Candidates), []string{"theirs", ids[0]}, sorted)
			}
		}
	})
}

// forms are what a server may make of a URL and of events.
var forms = map[string]func(*wingspantest.Preference){
	"punycode":           func(p *wingspantest.Preference) { p.URL = strings.ReplaceAll(p.URL, "käse", "xn--kse-qla") },
	"no dot segments":    func(p *wingspantest.Preference) { p.URL = strings.ReplaceAll(p.URL, "/./", "/") },
	"an unescaped tilde": func(p *wingspantest.Preference) { p.URL = strings.ReplaceAll(p.URL, "%7E", "~") },
	"lower case":         func(p *wingspantest.Preference) { p.URL = strings.ToLower(p.URL) },
	"a slash at the end": func(p *wingspantest.Preference) { p.URL = strings.ReplaceAll(p.URL, "?", "/?") },
	"no query":           func(p *wingspantest.Preference) { p.URL, _, _ = strings.Cut(p.URL, "?") },
	"https":              func(p *wingspantest.Preference) { p.URL = strings.Replace(p.URL, "http:", "https:", 1) },
	"other event names": func(p *wingspantest.Preference) {
		for i, event := range p.SubscribedEvents {
			p.SubscribedEvents[i] = strings.ReplaceAll(event, ".", "")
		}
	},
	"fewer events": func(p *wingspantest.Preference) { p.SubscribedEvents = p.SubscribedEvents[:1] },
}

func TestValuesInTheServersFormDuplicateNothing(t *testing.T) {
	t.Parallel()

	hook := newHook()
	hook.URL = "http://käse.example/./A/%7Eb?team=1"
	for name, form := range forms {
		for shown, secrets := range secretModes {
			bubble(t, name+", "+shown, func(t *testing.T) {
				webhooks, server := serverStore(t)
				server.Configure(func(c *wingspantest.Settings) { c.Secrets, c.Normalize = secrets, form })
				before := seed(server, 2)
				server.Fail(lostCreate(true))
				created, err := webhooks.Create(t.Context(), "", hook, CreateOptions{})
				wantEqual(t, "webhooks", len(server.Preferences()), 3)
				id := server.Preferences()[2].ID
				if err == nil {
					wantEqual(t, "id", created.ID, id)
				} else {
					wantEqual(t, "candidates", idsOf(wantError[*AmbiguousCreateError](t, err).Candidates), []string{id})
				}
				equivalent := name == "punycode" || name == "no dot segments" || name == "an unescaped tilde"
				wantEqual(t, "adopted", err == nil, equivalent)

				server.Remove(id) // One that isn't carried out is made nevertheless.
				server.Fail(lostCreate(false))
				_, err = NewWebhooks(webhooks.client).Create(t.Context(), "", hook, CreateOptions{})
				wantNoError(t, err)
				wantEqual(t, "webhooks", len(server.Preferences()), len(before)+1)
			})
		}
	}
}
