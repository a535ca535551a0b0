package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// subject is what is measured: terraform_data, or the provider against a server with some latency.
type subject struct {
	name    string
	config  string
	plugin  bool
	latency time.Duration
}

const (
	floorName    = "terraform_data"
	floorConfig  = "resource \"terraform_data\" \"hook\" {\n  count = var.size\n  input = \"https://hooks.example.com/${var.round}/${count.index}\"\n}\n"
	pluginConfig = `terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

resource "wingspan_webhook_preference" "hook" {
  count             = var.size
  url               = "https://hooks.example.com/${var.round}/${count.index}"
  subscribed_events = ["Invoice.Paid", "Invoice.PaymentFailed"]
  shared_secret_wo  = "fake-secret-not-a-real-one-${count.index}"
}
`
	variables = "variable \"size\" {\n  type = number\n}\n\nvariable \"round\" {\n  type    = number\n  default = 1\n}\n\n"
)

var subjects = []subject{
	{name: floorName, config: variables + floorConfig},
	{name: "wingspan, 0 ms", config: variables + pluginConfig, plugin: true},
	{name: "wingspan, 50 ms", config: variables + pluginConfig, plugin: true, latency: 50 * time.Millisecond},
}

// steps are run in this order, in one workspace. The second plan is of what was applied: all refresh, no change.
var steps = []struct {
	name string
	args []string
}{
	{"create", []string{"apply", "-auto-approve"}},
	{"plan", []string{"plan"}},
	{"update", []string{"apply", "-auto-approve", "-var=round=2"}},
	{"destroy", []string{"destroy", "-auto-approve", "-var=round=2"}},
}

// sample is one measurement of one step.
type sample struct {
	wall, cpu       time.Duration
	peak            int64
	reads, requests int
}

// key is a cell of the table.
type key struct {
	size          int
	step, subject string
}

// bench measures all, the subjects by turns, so that a disturbance does not hit one of them alone.
func bench(ctx context.Context, opts options) (_ string, err error) {
	dir, err := os.MkdirTemp("", "wingspan-bench-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kit, err := cli.New(ctx, dir, provider.Address)
	if err != nil {
		return "", err
	}

	samples := map[key][]sample{}
	for run := range opts.runs {
		for _, size := range opts.sizes {
			for _, s := range subjects {
				opts.say("run %d of %d: %d of %s", run+1, opts.runs, size, s.name)
				if err := s.measure(ctx, kit, filepath.Join(dir, fmt.Sprint(run, size, s.latency, s.plugin)), size, samples); err != nil {
					return "", fmt.Errorf("measure %d of %s: %w", size, s.name, err)
				}
			}
		}
	}
	opts.say("%d starts of the provider", opts.starts)
	start, err := startToSchema(ctx, kit.Plugin, opts.starts)
	if err != nil {
		return "", err
	}
	version, err := cliVersion(ctx, kit, filepath.Join(dir, "version"))
	if err != nil {
		return "", err
	}

	return report(opts, version, samples, start), nil
}

func cliVersion(ctx context.Context, kit *cli.Kit, dir string) (string, error) {
	w, err := kit.Workspace(dir, "")
	if err != nil {
		return "", err
	}
	result, err := w.MustRun(ctx, "version")
	first, _, _ := strings.Cut(result.Output, "\n")

	return first, err
}

func (s subject) measure(ctx context.Context, kit *cli.Kit, dir string, size int, samples map[key][]sample) error {
	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	server.SetLatency(s.latency)
	server.SetSecrets(wingspantest.Mask)

	w, err := kit.Workspace(dir, s.config,
		"WINGSPAN_BASE_URL="+server.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token, fmt.Sprintf("TF_VAR_size=%d", size))
	if err != nil {
		return err
	}
	for _, step := range steps {
		var peak int64
		if s.plugin {
			w.Watch = func(ctx context.Context, pid int) { peak, _ = kit.PeakMemory(ctx, pid) }
		}
		server.ResetRequests()
		result, err := w.MustRun(ctx, append(step.args, "-no-color")...)
		if err != nil {
			return err
		}
		if err := s.check(server, step.name, size, result.Output); err != nil {
			return err
		}
		cell := key{size: size, step: step.name, subject: s.name}
		samples[cell] = append(samples[cell], sample{
			wall: result.Wall, cpu: result.CPU, peak: peak,
			reads:    server.Count("GET", wingspantest.RouteAny),
			requests: server.Count("", wingspantest.RouteAny),
		})
	}

	return nil
}

// check makes sure that the step did the work that is being measured.
func (s subject) check(server *wingspantest.Server, step string, size int, output string) error {
	if step == "plan" && !strings.Contains(output, "No changes.") {
		return fmt.Errorf("the plan of what was applied is not empty:\n%s", output)
	}
	if !s.plugin {
		return nil
	}
	want := size
	if step == "destroy" {
		want = 0
	}
	if held := len(server.Preferences()); held != want {
		return fmt.Errorf("after %s the server holds %d preferences, want %d", step, held, want)
	}

	return nil
}
