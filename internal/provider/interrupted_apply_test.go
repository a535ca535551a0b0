package provider

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// killConfig declares count webhooks. Imports come after it.
const killConfig = `terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

resource "wingspan_webhook_preference" "hook" {
  count             = %d
  url               = "https://hooks.example.com/${count.index}"
  subscribed_events = ["Invoice.Paid"]
  shared_secret_wo  = "fake-secret-0123456789-${count.index}"
}
`

// duplicate finds, in the CLI's output, which resource an error is of and which id its import block names.
var duplicate = regexp.MustCompile(`(?s)Duplicate webhook preference.*?hook\[(\d+)\].*?id = "([^"]+)"`)

// TestAProviderThatIsKilledDuringCreatesDuplicatesNothing ends the provider's process when half of the creates have got a response, and the
// others are about to be carried out, or to get a response. The next apply must find what is there, say how to import it, and create only the rest.
func TestAProviderThatIsKilledDuringCreatesDuplicatesNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the provider's process is found in /proc")
	}
	kit := acctest.Get(t)
	versionOf(t, kit).skipBelow(t, 11, "a write-only secret")

	k := newKilling(t, kit)
	// Match is asked before the request is carried out, which it delays here, and is never true.
	k.server.Fail(wingspantest.Fault{Times: -1, Match: func(r wingspantest.Request) bool {
		k.hold(r)

		return false
	}})
	k.server.OnRequest(k.respond)
	k.run()
}

// killing is one provider's end, and what comes after it.
type killing struct {
	t      *testing.T
	server *wingspantest.Server
	*acctest.Workspace

	creates, noted, instance atomic.Int32
	full, dead               chan struct{}
	// carriedOut is waited for: the server goes on with what a dead provider asked for.
	carriedOut sync.WaitGroup
}

const (
	killSize     = 10 // the CLI's parallelism: all of them are under way at once
	killAnswered = killSize / 2
	killHeld     = killSize - killAnswered/2 // Those after it are carried out without a response.
)

func newKilling(t *testing.T, kit *acctest.Kit) *killing {
	t.Helper()
	k := &killing{t: t, server: wingspantest.New(t), full: make(chan struct{}), dead: make(chan struct{})}
	k.carriedOut.Add(killSize)
	k.server.Configure(func(c *wingspantest.Settings) { c.Secrets = wingspantest.Mask })
	w, err := kit.Workspace(t.TempDir(), fmt.Sprintf(killConfig, killSize),
		"WINGSPAN_BASE_URL="+k.server.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token)
	if err != nil {
		t.Fatal(err)
	}
	k.Workspace = w

	return k
}

// hold lets the first creates pass, and keeps the next ones from being carried out until the provider is dead.
func (k *killing) hold(r wingspantest.Request) {
	if r.Route != wingspantest.RouteCreate {
		return
	}
	if n := k.creates.Add(1); n > killAnswered && n <= killHeld {
		k.wait()
	}
}

// respond is after a create was carried out: the first ones get a response, and the last ones only when the provider is dead.
func (k *killing) respond(r wingspantest.Request) {
	if r.Route != wingspantest.RouteCreate {
		return
	}
	n := k.noted.Add(1)
	if n > killAnswered && n <= killAnswered+killSize-killHeld {
		k.wait()
	}
	if n <= killSize {
		k.carriedOut.Done()
	}
}

// wait delays a create; the last one is the signal to kill.
func (k *killing) wait() {
	if k.instance.Add(1) == killSize-killAnswered {
		close(k.full)
	}
	<-k.dead
}

func (k *killing) run() {
	k.t.Helper()
	k.kill()
	if k.t.Failed() {
		return
	}
	k.carriedOut.Wait()

	out := k.Exits(k.t, 1, "apply", "-auto-approve", "-no-color")
	found := duplicate.FindAllStringSubmatch(out, -1)
	k.t.Logf("killed amid %d creates, %d of them with a response: the next apply duplicated %d, and named %d to import",
		killSize, killAnswered, len(k.server.Preferences())-killSize, len(found))
	k.wantOnce()
	if len(found) == 0 {
		k.t.Fatalf("the next apply named nothing to import:\n%s", out)
	}
	k.follow(found)
	k.Exits(k.t, 0, "plan", "-detailed-exitcode", "-no-color")
	k.wantOnce()
}

// kill applies, and ends the provider once all creates are under way.
func (k *killing) kill() {
	k.t.Helper()
	k.Watch = func(ctx context.Context, pid int) {
		defer close(k.dead)
		select {
		case <-k.full:
		case <-ctx.Done():
			k.t.Error("the apply ended before the provider was killed")

			return
		}
		for _, child := range providersOf(pid) {
			process, err := os.FindProcess(child)
			if err == nil {
				err = process.Kill()
			}
			if err != nil {
				k.t.Error(err)
			}
		}
		// Its connections may be open as long as it is there.
		for len(providersOf(pid)) > 0 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
	}
	k.Exits(k.t, 1, "apply", "-auto-approve", "-no-color")
	k.Watch = nil
}

// follow pastes the import blocks that the errors showed.
func (k *killing) follow(found [][]string) {
	k.t.Helper()
	var imports strings.Builder
	for _, m := range found {
		fmt.Fprintf(&imports, "\nimport {\n  to = wingspan_webhook_preference.hook[%s]\n  id = %q\n}\n", m[1], m[2])
	}
	if err := k.Configure(fmt.Sprintf(killConfig, killSize) + imports.String()); err != nil {
		k.t.Fatal(err)
	}
	out := k.Exits(k.t, 0, "apply", "-auto-approve", "-no-color")
	if want := fmt.Sprintf("%d imported, 0 added, %d changed, 0 destroyed", len(found), len(found)); !strings.Contains(out, want) {
		k.t.Errorf("the apply of the imports: want %q in\n%s", want, out)
	}
}

func (k *killing) wantOnce() {
	k.t.Helper()
	urls := map[string]int{}
	for _, p := range k.server.Preferences() {
		urls[p.URL]++
	}
	for i := range killSize {
		if n := urls[fmt.Sprintf("https://hooks.example.com/%d", i)]; n != 1 {
			k.t.Errorf("webhook %d is registered %d times", i, n)
		}
	}
}
