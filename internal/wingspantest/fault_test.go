package wingspantest_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestReadyFaults(t *testing.T) {
	t.Parallel()
	broken := wingspantest.ErrorStatus(500, "it <broke>")
	broken.Header = http.Header{"X-Request-Id": {"r1"}}
	for _, tt := range []struct {
		name         string
		fault        wingspantest.Fault
		status       int
		body         string
		header       string
		contentType  string
		headerWanted string
	}{
		{"error", broken, 500, `{"error":"it <broke>"}`, "X-Request-Id", "application/json", "r1"},
		{"too many", wingspantest.TooMany("7"), 429, `"error"`, "Retry-After", "application/json", "7"},
		{"too many without a time", wingspantest.TooMany(""), 429, `"error"`, "Retry-After", "application/json", ""},
		{"page", wingspantest.HTML(502), 502, "<!DOCTYPE html>", "", "text/html; charset=utf-8", ""},
		{"broken JSON", wingspantest.BrokenJSON(), 200, `{"preferenceId":"`, "", "application/json", ""},
		{"empty body", wingspantest.EmptyBody(), 200, "", "", "application/json", ""},
		{"redirect", wingspantest.Redirect("http://127.0.0.1:1/x"), 307, "", "Location", "application/json", "http://127.0.0.1:1/x"},
		{"no content", wingspantest.Fault{Status: 204}, 204, "", "", "", ""},
		{"body alone", wingspantest.Fault{Body: "null"}, 200, "null", "", "application/json", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.Fail(tt.fault)
			got := wantStatus(t, call(t, s, "POST", collection, validBody), tt.status)
			wantEqual(t, "body", got.body == tt.body || tt.body != "" && strings.Contains(got.body, tt.body), true)
			wantEqual(t, "length", got.length, int64(len(got.body)))
			wantEqual(t, "Content-Type", got.header.Get("Content-Type"), tt.contentType)
			wantEqual(t, "header", got.header.Get(tt.header), tt.headerWanted)
			wantEqual(t, "preferences", len(s.Preferences()), 0)
			recorded := s.Requests()[0]
			wantEqual(t, "recorded", fmt.Sprint(recorded.Status, recorded.Fault, recorded.Committed), fmt.Sprint(tt.status, true, false))
			create(t, s)
			wantEqual(t, "recorded after the fault", s.Requests()[1].Fault, false)
		})
	}
}

func TestFaultsMatch(t *testing.T) {
	t.Parallel()
	const item = collection + "/known"
	for _, tt := range []struct {
		name  string
		fault wingspantest.Fault
		hits  string // of: GET eventnames, GET list, POST, GET item, PATCH item, DELETE item, GET other
	}{
		{"anything", wingspantest.Fault{}, "xxxxxxx"},
		{"method", wingspantest.Fault{Method: "GET"}, "xx.x..x"},
		{"route", wingspantest.Fault{Route: wingspantest.RouteItem}, "...xxx."},
		{"list", wingspantest.Fault{Route: wingspantest.RouteList}, ".x....."},
		{"create", wingspantest.Fault{Route: wingspantest.RouteCreate}, "..x...."},
		{"event names", wingspantest.Fault{Route: wingspantest.RouteEventNames}, "x......"},
		{"other", wingspantest.Fault{Route: wingspantest.RouteOther}, "......x"},
		{"method and route", wingspantest.Fault{Method: "PATCH", Route: wingspantest.RouteItem}, "....x.."},
		{"body", wingspantest.Fault{Match: func(r wingspantest.Request) bool { return len(r.Body) > 0 }}, "..x.x.."},
		{"method and path", wingspantest.Fault{Method: "GET", Match: func(r wingspantest.Request) bool { return r.Path == item }}, "...x..."},
		{"once", wingspantest.Fault{Method: "GET", Times: 1}, "x......"},
		{"twice", wingspantest.Fault{Method: "GET", Times: 2}, "xx....."},
		{"the second", wingspantest.Fault{Method: "GET", Skip: 1, Times: 1}, ".x....."},
		{"from the third", wingspantest.Fault{Skip: 2}, "..xxxxx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.Put(wingspantest.Preference{ID: "known"})
			tt.fault.Status = 418
			if tt.fault.Times == 0 {
				tt.fault.Times = -1
			}
			s.Fail(tt.fault)
			got := ""
			for _, r := range []struct{ method, path, body string }{
				{"GET", eventNames, ""},
				{"GET", collection, ""},
				{"POST", collection, validBody},
				{"GET", item, ""},
				{"PATCH", item, `{"url":"https://hooks.example.com/b"}`},
				{"DELETE", item, ""},
				{"GET", "/other", ""},
			} {
				if call(t, s, r.method, r.path, r.body).status == 418 {
					got += "x"
				} else {
					got += "."
				}
			}
			wantEqual(t, "hits", got, tt.hits)
		})
	}
}

func TestFaultsQueue(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Status: 501})
	s.Fail(wingspantest.Fault{Status: 502, Skip: 1, Times: 2})
	s.Fail(wingspantest.Fault{Status: 503, Skip: 1, Times: -1})
	got := []int{}
	for range 7 {
		got = append(got, call(t, s, "GET", collection, "").status)
	}
	wantEqual(t, "statuses", fmt.Sprint(got), "[501 200 502 502 503 503 503]")
	s.ClearFaults()
	wantStatus(t, call(t, s, "GET", collection, ""), 200)
	s.Fail(wingspantest.Fault{Status: 504})
	wantStatus(t, call(t, s, "GET", collection, ""), 504)
}

func TestFaultsStrikeBeforeTheTokenIsLookedAt(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetToken("another-test-token")
	s.Fail(wingspantest.HTML(503))
	wantStatus(t, call(t, s, "GET", collection, ""), 503)
	wantStatus(t, call(t, s, "GET", collection, ""), 403)
}

func TestMatchMayUseTheServer(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Status: 500, Times: -1, Match: func(wingspantest.Request) bool {
		s.Fail(wingspantest.Fault{Status: 501})
		return len(s.Preferences()) == 1 && s.Count("", wingspantest.RouteAny) > 0
	}})
	create(t, s)
	wantStatus(t, call(t, s, "GET", collection, ""), 500)
	s.ClearFaults()
}

func TestFailCopiesItsHeader(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	f := wingspantest.TooMany("1")
	s.Fail(f)
	f.Header.Set("Retry-After", "9")
	wantEqual(t, "header", call(t, s, "GET", collection, "").header.Get("Retry-After"), "1")
}

func TestHeaderAloneGoesOnTopOfTheTrueAnswer(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Header: http.Header{"x-request-id": {"r1"}}})
	got := call(t, s, "POST", collection, validBody)
	decode[documented](t, wantStatus(t, got, 200))
	wantEqual(t, "header", got.header.Get("X-Request-Id"), "r1")
	wantEqual(t, "preferences", len(s.Preferences()), 1)
}

func TestCutBody(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	item := collection + "/" + create(t, s).PreferenceID
	whole := call(t, s, "GET", item, "")
	s.Fail(wingspantest.Fault{Cut: wingspantest.CutBody})
	got, err := try(request(t, s, "GET", item, ""))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	wantEqual(t, "status", got.status, 200)
	wantEqual(t, "Content-Length", got.length, whole.length)
	wantEqual(t, "Content-Type", got.header.Get("Content-Type"), "application/json")
	wantEqual(t, "half", got.body, whole.body[:len(whole.body)/2])

	s.Fail(wingspantest.Fault{Cut: wingspantest.CutBody, Status: 500, Body: "12345678"})
	got, err = try(request(t, s, "GET", item, ""))
	wantEqual(t, "half of the given answer", fmt.Sprint(got.status, got.body, err), "5001234"+io.ErrUnexpectedEOF.Error())
}

func TestDrip(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.SetEventNamesForm(wingspantest.Strings)
	s.SetEventNames("Invoice.Paid")
	const pause = 3 * time.Millisecond
	s.Fail(wingspantest.Fault{Drip: pause})
	start := time.Now()
	got := call(t, s, "GET", eventNames, "")
	wantEqual(t, "body", got.body, `["Invoice.Paid"]`)
	wantEqual(t, "Content-Length", got.length, int64(len(got.body)))
	if took := time.Since(start); took < time.Duration(len(got.body)-1)*pause {
		t.Errorf("%d bytes took %s", len(got.body), took)
	}
}

func TestBlanks(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 100, 100_000} {
		s := wingspantest.New(t)
		s.Fail(wingspantest.Fault{Blanks: n})
		got := wantStatus(t, call(t, s, "POST", collection, validBody), 200)
		wantEqual(t, "Content-Length", got.length, -1)
		wantEqual(t, "body", got.body, strings.Repeat(" ", int(n)))
		wantEqual(t, "preferences", len(s.Preferences()), 0)
	}
}

func TestEndlessBlanksEndWithTheServer(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Blanks: math.MaxInt64})
	response, err := http.DefaultTransport.RoundTrip(request(t, s, "GET", collection, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	closeSoon(t, s)
}
