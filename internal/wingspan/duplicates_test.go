package wingspan

import (
	"fmt"
	"net/http"
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

// afterListing has the account listed and then changes what was seen.
func afterListing(t *testing.T, webhooks *Webhooks, change func()) {
	t.Helper()
	_, err := webhooks.Similar(t.Context(), "", hookURL, nil)
	wantNoError(t, err)
	change()
}

func TestADuplicateIsRejectedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, account := range []string{"", wingspantest.OwnAccount} {
			webhooks, server := serverStore(t)
			existing := twin(server)
			created, err := webhooks.Create(t.Context(), account, newHook(), CreateOptions{})
			e := wantError[*DuplicateError](t, err)
			wantEqual(t, "created", created == nil, true)
			wantEqual(t, "error", *e, DuplicateError{
				ID: existing.ID, Account: account, URL: existing.URL, SharedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
			})
			wantEqual(t, "writes", len(server.Writes()), 0)

			_, err = webhooks.Create(t.Context(), account, newHook(), CreateOptions{Accepted: []string{existing.ID}})
			wantNoError(t, err)
			_, err = webhooks.Create(t.Context(), account, newHook(), CreateOptions{AllowDuplicate: true})
			wantNoError(t, err)
			wantHeld(t, server, []wingspantest.Preference{existing}, newHook(), newHook())
		}
	})
}

func TestWhatIsNoDuplicateIsCreated(t *testing.T) {
	t.Parallel()

	others := map[string]wingspantest.Preference{
		"no common event":       {URL: hookURL, SubscribedEvents: []string{"Payee.Created"}},
		"another path":          {URL: hookURL + "/", SubscribedEvents: []string{"Invoice.Paid"}},
		"another scheme":        {URL: "http://hooks.example.com/wingspan", SubscribedEvents: []string{"Invoice.Paid"}},
		"another account":       {URL: hookURL, SubscribedEvents: []string{"Invoice.Paid"}, Account: childAccount},
		"another owner's, seen": {URL: hookURL, SubscribedEvents: []string{"Invoice.Paid"}, Account: childAccount, ViewerIDs: []string{wingspantest.OwnAccount}},
		"no events":             {URL: hookURL, SubscribedEvents: []string{}},
	}
	for name, other := range others {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			other.SharedSecret = otherSecret
			existing := server.Put(other)
			_, err := webhooks.Create(t.Context(), wingspantest.OwnAccount, newHook(), CreateOptions{})
			wantNoError(t, err)
			wantHeld(t, server, []wingspantest.Preference{existing}, newHook())
			wantEqual(t, "requests", len(server.Requests()), 2)
		})
	}
}

func TestACandidateIsReadInItsCurrentForm(t *testing.T) {
	t.Parallel()

	changes := map[string]func(*wingspantest.Server, string){
		"removed": func(s *wingspantest.Server, id string) { s.Remove(id) },
		"another url": func(s *wingspantest.Server, id string) {
			s.Edit(id, func(p *wingspantest.Preference) { p.URL = hookURL + "/moved" })
		},
		"no common event": func(s *wingspantest.Server, id string) {
			s.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payee.Created"} })
		},
		"no event any more": func(s *wingspantest.Server, id string) {
			s.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{} })
		},
	}
	for name, change := range changes {
		bubble(t, name, func(t *testing.T) {
			webhooks, server := serverStore(t)
			existing := twin(server)
			afterListing(t, webhooks, func() { change(server, existing.ID) })
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantNoError(t, err)
		})
	}

	bubble(t, "another common event", func(t *testing.T) {
		webhooks, server := serverStore(t)
		existing := twin(server)
		afterListing(t, webhooks, func() {
			server.Edit(existing.ID, func(p *wingspantest.Preference) {
				p.URL, p.SubscribedEvents = hookURL, []string{"Invoice.Paid", "Payee.Created"}
			})
		})
		_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantEqual(t, "error", *wantError[*DuplicateError](t, err), DuplicateError{ID: existing.ID, URL: hookURL, SharedEvents: []string{"Invoice.Paid"}})
	})
}

func TestASuspectThatCannotBeReadIsBelievedAsItWasListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]wingspantest.Fault{
			"refused":              always(wingspantest.ErrorStatus(403, "no")),
			"a gateway's 404":      always(wingspantest.HTML(404)),
			"too early to be read": {Status: 404, Times: 2},
		}
		for name, fault := range tests {
			webhooks, server := serverStore(t)
			existing := twin(server)
			fault.Method, fault.Route = http.MethodGet, wingspantest.RouteItem
			server.Fail(fault)
			_, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
			wantEqual(t, "id, "+name, wantError[*DuplicateError](t, err).ID, existing.ID)
			wantEqual(t, "creates that were sent", posts(server), 0)
		}
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
		"broken": wingspantest.BrokenJSON(), "empty": wingspantest.EmptyBody(), "cut": {Cut: wingspantest.CutConnection}, "too large": wingspantest.Spaces(8<<20 + 1),
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
				hook := newHook()
				hook.URL = fmt.Sprintf("%s/%d", hookURL, i)
				_, err = webhooks.Create(t.Context(), "", hook, CreateOptions{})
				wantNoError(t, err)
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
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		e := wantError[*DuplicateError](t, err)
		wantEqual(t, "id", e.ID, created.ID)
		wantEqual(t, "shared", e.SharedEvents, []string{"Invoice.Paid", "Invoice.Sent"})

		moved := hookURL + "/moved"
		_, err = webhooks.Update(t.Context(), Target{ID: created.ID}, UpdatePreferenceRequest{URL: &moved})
		wantNoError(t, err)
		again, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		movedHook := newHook()
		movedHook.URL = moved
		_, err = webhooks.Create(t.Context(), "", movedHook, CreateOptions{})
		wantEqual(t, "the moved one", wantError[*DuplicateError](t, err).ID, created.ID)

		wantNoError(t, webhooks.Delete(t.Context(), Target{ID: again.ID}))
		_, err = webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "lists", lists(server), 1)
		wantHeld(t, server, nil, newHook(), movedHook)
	})
}

func TestWhatThisProcessDidBeatsAListThatLags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		webhooks, server := serverStore(t)
		created, err := webhooks.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
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
		var ids []string
		for _, p := range list.Preferences {
			ids = append(ids, p.ID)
		}
		wantEqual(t, "listed", ids, []string{newest.ID, created.ID}, sorted)
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
			afterListing(t, webhooks, func() {})
			release := make(chan struct{})
			server.Fail(wingspantest.Fault{Method: method, Until: release})
			changed := make(chan error, 1)
			go func() { // It hands the events over.
				if method == http.MethodDelete {
					changed <- webhooks.Delete(t.Context(), Target{ID: existing.ID})
				} else {
					_, err := webhooks.Update(t.Context(), Target{ID: existing.ID}, UpdatePreferenceRequest{SubscribedEvents: []string{"Payee.Created"}})
					changed <- err
				}
			}()
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
