package provider

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// fault is one of the faults that strike requests at random.
type fault struct {
	name  string
	fault wingspantest.Fault
}

func soakFaults() []fault {
	committed := func(f wingspantest.Fault) wingspantest.Fault {
		f.Commit = true

		return f
	}
	badGateway := wingspantest.ErrorStatus(http.StatusBadGateway, "bad gateway")

	return []fault{
		{"429", wingspantest.TooMany("0")},
		{"500", wingspantest.ErrorStatus(http.StatusInternalServerError, "oops")},
		{"502, a page", wingspantest.HTML(http.StatusBadGateway)},
		{"503", wingspantest.ErrorStatus(http.StatusServiceUnavailable, "later")},
		{"504, a page", wingspantest.HTML(http.StatusGatewayTimeout)},
		{"502 after the commit", committed(badGateway)},
		{"cut before the commit", wingspantest.Fault{Cut: wingspantest.CutConnection}},
		{"cut after the commit", committed(wingspantest.Fault{Cut: wingspantest.CutConnection})},
		{"response cut after the commit", committed(wingspantest.Fault{Cut: wingspantest.CutBody})},
		{"truncated JSON", wingspantest.BrokenJSON()},
		{"truncated JSON after the commit", committed(wingspantest.BrokenJSON())},
	}
}

const (
	// soakTimeout is the provider's request timeout in a long soak, and soakDelay is past it: the request is carried out when nobody
	// waits for it any more, but within the time that a lost create is looked for. Both are far from what a busy machine takes.
	soakTimeout = "5s"
	soakDelay   = 7 * time.Second
	// lateRate is low, since each costs seconds. A short soak has none.
	lateRate = 0.001
	// cancelRate is how likely an apply is canceled midway, as by Ctrl-C.
	cancelRate = 0.01
)

// faultInjector decides which requests to one server are struck; retries are struck again.
type faultInjector struct {
	mu     sync.Mutex
	rng    *rand.Rand
	rate   float64
	late   float64
	faults []fault
	sum    *soakStats
	isLate atomic.Bool // a request since the last calm is carried out late
}

func (f *faultInjector) strike(wingspantest.Request) (wingspantest.Fault, bool) {
	f.mu.Lock()
	roll, chosen := f.rng.Float64(), f.faults[f.rng.IntN(len(f.faults))]
	f.mu.Unlock()
	switch {
	case roll < f.late:
		f.sum.injected("delay past the timeout")
		f.isLate.Store(true)

		return wingspantest.Fault{Delay: soakDelay}, true
	case roll < f.rate:
		f.sum.injected(chosen.name)

		return chosen.fault, true
	default:
		return wingspantest.Fault{}, false
	}
}

// cancels draws whether an apply is canceled, and after what time.
func (f *faultInjector) cancels() (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()

	return time.Duration(f.rng.IntN(50)) * time.Millisecond, f.rng.Float64() < cancelRate
}

// calm ends the faults, and waits for what is still to be carried out.
func (f *faultInjector) calm(server *wingspantest.Server) {
	server.ClearFaults()
	if f.isLate.Swap(false) {
		time.Sleep(soakDelay)
	}
}

// serverTraits is how the server of worker n behaves, which nobody outside Wingspan knows.
func serverTraits(n int, server *wingspantest.Server) {
	modes := []wingspantest.SecretMode{wingspantest.Echo, wingspantest.Mask, wingspantest.Hash, wingspantest.Omit}
	server.SetSecrets(modes[n%len(modes)])
	if n%2 == 1 {
		server.SetEvents(wingspantest.Shuffled)
		server.SetDeleteAnswer(wingspantest.NoContent)
	}
	if n%3 == 2 {
		server.SetReadLag(1)
	}
}
