package wingspan

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFreshPreferenceIsAskedForAgainForFiveSeconds(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		fresh  bool
		lag    int
		found  bool
		reads  int
		waited time.Duration
	}{
		{"old and gone", false, 100, false, 1, 0},
		{"fresh and there", true, 0, true, 1, 0},
		{"fresh, after two reads", true, 2, true, 3, 600 * time.Millisecond},
		{"fresh and gone", true, 100, false, 6, 5 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newAccount(t, 1)
				a.itemDelay = 0
				a.item = func(*http.Request) *step {
					if test.lag == 0 {
						return nil
					}
					test.lag--

					return &step{status: 404, body: `{"error":"no such id"}`}
				}
				start := time.Now()
				_, err := s.Get(t.Context(), "", "id0", Expectation{Fresh: test.fresh})
				wantEqual(t, "found", err == nil, test.found)
				wantEqual(t, "not found", IsNotFound(err), !test.found)
				wantEqual(t, "waited", time.Since(start), test.waited)
				wantCounts(t, a, 0, test.reads)
			})
		})
	}
}

func TestAFreshPreferenceThatIsUnauthorizedIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 1)
		a.item = func(*http.Request) *step { return &step{status: 403, body: `{"error":"Session expired"}`} }
		_, err := s.Get(t.Context(), "", "id0", Expectation{Fresh: true})
		wantEqual(t, "refused", IsUnauthorized(err), true)
		wantCounts(t, a, 0, 1)
	})
}

func TestWaitingForAFreshPreferenceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, a := newAccount(t, 0)
		a.itemDelay = 0
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := s.Get(ctx, "", "id0", Expectation{Fresh: true})
		wantEqual(t, "error", err, context.DeadlineExceeded, sameError)
		wantEqual(t, "waited", time.Since(start), 300*time.Millisecond)
	})
}

func TestA404ThatTheAPIDidNotWriteIsDoubted(t *testing.T) {
	t.Parallel()

	page := step{status: 404, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"}
	tests := []struct {
		name     string
		item     step
		list     *step
		notFound bool
		lists    int
	}{
		{"the API's own", step{status: 404, body: `{"error":"no such id"}`}, nil, true, 0},
		{"a page, and the list works", page, nil, true, 1},
		{"a page, and the list too", page, &page, false, 1},
		{"no body, and the list is refused", step{status: 404}, &step{status: 403}, false, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, a := newAccount(t, 1)
				a.item = func(*http.Request) *step { return &test.item }
				a.list = func(*http.Request) *step { return test.list }
				_, err := s.Get(t.Context(), "", "id0", Expectation{})
				wantEqual(t, "not found", IsNotFound(err), test.notFound)
				if !test.notFound {
					e := wantError[*ResponseError](t, err)
					wantEqual(t, "status", e.Status, 404)
				}
				wantCounts(t, a, test.lists, 1)
			})
		})
	}
}
