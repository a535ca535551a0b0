package wingspan

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const childAccount = "usrChild00000000000001"

var secretModes = map[string]wingspantest.SecretMode{
	"echoed": wingspantest.Echo, "masked": wingspantest.Mask, "hashed": wingspantest.Hash, "omitted": wingspantest.Omit,
}

// document is documentedJSON with some fields changed; nil takes one out.
func document(t testing.TB, id string, changes map[string]any) string {
	t.Helper()
	var fields map[string]any
	wantNoError(t, json.Unmarshal([]byte(documentedJSON(id)), &fields))
	for name, value := range changes {
		if fields[name] = value; value == nil {
			delete(fields, name)
		}
	}
	body, err := json.Marshal(fields)
	wantNoError(t, err)

	return string(body)
}

// old is a webhook of an hour ago, as the state knows it.
func old(server *wingspantest.Server) Target {
	p := server.Put(wingspantest.Preference{
		URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}, CreatedAt: time.Now().Add(-time.Hour),
	})

	return Target{ID: p.ID, Owner: p.Account, Server: server.URL(), CreatedAt: p.CreatedAt.Format(time.RFC3339)}
}

// seed puts preferences there that have nothing to do with what a test makes.
func seed(server *wingspantest.Server, count int) []wingspantest.Preference {
	for i := range count {
		server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://other.example.com/%d", i), SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
			CreatedAt: time.Now().Add(-time.Hour),
		})
	}

	return server.Preferences()
}

// onPosts is a fault for creates.
func onPosts(f wingspantest.Fault) wingspantest.Fault {
	f.Method, f.Route = http.MethodPost, wingspantest.RouteCreate

	return f
}

// lostCreate cuts the connection of the first create.
func lostCreate(commit bool) wingspantest.Fault {
	return onPosts(wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: commit})
}

// create creates a webhook that nothing keeps from being created.
func create(t testing.TB, w *Webhooks, account string, hook CreatePreferenceRequest) *Preference {
	t.Helper()
	created, err := w.Create(t.Context(), account, hook, CreateOptions{})
	wantNoError(t, err)

	return created
}

// setup decides what a server is like before a create, and what happens to it meanwhile.
type setup func(testing.TB, *Webhooks, *wingspantest.Server)

func settings(change func(*wingspantest.Settings)) setup {
	return func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { s.Configure(change) }
}

func showing(secrets wingspantest.SecretMode) setup {
	return settings(func(c *wingspantest.Settings) { c.Secrets = secrets })
}

func listLimit(limit int) setup {
	return settings(func(c *wingspantest.Settings) { c.ListLimit = limit })
}

func holding(count int) setup {
	return func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) { seed(s, count) }
}

func failing(faults ...wingspantest.Fault) setup {
	return func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
		for _, f := range faults {
			s.Fail(f)
		}
	}
}

// meanwhile has something happen on the server while a create is in progress.
func meanwhile(happen func(*wingspantest.Server)) setup {
	return func(_ testing.TB, _ *Webhooks, s *wingspantest.Server) {
		s.OnRequest(func(r wingspantest.Request) {
			if r.Method == http.MethodPost {
				happen(s)
			}
		})
	}
}

// onList is a fault for lists.
func onList(f wingspantest.Fault) wingspantest.Fault {
	f.Route = wingspantest.RouteList

	return f
}

// always has a fault strike every request that it matches.
func always(f wingspantest.Fault) wingspantest.Fault {
	f.Times = -1

	return f
}

func posts(server *wingspantest.Server) int {
	return server.Count(http.MethodPost, wingspantest.RouteCreate)
}

func lists(server *wingspantest.Server) int {
	return server.Count(http.MethodGet, wingspantest.RouteList)
}

// wantHeld checks that the server has exactly one webhook per create, with all that was asked for, besides those of before.
func wantHeld(t testing.TB, server *wingspantest.Server, before []wingspantest.Preference, want ...CreatePreferenceRequest) []string {
	t.Helper()
	known := map[string]bool{}
	for _, p := range before {
		known[p.ID] = true
	}
	var ids, got, wanted []string
	for _, p := range server.Preferences() {
		if known[p.ID] {
			delete(known, p.ID)

			continue
		}
		ids = append(ids, p.ID)
		got = append(got, fmt.Sprint(CanonicalURL(p.URL), p.SharedSecret, slices.Sorted(slices.Values(p.SubscribedEvents))))
	}
	for _, p := range want {
		wanted = append(wanted, fmt.Sprint(CanonicalURL(p.URL), string(p.SharedSecret), slices.Sorted(slices.Values(p.SubscribedEvents))))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	wantEqual(t, "held by the server", got, wanted)
	wantEqual(t, "missing of what was there before", len(known), 0)

	return ids
}

func idsOf(preferences []Preference) []string {
	ids := make([]string, len(preferences))
	for i, p := range preferences {
		ids[i] = p.ID
	}

	return ids
}

// sorted compares lists as sets.
var sorted = cmpopts.SortSlices(func(a, b string) bool { return a < b })

// waitFor waits for an event on the other side. What never happens ends with the timeout of go test.
func waitFor(happened func() bool) {
	for !happened() {
		time.Sleep(time.Millisecond)
	}
}
