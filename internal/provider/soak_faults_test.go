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
	// method is the only one that it strikes; "" means any.
	method string
}

func soakFaults() []fault {
	committed := func(f wingspantest.Fault) wingspantest.Fault {
		f.Commit = true

		return f
	}
	badGateway := wingspantest.ErrorStatus(http.StatusBadGateway, "bad gateway")

	return []fault{
		{name: "429", fault: wingspantest.TooMany("0")},
		{name: "500", fault: wingspantest.ErrorStatus(http.StatusInternalServerError, "oops")},
		{name: "502, a page", fault: wingspantest.HTML(http.StatusBadGateway)},
		{name: "503", fault: wingspantest.ErrorStatus(http.StatusServiceUnavailable, "later")},
		{name: "504, a page", fault: wingspantest.HTML(http.StatusGatewayTimeout)},
		{name: "502 after the commit", fault: committed(badGateway)},
		{name: "cut before the commit", fault: wingspantest.Fault{Cut: wingspantest.CutConnection}},
		{name: "cut after the commit", fault: committed(wingspantest.Fault{Cut: wingspantest.CutConnection})},
		{name: "response cut after the commit", fault: committed(wingspantest.Fault{Cut: wingspantest.CutBody})},
		{name: "truncated JSON", fault: wingspantest.BrokenJSON()},
		{name: "truncated JSON after the commit", fault: committed(wingspantest.BrokenJSON())},
		// A firewall's response to a request that it blocks.
		{name: "404, a page", fault: wingspantest.HTML(http.StatusNotFound)},
		{name: "404", fault: wingspantest.ErrorStatus(http.StatusNotFound, "not found")},
		{name: "200, a page", fault: wingspantest.HTML(http.StatusOK)},
		{name: "another body after a DELETE", fault: committed(wingspantest.Fault{Body: `{"deleted":true}`}), method: http.MethodDelete},
		{name: "no body after the commit", fault: committed(wingspantest.EmptyBody())},
	}
}

const (
	// soakTimeout is the provider's request timeout in a long soak, and soakDelay is past it: the request is carried out when no one
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
	// due: the first request that the fault fits is struck, whatever the chance, so that each fault strikes on every machine.
	due    bool
	isLate atomic.Bool // a request since the last calm is carried out late
}

func (f *faultInjector) strike(r wingspantest.Request) (wingspantest.Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	roll, chosen := f.rng.Float64(), f.faults[f.rng.IntN(len(f.faults))]
	switch fits := chosen.method == "" || chosen.method == r.Method; {
	case roll < f.late:
		f.sum.injected("delay past the timeout")
		f.isLate.Store(true)

		return wingspantest.Fault{Delay: soakDelay}, true
	case fits && (f.due || roll < f.rate):
		f.due = false
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

// serverTraits is how the server of worker n behaves, which no one outside Wingspan knows.
func serverTraits(n int, server *wingspantest.Server) {
	modes := []wingspantest.SecretMode{wingspantest.Echo, wingspantest.Mask, wingspantest.Hash, wingspantest.Omit}
	server.Configure(func(c *wingspantest.Settings) {
		c.Secrets = modes[n%len(modes)]
		if n%2 == 1 {
			c.Events, c.DeleteNoContent = wingspantest.Shuffled, true
		}
		if n%3 == 2 {
			c.Lag = wingspantest.Lag{Reads: 1, Writes: 1, Lists: 1}
		}
		switch n % 5 {
		case 3:
			c.Clock = 10 * time.Minute
		case 4:
			c.Clock, c.CloseIdle = -10*time.Minute, true
		}
		c.Upsert = upserts(n)
	})
	if n%5 == 2 {
		server.SetRewrite(func(_ wingspantest.Request, p map[string]any) { p["status"], p["url2"] = map[string]any{"a": 1}, nil })
	}
}

// upserts reports whether the server of worker n keeps one webhook for each URL.
func upserts(n int) bool { return n%6 == 5 }
