package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestCancellingTheFirstCallerLeavesTheListToTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		a.listDelay = 10 * time.Second
		warm(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := s.Get(ctx, "", "id1", Expectation{})
			first <- err
		}()
		synctest.Wait() // the list is under way, on the first caller's account

		failed := make(chan map[string]error, 1)
		go func() { failed <- getAll(t.Context(), s, a.ids) }()
		synctest.Wait()
		cancel()
		start := time.Now()
		err := <-first
		wantEqual(t, "the first caller's end", errors.Is(err, context.Canceled), true)
		wantEqual(t, "its wait", time.Since(start), time.Duration(0))
		wantEqual(t, "failed of the others", len(<-failed), 0)
		wantCounts(t, a, 1, 3)
	})
}

func TestACallersDeadlineDoesNotWaitForTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		a.listDelay = time.Minute
		warm(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := s.Get(ctx, "", "id1", Expectation{})
		wantEqual(t, "the deadline's error", errors.Is(err, context.DeadlineExceeded), true)
		wantEqual(t, "wait", time.Since(start), time.Second)
		time.Sleep(time.Minute) // the list ends by its own timeout
	})
}

func TestAListThatHangsCostsOneTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		a.listDelay = time.Hour
		warm(t, s)
		start := time.Now()
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		wantEqual(t, "time", time.Since(start), DefaultRequestTimeout+a.itemDelay)
		wantCounts(t, a, 1, 3+10)
	})
}

func TestAWriteDropsAListThatIsUnderWay(t *testing.T) {
	t.Parallel()

	writes := map[string]func(context.Context, *Webhooks) error{
		"update": func(ctx context.Context, s *Webhooks) error {
			_, err := s.Update(ctx, "", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})

			return err
		},
		"delete": func(ctx context.Context, s *Webhooks) error { return s.Delete(ctx, "", "id1") },
		"create": func(ctx context.Context, s *Webhooks) error {
			_, err := s.Create(ctx, "", newHook(), CreateOptions{AllowDuplicate: true})

			return err
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newAccount(t, 10)
				a.listDelay = 10 * time.Second
				// A create answers with an id, which the account's own answer does not know.
				plain := a.answer
				a.answer = func(r *http.Request) step {
					if r.Method == http.MethodPost {
						return step{body: documentedJSON("new")}
					}

					return plain(r)
				}
				warm(t, s)
				read := make(chan error, 1)
				go func() {
					_, err := s.Get(t.Context(), "", "id1", Expectation{})
					read <- err
				}()
				synctest.Wait()
				a.list = func(*http.Request) *step { return &step{body: "[]"} } // a create's own, at once
				wantNoError(t, write(t.Context(), s))
				wantNoError(t, <-read)

				by := map[string]int{}
				for _, r := range a.requests[3:] {
					by[r.Method+" "+r.URL.Path]++
				}
				// The list was begun before the write, so that the reader asks for the preference itself.
				wantEqual(t, "reads by id after the list", by["GET "+collectionPath+"/id1"], 1)
			})
		})
	}
}

func TestAWriteEndsTheGenerationBeforeAndAfter(t *testing.T) {
	t.Parallel()

	var l sharedLists
	l.exact = exactReads
	join := func() *sharedList {
		return l.join("", func(list *sharedList) { close(list.done) })
	}
	for range 3 {
		before := join()
		wantEqual(t, "same list", join() == before, true)
		done := l.writing()
		wantEqual(t, "list from before the write is current", l.current(before), false)
		during := join()
		wantEqual(t, "list from during the write is another", during != before, true)
		wantEqual(t, "and current until the write ends", l.current(during), true)
		done()
		wantEqual(t, "list from during the write is current after it", l.current(during), false)
	}
}

func TestEveryWriteDropsTheListsOfAllAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		warm(t, s)
		owner := documented().UserID
		for range 2 {
			_, err := s.Get(t.Context(), owner, "id1", Expectation{})
			wantNoError(t, err)
		}
		wantCounts(t, a, 1, 3)
		// The same account under its other name.
		_, err := s.Update(t.Context(), "", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
		wantNoError(t, err)
		_, err = s.Get(t.Context(), owner, "id1", Expectation{})
		wantNoError(t, err)
		wantCounts(t, a, 2, 4)
	})
}

func TestAFailedWriteDropsTheListToo(t *testing.T) {
	t.Parallel()
	store, server := serverStore(t)
	p := server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	for range exactReads + 1 {
		_, err := store.Get(t.Context(), "", p.ID, Expectation{})
		wantNoError(t, err)
	}
	server.Fail(wingspantest.Fault{Method: http.MethodPatch, Commit: true, Status: 400, Body: `{"error":"but it was done"}`})
	_, err := store.Update(t.Context(), "", p.ID, UpdatePreferenceRequest{SubscribedEvents: []string{"Invoice.Sent"}})
	wantEqual(t, "invalid", IsBadRequest(err), true)
	got, err := store.Get(t.Context(), "", p.ID, Expectation{})
	wantNoError(t, err)
	wantEqual(t, "events", got.SubscribedEvents, []string{"Invoice.Sent"})
}

// Readers and writers of one account at once: whoever reads after a write has ended sees it, however the list was shared.
func TestNobodyReadsWhatWasBeforeAnEndedWrite(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	const count = 20
	ids := make([]string, count)
	for i := range ids {
		ids[i] = server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://hooks.example.com/%d/0", i), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"},
		}).ID
	}
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			for round := range 5 {
				url := fmt.Sprintf("https://hooks.example.com/%d/%d", i, round)
				if _, err := store.Update(t.Context(), "", id, UpdatePreferenceRequest{URL: &url}); err != nil {
					t.Error(err)
				}
				p, err := store.Get(t.Context(), "", id, Expectation{})
				if err != nil {
					t.Error(err)
				} else if p.URL != url {
					t.Errorf("read %s after %s was written", p.URL, url)
				}
			}
		})
	}
	all.Wait()
}

func TestAThousandReadsOverHTTPAreFourRequests(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://hooks.example.com/%d", i), SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"},
		}).ID
	}
	wantEqual(t, "failed", len(getAll(t.Context(), store, ids)), 0)
	wantEqual(t, "reads by id", server.Count(http.MethodGet, wingspantest.RouteItem), exactReads)
	wantEqual(t, "lists", server.Count(http.MethodGet, wingspantest.RouteList), 1)
}
