package wingspantest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestReadyFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                                    string
		fault                                   wingspantest.Fault
		status                                  int
		body, contentType, header, headerWanted string
	}{
		{"error", wingspantest.ErrorStatus(500, "it <broke>"), 500, `{"error":"it <broke>"}`, "application/json", "", ""},
		{"too many", wingspantest.TooMany("7"), 429, `"error"`, "application/json", "Retry-After", "7"},
		{"too many without a time", wingspantest.TooMany(""), 429, `"error"`, "application/json", "Retry-After", ""},
		{"page", wingspantest.HTML(502), 502, "<!DOCTYPE html>", "text/html; charset=utf-8", "", ""},
		{"broken JSON", wingspantest.BrokenJSON(), 200, `{"preferenceId":"`, "application/json", "", ""},
		{"empty body", wingspantest.EmptyBody(), 200, "", "application/json", "", ""},
		{"header", wingspantest.Fault{Status: 307, Header: http.Header{"location": {"http://127.0.0.1:1/x"}}}, 307, "", "application/json", "Location", "http://127.0.0.1:1/x"},
		{"no content", wingspantest.Fault{Status: 204}, 204, "", "", "", ""},
		{"body alone", wingspantest.Fault{Body: "null"}, 200, "null", "application/json", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			// The faults strike before anybody looks at the token.
			s.SetToken("another-test-token")
			s.Fail(tt.fault)
			got := wantStatus(t, call(t, s, "POST", collection, validBody), tt.status)
			wantEqual(t, "body", got.body == tt.body || tt.body != "" && strings.Contains(got.body, tt.body), true)
			wantEqual(t, "length", got.length, int64(len(got.body)))
			wantEqual(t, "Content-Type", got.header.Get("Content-Type"), tt.contentType)
			wantEqual(t, "header", got.header.Get(tt.header), tt.headerWanted)
			wantStatus(t, call(t, s, "POST", collection, validBody), 403)
		})
	}
}

func TestFaultsMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault wingspantest.Fault
		hits  string // of: GET eventnames, GET list, GET other, POST, PATCH, DELETE
	}{
		{"anything", wingspantest.Fault{}, "xxxxxx"},
		{"method", wingspantest.Fault{Method: "GET"}, "xxx..."},
		{"item", wingspantest.Fault{Route: wingspantest.RouteItem}, "....xx"},
		{"list", wingspantest.Fault{Route: wingspantest.RouteList}, ".x...."},
		{"create", wingspantest.Fault{Route: wingspantest.RouteCreate}, "...x.."},
		{"event names", wingspantest.Fault{Route: wingspantest.RouteEventNames}, "x....."},
		{"other", wingspantest.Fault{Route: wingspantest.RouteOther}, "..x..."},
		{"method and route", wingspantest.Fault{Method: "PATCH", Route: wingspantest.RouteItem}, "....x."},
		{"body", wingspantest.Fault{Match: func(r wingspantest.Request) bool { return len(r.Body) > 0 }}, "...xx."},
		{"once", wingspantest.Fault{Method: "GET", Times: 1}, "x....."},
		{"twice", wingspantest.Fault{Times: 2}, "xx...."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			put(s)
			tt.fault.Status = 418
			if tt.fault.Times == 0 {
				tt.fault.Times = -1
			}
			s.Fail(tt.fault)
			got := ""
			for _, path := range []string{eventNames, collection, "/other"} {
				got += hit(call(t, s, "GET", path, "").status == 418)
			}
			for _, w := range writes {
				got += hit(call(t, s, w.method, w.path, w.body).status == 418)
			}
			wantEqual(t, "hits", got, tt.hits)
		})
	}
}

func hit(struck bool) string { return map[bool]string{true: "x", false: "."}[struck] }

func TestFaultsQueueBeforeWhatFailByChooses(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	statuses := func(n int) string {
		got := []int{}
		for range n {
			got = append(got, call(t, s, "GET", collection, "").status)
		}

		return fmt.Sprint(got)
	}
	s.Fail(wingspantest.Fault{Status: 501})
	s.Fail(wingspantest.Fault{Status: 502, Times: 2})
	s.Fail(wingspantest.Fault{Status: 503, Match: func(wingspantest.Request) bool {
		return s.Count("", wingspantest.RouteAny) > 3 && len(s.Preferences()) == 0
	}})
	wantEqual(t, "armed", statuses(6), "[501 502 502 200 503 200]")
	s.FailBy(func(r wingspantest.Request) (wingspantest.Fault, bool) {
		return wingspantest.ErrorStatus(504, "chosen"), r.Method == "GET"
	})
	s.Fail(wingspantest.Fault{Status: 501})
	wantEqual(t, "chosen", statuses(3), "[501 504 504]")
	create(t, s)
	s.Fail(wingspantest.Fault{Status: 501})
	s.ClearFaults()
	wantEqual(t, "cleared", statuses(1), "[200]")
	struck := ""
	for _, r := range s.Requests() {
		struck += hit(r.Fault)
	}
	wantEqual(t, "recorded", struck, "xxx.x.xxx..")
}

// writes are the three, of which the later ones are for a preference that put seeds.
var writes = []struct{ method, path, body string }{
	{"POST", collection, validBody},
	{"PATCH", collection + "/known", `{"url":"https://hooks.example.com/b"}`},
	{"DELETE", collection + "/known", ""},
}

func put(s *wingspantest.Server) {
	s.Put(wingspantest.Preference{ID: "known", URL: "https://hooks.example.com/known"})
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
		{"body", wingspantest.Fault{Body: `{"success":false}`}, false, 200, false},
		{"header", wingspantest.Fault{Header: http.Header{"x-request-id": {"r1"}}}, true, 200, false},
		{"cut connection", wingspantest.Fault{Cut: wingspantest.CutConnection}, false, 0, true},
		{"cut body", wingspantest.Fault{Cut: wingspantest.CutBody}, false, 200, true},
		{"cut body of nothing", wingspantest.Fault{Status: 204, Cut: wingspantest.CutBody}, false, 0, true},
		{"delay", wingspantest.Fault{Delay: time.Millisecond}, true, 200, false},
		{"delay and status", wingspantest.Fault{Delay: time.Millisecond, Status: 503}, false, 503, false},
	} {
		for _, commit := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, " ", commit), func(t *testing.T) {
				t.Parallel()
				s := wingspantest.New(t)
				put(s)
				fault := tt.fault
				fault.Commit = commit
				want := commit || tt.always
				for _, w := range writes {
					before := fmt.Sprint(s.Preferences())
					s.ResetRequests()
					s.Fail(fault)
					got, err := try(request(t, s, w.method, w.path, w.body))
					wantEqual(t, w.method+" fails", err != nil, tt.fails)
					wantEqual(t, w.method+" status", got.status, tt.status)
					if tt.fault.Cut == wingspantest.CutBody && got.status == 200 {
						wantEqual(t, w.method+" half", fmt.Sprint(len(got.body), got.length > 100), fmt.Sprint(got.length/2, true))
					}
					wantEqual(t, w.method+" carried out", fmt.Sprint(s.Preferences()) != before, want)
					recorded := s.Requests()
					wantEqual(t, w.method+" recorded", fmt.Sprint(len(recorded), recorded[0].Status, recorded[0].Fault, recorded[0].Committed),
						fmt.Sprint(1, tt.status, true, want))
				}
				// Nothing comes of a write that the server refuses.
				s.ResetRequests()
				s.Fail(fault)
				_, _ = try(request(t, s, "POST", collection, `{}`))
				wantEqual(t, "refused write is carried out", s.Requests()[0].Committed, false)
			})
		}
	}
}

func TestLateWrites(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	put(s)
	for _, w := range writes {
		before := fmt.Sprint(s.Preferences())
		s.ResetRequests()
		s.Fail(wingspantest.Fault{Status: 504, Late: true})
		wantStatus(t, call(t, s, w.method, w.path, w.body), 504)
		wantEqual(t, w.method+" carried out at once", fmt.Sprint(s.Preferences()) != before || s.Requests()[0].Committed, false)
		wantEqual(t, "committed late", s.CommitLate(), 1)
		wantEqual(t, w.method+" carried out late", fmt.Sprint(s.Preferences()) != before && s.Requests()[0].Committed, true)
		wantEqual(t, "committed again", s.CommitLate(), 0)
	}
	s.Fail(wingspantest.Fault{Status: 504, Late: true})
	call(t, s, "DELETE", collection+"/known", "")
	wantEqual(t, "refused late", s.CommitLate(), 0)
}

func TestAWriteThatWaitsIsCarriedOutAfterItsClientLeft(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	release := make(chan struct{})
	s.Fail(wingspantest.Fault{Until: release, Delay: time.Millisecond, Status: 504, Commit: true})
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
	wantEqual(t, "preferences before", len(s.Preferences()), 0)
	close(release)
	eventually(t, "the commit", func() bool { return len(s.Preferences()) == 1 && s.Requests()[0].Committed })
}

func TestABodyCanHaveNoLength(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Body: strings.Repeat(" ", 100_000), Header: http.Header{"Content-Length": nil}})
	got := wantStatus(t, call(t, s, "POST", collection, validBody), 200)
	wantEqual(t, "Content-Length", got.length, -1)
	wantEqual(t, "body", got.body, strings.Repeat(" ", 100_000))
}
