package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

type options struct {
	keep bool
	out  io.Writer
	// parent is where the temporary directory is made; empty means the system's place.
	parent string
	// find returns the CLI's path and how it came to be there. What it downloads goes below dir.
	find func(ctx context.Context, dir string, out *printer) (path, from string, err error)
}

// demo is what the steps share.
type demo struct {
	out    *printer
	server *wingspantest.Server
	kit    *cli.Kit
	work   *cli.Workspace
	// writeOnly: the CLI has write-only arguments.
	writeOnly bool
	secret    string
	// id is the webhook's, from the first step on.
	id string
}

// run is the whole demo. Whatever way it ends, nothing of it is left.
func run(ctx context.Context, opts options) (err error) {
	out := &printer{w: opts.out}
	out.text("This demo registers a webhook with Wingspan's API, changes it, and removes it again.",
		"A test server on this machine stands in for Wingspan, so that no account is needed, and",
		"everything lies in a temporary directory that is removed at the end.", "")

	dir, err := os.MkdirTemp(opts.parent, "wingspan-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()

	d := &demo{out: out, server: server, secret: "fake-" + rand.Text()}
	if err := d.prepare(ctx, dir, opts); err != nil {
		return err
	}
	if err := d.steps(ctx); err != nil {
		return err
	}
	if opts.keep {
		d.keepServing(ctx)

		return nil
	}
	out.text("", "Every step went as shown. Nothing is left behind.")

	return nil
}

// prepare finds the CLI, builds the provider, and makes a working directory for both.
func (d *demo) prepare(ctx context.Context, dir string, opts options) error {
	path, from, err := opts.find(ctx, dir, d.out)
	if err != nil {
		return err
	}
	d.out.text("Building the provider from this checkout.")
	if d.kit, err = cli.Build(ctx, path, dir, provider.Address); err != nil {
		return err
	}
	d.work, err = d.kit.Workspace(filepath.Join(dir, "webhooks"), "",
		// The arguments that a person would not type go here, so that each command is shown as it is.
		"TF_CLI_ARGS=-no-color",
		"TF_VAR_signing_secret="+d.secret,
		"WINGSPAN_API_TOKEN="+wingspantest.Token,
		"WINGSPAN_BASE_URL="+d.server.URL(),
	)
	if err != nil {
		return err
	}
	name, version, err := d.version(ctx)
	if err != nil {
		return err
	}
	d.writeOnly = hasWriteOnly(version)
	d.out.text(fmt.Sprintf("Using %s %s (%s).", name, version, from),
		fmt.Sprintf("The test server listens on %s.", d.server.URL()))

	return nil
}

// printer may be used from several goroutines. What cannot be printed is lost: there is nobody to tell.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *printer) text(lines ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range lines {
		fmt.Fprintln(p.w, line)
	}
}

// quote sets the text apart from the demo's own words.
func (p *printer) quote(text string) {
	for line := range strings.Lines(text) {
		p.text(strings.TrimRight("  | "+line, " \n"))
	}
}
