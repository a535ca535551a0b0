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
	if _, err := try(request(t, s, "GET", collection, "")); err == nil && s.Count("", wingspantest.RouteAny) > 1 {
		t.Error("it responds after Close")
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wingspantest.Fault{
		"delay":     {Delay: time.Hour},
		"event":     {Until: make(chan struct{})},
		"not taken": wingspantest.Spaces(64 << 20),
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
	s.AddAccounts(childAccount)
	s.Fail(wingspantest.Fault{Method: "GET", Status: 429, Times: workers})
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	defer client.CloseIdleConnections()
	send := func(method, path, body string) int {
		response, err := client.Do(request(t, s, method, path, body))
		if err != nil {
			t.Error(err)
			return 0
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range rounds {
				id := fmt.Sprintf("w%di%d", w, i)
				s.Put(wingspantest.Preference{ID: id, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}})
				s.Put(wingspantest.Preference{ID: id + "gone"})
				wantEqual(t, "POST", send("POST", collection, validBody), 200)
				wantEqual(t, "PATCH", send("PATCH", collection+"/"+id, `{"url":"https://hooks.example.com/b"}`), 200)
				send("GET", collection+"/"+id, "")
				send("GET", collection, "")
				send("GET", eventNames, "")
				wantEqual(t, "DELETE", send("DELETE", collection+"/"+id+"gone", ""), 200)
				s.Edit(id, func(p *wingspantest.Preference) { p.Labels["edited"] = "yes" })
				s.Configure(func(c *wingspantest.Settings) {
					c.Events, c.Secrets = wingspantest.EventsMode(i%4), wingspantest.SecretMode(i%4)
				})
				s.AddAccounts(id)
				s.Fail(wingspantest.Fault{Route: wingspantest.RouteOther})
				s.Requests()
				s.Preferences()
				s.Preference(id)
			}
		})
	}
	all.Wait()
	s.ClearFaults()
	wantEqual(t, "preferences", len(s.Preferences()), 2*workers*rounds)
	for _, p := range s.Preferences() {
		if strings.HasPrefix(p.ID, "w") && len(p.ID) < 22 {
			wantEqual(t, p.ID, fmt.Sprint(p.URL, p.Labels["edited"]), "https://hooks.example.com/byes")
		}
	}
	wantEqual(t, "requests", s.Count("", wingspantest.RouteAny), 6*workers*rounds)
	wantEqual(t, "writes", len(s.Writes()), 3*workers*rounds)
	struck := 0
	for _, r := range s.Requests() {
		if r.Status == 429 {
			struck++
		}
	}
	wantEqual(t, "faults", struck, workers)
}
