package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// accountAPI is an API in memory for a bubble of synctest: reads only, each with its own delay.
type accountAPI struct {
	script

	// ids are what the account has; listed is what its list shows, nil meaning all.
	ids, listed []string
	// list, when set, comes first.
	list                 *step
	listDelay, itemDelay time.Duration
}

func newAccountAPI(t testing.TB, preferences int) (*Webhooks, *accountAPI) {
	t.Helper()
	a := &accountAPI{listDelay: 100 * time.Millisecond, itemDelay: 50 * time.Millisecond}
	for i := range preferences {
		a.ids = append(a.ids, fmt.Sprintf("id%d", i))
	}
	a.answer = a.serve

	return NewWebhooks(scripted(t, &a.script, func(c *Config) { c.MaxRetries = 0 })), a
}

func (a *accountAPI) serve(r *http.Request) step {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, one := strings.CutPrefix(r.URL.Path, collectionPath+"/")
	switch {
	case r.Method == http.MethodPost:
		return step{body: documentedJSON("new")}
	case r.Method != http.MethodGet:
		return step{body: documentedJSON(id)}
	case !one && a.list != nil:
		return *a.list
	case !one:
		shown := a.listed
		if shown == nil {
			shown = a.ids
		}
		entries := make([]string, len(shown))
		for i, id := range shown {
			entries[i] = documentedJSON(id)
		}

		return step{delay: a.listDelay, body: "[" + strings.Join(entries, ",") + "]"}
	case !slices.Contains(a.ids, id):
		return step{delay: a.itemDelay, status: http.StatusNotFound, body: `{"error":"no such id"}`}
	default:
		return step{delay: a.itemDelay, body: documentedJSON(id)}
	}
}

func wantCounts(t testing.TB, a *accountAPI, lists, others int) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	listed := 0
	for _, r := range a.requests {
		if r.Method == http.MethodGet && r.URL.Path == collectionPath {
			listed++
		}
	}
	wantEqual(t, "lists, other requests", []int{listed, len(a.requests) - listed}, []int{lists, others})
}

// getAll reads ids in parallel, as many at a time as the CLI does, and returns how many reads failed.
func getAll(ctx context.Context, w *Webhooks, ids []string) int {
	var mu sync.Mutex
	failed := 0
	var all sync.WaitGroup
	slots := make(chan struct{}, 10)
	for _, id := range ids {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			p, err := w.Get(ctx, Target{ID: id}, nil)
			if err != nil || p.ID != id {
				mu.Lock()
				defer mu.Unlock()
				failed++
			}
		})
	}
	all.Wait()

	return failed
}

func TestAThousandReadsAreFourRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, a := newAccountAPI(t, 1000)
		start := time.Now()
		wantEqual(t, "failed", getAll(t.Context(), w, a.ids[:3]), 0)
		wantCounts(t, a, 0, 3) // A few reads don't list a large account.
		wantEqual(t, "failed", getAll(t.Context(), w, a.ids), 0)
		wantCounts(t, a, 1, 3)
		wantEqual(t, "time", time.Since(start), a.itemDelay+a.listDelay)

		w.exact.Store(0)
		exact, err := w.Get(t.Context(), Target{ID: "id4"}, nil)
		wantNoError(t, err)
		w.exact.Store(exactReads)
		listed, err := w.Get(t.Context(), Target{ID: "id4"}, nil)
		wantNoError(t, err)
		wantEqual(t, "listed", listed, exact)
		wantCounts(t, a, 1, 4)
	})
}

func TestAListIsNeverProofOfAbsenceForAReader(t *testing.T) {
	t.Parallel()

	lists := map[string]*step{
		"cut off": nil, "empty": {body: "[]"}, "refused": {status: 403}, "500": {status: 500}, "a page": {body: "<html>"}, "null": {body: "null"},
		"lost": {err: errCut}, "wrong types": {body: `[{"preferenceId":1}]`}, "one preference": {body: documentedJSON("id1")},
		"another shape": {body: `{"items":[],"next":"x"}`}, "never answered": {delay: time.Hour},
	}
	for name, list := range lists {
		bubble(t, name, func(t *testing.T) {
			w, a := newAccountAPI(t, 20)
			w.exact.Store(exactReads)
			a.list, a.listed = list, a.ids[:10]
			start := time.Now()
			wantEqual(t, "failed", getAll(t.Context(), w, a.ids), 0)
			switch name {
			case "cut off":
				wantCounts(t, a, 1, 10)
			case "never answered":
				wantEqual(t, "time", time.Since(start).Truncate(time.Second), DefaultRequestTimeout)
				wantCounts(t, a, 1, 20)
			default:
				wantCounts(t, a, 1, 20) // A list that fails isn't asked for again.
			}
		})
	}
}

func TestAnEntryThatIsIncompleteOrDifferentIsReadAgain(t *testing.T) {
	t.Parallel()

	entries := map[string]map[string]any{
		"no owner": {"userId": nil}, "no events": {"subscribedEvents": nil}, "no creation": {"createdAt": nil}, "no update": {"updatedAt": nil},
		"another owner": {"userId": "usrElse"}, "no url": {"url": nil},
	}
	for name, change := range entries {
		synctest.Test(t, func(t *testing.T) {
			w, a := newAccountAPI(t, 2)
			w.exact.Store(exactReads)
			a.list = &step{body: "[" + document(t, "id1", change) + "]"}
			p, err := w.Get(t.Context(), Target{ID: "id1", Owner: wingspantest.OwnAccount}, nil)
			wantNoError(t, err)
			wantEqual(t, "owner, "+name, p.UserID, wingspantest.OwnAccount)
			wantEqual(t, "times, "+name, []bool{p.CreatedAt == "", p.UpdatedAt == ""}, []bool{false, false})
			wantCounts(t, a, 1, 1)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w, a := newAccountAPI(t, 2)
		w.exact.Store(exactReads)
		for i, matches := range []bool{true, false} {
			_, err := w.Get(t.Context(), Target{ID: "id1"}, func(p Preference) bool { return matches && p.ID == "id1" })
			wantNoError(t, err)
			wantCounts(t, a, 1, i)
		}
	})
}

func TestAListThatAWriteOverlappedServesNoRead(t *testing.T) {
	t.Parallel()

	writes := map[string]func(context.Context, *Webhooks) error{
		"update": func(ctx context.Context, w *Webhooks) error {
			_, err := w.Update(ctx, Target{ID: "id2"}, UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})

			return err
		},
		"delete": func(ctx context.Context, w *Webhooks) error { return w.Delete(ctx, Target{ID: "id2"}) },
	}
	for name, write := range writes {
		bubble(t, name, func(t *testing.T) {
			w, a := newAccountAPI(t, 10)
			w.exact.Store(exactReads)
			a.listDelay = time.Second
			read := make(chan error, 1)
			go func() {
				_, err := w.Get(t.Context(), Target{ID: "id1"}, nil)
				read <- err
			}()
			synctest.Wait() // The list is in progress.
			wantNoError(t, write(t.Context(), w))
			wantNoError(t, <-read)
			// The list began before the write, so that the reader asks for the preference itself.
			wantCounts(t, a, 1, 2)
			_, err := w.Get(t.Context(), Target{ID: "id1"}, nil)
			wantNoError(t, err)
			wantCounts(t, a, 2, 2)
		})
	}

	w := NewWebhooks(nil)
	list := func() *listing { return &listing{writes: w.known.writes} }
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
		var all sync.WaitGroup
		for _, p := range seed(server, 12) {
			all.Go(func() {
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
		}
		all.Wait()

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
		w, a := newAccountAPI(t, 10)
		w.exact.Store(exactReads)
		a.listDelay = 10 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first := make(chan error, 1)
		start := time.Now()
		go func() {
			_, err := w.Get(ctx, Target{ID: "id1"}, nil)
			first <- err
			wantEqual(t, "the first caller's wait", time.Since(start), time.Second)
		}()
		synctest.Wait()
		wantEqual(t, "failed of the others", getAll(t.Context(), w, a.ids), 0)
		wantEqual(t, "the first caller's end", errors.Is(<-first, context.DeadlineExceeded), true)
		wantCounts(t, a, 1, 0)
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
			var ids []string
			for _, p := range list.Preferences {
				ids = append(ids, p.ID)
				wantEqual(t, "account", p.Account, account)
			}
			wantEqual(t, "of account "+account, ids, want)
		}

		_, err := w.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		server.ResetRequests()
		for _, account := range []string{"", wingspantest.OwnAccount} { // One account by now.
			w.exact.Store(exactReads)
			_, err = w.Get(t.Context(), Target{ID: own[0].ID, Account: account}, nil)
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
		created, err := w.Create(t.Context(), "", newHook(), CreateOptions{})
		wantNoError(t, err)
		wantEqual(t, "owner", created.UserID, wingspantest.OwnAccount)

		// Creates that disagree say nothing.
		server.Configure(func(c *wingspantest.Settings) { c.AnswerAs = "usrAnother" })
		other := newHook()
		other.URL += "/other"
		_, err = w.Create(t.Context(), "", other, CreateOptions{})
		wantNoError(t, err)
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
