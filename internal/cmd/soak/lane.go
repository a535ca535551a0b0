package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/drive"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	hookType = "wingspan_webhook_preference"
	// secretMark is in every secret, and in nothing else.
	secretMark = "soak-secret-not-a-real-one"

	hooksPerLane = 40
	parallelism  = 10
	// patience is how many applies it may take in good weather until there is no error.
	patience = 4
	// cancelChance is how likely an apply is cancelled midway, as by Ctrl-C.
	cancelChance = 0.01
)

// hook is a webhook with what it is to be; want is nil when it is to be gone.
type hook struct {
	drive.Hook

	want   drive.Values
	url    string
	events []string
	secret string
}

// lane is one server, and the webhooks that a provider of its own manages there.
type lane struct {
	number int
	server *wingspantest.Server
	rng    *rand.Rand
	sky    *weather
	sum    *tally
	hooks  []*hook
	round  int
}

func runLane(ctx context.Context, number int, opts options, deadline time.Time, sum *tally) error {
	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	seed := opts.seed<<8 + uint64(number) //nolint:gosec // a lane's number is small
	l := &lane{
		number: number, server: server, sum: sum, rng: rand.New(rand.NewPCG(seed, 1)),
		sky: &weather{rng: rand.New(rand.NewPCG(seed, 2)), sum: sum},
	}
	for range hooksPerLane {
		l.hooks = append(l.hooks, &hook{Hook: drive.Hook{Type: hookType}})
	}

	for !sum.enough(opts.writes) && time.Now().Before(deadline) {
		l.configure(false)
		if err := l.run(ctx); err != nil {
			return fmt.Errorf("lane %d, round %d: %w", number, l.round, err)
		}
	}
	l.configure(true)

	return l.run(ctx)
}

// configure draws what each webhook is to be from now on.
func (l *lane) configure(gone bool) {
	l.round++
	// What an earlier round created is old by now, and hidden from nobody.
	l.server.SetLag(wingspantest.Lag{})
	character(l.number, l.server)
	for i, h := range l.hooks {
		if h.want = nil; gone || l.rng.Float64() < 0.2 {
			continue
		}
		// Neighbours share a URL, and no event: each has half of the names.
		h.url = fmt.Sprintf("https://hooks.example.com/%d/%d", l.rng.IntN(2), i/2)
		half := [][]string{
			{"Invoice.Accepted", "Invoice.Created", "Invoice.Paid", "Invoice.Sent"},
			{"Invoice.PaymentFailed", "Payee.Created", "Payee.Updated", "Payout.Failed"},
		}[i%2]
		h.events = half[:1+l.rng.IntN(len(half))]
		h.want = drive.Values{"url": h.url, "subscribed_events": h.events}
		if h.secret == "" || l.rng.Float64() < 0.3 {
			h.secret = fmt.Sprintf("%s-%d-%d-%d", secretMark, l.number, l.round, i)
		}
		switch l.rng.IntN(3) {
		case 0:
			h.want["shared_secret"] = h.secret
		case 1:
			h.want["shared_secret_wo"] = h.secret
		default:
			h.want["shared_secret_wo"], h.want["shared_secret_wo_version"] = h.secret, l.round
		}
	}
}

// run applies in foul weather, then in fair weather until there is no error, and compares.
func (l *lane) run(ctx context.Context) error {
	ctx = tflogtest.RootLogger(ctx, leakFinder{l.sum})
	l.server.FailBy(l.sky.strike)
	p, err := l.process(ctx, drive.Values{"request_timeout": requestTimeout})
	if err != nil {
		return err
	}
	failures := l.each(func(i int) error {
		ctx, cancel := l.perhapsCancelled(ctx)
		defer cancel()

		return l.hooks[i].Apply(ctx, p, l.hooks[i].want)
	})
	l.sky.calm(l.server)

	for range patience {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if p, err = l.process(ctx, nil); err != nil {
			return err
		}
		for i, failure := range failures {
			if err := l.hooks[i].Follow(ctx, p, failure, func() []string { return l.seen(l.hooks[i]) }); err != nil {
				l.sum.note(&l.sum.vain, "lane %d, round %d, webhook %d: %v\n%s", l.number, l.round, i, err, l.story(wingspantest.Preference{ID: "", URL: l.hooks[i].url}))
			}
		}
		if failures = l.each(func(i int) error { return l.hooks[i].Apply(ctx, p, l.hooks[i].want) }); len(failures) == 0 {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for i, failure := range failures {
		l.sum.note(&l.sum.restless, "lane %d, round %d, webhook %d does not converge: %v", l.number, l.round, i, failure)
	}

	return l.check(ctx)
}

// process is the provider process of one command. The settings are on top of the server and the token.
func (l *lane) process(ctx context.Context, settings drive.Values) (*drive.Provider, error) {
	block := drive.Values{"base_url": l.server.URL(), "api_token": wingspantest.Token}
	maps.Copy(block, settings)

	return drive.New(ctx, providerserver.NewProtocol6(provider.New("0.0.0-soak", "none")())(), block)
}

func (l *lane) perhapsCancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	l.sky.mu.Lock()
	roll, after := l.sky.rng.Float64(), time.Duration(l.sky.rng.IntN(50))*time.Millisecond
	l.sky.mu.Unlock()
	if roll >= cancelChance {
		return ctx, func() {}
	}
	l.sum.with(func() { l.sum.cancelled++ })

	return context.WithTimeout(ctx, after)
}

// each runs the webhooks side by side, as many as a CLI does, and returns the errors by their number.
func (l *lane) each(do func(int) error) map[int]error {
	var mu sync.Mutex
	failures := map[int]error{}
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range numbers {
				err := do(i)
				if err == nil {
					continue
				}
				_, _ = io.WriteString(leakFinder{l.sum}, err.Error())
				l.sum.with(func() { l.sum.errors++ })
				mu.Lock()
				failures[i] = err
				mu.Unlock()
			}
		})
	}
	for i := range l.hooks {
		numbers <- i
	}
	close(numbers)
	workers.Wait()

	return failures
}

// seen is what a person finds who looks for the webhook in Wingspan.
func (l *lane) seen(h *hook) []string {
	var ids []string
	for _, p := range l.server.Preferences() {
		if p.URL == h.url && sameEvents(p.SubscribedEvents, h.events) {
			ids = append(ids, p.ID)
		}
	}

	return ids
}

func sameEvents(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// leakFinder is a log that nobody keeps.
type leakFinder struct{ sum *tally }

// Write counts a text that holds a secret or the token, and drops every text.
func (f leakFinder) Write(text []byte) (int, error) {
	if s := string(text); strings.Contains(s, secretMark) || strings.Contains(s, wingspantest.Token) {
		f.sum.note(&f.sum.leaks, "a log or an error shows a secret: %.200s", s)
	}

	return len(text), nil
}
