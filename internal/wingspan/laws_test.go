package wingspan

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// seeded are a seeded source of chance for several goroutines. Their order of asking isn't seeded.
type seeded struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (d *seeded) intn(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()

	return d.rand.IntN(n)
}

func (d *seeded) chance(percent int) bool { return d.intn(100) < percent }

func oneOf[T any](d *seeded, choices []T) T { return choices[d.intn(len(choices))] }

// configureAny makes a server that behaves in one of very many ways, each of which a client can cope with. It returns how many paths the
// webhooks may have: a server that keeps one for each URL, by a form in which two are the same, can't have both.
func configureAny(d *seeded, server *wingspantest.Server) int {
	paths := 3
	server.Configure(func(c *wingspantest.Settings) {
		c.Secrets = oneOf(d, []wingspantest.SecretMode{wingspantest.Echo, wingspantest.Mask, wingspantest.Hash, wingspantest.Omit})
		c.Events = oneOf(d, []wingspantest.EventsMode{wingspantest.AsSent, wingspantest.Shuffled, wingspantest.Null, wingspantest.Missing})
		c.DeleteNoContent = d.chance(50)
		c.ListLimit = oneOf(d, []int{0, 0, 0, 4, -4})
	})
	if d.chance(50) {
		server.Configure(oneOf(d, slices.Collect(maps.Values(clocks))))
	}
	if d.chance(30) {
		server.Configure(func(c *wingspantest.Settings) { c.Normalize = oneOf(d, slices.Collect(maps.Values(forms))) })
	}
	if d.chance(30) {
		server.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
		paths = 100
	}
	if d.chance(30) {
		server.SetRewrite(func(r wingspantest.Request, p map[string]any) {
			p["labels"], p["eventActors"] = []int{1}, map[string]any{"n": 3}
			if r.Method == http.MethodPost {
				delete(p, "userId")
			}
		})
	}
	lags := d.chance(30)
	if lags {
		server.Configure(func(c *wingspantest.Settings) {
			c.Lag = wingspantest.Lag{Reads: d.intn(3), Writes: d.intn(3), Lists: d.intn(3)}
		})
	}
	server.FailBy(func(r wingspantest.Request) (wingspantest.Fault, bool) { return anyFault(d, r, !lags) })

	return paths
}

// anyFault is what may happen to a request. What is late, and what says 404 while a lag hides a webhook, no client can decide.
func anyFault(d *seeded, r wingspantest.Request, firewall bool) (wingspantest.Fault, bool) {
	if !d.chance(25) {
		return wingspantest.Fault{}, false
	}
	faults := []wingspantest.Fault{
		{Status: 500}, wingspantest.HTML(502), {Status: 503}, {Cut: wingspantest.CutConnection}, {Cut: wingspantest.CutBody},
		wingspantest.TooMany("0"), {Body: "<html>"}, {Body: `{"error":"oops"}`}, {Body: "null"},
	}
	if r.Method == http.MethodPost {
		faults = append(faults, wingspantest.Fault{Status: 504, Late: true})
	}
	if firewall && r.Route == wingspantest.RouteItem {
		faults = append(faults, wingspantest.HTML(404), wingspantest.ErrorStatus(404, "not found"))
	}
	f := oneOf(d, faults)
	f.Commit = r.Method != http.MethodGet && !f.Late && f.Status != 404 && f.Status != 429 && d.chance(50)

	return f, true
}

// lifecycle is what one resource went through: a create, then perhaps reads, updates and a delete.
type lifecycle struct {
	hook      CreatePreferenceRequest
	held      *Preference
	created   error
	forgotten bool
	// doubtful is a delete that failed: it may have been carried out, and the next plan finds out.
	doubtful bool
	log      []string
}

func (s *lifecycle) run(t *testing.T, w *Webhooks, d *seeded) {
	t.Helper()
	s.held, s.created = w.Create(t.Context(), "", s.hook, CreateOptions{AllowDuplicate: true})
	s.log = append(s.log, fmt.Sprintf("create: %v", s.created))
	if s.held == nil {
		return
	}
	target := Target{ID: s.held.ID, Owner: s.held.UserID, Server: w.client.BaseURL(), CreatedAt: s.held.CreatedAt, Created: s.held.Created}
	for range d.intn(4) {
		var err error
		switch d.intn(3) {
		case 0:
			_, err = w.Get(t.Context(), target, nil)
		case 1:
			_, err = w.Update(t.Context(), target, UpdatePreferenceRequest{SubscribedEvents: []string{"Payee.Created", "Payee.Updated"}})
		default:
			if err = w.Delete(t.Context(), target); err == nil {
				s.forgotten = true
			}
			s.doubtful = err != nil
		}
		s.log = append(s.log, fmt.Sprint(err))
		if s.forgotten = s.forgotten || IsGone(err); s.forgotten {
			return
		}
	}
}

// After the dust has settled, each webhook is live exactly once or named in an error, the state never forgets a live one, and nothing
// of others is deleted.
func TestLawsHoldUnderAnyMixOfFaults(t *testing.T) {
	t.Parallel()

	for number := range uint64(100) {
		bubble(t, fmt.Sprint(number), func(t *testing.T) {
			d := &seeded{rand: rand.New(rand.NewPCG(number, 13))}
			webhooks, server := serverStore(t)
			others := seed(server, d.intn(6))
			paths := configureAny(d, server)
			resources := make([]*lifecycle, 6)
			var all sync.WaitGroup
			for i := range resources {
				hook := hookAt(fmt.Sprintf("http://käse.example/./A%d/%%7Eb?team=%d", i%paths, i))
				hook.SharedSecret = Secret(fmt.Sprintf("fake-secret-of-lifecycle-%d", i))
				resources[i] = &lifecycle{hook: hook}
				all.Go(func() { resources[i].run(t, webhooks, d) })
			}
			all.Wait()
			server.ClearFaults()
			server.CommitLate()

			live := map[string][]string{}
			for _, p := range server.Preferences() {
				live[p.SharedSecret] = append(live[p.SharedSecret], p.ID)
			}
			for _, p := range others {
				_, there := server.Preference(p.ID)
				wantEqual(t, "another one's webhook is there", there, true)
			}
			held := map[string]bool{}
			for _, s := range resources {
				s.check(t, live[string(s.hook.SharedSecret)], held)
			}
		})
	}
}

// check checks the laws for one lifecycle: live are the webhooks with its secret.
func (s *lifecycle) check(t *testing.T, live []string, held map[string]bool) {
	t.Helper()
	var ambiguous *AmbiguousCreateError
	isAmbiguous := errors.As(s.created, &ambiguous)
	var want []string
	switch {
	case s.held != nil && held[s.held.ID]:
		t.Errorf("two have %s: %q", s.held.ID, s.log)
	case s.held != nil && !s.forgotten:
		held[s.held.ID] = true
		if want = []string{s.held.ID}; s.doubtful && len(live) == 0 {
			want = nil
		}
		// The retry was kept, or its deletion was carried out without a response: then the first request may have made the one, which
		// the error names.
		if isAmbiguous && (slices.Contains(live, s.held.ID) || len(live) == 0 || (len(live) == 1 && ambiguous.Outcome == Retained)) {
			return
		}
	case isAmbiguous:
		return
	}
	if !slices.Equal(live, want) {
		t.Errorf("live %q, held %q: %q", live, want, s.log)
	}
}
