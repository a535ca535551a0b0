package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// maxDetails keeps the report of a bad day readable.
const maxDetails = 20

// soakStats is what happened, on all servers.
type soakStats struct {
	mu sync.Mutex
	// failures are the counts that must stay zero, and details what was noted of them.
	faults, counts, failures map[string]int
	details                  []string
}

const (
	statLost      = "lost"            // configured, and not on the server
	statDuplicate = "duplicate"       // on the server more than once
	statOrphaned  = "orphaned"        // on the server, and in no state
	statWrong     = "wrong content"   // on the server with something else than was configured
	statUnsettled = "plans not empty" // or not possible, in the end
	statLeaked    = "secrets shown"   // in a log or an error

	statVain = "advice in vain" // no loss by itself: the next apply decides
	statSent = "writes sent"    // that reached the server
	statDone = "writes carried out"
)

func newSoakStats() *soakStats {
	return &soakStats{faults: map[string]int{}, counts: map[string]int{}, failures: map[string]int{
		statLost: 0, statDuplicate: 0, statOrphaned: 0, statWrong: 0, statUnsettled: 0, statLeaked: 0,
	}}
}

func (s *soakStats) injected(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[name]++
}

func (s *soakStats) add(what string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what] += n
}

// note counts what must not happen, or what is at least worth a look.
func (s *soakStats) note(what, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, fails := s.failures[what]; fails {
		s.failures[what]++
	} else {
		s.counts[what]++
	}
	if len(s.details) < maxDetails {
		s.details = append(s.details, what+": "+fmt.Sprintf(format, args...))
	}
}

// takeWrites counts what the server recorded, and has it forget.
func (s *soakStats) takeWrites(server *wingspantest.Server) {
	writes := server.Writes()
	server.ResetRequests()
	s.add(statSent, len(writes))
	for _, r := range writes {
		if r.Committed {
			s.add(statDone, 1)
		}
	}
}

func (s *soakStats) enough(writes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.counts[statSent] >= writes
}

// Write counts a text with a secret or the token, and drops every text: it is the log, and sees every error.
func (s *soakStats) Write(text []byte) (int, error) {
	if t := string(text); strings.Contains(t, soakSecret) || strings.Contains(t, wingspantest.Token) {
		s.note(statLeaked, "%.200s", t)
	}
	if strings.Contains(string(text), "Wingspan API request") {
		s.add("requests logged", 1)
	}

	return len(text), nil
}

// report is a Markdown table.
func (s *soakStats) report() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for i, rows := range []map[string]int{s.faults, s.counts, s.failures} {
		fmt.Fprintf(&b, "| %s | |\n|---|---:|\n", []string{"faults injected", "outcome", "must be zero"}[i])
		for _, name := range slices.Sorted(maps.Keys(rows)) {
			fmt.Fprintf(&b, "| %s | %d |\n", name, rows[name])
		}
	}

	return b.String() + strings.Join(s.details, "\n")
}

func (s *soakStats) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Max(slices.Collect(maps.Values(s.failures))) > 0
}
