package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// maxDetails keeps a bad day readable.
const maxDetails = 20

// tally is what happened, in all lanes.
type tally struct {
	mu sync.Mutex

	faults map[string]int
	// sent counts the writes that reached the server, done those that it carried out.
	sent, done, rounds, cancelled, imports int64
	// errors counts the errors that a person had to read.
	errors int64

	// lost is configured and not there; doubled is there more than once; orphaned is there and in no state;
	// wrong is there with other content.
	lost, doubled, orphaned, wrong int
	// restless is a plan that was not empty after all, or could not be made.
	restless int
	// vain is advice that could not be followed, which is no loss by itself: the next apply decides.
	vain int
	// leaks are lines of logs and errors with a secret in them.
	leaks   int
	details []string
}

func newTally() *tally { return &tally{faults: map[string]int{}} }

func (t *tally) with(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	do()
}

func (t *tally) injected(kind string) { t.with(func() { t.faults[kind]++ }) }

// note counts something that must not happen.
func (t *tally) note(counter *int, format string, args ...any) {
	t.with(func() {
		*counter++
		if len(t.details) < maxDetails {
			t.details = append(t.details, fmt.Sprintf(format, args...))
		}
	})
}

// writes takes over what the server recorded, and has it forget.
func (t *tally) writes(server *wingspantest.Server) {
	all := server.Writes()
	server.ResetRequests()
	t.with(func() {
		t.sent += int64(len(all))
		for _, r := range all {
			if r.Committed {
				t.done++
			}
		}
	})
}

func (t *tally) enough(writes int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.sent >= writes
}

func (t *tally) failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.lost+t.doubled+t.orphaned+t.wrong+t.restless+t.leaks > 0
}

func (t *tally) report(opts options, took time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()

	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, %d lanes, %s\n\n| fault | injected |\n|---|---:|\n", opts.seed, opts.lanes, took.Round(time.Second))
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(t.faults)) {
		fmt.Fprintf(&b, "| %s | %d |\n", kind, t.faults[kind])
		total += t.faults[kind]
	}
	fmt.Fprintf(&b, "| all | %d |\n| applies cancelled midway | %d |\n\n| outcome | count |\n|---|---:|\n", total, t.cancelled)
	for _, row := range []struct {
		what  string
		count int64
	}{
		{"rounds", t.rounds}, {"writes sent", t.sent}, {"writes carried out", t.done},
		{"errors told", t.errors}, {"import blocks followed", t.imports}, {"advice in vain", int64(t.vain)},
		{"**lost**", int64(t.lost)}, {"**doubled**", int64(t.doubled)}, {"**orphaned**", int64(t.orphaned)},
		{"**wrong content**", int64(t.wrong)}, {"**plans not empty**", int64(t.restless)}, {"**secrets shown**", int64(t.leaks)},
	} {
		fmt.Fprintf(&b, "| %s | %d |\n", row.what, row.count)
	}
	for _, d := range t.details {
		b.WriteString("\n" + d + "\n")
	}

	return b.String()
}
