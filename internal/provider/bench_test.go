package provider

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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

func benchWire(b *testing.B, server *wingspantest.Server) *providerServer {
	b.Helper()
	w := newProviderServer(b, &wingspanProvider{version: "1.2.3", commit: "abcdef0", getenv: func(string) string { return "" }})
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
	server.Configure(func(c *wingspantest.Settings) { c.Secrets = wingspantest.Mask })
	objects := make([]instance, benchSize)
	w := benchWire(b, server)
	for i := range objects {
		p := server.Put(wingspantest.Preference{
			URL: fmt.Sprintf("https://hooks.example.com/%d", i), SharedSecret: fmt.Sprintf("%s-%d", fakeSecret, i),
			SubscribedEvents: []string{"Invoice.Paid", "Invoice.PaymentFailed"}, CreatedAt: time.Now().Add(-time.Hour),
		})
		objects[i] = w.applied(w.imported(p.ID), benchConfig(i))
	}
	server.ResetRequests()

	for b.Loop() {
		w := benchWire(b, server)
		inParallel(benchSize, func(i int) {
			w.validate(benchConfig(i)).want(b)
			read := w.refreshed(objects[i])
			if w.changes(read, w.planned(read, benchConfig(i))) {
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
		inParallel(benchSize, func(i int) { w.applied(instance{}, benchConfig(i)) })
		requests += server.Count("", wingspantest.RouteAny)
		server.Close()
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
}

// BenchmarkCLI measures an empty plan of N resources with the real CLI: ours, and what bounds it from below. terraform_data needs no
// plugin, floor is the least that one with this schema can do (testdata/floor), and random_pet is a small resource of the same
// framework. Each is applied first, which create-s is about. Times depend on the machine and on what else it does: compare the
// ratios within one run, or two runs with benchstat.
func BenchmarkCLI(b *testing.B) {
	for _, subject := range []struct {
		name, config string
		latency      time.Duration
		// plugins returns the CLI's configuration, "" for the kit's, and skips what this machine does not have.
		plugins func(b *testing.B) string
	}{
		{"terraform_data", "resource \"terraform_data\" \"hook\" {\n  count = var.n\n  input = \"https://hooks.example.com/${count.index}\"\n}\n", 0, nil},
		{"floor", requirement + strings.Replace(benchResource, "shared_secret_wo", "# shared_secret_wo", 1), 0, floorPlugin},
		{"random_pet", "resource \"random_pet\" \"hook\" {\n  count  = var.n\n  prefix = \"https://hooks.example.com/${count.index}\"\n}\n", 0, randomPlugin},
		{"wingspan", requirement + benchResource, 0, nil},
		{"wingspan_50ms", requirement + benchResource, 50 * time.Millisecond, nil},
	} {
		for _, n := range []int{10, 100, 300, benchSize} {
			b.Run(fmt.Sprintf("subject=%s/n=%d", subject.name, n), func(b *testing.B) {
				server := wingspantest.New(b)
				server.Configure(func(c *wingspantest.Settings) { c.Latency, c.Secrets = subject.latency, wingspantest.Mask })
				w := benchWorkspace(b, server, subject.config)
				if subject.plugins != nil {
					w.Env = append(w.Env, "TF_CLI_CONFIG_FILE="+subject.plugins(b))
				}
				benchPlan(b, w, server, n)
			})
		}
	}
}

// BenchmarkAccounts creates 200 webhooks: one URL in as many accounts, or as many URLs in one.
func BenchmarkAccounts(b *testing.B) {
	const n = 200
	for name, config := range map[string]string{
		"1":   benchResource,
		"200": strings.NewReplacer("/${count.index}", "/one", "  url ", "  user_id           = \"usr${count.index}\"\n  url ").Replace(benchResource),
	} {
		b.Run("accounts="+name, func(b *testing.B) {
			for b.Loop() {
				server := wingspantest.New(b)
				server.Configure(func(c *wingspantest.Settings) { c.Latency = 50 * time.Millisecond })
				for i := range n {
					server.AddAccounts(fmt.Sprintf("usr%d", i))
				}
				mustExit(b, benchWorkspace(b, server, requirement+config), 0, "apply", "-auto-approve", "-no-color", fmt.Sprintf("-var=n=%d", n))
				b.ReportMetric(float64(server.Count("", wingspantest.RouteAny)), "requests/op")
			}
		})
	}
}

// BenchmarkStart is the time from the start of the provider's process to the address that Terraform waits for.
func BenchmarkStart(b *testing.B) {
	kit := sharedKit(b)
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), filepath.Join(filepath.Dir(kit.ConfigFile), "plugins", acctest.Executable))
		cmd.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			b.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, "|unix|") {
			b.Fatalf("the provider printed %q: %v", line, err)
		}
		b.StopTimer()
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // It reports that the process was killed.
		b.StartTimer()
	}
}

const benchResource = `
resource "wingspan_webhook_preference" "hook" {
  count             = var.n
  url               = "https://hooks.example.com/${count.index}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  shared_secret_wo  = "fake-secret-not-a-real-one-${count.index}"
}
`

func benchWorkspace(b *testing.B, server *wingspantest.Server, config string) *acctest.Workspace {
	b.Helper()
	w, err := sharedKit(b).Workspace(b.TempDir(), "variable \"n\" {\n  type = number\n}\n\n"+config,
		"WINGSPAN_BASE_URL="+server.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token)
	if err != nil {
		b.Fatal(err)
	}

	return w
}

// benchPlan applies n resources, and measures plans that refresh them and change nothing. peak-MiB is the most that one provider had.
func benchPlan(b *testing.B, w *acctest.Workspace, server *wingspantest.Server, n int) {
	b.Helper()
	size := fmt.Sprintf("-var=n=%d", n)
	start := time.Now()
	mustExit(b, w, 0, "apply", "-auto-approve", "-no-color", size)
	created := time.Since(start)
	server.ResetRequests()
	peak, cpu := 0, time.Duration(0)
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for ticker := time.NewTicker(20 * time.Millisecond); ; {
			for _, cli := range childrenOf(os.Getpid()) {
				for _, provider := range childrenOf(cli) {
					peak = max(peak, peakMemory(provider))
				}
			}
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
		}
	})
	for b.Loop() {
		result := mustExit(b, w, 0, "plan", "-detailed-exitcode", "-no-color", size)
		cpu += result.State.UserTime() + result.State.SystemTime()
	}
	close(ended)
	watch.Wait()
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(server.Count("", wingspantest.RouteAny))/float64(b.N), "requests/op")
	b.ReportMetric(float64(peak), "peak-MiB")
	b.ReportMetric(created.Seconds(), "create-s")
}

// floorPlugin builds testdata/floor in the place of the provider.
func floorPlugin(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", filepath.Join(dir, acctest.Executable), "./testdata/floor").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}

	return pluginsFrom(b, "wingspanhq/wingspan", dir)
}

func randomPlugin(b *testing.B) string {
	b.Helper()
	path, err := exec.LookPath("terraform-provider-random")
	if err != nil {
		b.Skip("terraform-provider-random isn't on PATH: build it from https://github.com/hashicorp/terraform-provider-random to compare with it")
	}

	return pluginsFrom(b, "hashicorp/random", filepath.Dir(path))
}

// pluginsFrom writes a configuration for the CLI that takes a provider from a directory.
func pluginsFrom(b *testing.B, source, dir string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "cli.tfrc")
	if err := acctest.Override(file, map[string]string{source: dir}); err != nil {
		b.Fatal(err)
	}

	return file
}

// childrenOf needs Linux's /proc, and finds none elsewhere.
func childrenOf(pid int) []int {
	var pids []int
	// A process is the child of the thread that started it.
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		children, _ := os.ReadFile(list) // The thread may have ended.
		for field := range strings.FieldsSeq(string(children)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}

	return pids
}

// peakMemory is the most that a process had resident so far, in MiB. It needs Linux's /proc, and is 0 elsewhere.
func peakMemory(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kib)

	return n >> 10
}
