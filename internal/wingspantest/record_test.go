package wingspantest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	s.AddAccounts(childAccount)
	seen := 0
	s.OnRequest(func(r wingspantest.Request) {
		if seen++; r.Status == 0 {
			t.Error("seen without its status")
		}
	})
	item := collection + "/" + create(t, s).PreferenceID
	callAs(t, s, childAccount, "GET", collection, "")
	callAs(t, s, "", "GET", eventNames, "")
	call(t, s, "GET", item, "")
	call(t, s, "PATCH", item, `{"url":"https://hooks.example.com/b"}`)
	call(t, s, "PATCH", item, `{"url":""}`)
	call(t, s, "DELETE", item, "")
	call(t, s, "DELETE", item, "")
	call(t, s, "GET", "/other", "")
	wantEqual(t, "seen before they were answered", seen, 9)

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
		wantEqual(t, "token", r.Header.Get("Authorization"), "Bearer "+wingspantest.Token)
	}
	wantEqual(t, "requests", strings.Join(got, "\n"), strings.Join(want, "\n"))
	wantEqual(t, "body", string(s.Requests()[0].Body), validBody)
	wantEqual(t, "writes", len(s.Writes()), 5)
	wantEqual(t, "counts", fmt.Sprint(s.Count("", wingspantest.RouteAny), s.Count("GET", wingspantest.RouteAny),
		s.Count("", wingspantest.RouteItem), s.Count("GET", wingspantest.RouteItem), s.Count("POST", wingspantest.RouteList)), "9 4 5 1 0")

	s.ResetRequests()
	wantEqual(t, "after the reset", len(s.Requests())+len(s.Writes())+s.Count("", wingspantest.RouteAny), 0)
}

func TestFields(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "[] true", "null": "[] true", "[]": "[] true", `{"a":`: "[] true", `"a"`: "[] true", "{}": "[] true", validBody: "[sharedSecret subscribedEvents url] false",
	} {
		fields := wingspantest.Request{Body: []byte(body)}.Fields()
		wantEqual(t, body, fmt.Sprint(fields, fields == nil), want)
	}
}
