package provider

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	// soakSecret is in every secret, and in nothing else.
	soakSecret = "soak-secret-not-a-real-one"

	// soakApplies is how many applies it may take without faults until there is no error: one that is advised, one for a tainted
	// webhook, one to import, and one more.
	soakApplies = 4
)

// TestSoak changes many webhooks at random while the API fails at random, and then compares the servers with what is
// configured. Its law: once the faults end, following the advice of the errors brings each server to exactly what is
// configured, each webhook once, and no state forgets a live one.
//
// By itself it is short: for each fault one server that has no other, and some with all of them. WINGSPAN_SOAK_WRITES=10000
// makes it as long as that many writes take, with the provider's own timing. WINGSPAN_SOAK_SEED=2 draws other configurations
// and chances; what meets what also depends on the scheduler.
func TestSoak(t *testing.T) {
	t.Parallel()
	writes, seed := soakNumber(t, "WINGSPAN_SOAK_WRITES", 0), soakNumber(t, "WINGSPAN_SOAK_SEED", 1)
	sum, all := newSoakStats(), soakFaults()
	workers := 24
	if writes == 0 {
		workers = len(all) + 4
	}
	var running sync.WaitGroup
	for n := range workers {
		w := &soakWorker{harness: newHarness(t), number: n, sum: sum, long: writes > 0, hooks: make([]soakHook, 40)}
		w.rng = rand.New(rand.NewPCG(uint64(seed)<<8+uint64(n), 1))
		w.faults = &faultInjector{rng: rand.New(rand.NewPCG(uint64(seed)<<8+uint64(n), 2)), rate: 0.15, faults: all, sum: sum}
		if w.long {
			w.faults.late = lateRate
		} else {
			w.hooks = w.hooks[:6]
		}
		if !w.long && n < len(all) {
			w.faults.faults, w.faults.rate, w.faults.due = all[n:n+1], 0.3, true
		}
		running.Go(func() { w.run(writes) })
	}
	running.Wait()

	t.Logf("seed %d, %d servers\n\n%s", seed, workers, sum.report())
	switch {
	case sum.failed():
		t.Error("webhooks were lost, duplicated, orphaned or wrong, plans are not empty, or a secret was shown: see the report")
	case len(sum.faults) < len(all):
		t.Errorf("only %d of %d faults struck a request", len(sum.faults), len(all))
	case sum.counts["requests logged"] == 0:
		t.Error("the log that is searched for secrets has no request")
	}
}

func soakNumber(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, and has to be a number above zero", variable, text)
	}

	return n
}

// soakWorker is one server, and the webhooks that a provider of its own manages there.
type soakWorker struct {
	*harness

	number, round int
	rng           *rand.Rand
	faults        *faultInjector
	sum           *soakStats
	hooks         []soakHook
	long          bool
}

// soakHook is a webhook with what it is to be; want is nil when it is to be gone.
type soakHook struct {
	managed

	want   values
	url    string
	events []string
	secret string
}

// run creates, changes, and destroys at random until enough is written, and then destroys everything.
func (w *soakWorker) run(writes int) {
	const shortRounds = 2
	for w.round < shortRounds || !w.sum.enough(writes) {
		w.configure(false)
		w.applyAndCheck()
	}
	w.configure(true)
	w.applyAndCheck()
}

// configure draws what each webhook is to be from now on. Everything is created in the first round.
func (w *soakWorker) configure(gone bool) {
	w.round++
	// What an earlier round created is old by now, and not hidden any more.
	w.Configure(func(c *wingspantest.Settings) { c.Lag = wingspantest.Lag{} })
	serverTraits(w.number, w.Server)
	for i := range w.hooks {
		h := &w.hooks[i]
		if h.want = nil; gone || w.round > 1 && w.rng.Float64() < 0.2 {
			continue
		}
		// Neighbors share a URL, and no event: each has half of the names.
		h.url = fmt.Sprintf("https://hooks.example.com/%d/%d", w.rng.IntN(2), i/2)
		if upserts(w.number) {
			h.url += fmt.Sprint("/", i%2)
		}
		half := [][]string{
			{"Invoice.Accepted", "Invoice.Created", "Invoice.Paid", "Invoice.Sent"},
			{"Invoice.PaymentFailed", "Payee.Created", "Payee.Updated", "Payout.Failed"},
		}[i%2]
		h.events = half[:1+w.rng.IntN(len(half))]
		h.want = values{"url": h.url, "subscribed_events": h.events}
		if h.secret == "" || w.rng.Float64() < 0.3 {
			h.secret = fmt.Sprintf("%s-%d-%d-%d", soakSecret, w.number, w.round, i)
		}
		switch w.rng.IntN(3) {
		case 0:
			h.want["shared_secret"] = h.secret
		case 1:
			h.want["shared_secret_wo"] = h.secret
		default:
			h.want["shared_secret_wo"], h.want["shared_secret_wo_version"] = h.secret, w.round
		}
	}
}

// applyAndCheck applies under faults, then without them until there is no error, and compares.
func (w *soakWorker) applyAndCheck() {
	w.FailBy(w.faults.strike)
	p := w.process(values{"request_timeout": soakTimeout})
	failures := w.each(func(h *soakHook) error {
		after, canceled := w.faults.cancels()
		if !canceled {
			return h.apply(p, h.want)
		}
		w.sum.add("applies canceled midway", 1)
		ctx, cancel := context.WithTimeout(p.ctx, after)
		defer cancel()

		return h.apply(p.within(ctx), h.want)
	})
	w.faults.calm(w.Server)

	for range soakApplies {
		p = w.process()
		for h, failure := range failures {
			elsewhere := func(id string) bool {
				return slices.ContainsFunc(w.hooks, func(other soakHook) bool { return p.exists(other.instance) && p.values(other.instance)["id"] == id })
			}
			if err := h.follow(p, failure, func() []string { return w.found(h) }, elsewhere); err != nil {
				w.sum.note(statVain, "%v\n%s", err, w.history("", h.url))
			}
		}
		if failures = w.each(func(h *soakHook) error { return h.apply(p, h.want) }); len(failures) == 0 {
			break
		}
	}
	for h, failure := range failures {
		w.sum.note(statUnsettled, "server %d, round %d, %s does not converge: %v", w.number, w.round, h.url, failure)
	}
	w.check()
}

// process is the provider process of one command.
func (w *soakWorker) process(settings ...values) *providerServer {
	unconfigured := w.unconfigured()
	if w.long {
		tested := w.provider()
		tested.configOverride = nil
		unconfigured = newProviderServer(w.t, tested)
	}
	unconfigured.ctx = tflogtest.RootLogger(w.t.Context(), w.sum)
	unconfigured.configure(w.block(settings...)).want(w.t)

	return unconfigured
}

// each runs all webhooks side by side and returns the errors.
func (w *soakWorker) each(do func(*soakHook) error) map[*soakHook]error {
	var mu sync.Mutex
	failures := map[*soakHook]error{}
	inParallel(len(w.hooks), func(i int) {
		h := &w.hooks[i]
		err := do(h)
		if err == nil {
			return
		}
		_, _ = w.sum.Write([]byte(err.Error()))
		w.sum.add("errors", 1)
		mu.Lock()
		defer mu.Unlock()
		failures[h] = err
	})

	return failures
}

// found is what a person finds who looks for the webhook in Wingspan.
func (w *soakWorker) found(h *soakHook) []string {
	var ids []string
	for _, p := range w.Preferences() {
		if p.URL == h.url && slices.Equal(slices.Sorted(slices.Values(p.SubscribedEvents)), slices.Sorted(slices.Values(h.events))) {
			ids = append(ids, p.ID)
		}
	}

	return ids
}

// check compares the server's own records with what is configured, and asks for the next plan.
func (w *soakWorker) check() {
	p, known := w.process(), map[any]bool{}
	for i := range w.hooks {
		h := &w.hooks[i]
		id := p.values(h.instance)["id"]
		known[id] = true
		there := w.found(h)
		switch {
		case h.want == nil:
		case len(there) == 0:
			w.sum.note(statLost, "server %d, round %d, %s, known as %v\n%s", w.number, w.round, h.url, id, w.history("", h.url))
		case len(there) > 1:
			w.sum.note(statDuplicate, "server %d, round %d, %s is there as %q", w.number, w.round, h.url, there)
		default:
			if on, _ := w.Preference(there[0]); on.SharedSecret != h.secret || on.ID != id {
				w.sum.note(statWrong, "server %d, round %d, %s is %q with another secret or ID than %v", w.number, w.round, h.url, on.ID, id)
			}
		}
		w.sum.add("import blocks followed", h.imports)
		h.imports = 0
	}
	for _, on := range w.Preferences() {
		if !known[on.ID] {
			w.sum.note(statOrphaned, "server %d, round %d: %q for %s; in this round:\n%s", w.number, w.round, on.ID, on.URL, w.history(on.ID, on.URL))
		}
	}
	for h, failure := range w.each(func(h *soakHook) error { return h.wantNoChanges(p, h.want) }) {
		w.sum.note(statUnsettled, "server %d, round %d, %s: %v", w.number, w.round, h.url, failure)
	}
	w.sum.takeWrites(w.Server)
	w.sum.add("rounds", 1)
}

// history is what this round's requests had to do with a webhook. Secrets are in bodies, so that none is shown.
func (w *soakWorker) history(id, url string) string {
	var b strings.Builder
	for i, r := range w.Requests() {
		if id == "" && r.Route == wingspantest.RouteItem || strings.HasSuffix(r.Path, "/"+id) || strings.Contains(string(r.Body), url) {
			fmt.Fprintf(&b, "  %d: %s %s %d, fault %t, carried out %t\n", i, r.Method, r.Path, r.Status, r.Fault, r.Committed)
		}
	}

	return b.String()
}
