package wingspantest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	id := create(t, s).PreferenceID
	item := collection + "/" + id
	callAs(t, s, childAccount, "GET", collection, "")
	callAs(t, s, "", "GET", eventNames, "")
	call(t, s, "GET", item, "")
	call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`)
	call(t, s, "PATCH", item, `{"url":""}`)
	call(t, s, "DELETE", item, "")
	call(t, s, "DELETE", item, "")
	call(t, s, "GET", "/other", "")

	want := []string{
		"POST create 200 false  true " + collection,
		"GET list 200 true " + childAccount + " false " + collection,
		"GET eventnames 400 true  false " + eventNames,
		"GET item 200 false  false " + item,
		"PATCH item 200 false  true " + item,
		"PATCH item 400 false  false " + item,
		"DELETE item 200 false  true " + item,
		"DELETE item 404 false  false " + item,
		"GET other 404 false  false /other",
	}
	got := []string{}
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprint(r.Method, " ", r.Route, " ", r.Status, " ", r.HasAccount, " ", r.Account, " ", r.Committed, " ", r.Path))
		wantEqual(t, "fault", r.Fault, false)
		wantEqual(t, "token", r.Header.Get("Authorization"), "Bearer "+wingspantest.Token)
	}
	wantEqual(t, "requests", strings.Join(got, "\n"), strings.Join(want, "\n"))
	first := s.Requests()[0]
	wantEqual(t, "body", string(first.Body), validBody)
	wantEqual(t, "fields", slices.Equal(first.Fields(), []string{"sharedSecret", "subscribedEvents", "url"}), true)

	writes := s.Writes()
	wantEqual(t, "writes", len(writes), 5)
	wantEqual(t, "first write", writes[0].Method, "POST")
	wantEqual(t, "second write", writes[1].Method, "PATCH")
	for _, tt := range []struct {
		method string
		route  wingspantest.Route
		want   int
	}{
		{"", wingspantest.RouteAny, 9},
		{"GET", wingspantest.RouteAny, 4},
		{"", wingspantest.RouteItem, 5},
		{"GET", wingspantest.RouteItem, 1},
		{"PATCH", wingspantest.RouteItem, 2},
		{"POST", wingspantest.RouteCreate, 1},
		{"POST", wingspantest.RouteList, 0},
		{"GET", wingspantest.RouteEventNames, 1},
		{"GET", wingspantest.RouteOther, 1},
	} {
		wantEqual(t, fmt.Sprintf("count of %q %q", tt.method, tt.route), s.Count(tt.method, tt.route), tt.want)
	}
	s.ResetRequests()
	wantEqual(t, "after the reset", len(s.Requests())+len(s.Writes())+s.Count("", wingspantest.RouteAny), 0)
}

func TestRequestsAreCopies(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	create(t, s)
	spoilt := s.Requests()[0]
	spoilt.Header.Set("Accept", "spoilt")
	spoilt.Body[0] = 'x'
	fresh := s.Requests()[0]
	wantEqual(t, "header", fresh.Header.Get("Accept"), "application/json")
	wantEqual(t, "body", string(fresh.Body), validBody)
}

func TestFieldsOfWhatIsNoObject(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", `{"a":`, `"a"`} {
		if fields := (wingspantest.Request{Body: []byte(body)}).Fields(); fields != nil {
			t.Errorf("%q: %v", body, fields)
		}
	}
	fields := wingspantest.Request{Body: []byte("{}")}.Fields()
	wantEqual(t, "fields of {}", len(fields), 0)
}

func TestOnRequestSeesEachRequestBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	seen := make(chan wingspantest.Request, 2)
	s.OnRequest(func(r wingspantest.Request) { seen <- r })
	create(t, s)
	select {
	case r := <-seen:
		wantEqual(t, "request", fmt.Sprint(r.Method, " ", r.Status, " ", r.Committed), "POST 200 true")
	default:
		t.Error("the answer came first")
	}
	s.OnRequest(nil)
	create(t, s)
	wantEqual(t, "after it was taken away", len(seen), 0)
}
