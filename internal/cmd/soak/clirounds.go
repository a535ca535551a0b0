package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	cliHooks = 60

	cliConfig = `terraform {
  required_providers {
    wingspan = {
      source = "wingspanhq/wingspan"
    }
  }
}

variable "round" {
  type    = number
  default = 1
}

resource "wingspan_webhook_preference" "hook" {
  count             = %d
  url               = "https://hooks.example.com/${count.index}"
  subscribed_events = var.round == 1 ? ["Invoice.Paid", "Invoice.Sent"] : ["Invoice.Paid"]
  shared_secret_wo  = "%s-${count.index}-${var.round}"
}
`
)

// of and importID find, in one error of the CLI's output, which webhook it is of and which id its import block names.
var (
	of       = regexp.MustCompile(`with wingspan_webhook_preference\.hook\[(\d+)\]`)
	importID = regexp.MustCompile(`(?s)import \{.*?id = "([^"]+)"`)
)

// runCLI does with the real CLI what the lanes do without: create, change and destroy under faults, each followed by applies in
// fair weather that paste the import blocks of the errors.
func runCLI(ctx context.Context, opts options, sum *tally) (err error) {
	if opts.rounds < 1 {
		return nil
	}
	dir, err := os.MkdirTemp("", "wingspan-soak-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kit, err := cli.New(ctx, dir, provider.Address)
	if err != nil {
		return err
	}
	for round := range opts.rounds {
		if err := cliRound(ctx, kit, filepath.Join(dir, fmt.Sprint(round)), round, opts.seed, sum); err != nil {
			return fmt.Errorf("round %d with the CLI: %w", round+1, err)
		}
	}

	return nil
}

// cliRun is one workspace against one server.
type cliRun struct {
	*cli.Workspace

	server *wingspantest.Server
	sky    *weather
	sum    *tally
	log    string
}

func cliRound(ctx context.Context, kit *cli.Kit, dir string, round int, seed uint64, sum *tally) error {
	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	character(round, server)
	log := filepath.Join(dir, "provider.log")
	w, err := kit.Workspace(dir, fmt.Sprintf(cliConfig, cliHooks, secretMark),
		"WINGSPAN_BASE_URL="+server.URL(), "WINGSPAN_API_TOKEN="+wingspantest.Token, "WINGSPAN_REQUEST_TIMEOUT="+requestTimeout,
		"TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
	if err != nil {
		return err
	}
	sky := &weather{rng: rand.New(rand.NewPCG(seed<<8+uint64(round), 3)), sum: sum}
	run := &cliRun{Workspace: w, server: server, sky: sky, sum: sum, log: log}
	for i, args := range [][]string{
		{"apply", "-var=round=1"}, {"apply", "-var=round=2"}, {"destroy", "-var=round=2"},
	} {
		want := cliHooks
		if args[0] == "destroy" {
			want = 0
		}
		if err := run.step(ctx, append(args, "-auto-approve", "-no-color"), want, i+1); err != nil {
			return err
		}
	}

	return nil
}

// step runs the command in foul weather and then in fair weather until it succeeds, and compares.
func (r *cliRun) step(ctx context.Context, args []string, want, round int) error {
	r.server.FailBy(r.sky.strike)
	imports := map[string]string{}
	for try := range 1 + patience {
		result, err := r.Run(ctx, args...)
		if err != nil {
			return err
		}
		if try == 0 {
			r.sky.calm(r.server)
		}
		if _, err := (leakFinder{r.sum}).Write([]byte(result.Output)); err != nil {
			return err
		}
		if result.Code == 0 {
			break
		}
		r.sum.with(func() { r.sum.errors += int64(strings.Count(result.Output, "Error: ")) })
		if try == patience {
			r.sum.note(&r.sum.restless, "%v with the CLI does not converge:\n%s", args, result.Output)
		}
		for _, failure := range strings.Split(result.Output, "Error: ")[1:] {
			if hook, id := of.FindStringSubmatch(failure), importID.FindStringSubmatch(failure); hook != nil && id != nil {
				imports[hook[1]] = id[1]
			}
		}
		if err := r.paste(imports); err != nil {
			return err
		}
	}
	r.sum.with(func() { r.sum.imports += int64(len(imports)) })
	if err := r.paste(nil); err != nil {
		return err
	}

	return r.check(ctx, args, want, round)
}

// paste writes the configuration anew, with import blocks at its end.
func (r *cliRun) paste(imports map[string]string) error {
	config := fmt.Sprintf(cliConfig, cliHooks, secretMark)
	for index, id := range imports {
		config += fmt.Sprintf("\nimport {\n  to = wingspan_webhook_preference.hook[%s]\n  id = %q\n}\n", index, id)
	}

	return r.Configure(config)
}

func (r *cliRun) check(ctx context.Context, args []string, want, round int) error {
	there := map[string]int{}
	for _, p := range r.server.Preferences() {
		there[p.URL]++
	}
	for i := range cliHooks {
		switch n := there[fmt.Sprintf("https://hooks.example.com/%d", i)]; {
		case want == 0 && n > 0:
			r.sum.note(&r.sum.orphaned, "after %v with the CLI, webhook %d is still there", args, i)
		case want > 0 && n == 0:
			r.sum.note(&r.sum.lost, "after %v with the CLI, webhook %d is lost", args, i)
		case want > 0 && n > 1:
			r.sum.note(&r.sum.doubled, "after %v with the CLI, webhook %d is there %d times", args, i, n)
		}
	}
	for _, p := range r.server.Preferences() {
		if want := fmt.Sprintf("%s-%s-%d", secretMark, p.URL[strings.LastIndex(p.URL, "/")+1:], round); p.SharedSecret != want {
			r.sum.note(&r.sum.wrong, "after %v with the CLI, %s has another secret", args, p.URL)
		}
	}
	if want > 0 {
		result, err := r.Run(ctx, "plan", "-detailed-exitcode", "-no-color", args[1])
		if err != nil {
			return err
		}
		if result.Code != 0 {
			r.sum.note(&r.sum.restless, "the plan after %v with the CLI is not empty:\n%s", args, result.Output)
		}
	}
	log, err := os.ReadFile(r.log)
	if err != nil {
		return fmt.Errorf("the provider wrote no log: %w", err)
	}
	if !strings.Contains(string(log), "called the Wingspan API") {
		return errors.New("the provider's log holds no call")
	}
	if _, err := (leakFinder{r.sum}).Write(log); err != nil {
		return err
	}
	r.sum.writes(r.server)
	r.sum.with(func() { r.sum.rounds++ })

	return nil
}
