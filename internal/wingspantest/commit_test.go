package wingspantest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// writes are the three of them and whether each was carried out, read from what the server holds.
func writes(s *wingspantest.Server) []struct {
	method, path, body string
	done               func() bool
} {
	const item = collection + "/known"
	s.Put(wingspantest.Preference{ID: "known", URL: "https://hooks.example.com/known"})
	return []struct {
		method, path, body string
		done               func() bool
	}{
		{"POST", collection, validBody, func() bool { return len(s.Preferences()) == 2 }},
		{"PATCH", item, `{"url":"https://hooks.example.com/b"}`, func() bool {
			p, _ := s.Preference("known")
			return p.URL == "https://hooks.example.com/b"
		}},
		{"DELETE", item, "", func() bool {
			_, ok := s.Preference("known")
			return !ok
		}},
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  wingspantest.Fault
		always bool // carried out also without Commit
		status int
		fails  bool
	}{
		{"status", wingspantest.Fault{Status: 502}, false, 502, false},
		{"page", wingspantest.HTML(504), false, 504, false},
		{"body", wingspantest.Fault{Body: "x"}, false, 200, false},
		{"blanks", wingspantest.Fault{Blanks: 10}, false, 200, false},
		{"cut connection", wingspantest.Fault{Cut: wingspantest.CutConnection}, false, 0, true},
		{"cut body", wingspantest.Fault{Cut: wingspantest.CutBody}, false, 200, true},
		{"drip", wingspantest.Fault{Drip: time.Microsecond}, true, 200, false},
		{"delay", wingspantest.Fault{Delay: time.Millisecond}, true, 200, false},
		{"delay and status", wingspantest.Fault{Delay: time.Millisecond, Status: 503}, false, 503, false},
	} {
		for _, commit := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, " ", commit), func(t *testing.T) {
				t.Parallel()
				s := wingspantest.New(t)
				fault := tt.fault
				fault.Commit = commit
				want := commit || tt.always
				for _, w := range writes(s) {
					s.ResetRequests()
					s.Fail(fault)
					got, err := try(request(t, s, w.method, w.path, w.body))
					wantEqual(t, w.method+" fails", err != nil, tt.fails)
					wantEqual(t, w.method+" status", got.status, tt.status)
					wantEqual(t, w.method+" carried out", w.done(), want)
					recorded := s.Requests()
					wantEqual(t, w.method+" recorded", fmt.Sprint(len(recorded), recorded[0].Status, recorded[0].Fault, recorded[0].Committed),
						fmt.Sprint(1, tt.status, true, want))
				}
			})
		}
	}
}

func TestNothingIsCommittedOfARefusedWrite(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	f := wingspantest.ErrorStatus(502, "bad gateway")
	f.Commit = true
	s.Fail(f)
	wantError(t, call(t, s, "POST", collection, `{}`), 502, "bad gateway")
	wantEqual(t, "committed", s.Requests()[0].Committed, false)
	wantEqual(t, "preferences", len(s.Preferences()), 0)
}

func TestCutBodyOfNothingCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetDeleteAnswer(wingspantest.NoContent)
	s.Put(wingspantest.Preference{ID: "known"})
	s.Fail(wingspantest.Fault{Cut: wingspantest.CutBody, Commit: true})
	if got, err := try(request(t, s, "DELETE", collection+"/known", "")); err == nil {
		t.Errorf("status %d", got.status)
	}
	recorded := s.Requests()[0]
	wantEqual(t, "recorded", fmt.Sprint(recorded.Status, recorded.Committed), "0 true")
	wantEqual(t, "preferences", len(s.Preferences()), 0)
}

func TestACutBodyWithoutCommitLooksTrue(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetReadLag(1)
	s.Fail(wingspantest.Fault{Cut: wingspantest.CutBody})
	got, _ := try(request(t, s, "POST", collection, validBody))
	wantEqual(t, "length", got.length, call(t, s, "POST", collection, validBody).length)
	wantEqual(t, "preferences", len(s.Preferences()), 1)
}

func TestADelayedWriteIsCarriedOutAfterItsClientLeft(t *testing.T) {
	t.Parallel()
	for _, f := range []wingspantest.Fault{
		{Delay: 100 * time.Millisecond},
		{Delay: 100 * time.Millisecond, Status: 504, Commit: true},
	} {
		s := wingspantest.New(t)
		s.Fail(f)
		ctx, leave := context.WithCancel(t.Context())
		r := request(t, s, "POST", collection, validBody).WithContext(ctx)
		left := make(chan error)
		go func() {
			_, err := try(r)
			left <- err
		}()
		eventually(t, "the request arrives", func() bool { return s.Count("POST", wingspantest.RouteCreate) == 1 })
		leave()
		if <-left == nil {
			t.Error("the client did not leave")
		}
		eventually(t, "the late commit", func() bool { return len(s.Preferences()) == 1 && s.Requests()[0].Committed })
	}
}
