package wingspan

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestAnIncompleteListNeverDuplicatesACreate(t *testing.T) {
	t.Parallel()

	// What is in a list that lacks others is ours only where it is newer than the list of before, by a Date in seconds.
	dated := func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
		t.Helper()
		before := time.Now().Add(-3 * time.Second).UTC().Format(http.TimeFormat)
		failing(onList(wingspantest.Fault{Header: http.Header{"Date": {before}}}))(t, w, s)
	}
	// The list doesn't show the retry, so that it says nothing of the first one either: the retry is removed again.
	unknown := createResult{outcome: Incomplete, posts: 2, deletes: 1}
	one := unknown
	one.live = 1
	var cases []createCase
	for _, test := range []struct {
		name         string
		seeds, limit int
		commit       bool
		want         createResult
	}{
		{"oldest, cut exactly at its length", 5, 5, true, one},
		{"oldest, cut exactly at its length, not carried out", 5, 5, false, unknown},
		{"oldest, shorter", 5, 3, true, one},
		{"oldest, shorter, not carried out", 5, 3, false, unknown},
		{"oldest, room for one", 5, 6, true, adopted},
		{"oldest, room for one, not carried out", 5, 6, false, repeated},
		{"newest, cut exactly at its length", 5, -5, true, adopted},
		{"newest, shorter", 5, -2, true, adopted},
	} {
		for _, shown := range []string{"echoed", "masked"} {
			cases = append(cases, createCase{test.name + ", secrets " + shown, []setup{
				showing(secretModes[shown]), holding(test.seeds), listLimit(test.limit), dated, failing(lostCreate(test.commit)),
			}, "", test.want})
		}
	}
	runCreates(t, cases)
}

// noListUntilTheSecond shows what a create made only when the second one was sent.
func noListUntilTheSecond(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
	s.Fail(always(onList(wingspantest.Fault{Body: "[]", Match: func(wingspantest.Request) bool { return posts(s) < 2 }})))
}

func TestWhatAListShowsOfALostCreate(t *testing.T) {
	t.Parallel()

	stuck := always(wingspantest.ErrorStatus(403, "no deletes today"))
	stuck.Method = http.MethodDelete
	unreadable := func(time.Time) any { return 7 }
	lag := func(lists int) setup {
		return settings(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{Reads: lists, Lists: lists} })
	}
	refused := onList(wingspantest.Fault{Status: 403})
	afterwards := func(f wingspantest.Fault) setup { return meanwhile(func(s *wingspantest.Server) { s.Fail(f) }) }
	retained := createResult{outcome: Retained, returned: "it", candidates: "it", live: 1, posts: 2}
	deleted := retained
	deleted.deletes = 1
	cases := []createCase{
		{"a retry that can't be deleted", []setup{holding(5), listLimit(5), failing(lostCreate(false), stuck)}, "", deleted},
		// Nothing says then that the retry, and not someone else, has made it.
		{"a retry of an unknown time", []setup{
			holding(5), listLimit(5), settings(func(c *wingspantest.Settings) { c.Times = unreadable }), failing(lostCreate(false)),
		}, "", retained},
		{"a lag that is too long", []setup{lag(1000), failing(lostCreate(true))}, "", createResult{outcome: Incomplete, live: 1, posts: 2, deletes: 1}},
		{"the first one, after the second", []setup{noListUntilTheSecond, failing(lostCreate(true))}, "", createResult{outcome: made, returned: "it", live: 1, posts: 2, deletes: 1}},
		{"a retry that returns what the first one made", []setup{
			settings(func(c *wingspantest.Settings) { c.Upsert = true }), noListUntilTheSecond, failing(lostCreate(true)),
		}, "", repeated},
		// The list shows the newest one only, which was created by someone else right after the create whose response is lost.
		{"a list that loses an entry to the retry", []setup{listLimit(-1), meanwhile(func(s *wingspantest.Server) {
			if posts(s) == 1 {
				s.Put(wingspantest.Preference{URL: hookURL + "/b", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid"}})
			}
		}), failing(lostCreate(true))}, "", createResult{outcome: Incomplete, live: 1, posts: 2, deletes: 1}},
		{"no list after it, carried out", []setup{holding(2), afterwards(always(refused)), failing(lostCreate(true))}, "", createResult{outcome: Unlistable, live: 1, posts: 1}},
		{"no list after it, not carried out", []setup{holding(2), afterwards(always(refused)), failing(lostCreate(false))}, "", createResult{outcome: Unlistable, posts: 1}},
		// The state manages what was read.
		{"no list before it, and another one that was read", []setup{func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
			t.Helper()
			neighbor := s.Put(wingspantest.Preference{URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Payee.Created"}})
			_, err := w.GetExact(t.Context(), Target{ID: neighbor.ID})
			wantNoError(t, err)
		}, failing(refused, onPosts(wingspantest.HTML(http.StatusGatewayTimeout)))}, "", createResult{outcome: NotListed, posts: 1}},
	}
	both := createResult{outcome: Undecidable, candidates: "it theirs", live: 1, posts: 1}
	theirs := wingspantest.Preference{ID: "theirs", URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: newHook().SubscribedEvents}
	put := func(s *wingspantest.Server) { s.Put(theirs) }
	for shown, secrets := range secretModes {
		// Without a list beforehand, only an echoed secret says which is the create's; of two new ones, a hash does, too.
		unlisted, simultaneous := both, both
		if shown == "echoed" {
			unlisted = adopted
		}
		if shown == "echoed" || shown == "hashed" {
			simultaneous = adopted
		}
		cases = append(cases,
			createCase{"a lag, secrets " + shown, []setup{showing(secrets), lag(2), holding(3), afterwards(refused), failing(lostCreate(true))}, "", adopted},
			createCase{"no list before it, secrets " + shown, []setup{showing(secrets), func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { put(s) }, failing(refused, lostCreate(true))}, "", unlisted},
			createCase{"someone's of the same moment, secrets " + shown, []setup{showing(secrets), meanwhile(put), failing(lostCreate(true))}, "", simultaneous},
		)
	}
	runCreates(t, cases)
}

// Strangers appear in the list while a create is lost that was not carried out.
func TestWhatIsNotCertainlyOursIsNotAdopted(t *testing.T) {
	t.Parallel()

	events := []string{"Invoice.Paid", "Invoice.Sent"}
	others := createResult{outcome: Undecidable, candidates: "stranger", posts: 1}
	old := time.Date(1999, 12, 31, 23, 59, 0, 0, time.UTC)
	var cases []createCase
	for name, test := range map[string]struct {
		stranger wingspantest.Preference
		secrets  wingspantest.SecretMode
		want     createResult
	}{
		"another path":                {wingspantest.Preference{URL: hookURL + "/b", SubscribedEvents: events}, wingspantest.Mask, repeated},
		"another host":                {wingspantest.Preference{URL: "https://a.example.com/wingspan", SubscribedEvents: events}, wingspantest.Mask, repeated},
		"another account":             {wingspantest.Preference{URL: hookURL, Account: childAccount, SubscribedEvents: events}, wingspantest.Mask, repeated},
		"fewer events":                {wingspantest.Preference{URL: hookURL, SubscribedEvents: events[:1]}, wingspantest.Mask, others},
		"no events":                   {wingspantest.Preference{URL: hookURL, SubscribedEvents: []string{}}, wingspantest.Mask, others},
		"another secret":              {wingspantest.Preference{URL: hookURL, SubscribedEvents: events}, wingspantest.Echo, others},
		"another secret's hash":       {wingspantest.Preference{URL: hookURL, SubscribedEvents: events}, wingspantest.Hash, others},
		"older":                       {wingspantest.Preference{URL: hookURL, SubscribedEvents: events, CreatedAt: old}, wingspantest.Mask, others},
		"another owner's, to be seen": {wingspantest.Preference{URL: hookURL, SubscribedEvents: events, Account: "usrOther", ViewerIDs: []string{wingspantest.OwnAccount}}, wingspantest.Mask, others},
	} {
		stranger := test.stranger
		stranger.ID, stranger.SharedSecret = "stranger", otherSecret
		cases = append(cases, createCase{name, []setup{
			showing(test.secrets), meanwhile(func(s *wingspantest.Server) { s.Put(stranger) }), failing(lostCreate(false)),
		}, wingspantest.OwnAccount, test.want})
	}

	masked := wingspantest.Preference{ID: "stranger", URL: hookURL, SharedSecret: "another-secret-of-theirs", SubscribedEvents: events}
	cases = append(cases, createCase{"a mask that shows another part, where it is known how the API masks", []setup{
		func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
			t.Helper()
			s.SetRewrite(func(_ wingspantest.Request, p map[string]any) {
				secret, _ := p["sharedSecret"].(string)
				p["sharedSecret"] = secret[:6] + "****"
			})
			create(t, w, "", hookAt(hookURL+"/first"))
		}, meanwhile(func(s *wingspantest.Server) { s.Put(masked) }), failing(lostCreate(false)),
	}, "", others}, createCase{"someone's older one, in a list that shows another part of the account than before", []setup{
		settings(func(c *wingspantest.Settings) {
			c.Secrets, c.Times, c.ListLimit = wingspantest.Mask, func(time.Time) any { return nil }, -1
		}), func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
			s.Put(wingspantest.Preference{ID: "stranger", URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: events})
		}, holding(1), meanwhile(func(s *wingspantest.Server) {
			s.Configure(func(c *wingspantest.Settings) { c.ListLimit = 1 })
		}), failing(lostCreate(false)),
	}, "", others})
	runCreates(t, cases)
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

	hook := hookAt("http://käse.example/./A/%7Eb?team=1")
	for name, form := range forms {
		for _, shown := range []string{"echoed", "masked"} {
			bubble(t, name+", "+shown, func(t *testing.T) {
				webhooks, server := serverStore(t)
				server.Configure(func(c *wingspantest.Settings) { c.Secrets, c.Normalize = secretModes[shown], form })
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
				create(t, NewWebhooks(webhooks.client), "", hook)
				wantEqual(t, "webhooks", len(server.Preferences()), len(before)+1)
			})
		}
	}
}
