package wingspan

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// lostCreate cuts the connection of the first create.
func lostCreate(commit bool) wingspantest.Fault {
	return wingspantest.Fault{Method: http.MethodPost, Cut: wingspantest.CutConnection, Commit: commit}
}

func noList(skip, times int) wingspantest.Fault {
	f := wingspantest.ErrorStatus(403, "no lists today")
	f.Route, f.Skip, f.Times = wingspantest.RouteList, skip, times

	return f
}

func TestWithoutAListBeforehandOnlyAnEchoedSecretDecides(t *testing.T) {
	t.Parallel()

	for shown, secrets := range secretModes {
		for _, commit := range []bool{true, false} {
			for _, twin := range []bool{true, false} {
				t.Run(fmt.Sprintf("secrets %s, commit %t, twin %t", shown, commit, twin), func(t *testing.T) {
					t.Parallel()
					store, server := serverStore(t)
					server.SetSecrets(secrets)
					before := seed(server, 2)
					if twin { // what an older process, or somebody else, made
						server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}})
						before = server.Preferences()
					}
					server.Fail(noList(0, 1))
					server.Fail(lostCreate(commit))
					created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})

					switch {
					case commit && secrets == wingspantest.Echo, !commit && !twin:
						wantNoError(t, err)
						wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))
					case commit:
						e := wantError[*AmbiguousCreateError](t, err)
						ids := wantHeld(t, server, before, newHook())
						if twin {
							wantEqual(t, "candidates", len(e.Candidates), 2)
						} else {
							wantEqual(t, "candidates", e.Candidates, ids)
						}
					default:
						e := wantError[*AmbiguousCreateError](t, err)
						wantEqual(t, "candidates", e.Candidates, []string{before[2].ID})
						wantHeld(t, server, before)
					}
				})
			}
		}
	}
}

func TestWithoutAListAfterwardsTheCreateIsUnclear(t *testing.T) {
	t.Parallel()

	for _, commit := range []bool{true, false} {
		store, server := serverStore(t)
		before := seed(server, 2)
		server.Fail(noList(1, -1))
		server.Fail(lostCreate(commit))
		created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		e := wantError[*AmbiguousCreateError](t, err)
		wantEqual(t, "created", created == nil, true)
		wantEqual(t, "why there is no list", IsUnauthorized(e.ListErr), true)
		wantEqual(t, "unseen", e.Unseen, false)
		wantEqual(t, "creates that were sent", posts(server), 1)
		if commit {
			wantHeld(t, server, before, newHook())
		} else {
			wantHeld(t, server, before)
		}
	}
}

func TestAListThatFailsForAMomentAfterwardsIsAskedAgain(t *testing.T) {
	t.Parallel()

	for _, commit := range []bool{true, false} {
		store, server := patientStore(t)
		before := seed(server, 2)
		server.Fail(noList(1, 2))
		server.Fail(lostCreate(commit))
		created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
		wantNoError(t, err)
		wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))
	}
}

func TestACutListNeverDoublesACreate(t *testing.T) {
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
		{"newest, cut exactly at its length, not carried out", 5, -5, false, true, 2},
		{"newest, shorter", 5, -2, true, true, 1},
		{"newest, shorter, not carried out", 5, -2, false, true, 2},
	}
	for _, test := range tests {
		for shown, secrets := range secretModes {
			t.Run(test.name+", secrets "+shown, func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				server.SetSecrets(secrets)
				before := seed(server, test.seeds)
				server.SetListLimit(test.limit)
				server.Fail(lostCreate(test.commit))
				created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
				wantEqual(t, "creates that were sent", posts(server), test.posts)
				if test.found {
					wantNoError(t, err)
					wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))

					return
				}
				// The repeat did not show in the list, so that the list says nothing of the first one either.
				e := wantError[*AmbiguousCreateError](t, err)
				wantEqual(t, "created", created == nil, true)
				wantEqual(t, "unseen", e.Unseen, false)
				wantEqual(t, "kept", e.Kept, "")
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

func TestARepeatThatCannotBeRemovedAgainIsKept(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	before := seed(server, 5)
	server.SetListLimit(5)
	server.Fail(lostCreate(false))
	stuck := wingspantest.ErrorStatus(403, "no deletes today")
	stuck.Method, stuck.Times = http.MethodDelete, -1
	server.Fail(stuck)
	created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	e := wantError[*AmbiguousCreateError](t, err)
	ids := wantHeld(t, server, before, newHook())
	wantEqual(t, "returned", []string{created.ID}, ids)
	wantEqual(t, "kept", []string{e.Kept}, ids)
}

func TestAListThatLagsBehindIsWaitedFor(t *testing.T) {
	t.Parallel()

	for _, commit := range []bool{true, false} {
		for shown, secrets := range secretModes {
			t.Run(fmt.Sprintf("commit %t, secrets %s", commit, shown), func(t *testing.T) {
				t.Parallel()
				store, server := patientStore(t)
				server.SetSecrets(secrets)
				server.SetReadLag(2)
				before := seed(server, 3)
				server.Fail(lostCreate(commit))
				created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
				wantNoError(t, err)
				wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, before, newHook()))
			})
		}
	}
}

func TestAListThatLagsTooLongIsUnclearAndNothingIsDoubled(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.SetReadLag(1000)
	server.Fail(lostCreate(true))
	created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
	wantError[*AmbiguousCreateError](t, err)
	wantEqual(t, "created", created == nil, true)
	wantHeld(t, server, nil, newHook())
}

// emptyUntil has the list show nothing until so many creates have arrived.
func emptyUntil(server *wingspantest.Server, creates int) wingspantest.Fault {
	return wingspantest.Fault{
		Route: wingspantest.RouteList, Body: "[]", Times: -1,
		Match: func(wingspantest.Request) bool { return posts(server) < creates },
	}
}

func TestAFirstAttemptThatShowsUpLateIsAdoptedAndTheRepeatRemoved(t *testing.T) {
	t.Parallel()

	for shown, secrets := range secretModes {
		t.Run(shown, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			server.SetSecrets(secrets)
			server.Fail(emptyUntil(server, 2))
			server.Fail(lostCreate(true))
			created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: false})
			wantNoError(t, err)
			wantEqual(t, "creates that were sent", posts(server), 2)
			wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, nil, newHook()))
		})
	}
}

func TestSeveralNewMatchesAreNamedAndNoneIsTaken(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.SetSecrets(wingspantest.Mask)
	server.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost { // somebody else makes one at the same moment
			server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"}})
		}
	})
	server.Fail(lostCreate(true))
	created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
	e := wantError[*AmbiguousCreateError](t, err)
	wantEqual(t, "created", created == nil, true)
	wantEqual(t, "candidates", len(e.Candidates), 2)
	wantEqual(t, "held", len(server.Preferences()), 2)
}

func TestAnEchoedSecretTellsOurWebhookFromAnother(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost {
			server.Put(wingspantest.Preference{ID: "theirs", URL: hookURL, SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"}})
		}
	})
	server.Fail(lostCreate(true))
	created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
	wantNoError(t, err)
	wantEqual(t, "is theirs", created.ID == "theirs", false)
	theirs, _ := server.Preference("theirs")
	wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, []wingspantest.Preference{theirs}, newHook()))
}

func TestEntriesThatAreNotWhatWasAskedForAreNotAdopted(t *testing.T) {
	t.Parallel()

	strangers := map[string]wingspantest.Preference{
		"another url":      {URL: hookURL + "/b", SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}},
		"fewer events":     {URL: hookURL, SubscribedEvents: []string{"Invoice.Paid"}},
		"more events":      {URL: hookURL, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent", "Payee.Created"}},
		"another account":  {URL: hookURL, Account: "usrChild00000000000001", SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}},
		"no events at all": {URL: hookURL, SubscribedEvents: []string{}},
	}
	for name, stranger := range strangers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, server := serverStore(t)
			server.SetSecrets(wingspantest.Mask)
			stranger.ID, stranger.SharedSecret = "stranger", otherSecret
			server.OnRequest(func(r wingspantest.Request) {
				if r.Method == http.MethodPost {
					server.Put(stranger)
				}
			})
			server.Fail(lostCreate(false))
			created, err := store.Create(t.Context(), "", newHook(), CreateOptions{AllowDuplicate: true})
			wantNoError(t, err)
			before, _ := server.Preference("stranger")
			wantEqual(t, "id", []string{created.ID}, wantHeld(t, server, []wingspantest.Preference{before}, newHook()))
		})
	}
}

func TestATooLargeListIsAskedForOnceByCreates(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Blanks: maxAnswer + 1, Times: -1})
	for i := range 5 {
		p := newHook()
		p.URL = fmt.Sprintf("%s/%d", hookURL, i)
		_, err := store.Create(t.Context(), "", p, CreateOptions{AllowDuplicate: false})
		wantNoError(t, err)
	}
	wantEqual(t, "held", len(server.Preferences()), 5)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
}

func TestManyCreatesShareAList(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.SetLatency(time.Millisecond)
	const count = 100
	errs := make(chan error, count)
	for i := range count {
		go func() {
			p := newHook()
			p.URL = fmt.Sprintf("%s/%d", hookURL, i)
			_, err := store.Create(t.Context(), "", p, CreateOptions{AllowDuplicate: false})
			errs <- err
		}()
	}
	for range count {
		wantNoError(t, <-errs)
	}
	wantEqual(t, "held", len(server.Preferences()), count)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
	wantEqual(t, "requests", len(server.Requests()), count+1)
}
