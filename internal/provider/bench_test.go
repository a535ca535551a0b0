package provider

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const benchSize = 1000

// disableLogs does what startup.Tune does where no one asks for a log.
func disableLogs(b *testing.B) {
	b.Helper()
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_WINGSPAN"} {
		b.Setenv(name, "OFF")
	}
}

func benchWire(b *testing.B, server *wingspantest.Server) *wire {
	b.Helper()
	w := startWire(b, &wingspanProvider{version: "1.2.3", commit: "abcdef0", getenv: func(string) string { return "" }})
	w.configure(values{"base_url": server.URL(), "api_token": wingspantest.Token}).want(b)

	return w
}

func benchConfig(i int) values {
	return values{
		"url": fmt.Sprintf("https://hooks.example.com/%d", i), "subscribed_events": []string{"Invoice.Paid", "Invoice.PaymentFailed"},
		"shared_secret_wo": fmt.Sprintf("%s-%d", fakeSecret, i),
	}
}

// BenchmarkPlan1000 is what a plan of a thousand webhooks asks of the provider: validate, read, plan. A profile of it shows
// where the time of a plan goes:
//
//	go test -run=^$ -bench=Plan1000 -benchtime=20x -cpuprofile=cpu.prof ./internal/provider
func BenchmarkPlan1000(b *testing.B) {
	disableLogs(b)
	server := wingspantest.New(b)
	server.SetSecrets(wingspantest.Mask)
	objects := make([]held, benchSize)
	w := benchWire(b, server)
	for i := range objects {
		p := server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://hooks.example.com/%d", i), SharedSecret: fmt.Sprintf("%s-%d", fakeSecret, i),
			SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"}, CreatedAt: time.Now().Add(-time.Hour),
		})
		imported, told := w.importID(p.ID)
		told.want(b)
		objects[i], told = w.apply(imported, benchConfig(i))
		told.want(b)
	}
	server.ResetRequests()

	for b.Loop() {
		w := benchWire(b, server)
		inParallel(benchSize, func(i int) {
			w.validate(benchConfig(i)).want(b)
			read, told := w.read(objects[i])
			told.want(b)
			p, told := w.plan(read, benchConfig(i))
			if told.want(b); w.changes(read, p) {
				b.Error("the plan is not empty")
			}
		})
	}
	b.ReportMetric(float64(server.Count("", wingspantest.RouteAny))/float64(b.N), "requests/op")
}

// BenchmarkCreate1000 is what an apply of a thousand new webhooks asks of the provider. More than ten seconds of it are the
// client's limit of 100 writes a second.
func BenchmarkCreate1000(b *testing.B) {
	disableLogs(b)
	requests := 0
	for b.Loop() {
		server := wingspantest.New(b)
		w := benchWire(b, server)
		inParallel(benchSize, func(i int) {
			_, told := w.apply(held{}, benchConfig(i))
			told.want(b)
		})
		requests += server.Count("", wingspantest.RouteAny)
		server.Close()
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
}

// BenchmarkCLI runs a thousand webhooks through the real CLI, beside as many terraform_data, which no plugin serves. Times
// depend on the machine and on what else it does: compare the ratios within one run, or two runs with benchstat.
func BenchmarkCLI(b *testing.B) {
	for _, subject := range []struct {
		name    string
		config  string
		latency time.Duration
	}{
		{"terraform_data", "resource \"terraform_data\" \"hook\" {\n  count = 1000\n  input = \"https://hooks.example.com/${var.round}/${count.index}\"\n}\n", 0},
		{"latency=0ms", requirement + benchResource, 0},
		{"latency=50ms", requirement + benchResource, 50 * time.Millisecond},
	} {
		b.Run(subject.name, func(b *testing.B) {
			kit := acctest.Get(b)
			for b.Loop() {
				benchCLI(b, kit, subject.config, subject.latency)
			}
		})
	}
}

const benchResource = `
resource "wingspan_webhook_preference" "hook" {
  count             = 1000
  url               = "https://hooks.example.com/${var.round}/${count.index}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  shared_secret_wo  = "fake-secret-not-a-real-one-${count.index}"
}
`

// benchCLI reports for each step the seconds and the requests, and the most memory that one provider had.
func benchCLI(b *testing.B, kit *acctest.Kit, config string, latency time.Duration) {
	b.Helper()
	server := wingspantest.New(b)
	server.SetLatency(latency)
	server.SetSecrets(wingspantest.Mask)
	w, err := kit.Workspace(b.TempDir(), "variable \"round\" {\n  type    = number\n  default = 1\n}\n\n"+config,
		"WINGSPAN_BASE_URL="+server.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token)
	if err != nil {
		b.Fatal(err)
	}
	peak := 0
	w.Watch = func(ctx context.Context, cli int) {
		for ctx.Err() == nil {
			for _, pid := range providersOf(cli) {
				peak = max(peak, peakMemory(pid))
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	// The second plan is of what was applied: all refresh, no change.
	for _, step := range []string{"create apply -auto-approve", "plan plan -detailed-exitcode", "update apply -auto-approve -var=round=2", "destroy destroy -auto-approve -var=round=2"} {
		name, command, _ := strings.Cut(step, " ")
		server.ResetRequests()
		result, err := w.MustRun(b.Context(), append(strings.Fields(command), "-no-color")...)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(result.Wall.Seconds(), name+"-s")
		b.ReportMetric((result.State.UserTime() + result.State.SystemTime()).Seconds(), name+"-cpu-s")
		b.ReportMetric(float64(server.Count("", wingspantest.RouteAny)), name+"-requests")
	}
	b.ReportMetric(float64(peak), "peak-MiB")
}

// peakMemory is the most that a process had resident so far, in MiB. It needs Linux's /proc, and is 0 elsewhere.
func peakMemory(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kib)

	return n >> 10
}
