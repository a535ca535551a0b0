package wingspan

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// account is an API in memory for a bubble of synctest: reads only, each with its own delay.
type account struct {
	script

	mu sync.Mutex
	// ids are what the account holds; listed is what its list shows, nil meaning all.
	ids, listed []string
	// list and item, when set, come first.
	list, item func(*http.Request) *step
	listDelay  time.Duration
	itemDelay  time.Duration
}

func newAccount(t testing.TB, preferences int) (*Webhooks, *account) {
	t.Helper()
	a := &account{listDelay: 100 * time.Millisecond, itemDelay: 50 * time.Millisecond}
	for i := range preferences {
		a.ids = append(a.ids, fmt.Sprintf("id%d", i))
	}
	a.answer = a.serve

	return NewWebhooks(scripted(t, &a.script, func(c *Config) { c.MaxRetries = 0 })), a
}

func (a *account) serve(r *http.Request) step {
	a.mu.Lock()
	defer a.mu.Unlock()

	id, one := strings.CutPrefix(r.URL.Path, collectionPath+"/")
	switch {
	case r.Method != http.MethodGet:
		return step{body: documentedJSON(id)}
	case !one:
		if a.list != nil {
			if s := a.list(r); s != nil {
				return *s
			}
		}
		shown := a.listed
		if shown == nil {
			shown = a.ids
		}
		entries := make([]string, len(shown))
		for i, id := range shown {
			entries[i] = documentedJSON(id)
		}

		return step{delay: a.listDelay, body: "[" + strings.Join(entries, ",") + "]"}
	default:
		if a.item != nil {
			if s := a.item(r); s != nil {
				return *s
			}
		}
		if !slices.Contains(a.ids, id) {
			return step{delay: a.itemDelay, status: http.StatusNotFound, body: `{"error":"no such id"}`}
		}

		return step{delay: a.itemDelay, body: documentedJSON(id)}
	}
}

// counts are the requests so far: lists, reads by id.
func (a *account) counts() (int, int) {
	a.script.mu.Lock()
	defer a.script.mu.Unlock()
	lists := 0
	for _, r := range a.requests {
		if r.Method == http.MethodGet && r.URL.Path == collectionPath {
			lists++
		}
	}

	return lists, len(a.requests) - lists
}

func wantCounts(t *testing.T, a *account, lists, items int) {
	t.Helper()
	gotLists, gotItems := a.counts()
	wantEqual(t, "lists, reads by id", []int{gotLists, gotItems}, []int{lists, items})
}

// warm uses up the reads that go by id.
func warm(t testing.TB, s *Webhooks) {
	t.Helper()
	for range exactReads {
		_, err := s.Get(t.Context(), "", "id0", Expectation{})
		wantNoError(t, err)
	}
}

// getAll reads ids in parallel, as many at a time as the CLI does, and returns the errors by id.
func getAll(ctx context.Context, s *Webhooks, ids []string) map[string]error {
	var mu sync.Mutex
	failed := map[string]error{}
	var all sync.WaitGroup
	slots := make(chan struct{}, parallelCalls)
	for _, id := range ids {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			p, err := s.Get(ctx, "", id, Expectation{})
			if err == nil && p.ID != id {
				err = fmt.Errorf("got %s", p.ID)
			}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed[id] = err
			}
		})
	}
	all.Wait()

	return failed
}

func TestAThousandReadsAreFourRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 1000)
		start := time.Now()
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		wantCounts(t, a, 1, 3)
		wantEqual(t, "time", time.Since(start), a.listDelay)
	})
}

func TestThreeReadsOfALargeAccountDoNotListIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 100_000)
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids[:3])), 0)
		wantCounts(t, a, 0, 3)
	})
}

func TestTheListServesEveryFieldOfThePreference(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 5)
		exact, err := s.Get(t.Context(), "", "id4", Expectation{})
		wantNoError(t, err)
		warm(t, s)
		listed, err := s.Get(t.Context(), "", "id4", Expectation{})
		wantNoError(t, err)
		wantEqual(t, "listed", listed, exact)
		wantCounts(t, a, 1, 3)
	})
}

func TestCallersDoNotShareTheMapsOfAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := newAccount(t, 1)
		warm(t, s)
		first, err := s.Get(t.Context(), "", "id0", Expectation{})
		wantNoError(t, err)
		first.Labels["team"] = "changed"
		first.SubscribedEvents[0] = "changed"
		*first.SharedSecret = "changed"
		second, err := s.Get(t.Context(), "", "id0", Expectation{})
		wantNoError(t, err)
		want := documented()
		want.ID = "id0"
		wantEqual(t, "second", *second, want)
	})
}

func TestEachAccountHasItsOwnList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 5)
		warm(t, s)
		owner := documented().UserID
		for range 3 {
			for _, account := range []string{"", owner} {
				_, err := s.Get(t.Context(), account, "id1", Expectation{})
				wantNoError(t, err)
			}
		}
		wantCounts(t, a, 2, 3)
		accounts := map[string]int{}
		for _, r := range a.requests[3:] {
			accounts[r.Header.Get("X-WINGSPAN-USER")]++
		}
		wantEqual(t, "lists by account", accounts, map[string]int{"": 1, owner: 1})
	})
}

func TestAListOfAnotherAccountIsNotBelieved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 5)
		warm(t, s)
		p, err := s.Get(t.Context(), "usrChild00000000000001", "id1", Expectation{})
		e := wantError[*AccountError](t, err)
		wantEqual(t, "error", *e, AccountError{Asked: "usrChild00000000000001", Got: documented().UserID, ID: "id1"})
		wantEqual(t, "preference", p.ID, "id1")
		wantCounts(t, a, 1, 4)
	})
}

func TestAListIsNeverProofOfAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 20)
		a.listed = a.ids[:10]
		warm(t, s)
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		wantCounts(t, a, 1, 3+10)

		_, err := s.Get(t.Context(), "", "gone", Expectation{})
		wantEqual(t, "not found", IsNotFound(err), true)
		wantCounts(t, a, 1, 3+11)
	})
}

func TestAnEmptyListIsNoProofEither(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 20)
		a.listed = []string{}
		warm(t, s)
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		wantCounts(t, a, 1, 3+20)
	})
}

func TestAListThatCannotBeHadFallsBackToReadsByID(t *testing.T) {
	t.Parallel()

	faults := map[string]step{
		"refused": {status: 403}, "500": {status: 500}, "limited": {status: 429}, "a page": {body: "<html>"}, "null": {body: "null"}, "cut": {err: errCut},
		"wrong types":    {body: `[{"preferenceId":1}]`},
		"a preference":   {body: documentedJSON("id1")},
		"another shape":  {body: `{"items":[],"next":"x"}`},
		"never answered": {delay: time.Hour},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newAccount(t, 50)
				a.list = func(*http.Request) *step { return &fault }
				warm(t, s)
				wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
				wantCounts(t, a, 1, 3+50)
			})
		})
	}
}

func TestAFailedListIsTriedAgainAfterAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		failing := true
		a.list = func(*http.Request) *step {
			if failing {
				return &step{status: 500}
			}

			return nil
		}
		warm(t, s)
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		failing = false
		s.reads.writing()()
		wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
		wantCounts(t, a, 2, 3+10)
	})
}

func TestATooLargeListIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 10)
		a.list = func(*http.Request) *step { return &step{body: strings.Repeat(" ", maxAnswer+1)} }
		warm(t, s)
		for range 3 {
			wantEqual(t, "failed", len(getAll(t.Context(), s, a.ids)), 0)
			s.reads.writing()()
		}
		wantCounts(t, a, 1, 3+30)
	})
}

func TestAnEntryThatTellsLessThanTheExactReadIsReadAgain(t *testing.T) {
	t.Parallel()

	for _, field := range []string{"userId", "url", "subscribedEvents", "createdAt", "updatedAt"} {
		for _, value := range []string{"", "null"} {
			t.Run(field+value, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, a := newAccount(t, 2)
					body := "[" + document(t, map[string]string{field: value}) + "]"
					a.list = func(*http.Request) *step { return &step{body: body} }
					warm(t, s)
					p, err := s.Get(t.Context(), "", "id1", Expectation{})
					wantNoError(t, err)
					wantEqual(t, "preference", *p, documented())
					wantCounts(t, a, 1, 4)
				})
			})
		}
	}
}

func TestAnEntryThatIsNotAsExpectedIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 2)
		warm(t, s)
		var asked []string
		expect := func(match bool) Expectation {
			return Expectation{Matches: func(p Preference) bool {
				asked = append(asked, p.ID)

				return match
			}}
		}
		_, err := s.Get(t.Context(), "", "id1", expect(true))
		wantNoError(t, err)
		wantCounts(t, a, 1, 3)
		_, err = s.Get(t.Context(), "", "id1", expect(false))
		wantNoError(t, err)
		wantCounts(t, a, 1, 4)
		wantEqual(t, "asked about", asked, []string{"id1", "id1"})
	})
}
