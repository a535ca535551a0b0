package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// readers are the webhooks of a process that has done its first reads, over an account of so many preferences.
func readers(t testing.TB, preferences int) (*Webhooks, *wingspantest.Server, []string) {
	t.Helper()
	w, server := serverStore(t)
	w.exact.Store(exactReads)
	w.client.policy.maxRetries = 0
	var ids []string
	for _, p := range seed(server, preferences) {
		ids = append(ids, p.ID)
	}

	return w, server, ids
}

func wantCounts(t testing.TB, server *wingspantest.Server, listed, others int) {
	t.Helper()
	wantEqual(t, "lists, other requests", []int{lists(server), len(server.Requests()) - lists(server)}, []int{listed, others})
}

// getAll reads ids in parallel, as many at a time as the CLI does, and returns how many reads failed.
func getAll(ctx context.Context, w *Webhooks, ids []string) int {
	var failed atomic.Int32
	inParallel(len(ids), parallelRequests, func(i int) {
		if p, err := w.Get(ctx, Target{ID: ids[i]}, nil); err != nil || p.ID != ids[i] {
			failed.Add(1)
		}
	})

	return int(failed.Load())
}

func TestAThousandReadsAreFourRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, server, ids := readers(t, 1000)
		w.exact.Store(0)
		wantEqual(t, "failed", getAll(t.Context(), w, ids[:3]), 0)
		wantCounts(t, server, 0, 3) // A few reads don't list a large account.
		wantEqual(t, "failed", getAll(t.Context(), w, ids), 0)
		wantCounts(t, server, 1, 3)

		w.exact.Store(0)
		exact, err := w.Get(t.Context(), Target{ID: ids[4]}, nil)
		wantNoError(t, err)
		w.exact.Store(exactReads)
		listed, err := w.Get(t.Context(), Target{ID: ids[4]}, nil)
		wantNoError(t, err)
		wantEqual(t, "listed", listed, exact)
		wantCounts(t, server, 1, 4)
	})
}

func TestAListIsNeverProofOfAbsenceForAReader(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]wingspantest.Fault{
		"empty": {Body: "[]"}, "refused": {Status: 403}, "500": {Status: 500}, "a page": {Body: "<html>"}, "null": {Body: "null"},
		"lost": {Cut: wingspantest.CutConnection}, "wrong types": {Body: `[{"preferenceId":1}]`}, "one preference": {Body: documentedJSON("id1")},
		"another shape": {Body: `{"items":[],"next":"x"}`}, "never answered": {Delay: time.Hour},
	} {
		bubble(t, name, func(t *testing.T) {
			w, server, ids := readers(t, 20)
			server.Fail(always(onList(fault)))
			start := time.Now()
			wantEqual(t, "failed", getAll(t.Context(), w, ids), 0)
			wantCounts(t, server, 1, 20) // A list that fails isn't asked for again.
			wantEqual(t, "waited", time.Since(start) >= DefaultRequestTimeout, name == "never answered")
		})
	}
	bubble(t, "cut off", func(t *testing.T) {
		w, server, ids := readers(t, 20)
		server.Configure(func(c *wingspantest.Settings) { c.ListLimit = 10 })
		wantEqual(t, "failed", getAll(t.Context(), w, ids), 0)
		wantCounts(t, server, 1, 10)
	})
}

func TestAnEntryThatIsIncompleteOrDifferentIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for field, odd := range map[string]any{"userId": "usrElse", "url": nil, "subscribedEvents": nil, "createdAt": nil, "updatedAt": nil, "without userId": nil} {
			w, server, ids := readers(t, 2)
			server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
				if r.Route == wingspantest.RouteList {
					p[strings.TrimPrefix(field, "without ")] = odd
				}
			})
			p, err := w.Get(t.Context(), Target{ID: ids[1], Owner: wingspantest.OwnAccount}, nil)
			wantNoError(t, err)
			wantEqual(t, "owner, "+field, p.UserID, wingspantest.OwnAccount)
			wantEqual(t, "times, "+field, []bool{p.CreatedAt == "", p.UpdatedAt == ""}, []bool{false, false})
			wantCounts(t, server, 1, 1)
		}
		w, server, ids := readers(t, 2)
		for i, matches := range []bool{true, false} {
			_, err := w.Get(t.Context(), Target{ID: ids[1]}, func(p Preference) bool { return matches && p.ID == ids[1] })
			wantNoError(t, err)
			wantCounts(t, server, 1, i)
		}
	})
}

func TestAListThatAWriteOverlappedServesNoRead(t *testing.T) {
	t.Parallel()

	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		bubble(t, method, func(t *testing.T) {
			w, server, ids := readers(t, 10)
			server.Fail(onList(wingspantest.Fault{Delay: time.Second}))
			read := make(chan error, 1)
			go func() { read <- operations[http.MethodGet](t.Context(), w, Target{ID: ids[1]}) }()
			synctest.Wait() // The list is in progress.
			wantNoError(t, operations[method](t.Context(), w, Target{ID: ids[2]}))
			wantNoError(t, <-read)
			// The list began before the write, so that the reader asks for the preference itself.
			wantCounts(t, server, 1, 2)
			wantNoError(t, operations[http.MethodGet](t.Context(), w, Target{ID: ids[1]}))
			wantCounts(t, server, 2, 2)
		})
	}

	w := NewWebhooks(nil)
	list := func() *listing { return &listing{writes: w.known.writes.Load()} }
	before := list()
	end := w.known.beginWrite("id1")
	during := list()
	end()
	wantEqual(t, "generations", []bool{before.writes < during.writes, during.writes < list().writes}, []bool{true, true})
}

// Readers and writers of one account at once: whoever reads after a write has ended sees it, however the list was shared.
func TestReadsAfterAWriteNeverReturnWhatWasBeforeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, server := serverStore(t)
		seeds := seed(server, 12)
		inParallel(len(seeds), 0, func(i int) {
			p := seeds[i]
			for round := range 5 {
				url := fmt.Sprintf("%s/%d", p.URL, round)
				if _, err := w.Update(t.Context(), Target{ID: p.ID}, UpdatePreferenceRequest{URL: &url}); err != nil {
					t.Error(err)
				}
				if got, err := w.Get(t.Context(), Target{ID: p.ID}, nil); err != nil || got.URL != url {
					t.Errorf("read %v, %v after %s was written", got, err, url)
				}
			}
		})

		// A write that failed may have been carried out.
		p := server.Preferences()[0]
		server.Fail(wingspantest.Fault{Method: http.MethodPatch, Commit: true, Status: 400})
		_, err := w.Update(t.Context(), Target{ID: p.ID}, UpdatePreferenceRequest{SubscribedEvents: []string{"Payee.Created"}})
		wantEqual(t, "refused", IsBadRequest(err), true)
		got, err := w.Get(t.Context(), Target{ID: p.ID}, nil)
		wantNoError(t, err)
		wantEqual(t, "events", got.SubscribedEvents, []string{"Payee.Created"})
	})
}

func TestACanceledCallerLeavesTheListToTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, server, ids := readers(t, 10)
		server.Fail(onList(wingspantest.Fault{Delay: 10 * time.Second}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first := make(chan error, 1)
		start := time.Now()
		go func() {
			first <- operations[http.MethodGet](ctx, w, Target{ID: ids[1]})
			wantEqual(t, "the first caller's wait", time.Since(start), time.Second)
		}()
		synctest.Wait()
		wantEqual(t, "failed of the others", getAll(t.Context(), w, ids), 0)
		wantEqual(t, "the first caller's end", errors.Is(<-first, context.DeadlineExceeded), true)
		wantCounts(t, server, 1, 0)
	})
}

func TestEachAccountHasItsOwnList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, server := serverStore(t)
		server.AddAccounts(childAccount)
		own := seed(server, 2)
		child := server.Put(wingspantest.Preference{Account: childAccount, URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
		seen := server.Put(wingspantest.Preference{
			Account: childAccount, URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{}, ViewerIDs: []string{wingspantest.OwnAccount},
		})
		for account, want := range map[string][]string{
			"":                      {own[0].ID, own[1].ID, seen.ID}, // As long as nothing says whose the token is.
			wingspantest.OwnAccount: {own[0].ID, own[1].ID}, childAccount: {child.ID, seen.ID},
		} {
			list, err := w.List(t.Context(), account)
			wantNoError(t, err)
			for _, p := range list.Preferences {
				wantEqual(t, "account", p.Account, account)
			}
			wantEqual(t, "of account "+account, idsOf(list.Preferences), want)
		}

		create(t, w, "", newHook())
		server.ResetRequests()
		for _, account := range []string{"", wingspantest.OwnAccount} { // One account by now.
			w.exact.Store(exactReads)
			_, err := w.Get(t.Context(), Target{ID: own[0].ID, Account: account}, nil)
			wantNoError(t, err)
		}
		list, err := w.List(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, "own ones", len(list.Preferences), 3)
		wantEqual(t, "requests", len(server.Requests()), 2)
	})
}

func TestWhoTheTokenBelongsToIsBelievedOfCreatesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Event names may name anybody: that excludes no entry, and merges no accounts.
		w, server := serverStore(t)
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrSystem" })
		_, err := w.EventNames(t.Context(), "")
		wantNoError(t, err)
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "" })
		seed(server, 2)
		list, err := w.List(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, "entries", len(list.Preferences), 2)
		server.Fail(lostCreate(true))
		wantEqual(t, "owner", create(t, w, "", newHook()).UserID, wingspantest.OwnAccount)

		// Creates that disagree say nothing.
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrAnother" })
		create(t, w, "", hookAt(hookURL+"/other"))
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "" })
		list, err = w.List(t.Context(), "")
		wantNoError(t, err)
		wantEqual(t, "entries", len(list.Preferences), 4)

		// A webhook that is gone isn't asked for once more where event names say that the token is its owner's.
		w, server = serverStore(t)
		target := old(server)
		server.Remove(target.ID)
		_, err = w.EventNames(t.Context(), "")
		wantNoError(t, err)
		_, err = w.Get(t.Context(), target, nil)
		wantEqual(t, "gone", IsGone(err), true)
		wantEqual(t, "reads", server.Count(http.MethodGet, wingspantest.RouteItem), 1)
	})
}
