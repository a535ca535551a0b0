package wingspan

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// twin is a webhook that someone else made, with the same URL and one common event.
func twin(server *wingspantest.Server) wingspantest.Preference {
	return server.Put(wingspantest.Preference{
		URL: "HTTPS://Hooks.Example.com:443/wingspan", SharedSecret: otherSecret, SubscribedEvents: []string{"Payee.Created", "Invoice.Sent", "Invoice.Paid"},
	})
}

func TestADuplicateHasTheSameURLAndACommonEventNow(t *testing.T) {
	t.Parallel()

	puts := func(p wingspantest.Preference) setup {
		p.SharedSecret = otherSecret
		return func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { s.Put(p) }
	}
	twinned := func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { twin(s) }
	// edited has the account listed, and then the one webhook changed.
	edited := func(change func(*wingspantest.Preference)) setup {
		return func(t testing.TB, w *Webhooks, s *wingspantest.Server) {
			t.Helper()
			_, err := w.Similar(t.Context(), "", hookURL, nil)
			wantNoError(t, err)
			s.Edit(s.Preferences()[0].ID, change)
		}
	}
	unreadable := func(f wingspantest.Fault) setup {
		f.Method, f.Route = http.MethodGet, wingspantest.RouteItem
		return failing(f)
	}
	paid, both := []string{"Invoice.Paid"}, []string{"Invoice.Paid", "Invoice.Sent"}
	for name, test := range map[string]struct {
		setups []setup
		shared []string
	}{
		"no common event": {[]setup{puts(wingspantest.Preference{URL: hookURL, SubscribedEvents: []string{"Payee.Created"}})}, nil},
		"another path":    {[]setup{puts(wingspantest.Preference{URL: hookURL + "/", SubscribedEvents: paid})}, nil},
		"another scheme":  {[]setup{puts(wingspantest.Preference{URL: "http://hooks.example.com/wingspan", SubscribedEvents: paid})}, nil},
		"another account": {[]setup{puts(wingspantest.Preference{URL: hookURL, SubscribedEvents: paid, Account: childAccount})}, nil},
		"another owner's, seen": {[]setup{puts(wingspantest.Preference{
			URL: hookURL, SubscribedEvents: paid, Account: childAccount, ViewerIDs: []string{wingspantest.OwnAccount},
		})}, nil},
		"no events": {[]setup{puts(wingspantest.Preference{URL: hookURL, SubscribedEvents: []string{}})}, nil},
		"a twin":    {[]setup{twinned}, both},

		"another url by now":       {[]setup{twinned, edited(func(p *wingspantest.Preference) { p.URL = hookURL + "/moved" })}, nil},
		"no common event any more": {[]setup{twinned, edited(func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payee.Created"} })}, nil},
		"no event any more":        {[]setup{twinned, edited(func(p *wingspantest.Preference) { p.SubscribedEvents = []string{} })}, nil},
		"removed by now": {[]setup{twinned, edited(func(*wingspantest.Preference) {}), func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
			s.Remove(s.Preferences()[0].ID)
		}}, nil},
		"another common event by now": {[]setup{twinned, edited(func(p *wingspantest.Preference) {
			p.URL, p.SubscribedEvents = hookURL, []string{"Invoice.Paid", "Payee.Created"}
		})}, paid},

		// One that can't be read is believed as it was listed.
		"a twin that can't be read":     {[]setup{twinned, unreadable(always(wingspantest.ErrorStatus(403, "no")))}, both},
		"a twin, and a gateway's 404":   {[]setup{twinned, unreadable(always(wingspantest.HTML(404)))}, both},
		"a twin that can't be read yet": {[]setup{twinned, unreadable(wingspantest.Fault{Status: 404, Times: 2})}, both},
	} {
		for _, account := range []string{"", wingspantest.OwnAccount} {
			if account == "" && strings.HasPrefix(name, "another owner") {
				continue // As long as nothing says whose the token is, it may be the token's own.
			}
			bubble(t, name+", account "+account, func(t *testing.T) {
				webhooks, server := serverStore(t)
				for _, w := range test.setups {
					w(t, webhooks, server)
				}
				before := server.Preferences()
				created, err := webhooks.Create(t.Context(), account, newHook(), CreateOptions{})
				if test.shared == nil {
					wantNoError(t, err)
					wantHeld(t, server, before, newHook())
					if len(test.setups) == 1 { // The list is enough.
						wantEqual(t, "requests", len(server.Requests()), 2)
					}

					return
				}
				existing := before[0]
				wantEqual(t, "error", *wantError[*DuplicateError](t, err), DuplicateError{ID: existing.ID, Account: account, URL: existing.URL, SharedEvents: test.shared})
				wantEqual(t, "created", created == nil, true)
				wantEqual(t, "writes", len(server.Writes()), 0)

				_, err = webhooks.Create(t.Context(), account, newHook(), CreateOptions{Accepted: []string{existing.ID}})
				wantNoError(t, err)
				_, err = webhooks.Create(t.Context(), account, newHook(), CreateOptions{AllowDuplicate: true})
				wantNoError(t, err)
				wantHeld(t, server, before, newHook(), newHook())
			})
		}
	}
}

func TestAListThatHangsIsNotRequestedTwice(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{listLifetime + time.Second, listLifetime + 3500*time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			api := &script{steps: []step{{delay: time.Hour}}}
			webhooks := NewWebhooks(scripted(t, api, func(c *Config) { c.RequestTimeout, c.MaxRetries = 3*time.Second, 3 }))
			webhooks.Prefetch(t.Context(), "")
			time.Sleep(wait) // The event names took as long.
			_, err := webhooks.Similar(t.Context(), "", hookURL, nil)
			wantError[*TransportError](t, err)
			wantEqual(t, "attempts", api.attempts(), 4)

			time.Sleep(2 * listRefresh)
			_, err = webhooks.Similar(t.Context(), "", hookURL, nil)
			wantEqual(t, "fails", err != nil, true)
			wantEqual(t, "attempts of the next list", api.attempts() > 4, true)
		})
	}
}

func TestOtherFormsOfAURLAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		put := func(url, account string, events ...string) string {
			return server.Put(wingspantest.Preference{URL: url, Account: account, SharedSecret: otherSecret, SubscribedEvents: events}).ID
		}
		want := []string{put(hookURL+"/", "", "Invoice.Paid"), put("https://hooks.example.com:443/Wing-span", "", "invoice-paid")}
		put(hookURL, "", "Invoice.Paid")
		put(hookURL+"/", "", "Payee.Created")
		put("https://hooks.example.com/wingspans", "", "Invoice.Paid")
		put("https://hooks-example.com/wingspan", "", "Invoice.Paid")
		put(hookURL+"/", childAccount, "Invoice.Paid")
		removed := put(hookURL+"/", "", "Invoice.Paid")
		find := func() []string {
			var ids []string
			for _, p := range webhooks.InOtherForms(t.Context(), "", hookURL, []string{"Invoice.Paid"}) {
				ids = append(ids, p.ID)
			}

			return ids
		}
		wantEqual(t, "before", len(find()), 3)
		wantNoError(t, webhooks.Delete(t.Context(), Target{ID: removed}))
		wantEqual(t, "other forms", find(), slices.Sorted(slices.Values(want)))
		wantEqual(t, "lists", lists(server), 1)
	})
}

func TestMalformedEntriesDisableNoDuplicateCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		existing := twin(server)
		server.Put(wingspantest.Preference{URL: hookURL + "/odd", SubscribedEvents: []string{"Invoice.Paid"}, SharedSecret: otherSecret})
		server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
			if p["url"] != existing.URL {
				p["url"] = 7
			} else if r.Route == wingspantest.RouteList { // It says less than the read by id.
				delete(p, "subscribedEvents")
				p["labels"] = []int{1}
			}
		})
		similar, err := webhooks.Similar(t.Context(), "", hookURL, []string{"Invoice.Sent"})
		wantNoError(t, err)
		wantEqual(t, "similar", len(similar.Preferences), 1)
		wantEqual(t, "unreadable", len(similar.Unreadable), 1)
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantEqual(t, "id", wantError[*DuplicateError](t, err).ID, existing.ID)
	})
}

func TestAListThatFailsDoesNotStopACreate(t *testing.T) {
	t.Parallel()

	faults := map[string]wingspantest.Fault{
		"refused": wingspantest.ErrorStatus(403, "no"), "500": wingspantest.ErrorStatus(500, "no"), "a page": wingspantest.HTML(200),
		"broken": wingspantest.BrokenJSON(), "empty": wingspantest.EmptyBody(), "cut": {Cut: wingspantest.CutConnection}, "too large": {Body: "[", Header: http.Header{"Content-Length": {"8388609"}}},
	}
	for name, fault := range faults {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			existing := twin(server)
			fault.Route = wingspantest.RouteList
			server.Fail(always(fault))
			_, err := webhooks.Similar(t.Context(), "", hookURL, []string{"Invoice.Paid"})
			wantEqual(t, "the list fails", err != nil, true)
			for i := range 3 {
				create(t, webhooks, "", hookAt(fmt.Sprintf("%s/%d", hookURL, i)))
			}
			wantEqual(t, "webhooks", len(server.Preferences()), 4)
			if asked := lists(server); asked > 1+DefaultMaxRetries {
				t.Errorf("the list was asked for %d times", asked)
			}
			_, found := server.Preference(existing.ID)
			wantEqual(t, "the other one is there", found, true)
		})
	}
}

func TestOwnWritesAreKnownWithoutAnotherList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.Events = wingspantest.Null }) // What was sent is known nevertheless.
		created := create(t, webhooks, "", newHook())
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		e := wantError[*DuplicateError](t, err)
		wantEqual(t, "id", e.ID, created.ID)
		wantEqual(t, "written by this process", e.Written, true)
		wantEqual(t, "shared", e.SharedEvents, []string{"Invoice.Paid", "Invoice.Sent"})

		moved := hookURL + "/moved"
		_, err = webhooks.Update(t.Context(), Target{ID: created.ID}, UpdatePreferenceRequest{URL: &moved})
		wantNoError(t, err)
		again, movedHook := create(t, webhooks, "", newHook()), hookAt(moved)
		_, err = webhooks.Create(t.Context(), "", movedHook, CreateOptions{})
		wantEqual(t, "the moved one", wantError[*DuplicateError](t, err).ID, created.ID)

		wantNoError(t, webhooks.Delete(t.Context(), Target{ID: again.ID}))
		create(t, webhooks, "", newHook())
		wantEqual(t, "lists", lists(server), 1)
		wantHeld(t, server, nil, newHook(), movedHook)
	})
}

func TestWhatThisProcessDidBeatsAListThatLags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		created := create(t, webhooks, "", newHook())
		removed, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
		wantNoError(t, err)
		events := []string{"Payee.Created"}
		_, err = webhooks.Update(t.Context(), Target{ID: created.ID}, UpdatePreferenceRequest{SubscribedEvents: events})
		wantNoError(t, err)
		wantNoError(t, webhooks.Delete(t.Context(), Target{ID: removed.ID}))
		stale := func() string { // Before the update and the delete, and without the newest.
			return "[" + document(t, created.ID, nil) + "," + document(t, removed.ID, nil) + "]"
		}
		server.Fail(always(wingspantest.Fault{Route: wingspantest.RouteList, Body: stale()}))
		newest, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
		wantNoError(t, err)

		webhooks.exact.Store(exactReads)
		p, err := webhooks.Get(t.Context(), Target{ID: created.ID}, nil)
		wantNoError(t, err)
		wantEqual(t, "events", p.SubscribedEvents, events)
		_, err = webhooks.Get(t.Context(), Target{ID: removed.ID}, nil)
		wantEqual(t, "gone", IsGone(err), true)
		list, err := webhooks.List(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, "listed", idsOf(list.Preferences), []string{newest.ID, created.ID}, sorted)
		similar, err := webhooks.Similar(t.Context(), "", hookURL, []string{"Invoice.Paid", "Payee.Created"})
		wantNoError(t, err)
		wantEqual(t, "similar", len(similar.Preferences), 2)
	})
}

func TestASuspectThatIsBeingChangedIsWaitedFor(t *testing.T) {
	t.Parallel()

	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		bubble(t, method, func(t *testing.T) {
			webhooks, server := serverStore(t)
			existing := twin(server)
			_, err := webhooks.Similar(t.Context(), "", hookURL, nil)
			wantNoError(t, err)
			release := make(chan struct{})
			server.Fail(wingspantest.Fault{Method: method, Until: release})
			changed := make(chan error, 1)
			go func() { changed <- operations[method](t.Context(), webhooks, Target{ID: existing.ID}) }()
			waitFor(func() bool { return server.Count(method, wingspantest.RouteItem) == 1 })
			created := make(chan error, 1)
			go func() {
				_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
				created <- err
			}()
			time.Sleep(time.Second)
			wantEqual(t, "requests that were sent for the create", len(server.Requests()), 2) // The list and the change came before.
			close(release)
			wantNoError(t, <-changed)
			wantNoError(t, <-created)
		})
	}
}

func TestAListIsReadAgainAfterTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &script{answer: func(*http.Request) step { return step{body: "[]"} }}
		webhooks := NewWebhooks(scripted(t, api))
		for _, wait := range []time.Duration{0, listLifetime, time.Second} {
			time.Sleep(wait)
			_, err := webhooks.Similar(t.Context(), "", hookURL, nil)
			wantNoError(t, err)
		}
		wantEqual(t, "lists", api.attempts(), 2)
	})
}

func TestSharedAndSameEvents(t *testing.T) {
	t.Parallel()

	tests := []struct {
		a, b, shared []string
		same         bool
	}{
		{nil, []string{}, nil, true},
		{[]string{"A"}, nil, nil, false},
		{[]string{"A", "B"}, []string{"B", "A"}, []string{"A", "B"}, true},
		{[]string{"A", "A"}, []string{"A"}, []string{"A"}, true},
		{[]string{"Invoice.Paid"}, []string{"InvoicePaid"}, []string{"InvoicePaid"}, false},
		{[]string{"B", "C", "A"}, []string{"C", "D", "B"}, []string{"B", "C"}, false},
	}
	for _, test := range tests {
		wantEqual(t, fmt.Sprintf("shared by %q and %q", test.a, test.b), SharedEvents(test.a, test.b), test.shared)
		wantEqual(t, fmt.Sprintf("%q and %q are the same", test.a, test.b), sameEvents(test.a, test.b), test.same)
	}
}
