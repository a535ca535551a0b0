package wingspan

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

var secretModes = map[string]wingspantest.SecretMode{
	"echoed": wingspantest.Echo, "masked": wingspantest.Mask, "hashed": wingspantest.Hash, "omitted": wingspantest.Omit,
}

// losing returns the ways in which the answer of a create gets lost, each with or without the create being carried out.
func losing(commit bool) map[string]wingspantest.Fault {
	faults := map[string]wingspantest.Fault{
		"cut connection": {Cut: wingspantest.CutConnection},
		"500":            wingspantest.ErrorStatus(500, "oops"),
		"502":            wingspantest.HTML(502),
		"503":            {Status: 503},
		"504":            wingspantest.ErrorStatus(504, "upstream timeout"),
		"408":            wingspantest.ErrorStatus(408, "too slow"),
		"cut body":       {Cut: wingspantest.CutBody},
	}
	for name, f := range faults {
		f.Method, f.Route, f.Commit = http.MethodPost, wingspantest.RouteCreate, commit
		faults[name] = f
	}

	return faults
}

// unreadable returns answers of 200 that do not tell what was made.
func unreadable(commit bool) map[string]wingspantest.Fault {
	faults := map[string]wingspantest.Fault{
		"a page": wingspantest.HTML(200), "broken JSON": wingspantest.BrokenJSON(), "nothing": wingspantest.EmptyBody(), "too much": {Blanks: maxAnswer + 1},
		"an error with 200": {Body: `{"error":"oops"}`}, "204": {Status: 204},
	}
	for name, f := range faults {
		f.Method, f.Route, f.Commit = http.MethodPost, wingspantest.RouteCreate, commit
		faults[name] = f
	}

	return faults
}

func posts(server *wingspantest.Server) int {
	return server.Count(http.MethodPost, wingspantest.RouteCreate)
}

// wantHeld checks that the server holds exactly one webhook per create, with all that was asked for, besides those of before.
func wantHeld(t *testing.T, server *wingspantest.Server, before []wingspantest.Preference, want ...CreatePreferenceRequest) []string {
	t.Helper()
	known := map[string]bool{}
	for _, p := range before {
		known[p.ID] = true
	}
	var ids, got, wanted []string
	for _, p := range server.Preferences() {
		if known[p.ID] {
			delete(known, p.ID)

			continue
		}
		ids = append(ids, p.ID)
		got = append(got, fmt.Sprint(p.URL, p.SharedSecret, slices.Sorted(slices.Values(p.SubscribedEvents))))
	}
	for _, p := range want {
		wanted = append(wanted, fmt.Sprint(p.URL, string(p.SharedSecret), slices.Sorted(slices.Values(p.SubscribedEvents))))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	wantEqual(t, "held by the server", got, wanted)
	wantEqual(t, "missing of what was there before", len(known), 0)

	return ids
}

// seed puts preferences there that have nothing to do with the create.
func seed(server *wingspantest.Server, count int) []wingspantest.Preference {
	for i := range count {
		server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://other.example.com/%d", i), SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
		})
	}

	return server.Preferences()
}

func TestACreateThatWasCarriedOutIsAdopted(t *testing.T) {
	t.Parallel()

	faults := losing(true)
	for name, f := range unreadable(true) {
		faults["200 with "+name] = f
	}
	shapes := map[string]struct {
		secrets wingspantest.SecretMode
		events  wingspantest.EventsMode
	}{
		"as it was sent":           {wingspantest.Echo, wingspantest.AsSent},
		"masked, shuffled":         {wingspantest.Mask, wingspantest.Shuffled},
		"hashed, null events":      {wingspantest.Hash, wingspantest.Null},
		"omitted, without events":  {wingspantest.Omit, wingspantest.Missing},
		"echoed, without events":   {wingspantest.Echo, wingspantest.Missing},
		"masked, and not shuffled": {wingspantest.Mask, wingspantest.AsSent},
	}
	for name, fault := range faults {
		for shown, shape := range shapes {
			t.Run(name+", "+shown, func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				server.SetSecrets(shape.secrets)
				server.SetEvents(shape.events)
				before := seed(server, 3)
				server.Fail(fault)
				created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
				wantNoError(t, err)
				ids := wantHeld(t, server, before, newHook())
				wantEqual(t, "id", []string{created.ID}, ids)
				wantEqual(t, "url", created.URL, hookURL)
				wantEqual(t, "creates that were sent", posts(server), 1)
			})
		}
	}
}

func TestACreateThatWasNotCarriedOutIsRepeatedOnce(t *testing.T) {
	t.Parallel()

	for name, fault := range losing(false) {
		for shown, secrets := range secretModes {
			t.Run(name+", secrets "+shown, func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				server.SetSecrets(secrets)
				before := seed(server, 3)
				server.Fail(fault)
				created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
				wantNoError(t, err)
				ids := wantHeld(t, server, before, newHook())
				wantEqual(t, "id", []string{created.ID}, ids)
				wantEqual(t, "creates that were sent", posts(server), 2)
			})
		}
	}
}

func TestAnUnreadableAnswerIsNotRepeated(t *testing.T) {
	t.Parallel()

	// 200 says that it was carried out. Where that is not so, a second one might be too many.
	for name, fault := range unreadable(false) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			server.Fail(fault)
			created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			if name == "too much" {
				// It may as well have been an error: there the list decides.
				wantNoError(t, err)
				wantHeld(t, server, nil, newHook())

				return
			}
			e := wantError[*AmbiguousCreateError](t, err)
			wantEqual(t, "created", created == nil, true)
			wantEqual(t, "unseen", e.Unseen, true)
			wantEqual(t, "candidates", len(e.Candidates), 0)
			wantEqual(t, "looked long enough", e.Looked >= store.client.settle, true)
			wantEqual(t, "url", e.URL, hookURL)
			wantHeld(t, server, nil)
			wantEqual(t, "creates that were sent", posts(server), 1)
		})
	}
}

func TestARefusedCreateIsJustAnError(t *testing.T) {
	t.Parallel()

	for _, status := range []int{400, 401, 403, 404, 409, 413, 422, 307} {
		store, server := serverStore(t)
		fault := wingspantest.ErrorStatus(status, "no")
		fault.Method, fault.Times = http.MethodPost, -1
		server.Fail(fault)
		created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*APIError](t, err)
		wantEqual(t, "status", e.Status, status)
		wantEqual(t, "created", created == nil, true)
		wantEqual(t, "creates that were sent", posts(server), 1)
		wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
	}
}

func TestALimitedCreateIsRepeatedWithoutLooking(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	fault := wingspantest.TooMany("0")
	fault.Method, fault.Times = http.MethodPost, 3
	server.Fail(fault)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	wantHeld(t, server, nil, newHook())
	wantEqual(t, "creates that were sent", posts(server), 4)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
}

func TestRepeatsOfACreateAreBounded(t *testing.T) {
	t.Parallel()

	for _, retries := range []int{0, 1, 2} {
		server := wingspantest.New(t)
		config := quick(server.URL())
		config.Token, config.MaxRetries = wingspantest.Token, retries
		store := NewWebhooks(newTestClient(t, config))
		server.Fail(wingspantest.Fault{Method: http.MethodPost, Cut: wingspantest.CutConnection, Times: -1})
		_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "unseen", e.Unseen, true)
		wantHeld(t, server, nil)
		wantEqual(t, "creates that were sent", posts(server), retries+1)
	}
}

func TestARepeatThatIsUnauthorizedTellsOfBoth(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.Fail(wingspantest.Fault{Method: http.MethodPost, Cut: wingspantest.CutConnection})
	refused := wingspantest.ErrorStatus(403, "Session expired")
	refused.Method = http.MethodPost
	server.Fail(refused)
	_, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*AmbiguousCreateError](t, err)
	wantEqual(t, "unseen", e.Unseen, true)
	wantEqual(t, "refused", IsUnauthorized(err), true)
	wantError[*TransportError](t, err)
	wantHeld(t, server, nil)
}

func TestASlowServerIsGivenTheTimeOfAnAttemptToFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &script{}
		s.answer = func(r *http.Request) step {
			switch {
			case r.Method == http.MethodPost:
				return step{delay: time.Hour}
			case time.Since(start) < 55*time.Second: // long after the attempt was given up, and after the settle time
				return step{body: "[]"}
			default:
				return step{body: "[" + documentedJSON("id1") + "]"}
			}
		}
		created, err := NewWebhooks(scripted(t, s)).Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		wantNoError(t, err)
		wantEqual(t, "id", created.ID, "id1")
		wantEqual(t, "seconds", time.Since(start).Truncate(time.Second), 55*time.Second)
	})
}

func TestACreateThatIsCancelledAfterItWasCarriedOutIsAdopted(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost {
			cancel() // the answer is known by now, and not yet sent
		}
	})
	server.Fail(wingspantest.Fault{Method: http.MethodPost, Commit: true, Cut: wingspantest.CutConnection})
	created, err := store.Create(ctx, "", newHook(), CreateOptions{AllowDuplicate: false})
	wantNoError(t, err)
	wantEqual(t, "cancelled", ctx.Err() != nil, true)
	wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
}

func TestACreateThatIsCancelledBeforeItWasCarriedOutIsNotRepeated(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost {
			cancel()
		}
	})
	server.Fail(wingspantest.Fault{Method: http.MethodPost, Cut: wingspantest.CutConnection, Times: -1})
	_, err := store.Create(ctx, "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*AmbiguousCreateError](t, err)
	wantEqual(t, "unseen", e.Unseen, true)
	wantHeld(t, server, nil)
	wantEqual(t, "creates that were sent", posts(server), 1)
	wantEqual(t, "lists after it", server.Count(http.MethodGet, wingspantest.RouteList) > 1, true)
}

func TestACreateThatWasNeverSentLooksForNothing(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Create(ctx, "", newHook(), CreateOptions{AllowDuplicate: false})
	wantEqual(t, "error", err, context.Canceled, sameError)
	wantEqual(t, "requests", len(server.Requests()), 0)
}
