package provider

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/drive"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// trouble is one column of the fault matrix. It is armed for one verb at a time.
type trouble struct {
	name  string
	fault wingspantest.Fault
	// server, when set, misbehaves beside the fault, until calm.
	server func(*wingspantest.Server)
	// block changes the provider while the trouble lasts.
	block drive.Values
	// settle is how long a lost create is looked for.
	settle time.Duration
	// once: each request is struck once. A list that is cut says nothing of a create whose repeats are lost as well.
	once bool
}

const (
	// slow is past shortTimeout, and far within the time that a lost create is looked for.
	slow         = 600 * time.Millisecond
	shortTimeout = "300ms"
)

func troubles() []trouble {
	cutAfterCommit := wingspantest.Fault{Cut: wingspantest.CutConnection, Commit: true}
	badGateway := wingspantest.ErrorStatus(http.StatusBadGateway, "bad gateway")
	badGateway.Commit = true
	brokenAfterCommit := wingspantest.BrokenJSON()
	brokenAfterCommit.Commit = true
	list := wingspantest.ErrorStatus(http.StatusInternalServerError, "no list")
	list.Method, list.Route, list.Times = http.MethodGet, wingspantest.RouteList, -1

	return []trouble{
		{name: "429 storm", fault: wingspantest.TooMany("0")},
		{name: "500", fault: wingspantest.ErrorStatus(http.StatusInternalServerError, "oops")},
		{name: "502", fault: wingspantest.HTML(http.StatusBadGateway)},
		{name: "503", fault: wingspantest.ErrorStatus(http.StatusServiceUnavailable, "later")},
		{name: "504", fault: wingspantest.HTML(http.StatusGatewayTimeout)},
		{name: "502 after commit", fault: badGateway},
		{name: "cut before commit", fault: wingspantest.Fault{Cut: wingspantest.CutConnection}},
		{name: "cut after commit", fault: cutAfterCommit},
		{name: "answer cut after commit", fault: wingspantest.Fault{Cut: wingspantest.CutBody, Commit: true}},
		{name: "truncated JSON before commit", fault: wingspantest.BrokenJSON()},
		{name: "truncated JSON after commit", fault: brokenAfterCommit},
		{name: "delay past the timeout", fault: wingspantest.Fault{Delay: slow}, block: drive.Values{"request_timeout": shortTimeout}, settle: 20 * time.Second},
		{name: "cut after commit and read lag", fault: cutAfterCommit, server: func(s *wingspantest.Server) { s.SetReadLag(2) }},
		{name: "cut after commit and cut list", fault: cutAfterCommit, once: true, server: func(s *wingspantest.Server) { s.SetListLimit(2) }},
		{name: "cut before commit and cut list", fault: wingspantest.Fault{Cut: wingspantest.CutConnection}, once: true, server: func(s *wingspantest.Server) { s.SetListLimit(2) }},
		{name: "cut after commit and no list", fault: cutAfterCommit, server: func(s *wingspantest.Server) { s.Fail(list) }},
	}
}

// TestNoFaultLosesOrDoublesAWebhook is the fault matrix: every verb meets every trouble, a few times and for ever, with many
// webhooks at once. After each, following the advice of the errors must bring the server to exactly what is configured.
func TestNoFaultLosesOrDoublesAWebhook(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodDelete} {
		for _, trouble := range troubles() {
			for _, runs := range []struct {
				name  string
				times int
				mode  wingspantest.SecretMode
			}{
				{"some, echoed secrets", 4, wingspantest.Echo},
				{"for ever, masked secrets", -1, wingspantest.Mask},
			} {
				t.Run(fmt.Sprintf("%s, %s, %s", verb, trouble.name, runs.name), func(t *testing.T) {
					t.Parallel()
					trouble := trouble
					trouble.fault.Method, trouble.fault.Times = verb, runs.times
					if trouble.once {
						trouble.fault.Match = firstOfItsKind()
					}
					f := newFleet(t, runs.mode)
					f.endure(verb, trouble)
				})
			}
		}
	}
}

// firstOfItsKind matches each request the first time that it is sent.
func firstOfItsKind() func(wingspantest.Request) bool {
	var mu sync.Mutex
	seen := map[string]bool{}

	return func(r wingspantest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		kind := r.Path + string(r.Body)
		first := !seen[kind]
		seen[kind] = true

		return first
	}
}

// endure leads the fleet to the verb, lets it meet the trouble there, and calms the server for what comes after.
func (f *fleet) endure(verb string, tr trouble) {
	f.t.Helper()
	round := 1
	if verb != http.MethodPost {
		f.converge(round, nil)
	}

	switch verb {
	case http.MethodPatch:
		round = 2
	case http.MethodDelete:
		round = gone
	}
	f.converge(round, &tr)
	f.check(round)
}
