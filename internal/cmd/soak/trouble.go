package main

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	// requestTimeout is the provider's in foul weather, and late is past it: the request is carried out when nobody waits for it
	// any more. Both are far from what a busy machine takes.
	requestTimeout = "5s"
	late           = 7 * time.Second

	// chance is how likely a request is struck; retries are struck again.
	chance = 0.15
	// lateChance is less, since each costs seconds.
	lateChance = 0.001
)

// kinds are the faults that strike at random, all equally likely.
var kinds = []struct {
	name  string
	fault wingspantest.Fault
}{
	{"429", wingspantest.TooMany("0")},
	{"500", wingspantest.ErrorStatus(http.StatusInternalServerError, "oops")},
	{"502, a page", wingspantest.HTML(http.StatusBadGateway)},
	{"503", wingspantest.ErrorStatus(http.StatusServiceUnavailable, "later")},
	{"504, a page", wingspantest.HTML(http.StatusGatewayTimeout)},
	{"502 after the commit", committed(wingspantest.ErrorStatus(http.StatusBadGateway, "bad gateway"))},
	{"cut before the commit", wingspantest.Fault{Cut: wingspantest.CutConnection}},
	{"cut after the commit", committed(wingspantest.Fault{Cut: wingspantest.CutConnection})},
	{"answer cut after the commit", committed(wingspantest.Fault{Cut: wingspantest.CutBody})},
	{"truncated JSON", wingspantest.BrokenJSON()},
	{"truncated JSON after the commit", committed(wingspantest.BrokenJSON())},
}

func committed(f wingspantest.Fault) wingspantest.Fault {
	f.Commit = true

	return f
}

// weather decides which requests of one lane are struck.
type weather struct {
	mu   sync.Mutex
	rng  *rand.Rand
	sum  *tally
	late atomic.Bool // a request of this round is carried out late
}

func (w *weather) strike(wingspantest.Request) (wingspantest.Fault, bool) {
	w.mu.Lock()
	roll, kind := w.rng.Float64(), w.rng.IntN(len(kinds))
	w.mu.Unlock()

	switch {
	case roll < lateChance:
		w.sum.injected("delay past the timeout")
		w.late.Store(true)

		return wingspantest.Fault{Delay: late}, true
	case roll < chance:
		w.sum.injected(kinds[kind].name)

		return kinds[kind].fault, true
	default:
		return wingspantest.Fault{}, false
	}
}

// calm ends the faults, and waits for what is still to be carried out.
func (w *weather) calm(server *wingspantest.Server) {
	server.ClearFaults()
	if w.late.Swap(false) {
		time.Sleep(late)
	}
}

// character is how the server of a lane answers, which nobody outside Wingspan knows.
func character(lane int, server *wingspantest.Server) {
	modes := []wingspantest.SecretMode{wingspantest.Echo, wingspantest.Mask, wingspantest.Hash, wingspantest.Omit}
	server.SetSecrets(modes[lane%len(modes)])
	if lane%2 == 1 {
		server.SetEvents(wingspantest.Shuffled)
		server.SetDeleteAnswer(wingspantest.NoContent)
	}
	if lane%3 == 2 {
		server.SetReadLag(1)
	}
}
