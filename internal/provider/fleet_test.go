package provider

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/drive"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	fleetSize = 6
	// gone is the round in which nothing is configured.
	gone = 0
	// patience is how many applies it may take after the trouble: one that is advised, one for a tainted webhook, one to import.
	patience = 3
)

// fleet is many webhooks under management on one server, all of which change at once.
type fleet struct {
	*rig

	hooks []*drive.Hook
	log   *lockedBuffer
	// told is every error that a person got to read.
	told []string
}

func newFleet(t *testing.T, mode wingspantest.SecretMode) *fleet {
	t.Helper()
	f := &fleet{rig: newRig(t), log: &lockedBuffer{}}
	f.SetSecrets(mode)
	for range fleetSize {
		f.hooks = append(f.hooks, &drive.Hook{Type: preferenceTypeName})
	}

	return f
}

// config is what webhook i is to be. The first two share a URL, and no event; each form of the secret occurs.
func (f *fleet) config(i, round int) drive.Values {
	if round == gone {
		return nil
	}
	config := drive.Values{"url": f.url(i), "subscribed_events": f.events(i, round)}
	switch i % 3 {
	case 0:
		config["shared_secret"] = f.secret(i, round)
	case 1:
		config["shared_secret_wo"] = f.secret(i, round)
	default:
		config["shared_secret_wo"], config["shared_secret_wo_version"] = f.secret(i, round), round
	}

	return config
}

func (*fleet) url(i int) string { return fmt.Sprintf("https://hooks.example.com/%d", max(i, 1)) }

func (*fleet) events(i, round int) []string {
	own := [][]string{{"Invoice.Paid", "Invoice.Sent"}, {"Payee.Created", "Payee.Updated"}}[i%2]

	return own[:3-round]
}

func (*fleet) secret(i, round int) string { return fmt.Sprintf("%s-%d-%d", fakeSecret, i, round) }

// process is the provider process of one command.
func (f *fleet) process(ctx context.Context, tr *trouble) *drive.Provider {
	f.t.Helper()
	tested := f.provider()
	block := drive.Values{"base_url": f.URL(), "api_token": wingspantest.Token}
	if tr != nil {
		for name, v := range tr.block {
			block[name] = v
		}
		if tr.settle > 0 {
			short := tested.tune
			tested.tune = func(c *wingspan.Config) { short(c); c.SettleTime = tr.settle }
		}
	}
	p, err := drive.New(ctx, providerserver.NewProtocol6(tested)(), block)
	if err != nil {
		f.t.Fatal(err)
	}

	return p
}

// converge applies until there is no error, following what each one advises. The trouble, if any, lasts for the first apply.
func (f *fleet) converge(round int, tr *trouble) {
	f.t.Helper()
	ctx := tflogtest.RootLogger(f.t.Context(), f.log)
	f.ResetRequests()
	if tr != nil {
		f.Fail(tr.fault)
		if tr.server != nil {
			tr.server(f.Server)
		}
	}

	for range 1 + patience {
		p := f.process(ctx, tr)
		failures := f.each(func(i int) error { return f.hooks[i].Apply(ctx, p, f.config(i, round)) })
		if tr != nil {
			f.calm()
			tr = nil
			if struck := slices.ContainsFunc(f.Requests(), func(r wingspantest.Request) bool { return r.Fault }); !struck {
				f.t.Error("no request met the trouble")
			}
		}
		if failures == nil {
			return
		}
		p = f.process(ctx, nil)
		for i, failure := range failures {
			if err := f.hooks[i].Follow(ctx, p, failure, func() []string { return f.seen(i, round) }); err != nil {
				f.t.Error(err)
			}
		}
	}
	f.t.Errorf("did not converge; the last errors:\n%s", strings.Join(f.told, "\n"))
}

func (f *fleet) calm() {
	f.ClearFaults()
	f.SetListLimit(0)
	f.SetReadLag(0)
}

// seen is what a person finds who looks for the webhook in Wingspan.
func (f *fleet) seen(i, round int) []string {
	var ids []string
	for _, p := range f.Preferences() {
		if p.URL == f.url(i) && slices.Equal(slices.Sorted(slices.Values(p.SubscribedEvents)), f.events(i, round)) {
			ids = append(ids, p.ID)
		}
	}

	return ids
}

// each runs all webhooks at once and returns the errors by their number.
func (f *fleet) each(do func(int) error) map[int]error {
	var mu sync.Mutex
	var failures map[int]error
	var all sync.WaitGroup
	for i := range f.hooks {
		all.Go(func() {
			err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				if failures == nil {
					failures = map[int]error{}
				}
				failures[i] = err
				f.told = append(f.told, err.Error())
			}
		})
	}
	all.Wait()

	return failures
}

// check asks the server itself, and then whether the next plan is empty, and whether anything that was said tells a secret.
func (f *fleet) check(round int) {
	f.t.Helper()
	want, got := []string{}, []string{}
	for i, h := range f.hooks {
		if round == gone {
			continue
		}
		id, err := f.process(f.t.Context(), nil).Text(preferenceTypeName, h.Object, "id")
		if err != nil {
			f.t.Fatal(err)
		}
		want = append(want, fmt.Sprint(id, f.url(i), f.events(i, round), f.secret(i, round)))
	}
	for _, p := range f.Preferences() {
		got = append(got, fmt.Sprint(p.ID, p.URL, slices.Sorted(slices.Values(p.SubscribedEvents)), p.SharedSecret))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("the server holds something else than was configured (-want +got):\n%s\nerrors:\n%s", diff, strings.Join(f.told, "\n"))
	}

	ctx := tflogtest.RootLogger(f.t.Context(), f.log)
	p := f.process(ctx, nil)
	for i, err := range f.each(func(i int) error { return f.hooks[i].Empty(ctx, p, f.config(i, round)) }) {
		f.t.Errorf("webhook %d: %v", i, err)
	}
	f.wantSilence()
}

func (f *fleet) wantSilence() {
	f.t.Helper()
	log := f.log.String()
	if !strings.Contains(log, "called the Wingspan API") {
		f.t.Error("the log that is searched for secrets holds no call")
	}
	for _, secret := range []string{wingspantest.Token, fakeSecret} {
		if strings.Contains(log, secret) || strings.Contains(strings.Join(f.told, "\n"), secret) {
			f.t.Errorf("a log or an error holds %q", secret)
		}
	}
}

// lockedBuffer is a buffer that loggers of several goroutines may write to.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.buffer.String()
}
