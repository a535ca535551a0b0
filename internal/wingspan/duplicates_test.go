package wingspan

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// twin is a webhook that somebody else made, with the same URL and one common event.
func twin(server *wingspantest.Server) wingspantest.Preference {
	return server.Put(wingspantest.Preference{
		URL: "HTTPS://Hooks.Example.com:443/wingspan", SharedSecret: otherSecret, SubscribedEvents: []string{"Payee.Created", "Invoice.Sent", "Invoice.Paid"},
	})
}

func TestADuplicateIsUnauthorizedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()

	for _, account := range []string{"", wingspantest.OwnAccount} {
		store, server := serverStore(t)
		existing := twin(server)
		created, err := store.Create(t.Context(), account, newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*DuplicateError](t, err)
		wantEqual(t, "created", created == nil, true)
		wantEqual(t, "error", *e, DuplicateError{
			ID: existing.ID, Account: account, URL: existing.URL, SharedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
		})
		wantEqual(t, "writes", len(server.Writes()), 0)
	}
}

func TestADuplicateIsMadeWhereItIsAllowed(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	existing := twin(server)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
	wantNoError(t, err)
	wantHeld(t, server, []wingspantest.Preference{existing}, newHook())
}

func TestWhatIsNoDuplicateIsMade(t *testing.T) {
	t.Parallel()

	others := map[string]wingspantest.Preference{
		"no common event": {URL: hookURL, SubscribedEvents: []string{"Payee.Created"}},
		"another path":    {URL: hookURL + "/", SubscribedEvents: []string{"Invoice.Paid"}},
		"another scheme":  {URL: "http://hooks.example.com/wingspan", SubscribedEvents: []string{"Invoice.Paid"}},
		"another account": {URL: hookURL, SubscribedEvents: []string{"Invoice.Paid"}, Account: "usrChild00000000000001"},
		"no events":       {URL: hookURL, SubscribedEvents: []string{}},
	}
	for name, other := range others {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			other.SharedSecret = otherSecret
			existing := server.Put(other)
			_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			wantNoError(t, err)
			wantHeld(t, server, []wingspantest.Preference{existing}, newHook())
			wantEqual(t, "requests", len(server.Requests()), 2)
		})
	}
}

// afterListing has the store list the account and then changes what it has seen.
func afterListing(t *testing.T, store *Webhooks, change func()) {
	t.Helper()
	p := newHook()
	p.URL += "/first"
	_, err := store.Create(t.Context(), "", p, CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	change()
}

func TestASuspectThatChangedMeanwhileIsAskedAgain(t *testing.T) {
	t.Parallel()

	url := hookURL + "/moved"
	changes := map[string]func(*wingspantest.Server, string){
		"removed":     func(s *wingspantest.Server, id string) { s.Remove(id) },
		"another url": func(s *wingspantest.Server, id string) { s.Edit(id, func(p *wingspantest.Preference) { p.URL = url }) },
		"no common event": func(s *wingspantest.Server, id string) {
			s.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payee.Created"} })
		},
		"no event any more": func(s *wingspantest.Server, id string) {
			s.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{} })
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			existing := twin(server)
			afterListing(t, store, func() { change(server, existing.ID) })
			_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			wantNoError(t, err)
		})
	}
}

func TestASuspectThatChangedButIsStillADuplicateIsNamedAsItIs(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	existing := twin(server)
	afterListing(t, store, func() {
		server.Edit(existing.ID, func(p *wingspantest.Preference) {
			p.URL, p.SubscribedEvents = hookURL, []string{"Invoice.Paid", "Payee.Created"}
		})
	})
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*DuplicateError](t, err)
	wantEqual(t, "error", *e, DuplicateError{ID: existing.ID, URL: hookURL, SharedEvents: []string{"Invoice.Paid"}})
}

func TestASuspectThatCannotBeReadIsBelievedAsItWasListed(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	existing := twin(server)
	fault := wingspantest.ErrorStatus(403, "no")
	fault.Method, fault.Route, fault.Times = http.MethodGet, wingspantest.RouteItem, -1
	server.Fail(fault)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*DuplicateError](t, err)
	wantEqual(t, "id", e.ID, existing.ID)
}

func TestAListThatCannotBeHadDoesNotStopACreate(t *testing.T) {
	t.Parallel()

	faults := map[string]wingspantest.Fault{
		"refused": wingspantest.ErrorStatus(403, "no"), "500": wingspantest.ErrorStatus(500, "no"), "a page": wingspantest.HTML(200),
		"broken": wingspantest.BrokenJSON(), "empty": wingspantest.EmptyBody(), "cut": {Cut: wingspantest.CutConnection}, "too large": {Blanks: maxAnswer + 1},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			existing := twin(server)
			fault.Route, fault.Times = wingspantest.RouteList, -1
			server.Fail(fault)
			_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			wantNoError(t, err)
			wantHeld(t, server, []wingspantest.Preference{existing}, newHook())
		})
	}
}

func TestEntriesWithoutEventsAreReadByID(t *testing.T) {
	t.Parallel()

	for _, mode := range []wingspantest.EventsMode{wingspantest.Null, wingspantest.Missing} {
		store, server := serverStore(t)
		existing := twin(server)
		server.SetEvents(mode)
		server.OnRequest(func(r wingspantest.Request) {
			if r.Route == wingspantest.RouteList { // only lists are short
				server.SetEvents(wingspantest.AsSent)
			}
		})
		_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*DuplicateError](t, err)
		wantEqual(t, "id", e.ID, existing.ID)
		wantEqual(t, "reads by id", server.Count(http.MethodGet, wingspantest.RouteItem), 1)
	}
}

func TestOwnWritesAreKnownWithoutAnotherList(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.SetEvents(wingspantest.Null) // what was sent is known all the same
	created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	_, err = store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*DuplicateError](t, err)
	wantEqual(t, "id", e.ID, created.ID)
	wantEqual(t, "shared", e.SharedEvents, []string{"Invoice.Paid", "Invoice.Sent"})
	server.SetEvents(wingspantest.AsSent)

	moved := hookURL + "/moved"
	_, err = store.Update(t.Context(), "", created.ID, UpdatePreferenceRequest{URL: &moved})
	wantNoError(t, err)
	again, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	movedHook := newHook()
	movedHook.URL = moved
	_, err = store.Create(t.Context(), "", movedHook, CreateOptions{AllowDuplicate: false})
	wantEqual(t, "the moved one", wantError[*DuplicateError](t, err).ID, created.ID)

	wantNoError(t, store.Delete(t.Context(), Target{Account: "", ID: again.ID}))
	_, err = store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
	wantHeld(t, server, nil, newHook(), movedHook)
}

func TestAListIsTakenAnewAfterTenSeconds(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	afterListing(t, store, func() { twin(server) })
	view := store.views.of("")
	view.mu.Lock()
	view.taken = time.Now().Add(-viewLifetime - time.Second)
	view.mu.Unlock()
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantError[*DuplicateError](t, err)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 2)
}

func TestSharedAndSameEvents(t *testing.T) {
	t.Parallel()

	tests := []struct {
		a, b, shared []string
		same         bool
	}{
		{nil, nil, nil, true},
		{nil, []string{}, nil, true},
		{[]string{"A"}, nil, nil, false},
		{[]string{"A", "B"}, []string{"B", "A"}, []string{"A", "B"}, true},
		{[]string{"A", "A"}, []string{"A"}, []string{"A"}, true},
		{[]string{"A"}, []string{"a"}, nil, false},
		{[]string{"B", "C", "A"}, []string{"C", "D", "B"}, []string{"B", "C"}, false},
	}
	for _, test := range tests {
		wantEqual(t, fmt.Sprintf("shared by %q and %q", test.a, test.b), sharedEvents(test.a, test.b), test.shared)
		wantEqual(t, fmt.Sprintf("%q and %q are the same", test.a, test.b), sameEvents(test.a, test.b), test.same)
	}
}
