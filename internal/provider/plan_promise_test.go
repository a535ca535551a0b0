package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const sharedURL = "https://hooks.example.com/shared"

// promised is a resource with sharedURL.
func promised(name, events string, lines ...string) string {
	return fmt.Sprintf("resource \"wingspan_webhook_preference\" %q {\n  url = %q\n  subscribed_events = [%s]\n  shared_secret = %q\n  %s\n}\n\n",
		name, sharedURL, events, fakeSecret, strings.Join(lines, "\n  "))
}

// startPromise applies the configuration with the built provider, unless it is empty.
func startPromise(t *testing.T, kit *acctest.Kit, before string) *exampleRun {
	t.Helper()
	e := runFiles(t, kit, ".", map[string]string{"main.tf": before})
	e.AddAccounts(childA)
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

// refused runs a plan that has to fail without a write, and returns what it says on one line.
func (e *exampleRun) refused(args ...string) string {
	e.t.Helper()
	result, err := e.w.Run(e.t.Context(), append([]string{"plan", "-no-color"}, args...)...)
	if err != nil {
		e.t.Fatal(err)
	}
	if result.Code != 1 {
		e.t.Errorf("the plan exited with code %d:\n%s", result.Code, result.Output)
	}
	e.wantWrites()

	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(result.Output)), " ")
}

// TestSavedPlansAreCarriedOut: what the plan shows is what an apply of the saved plan sends, by other processes than the plan's. The
// plugin testing library refreshes in a command of its own and plans without, so that these need commands like a user's.
func TestSavedPlansAreCarriedOut(t *testing.T) {
	t.Parallel()
	kit, _ := builtKit(t)
	const (
		overlap = "lifecycle {\n    create_before_destroy = true\n  }"
		paid    = `"Invoice.Paid"`
		both    = `"Invoice.Paid", "Invoice.Sent"`
		failed  = `"Payout.Failed"`
		more    = `"Payout.Failed", "Invoice.Sent"`
		patch   = "PATCH subscribedEvents"
	)
	for _, test := range []struct {
		name, before, after string
		// replace is for -replace.
		replace, says string
		writes        []string
		// unordered writes are to different webhooks at the same time.
		unordered bool
	}{
		{"a create", "", promised("hook", paid), "", "1 to add, 0 to change, 0 to destroy", []string{create}, false},
		{"an update", promised("hook", paid), promised("hook", both), "", "0 to add, 1 to change, 0 to destroy", []string{patch}, false},
		{"a replacement", promised("hook", paid), promised("hook", paid), address, "1 to add, 0 to change, 1 to destroy", []string{"DELETE", create}, false},
		{
			"create_before_destroy", promised("hook", paid, overlap), promised("hook", paid, overlap), address,
			"1 to add, 0 to change, 1 to destroy", []string{create, "DELETE"}, false,
		},
		{
			"create_before_destroy with another event", promised("hook", paid, overlap), promised("hook", both, overlap), address,
			"1 to add, 0 to change, 1 to destroy", []string{create, "DELETE"}, false,
		},
		{
			"another account", promised("hook", paid), promised("hook", paid, fmt.Sprintf("user_id = %q", childA)), "",
			"1 to add, 0 to change, 1 to destroy", []string{"DELETE", create}, false,
		},
		{
			"an event handed to another resource", promised("a", both) + promised("b", failed), promised("a", paid) + promised("b", more), "",
			"0 to add, 2 to change, 0 to destroy", []string{patch, patch}, true,
		},
		{
			"an event handed back", promised("a", paid) + promised("b", more), promised("a", both) + promised("b", failed), "",
			"0 to add, 2 to change, 0 to destroy", []string{patch, patch}, true,
		},
		{
			"an event handed to a new resource", promised("hook", both), promised("hook", paid) + promised("new", `"Invoice.Sent"`), "",
			"1 to add, 1 to change, 0 to destroy", []string{patch, create}, true,
		},
		{
			"a rename without a moved block", promised("hook", paid), promised("renamed", paid), "",
			"1 to add, 0 to change, 1 to destroy", []string{"DELETE", create}, true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := startPromise(t, kit, test.before)
			if test.before != "" {
				e.listAfterReads()
			}
			// A create is not to depend on what goes on beside it.
			e.Fail(wingspantest.Fault{Method: http.MethodPatch, Delay: 300 * time.Millisecond, Times: -1})
			e.Fail(wingspantest.Fault{Method: http.MethodDelete, Delay: 300 * time.Millisecond, Times: -1})
			e.configure(test.after)
			args := []string{"plan", "-out=saved"}
			if test.replace != "" {
				args = append(args, "-replace="+test.replace)
			}
			if out := e.cli(args...); !strings.Contains(out, test.says) {
				t.Errorf("the plan doesn't say %q:\n%s", test.says, out)
			}
			e.wantPromised(false)
			e.cli("apply", "saved")
			e.wantPromised(test.unordered, test.writes...)
			e.wantEmptyPlan()
			e.wantDestroyed()
		})
	}
}

// wantPromised is wantWrites, in any order if they are unordered.
func (e *exampleRun) wantPromised(unordered bool, want ...string) {
	e.t.Helper()
	if unordered {
		got := []string{}
		for _, w := range e.Writes() {
			got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
		}
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if e.ResetRequests(); !slices.Equal(got, want) {
			e.t.Errorf("writes: %q, want %q", got, want)
		}

		return
	}
	e.wantWrites(want...)
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
			if id := r.Path[strings.LastIndex(r.Path, "/")+1:]; unread[id] {
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

// TestAMoveToAnAccountWithoutAccessFailsThePlan: the webhook lives on.
func TestAMoveToAnAccountWithoutAccessFailsThePlan(t *testing.T) {
	t.Parallel()
	kit, _ := builtKit(t)
	for _, validation := range []string{"error", "off"} {
		t.Run("event_name_validation="+validation, func(t *testing.T) {
			t.Parallel()
			e := startPromise(t, kit, promised("hook", `"Invoice.Paid"`))
			alive := e.only().ID
			e.w.Env = append(e.w.Env, "WINGSPAN_EVENT_NAME_VALIDATION="+validation)
			e.configure(promised("hook", `"Invoice.Paid"`, fmt.Sprintf("user_id = %q", childB)))
			if out := e.refused(); !strings.Contains(out, childB) || !strings.Contains(out, "403") {
				t.Errorf("the plan says %s", out)
			}
			if got := e.only().ID; got != alive {
				t.Errorf("the webhook is %s, want %s", got, alive)
			}
			e.configure(promised("hook", `"Invoice.Paid"`))
			e.wantEmptyPlan()
			e.wantDestroyed()
		})
	}
}

// TestADuplicateIsAnErrorOfThePlan: also where the plan knows little of what the state manages.
func TestADuplicateIsAnErrorOfThePlan(t *testing.T) {
	t.Parallel()
	kit, _ := builtKit(t)
	for _, args := range [][]string{nil, {"-refresh=false"}, {"-parallelism=1"}, {"-refresh=false", "-parallelism=1"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			e := startPromise(t, kit, "")
			by := e.Put(wingspantest.Preference{URL: sharedURL, SubscribedEvents: []string{"Invoice.Paid"}, SharedSecret: otherSecret})
			e.configure(promised("hook", `"Invoice.Paid"`))
			out := e.refused(args...)
			for _, want := range []string{"Error: Duplicate webhook preference", "import {", by.ID, "moved block", "allow_duplicate = true"} {
				if !strings.Contains(out, want) {
					t.Errorf("the plan doesn't say %q: %s", want, out)
				}
			}
		})
	}
}

// TestRequestsOfAPlanWithManyCreates: the event names and the list are asked for once.
func TestRequestsOfAPlanWithManyCreates(t *testing.T) {
	t.Parallel()
	kit, _ := builtKit(t)
	e := startPromise(t, kit, "")
	e.configure(strings.NewReplacer(sharedURL, sharedURL+"/${count.index}", "url =", "count = 200\n  url =").Replace(promised("hook", `"Invoice.Paid"`)))
	result, err := e.w.MustRun(t.Context(), "plan", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Output, "200 to add") {
		t.Errorf("the plan says %s", result.Output)
	}
	// A list serves for some seconds, which a slow machine may need several times.
	most := 1 + int(result.Wall/(10*time.Second))
	names, lists, all := e.Count("", wingspantest.RouteEventNames), e.Count("", wingspantest.RouteList), e.Count("", wingspantest.RouteAny)
	if names != 1 || lists < 1 || lists > most || all != names+lists {
		t.Errorf("%d requests, %d of them for event names and %d for lists, want 1 and at most %d", all, names, lists, most)
	}
}
