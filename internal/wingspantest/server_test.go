package wingspantest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func TestStart(t *testing.T) {
	t.Parallel()
	s, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "URL", strings.HasPrefix(s.URL(), "http://127.0.0.1:") && !strings.HasSuffix(s.URL(), "/"), true)
	wantStatus(t, call(t, s, "GET", collection, ""), 200)
	if _, err := wingspantest.Start(strings.TrimPrefix(s.URL(), "http://")); err == nil {
		t.Error("two servers on one address")
	}
	s.Close()
	s.Close()
	// Another process may listen there by now.
	if _, err := try(request(t, s, "GET", collection, "")); err == nil && s.Count("", wingspantest.RouteAny) > 2 {
		t.Error("it responds after Close")
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wingspantest.Fault{
		"delay":     {Delay: time.Hour},
		"event":     {Until: make(chan struct{})},
		"not taken": {Body: strings.Repeat(" ", 64<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.New(t)
			s.Fail(fault)
			r := request(t, s, "POST", collection, validBody)
			ended := make(chan error, 1)
			go func() {
				response, err := (&http.Transport{}).RoundTrip(r)
				if err == nil {
					t.Cleanup(func() { response.Body.Close() })
				}
				ended <- err
			}()
			eventually(t, "the request arrives", func() bool { return s.Count("", wingspantest.RouteAny) == 1 })
			if name == "not taken" {
				wantEqual(t, "headers", <-ended, nil)
				s.Close()

				return
			}
			s.Close()
			if <-ended == nil {
				t.Error("it was answered")
			}
			wantEqual(t, "preferences", len(s.Preferences()), 0)
		})
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	s := wingspantest.New(t)
	var transport http.Transport
	send := func() (reused bool) {
		r := request(t, s, "GET", collection, "")
		trace := httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
		response, err := transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &trace)))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)

		return reused
	}
	send()
	wantEqual(t, "kept", send(), true)
	s.Configure(func(c *wingspantest.Settings) { c.CloseIdle = true })
	send()
	// The client may see the end of the connection only when it sends the next request, which it then repeats.
	wantEqual(t, "kept", send(), false)
}

// Its verdict is the race detector's, and that no write is lost.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	const workers, rounds = 6, 5
	s := wingspantest.New(t)
	s.Fail(wingspantest.Fault{Method: "GET", Status: 429, Times: workers})
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range rounds {
				id := fmt.Sprintf("w%di%d", w, i)
				s.Put(wingspantest.Preference{ID: id})
				wantEqual(t, "PATCH", call(t, s, "PATCH", collection+"/"+id, `{"url":"https://hooks.example.com/b"}`).status, 200)
				s.Edit(id, func(p *wingspantest.Preference) { p.Labels["edited"] = "yes" })
				create(t, s)
				call(t, s, "GET", collection, "")
				s.Configure(func(c *settings) { c.Secrets = wingspantest.SecretMode(i % 4) })
				s.AddAccounts(id)
				s.Fail(wingspantest.Fault{Route: wingspantest.RouteOther})
				s.Requests()
				s.Preferences()
			}
		})
	}
	all.Wait()
	for _, p := range s.Preferences() {
		if strings.HasPrefix(p.ID, "w") && len(p.ID) < 22 {
			wantEqual(t, p.ID, fmt.Sprint(p.URL, p.Labels["edited"]), "https://hooks.example.com/byes")
		}
	}
	wantEqual(t, "preferences", len(s.Preferences()), 2*workers*rounds)
	wantEqual(t, "requests and writes", fmt.Sprint(s.Count("", wingspantest.RouteAny), len(s.Writes())), fmt.Sprint(3*workers*rounds, 2*workers*rounds))
	struck := 0
	for _, r := range s.Requests() {
		if r.Status == 429 {
			struck++
		}
	}
	wantEqual(t, "faults", struck, workers)
}

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
