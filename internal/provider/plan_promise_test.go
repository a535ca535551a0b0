package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// promised is a resource. One whose name ends in "-b" shares the URL of the one that its name begins with.
func promised(name, events string, lines ...string) string {
	return hookBlock(name, append(lines, fmt.Sprintf("url = %q", hookURL(strings.TrimSuffix(name, "-b"))), "subscribed_events = ["+events+"]")...)
}

// startPromise applies the configuration with the built provider, unless it is empty.
func startPromise(t *testing.T, before string) *exampleRun {
	t.Helper()
	e := runFiles(t, ".", map[string]string{"main.tf": before})
	e.AddAccounts(childA, childB)
	if before != "" {
		e.apply()
	}
	e.ResetRequests()

	return e
}

func (e *exampleRun) configure(config string) {
	e.t.Helper()
	if err := e.w.Configure(requirement + config); err != nil {
		e.t.Fatal(err)
	}
}

// TestSavedPlansAreCarriedOut: what the plan shows is what an apply of the saved plan sends, by other processes than the plan's.
func TestSavedPlansAreCarriedOut(t *testing.T) {
	t.Parallel()
	const (
		overlap = "lifecycle {\n    create_before_destroy = true\n  }"
		paid    = `"Invoice.Paid"`
		both    = `"Invoice.Paid", "Invoice.Sent"`
		failed  = `"Payout.Failed"`
		more    = `"Payout.Failed", "Invoice.Sent"`
	)
	type row struct {
		name, before, after string
		replace             bool
		writes              []string
	}
	type group struct {
		// what the plan reports; back is what the plan of the way back does, if it is taken.
		report, back string
		// rows have a URL each. There are three webhooks at most, which are read by their IDs: listAfterReads counts on it.
		rows []row
	}
	for _, group := range []group{
		{"2 to add, 1 to change, 1 to destroy", "", []row{
			{"create", "", promised("create", paid), false, []string{create}},
			{"update", promised("update", paid), promised("update", both), false, []string{patchEvents}},
			{"replace", promised("replace", paid), promised("replace", paid), true, []string{"DELETE", create}},
		}},
		{"3 to add, 0 to change, 3 to destroy", "", []row{
			{"overlap", promised("overlap", paid, overlap), promised("overlap", paid, overlap), true, []string{create, "DELETE"}},
			{"overlap-change", promised("overlap-change", paid, overlap), promised("overlap-change", both, overlap), true, []string{create, "DELETE"}},
			{"move", promised("move", paid), promised("move", paid, fmt.Sprintf("user_id = %q", childA)), false, []string{"DELETE", create}},
		}},
		{"2 to add, 1 to change, 1 to destroy", "", []row{
			{"to-new", promised("to-new", both), promised("to-new", paid) + promised("to-new-b", `"Invoice.Sent"`), false, []string{patchEvents, create}},
			// Without a moved block.
			{"renamed", promised("renamed", paid), promised("renamed-b", paid), false, []string{"DELETE", create}},
		}},
		// One gives an event up and the other one gets it, in both directions.
		{"0 to add, 2 to change, 0 to destroy", "0 to add, 2 to change, 0 to destroy", []row{
			{"over", promised("over", both) + promised("over-b", failed), promised("over", paid) + promised("over-b", more), false, []string{patchEvents, patchEvents}},
		}},
	} {
		t.Run(group.rows[0].name, func(t *testing.T) {
			t.Parallel()
			before, after, want := "", "", map[string][]string{}
			args := []string{"plan", "-out=saved"}
			for _, row := range group.rows {
				before, after, want[hookURL(row.name)] = before+row.before, after+row.after, row.writes
				if row.replace {
					args = append(args, "-replace=wingspan_webhook_preference."+row.name)
				}
			}
			e := startPromise(t, before)
			e.carryOut(after, group.report, want, args...)
			if group.back != "" {
				e.carryOut(before, group.back, want, args...)
			}
		})
	}
}

// TestAReplacementWithoutACacheDirectory: the apply knows from Terraform's data directory, which `init` makes, what the plan accepted.
func TestAReplacementWithoutACacheDirectory(t *testing.T) {
	t.Parallel()
	config := promised("overlap", `"Invoice.Paid"`, "lifecycle {\n    create_before_destroy = true\n  }")
	e := startPromise(t, config)
	file := filepath.Join(e.w.Dir, "main.tf")
	e.w.Env = append(e.w.Env, "HOME="+file, "XDG_CACHE_HOME="+file, "LocalAppData="+file)
	if err := os.Mkdir(filepath.Join(e.w.Dir, ".terraform"), 0o700); err != nil {
		t.Fatal(err)
	}
	e.carryOut(config, "1 to add, 0 to change, 1 to destroy", map[string][]string{hookURL("overlap"): {create, "DELETE"}},
		"plan", "-out=saved", "-replace=wingspan_webhook_preference.overlap")
}

// carryOut saves the plan of a configuration, applies it, and compares the writes, which are by URL.
func (e *exampleRun) carryOut(config, report string, want map[string][]string, args ...string) {
	e.t.Helper()
	e.listAfterReads()
	e.configure(config)
	e.wantOutput(e.cli(args...), report)
	e.wantWrites()
	// Here two webhooks are written to at the same time, in any order.
	sideBySide := []string{hookURL("to-new"), hookURL("renamed")}
	urls := e.createsFirst(sideBySide...)
	e.cli("apply", "saved")
	got := map[string][]string{}
	for _, w := range e.Writes() {
		url := urls[path.Base(w.Path)]
		if w.Method == http.MethodPost {
			url = urlIn(w)
		}
		got[url] = append(got[url], strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	for _, url := range sideBySide {
		slices.Sort(got[url])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Errorf("writes (-want +got):\n%s", diff)
	}
	e.ClearFaults()
	e.ResetRequests()
	e.wantEmptyPlan()
}

// createsFirst delays other writes to these URLs until there is one more webhook for each: a create does not depend on what goes on
// beside it. It returns the URLs of all webhooks by their IDs.
func (e *exampleRun) createsFirst(first ...string) map[string]string {
	var creates atomic.Int32
	urls, created := map[string]string{}, make(chan struct{})
	for _, p := range e.Preferences() {
		urls[p.ID] = p.URL
	}
	e.OnRequest(func(r wingspantest.Request) {
		if r.Method == http.MethodPost && slices.Contains(first, urlIn(r)) && int(creates.Add(1)) == len(first) {
			close(created)
		}
	})
	e.Fail(wingspantest.Fault{Times: -1, Until: created, Match: func(r wingspantest.Request) bool {
		return r.Method != http.MethodGet && slices.Contains(first, urls[path.Base(r.Path)])
	}})

	return urls
}

func urlIn(r wingspantest.Request) string {
	var body struct {
		URL string `json:"url"`
	}
	_ = json.Unmarshal(r.Body, &body) // Without a URL it is not found.

	return body.URL
}

// listAfterReads keeps the next list until all webhooks of the state are read: on a slow machine, one that is planned earlier may be refused.
func (e *exampleRun) listAfterReads() {
	var mu sync.Mutex
	unread, read := map[string]bool{}, make(chan struct{})
	for _, p := range e.Preferences() {
		unread[p.ID] = true
	}
	e.Fail(wingspantest.Fault{Times: -1, Match: func(r wingspantest.Request) bool {
		switch {
		case r.Route == wingspantest.RouteItem && r.Method == http.MethodGet:
			mu.Lock()
			defer mu.Unlock()
			if id := path.Base(r.Path); unread[id] {
				if delete(unread, id); len(unread) == 0 {
					close(read)
				}
			}
		case r.Route == wingspantest.RouteList:
			select {
			case <-read:
			case <-e.t.Context().Done():
			}
		}

		return false
	}})
}

// TestRequestsOfAPlanWithManyCreates: the event names and the list are asked for once.
func TestRequestsOfAPlanWithManyCreates(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	inParallel(200, func(i int) { w.planned(instance{}, hookValues(values{"url": hookURL(fmt.Sprint(i))})) })
	r.wantAsked(wingspantest.RouteEventNames, 1)
	r.wantAsked(wingspantest.RouteList, 1)
	r.wantAsked(wingspantest.RouteAny, 2)
}

// TestRequestsOfManyAccounts: each has a list of its own, and event names that another account has need no request.
func TestRequestsOfManyAccounts(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	planning, applying := r.configured(), r.configured()
	inParallel(50, func(i int) {
		account := fmt.Sprintf("usr%d", i)
		r.AddAccounts(account)
		config := hookValues(values{"user_id": account})
		planning.planned(instance{}, config)
		applying.applied(instance{}, config)
	})
	r.wantAsked(wingspantest.RouteEventNames, 2)
	r.wantAsked(wingspantest.RouteList, 100)
	r.wantAsked(wingspantest.RouteCreate, 50)
}

// TestEventNamesAndListAreRequestedAtTheSameTime: neither waits for the other's response.
func TestEventNamesAndListAreRequestedAtTheSameTime(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	listed := make(chan struct{})
	var once sync.Once
	r.Fail(wingspantest.Fault{Route: wingspantest.RouteEventNames, Until: listed})
	r.Fail(wingspantest.Fault{Route: wingspantest.RouteList, Match: func(wingspantest.Request) bool {
		once.Do(func() { close(listed) })

		return false
	}})
	r.configured(values{"request_timeout": "1m"}).planned(instance{}, hookValues())
	r.wantAsked(wingspantest.RouteAny, 2)

	// What the event names refuse isn't a matter of the list.
	_, diags := r.configured().plan(instance{}, hookValues(values{"subscribed_events": []string{"Invoice.Payd"}}))
	diags.want(t, "error at subscribed_events[Invoice.Payd]: Unknown event name")
}
