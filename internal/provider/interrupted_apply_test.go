package provider

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	killSize     = 10 // the CLI's parallelism: all of them are under way at once
	killAnswered = killSize / 2
	killHeld     = killSize - killAnswered/2 // Those after it are carried out without a response.
)

// killConfig declares that many webhooks. Imports come after it.
var killConfig = hookBlock("hook", fmt.Sprint("count = ", killSize), `url = "https://hooks.example.com/${count.index}"`, `shared_secret_wo = "fake-secret-0123456789-${count.index}"`)

// duplicate finds, in the CLI's output, which resource an error is of and which id its import block names.
var duplicate = regexp.MustCompile(`(?s)Duplicate webhook preference.*?hook\[(\d+)\].*?id = "([^"]+)"`)

// TestAProviderThatIsKilledDuringCreatesDuplicatesNothing ends the provider's process when half of the creates have got a response, and the
// others are about to be carried out, or to get a response. The next apply must find what is there, say how to import it, and create only the rest.
func TestAProviderThatIsKilledDuringCreatesDuplicatesNothing(t *testing.T) {
	t.Parallel()
	skipBelow(t, 11, "a write-only secret")
	e := startPromise(t, "")
	e.Configure(func(c *wingspantest.Settings) { c.Secrets = wingspantest.Mask })
	e.configure(killConfig)
	wantOnce := func() {
		t.Helper()
		var got, want []string
		for i, p := range e.Preferences() {
			got, want = append(got, p.URL), append(want, hookURL(fmt.Sprint(i)))
		}
		if slices.Sort(got); len(got) != killSize || !slices.Equal(got, want) {
			t.Errorf("%d webhooks are registered as %q", killSize, got)
		}
	}

	e.killDuringCreates()
	out := e.exits(1, "apply", "-auto-approve")
	found := duplicate.FindAllStringSubmatch(out, -1)
	t.Logf("killed amid %d creates, %d of them with a response: the next apply named %d to import", killSize, killAnswered, len(found))
	wantOnce()
	if len(found) == 0 {
		t.Fatalf("the next apply named nothing to import:\n%s", out)
	}

	// The import blocks that the errors showed.
	config := killConfig
	for _, m := range found {
		config += fmt.Sprintf("\nimport {\n  to = wingspan_webhook_preference.hook[%s]\n  id = %q\n}\n", m[1], m[2])
	}
	e.configure(config)
	e.wantOutput(e.apply(), fmt.Sprintf("%d imported, 0 added, %d changed, 0 destroyed", len(found), len(found)))
	e.ResetRequests()
	e.wantEmptyPlan()
	wantOnce()
}

// killDuringCreates applies, and ends the provider once all creates are under way. It returns when the server is through with them.
func (e *exampleRun) killDuringCreates() {
	e.t.Helper()
	var arrived, noted atomic.Int32
	var underWay, carriedOut sync.WaitGroup
	underWay.Add(killSize - killAnswered)
	carriedOut.Add(killSize)
	dead := make(chan struct{})
	hold := func() {
		underWay.Done()
		<-dead
	}
	// Match is asked before the request is carried out.
	e.Fail(wingspantest.Fault{Times: -1, Route: wingspantest.RouteCreate, Match: func(wingspantest.Request) bool {
		if n := arrived.Add(1); n > killAnswered && n <= killHeld {
			hold()
		}

		return false
	}})
	e.OnRequest(func(r wingspantest.Request) {
		if r.Route != wingspantest.RouteCreate {
			return
		}
		if n := noted.Add(1); n > killAnswered && n <= killAnswered+killSize-killHeld {
			hold()
		}
		carriedOut.Done()
	})

	end := e.attach()
	attached := *e.w // The environment of e.w changes with the end of the provider, in the middle of the command.
	full, ended := make(chan struct{}), make(chan struct{})
	go func() {
		underWay.Wait()
		close(full)
	}()
	go func() {
		select {
		case <-full:
		case <-ended:
			e.t.Error("the apply ended before the provider was killed")
		}
		end()
		close(dead)
	}()
	func() {
		defer close(ended)
		mustExit(e.t, &attached, 1, "apply", "-auto-approve", "-no-color")
	}()
	<-dead
	if e.t.Failed() {
		e.t.FailNow()
	}
	carriedOut.Wait()
	e.ClearFaults()
	e.OnRequest(nil)
}
