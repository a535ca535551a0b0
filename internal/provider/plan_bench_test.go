package provider

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/drive"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// parallelism is the CLI's default.
const parallelism = 10

// quietEnvironment is what startup.Tune makes of an environment in which nobody asks for a log.
func quietEnvironment(b *testing.B) {
	b.Helper()
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_WINGSPAN"} {
		b.Setenv(name, "OFF")
	}
}

// BenchmarkPlan1000 is what a plan of a thousand webhooks asks of the provider, once each: validate, read, plan. Run it
// with -cpuprofile to see where the time of a plan goes:
//
//	go test -run=^$ -bench=Plan1000 -benchtime=20x -cpuprofile=cpu.prof ./internal/provider
func BenchmarkPlan1000(b *testing.B) {
	quietEnvironment(b)
	const size = 1000
	server := wingspantest.New(b)
	server.SetSecrets(wingspantest.Mask)
	configs := make([]drive.Values, size)
	objects := make([]drive.Object, size)
	for i := range configs {
		configs[i] = drive.Values{
			"url":               fmt.Sprintf("https://hooks.example.com/%d", i),
			"subscribed_events": []string{"Invoice.Paid", "Invoice.PaymentFailed"},
			"shared_secret_wo":  fmt.Sprintf("%s-%d", fakeSecret, i),
		}
		p := server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://hooks.example.com/%d", i), SharedSecret: fmt.Sprintf("%s-%d", fakeSecret, i),
			SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"}, CreatedAt: time.Now().Add(-time.Hour),
		})
		objects[i] = importAndUpdate(b, startProvider(b, server), p.ID, configs[i])
	}

	for b.Loop() {
		p := startProvider(b, server)
		inParallel(size, func(i int) {
			ctx := context.Background()
			if err := p.Validate(ctx, preferenceTypeName, configs[i]); err != nil {
				b.Error(err)
			}
			read, err := p.Read(ctx, preferenceTypeName, objects[i])
			if err != nil {
				b.Error(err)
			}
			plan, err := p.Plan(ctx, preferenceTypeName, read, configs[i])
			if err != nil || plan.Changes {
				b.Errorf("the plan is not empty: %v", err)
			}
		})
	}
}

// BenchmarkCreate1000 is what an apply of a thousand new webhooks asks of the provider. The client's own limit is lifted
// by no means: more than ten seconds of it are waiting.
func BenchmarkCreate1000(b *testing.B) {
	quietEnvironment(b)
	const size = 1000
	for b.Loop() {
		server := wingspantest.New(b)
		p := startProvider(b, server)
		inParallel(size, func(i int) {
			ctx := context.Background()
			plan, err := p.Plan(ctx, preferenceTypeName, drive.Object{}, drive.Values{
				"url":               fmt.Sprintf("https://hooks.example.com/%d", i),
				"subscribed_events": []string{"Invoice.Paid", "Invoice.PaymentFailed"},
				"shared_secret_wo":  fmt.Sprintf("%s-%d", fakeSecret, i),
			})
			if err != nil {
				b.Error(err)

				return
			}
			if _, err := p.Apply(ctx, plan); err != nil {
				b.Error(err)
			}
		})
		server.Close()
	}
}

func startProvider(b *testing.B, server *wingspantest.Server) *drive.Provider {
	b.Helper()
	tested := &wingspanProvider{
		version: "1.2.3", commit: "abcdef0",
		getenv: func(name string) string {
			if name == "TF_LOG_PROVIDER_WINGSPAN" {
				return "OFF"
			}

			return ""
		},
	}
	p, err := drive.New(context.Background(), providerserver.NewProtocol6(tested)(),
		drive.Values{"base_url": server.URL(), "api_token": wingspantest.Token})
	if err != nil {
		b.Fatal(err)
	}

	return p
}

// importAndUpdate takes a preference under management, so that the object is as an apply leaves it.
func importAndUpdate(b *testing.B, p *drive.Provider, id string, config drive.Values) drive.Object {
	b.Helper()
	o, err := p.Import(context.Background(), preferenceTypeName, id)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := p.Plan(context.Background(), preferenceTypeName, o, config)
	if err != nil {
		b.Fatal(err)
	}
	if o, err = p.Apply(context.Background(), plan); err != nil {
		b.Fatal(err)
	}

	return o
}

func inParallel(n int, do func(int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}
