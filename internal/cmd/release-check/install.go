package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// registries are where the CLIs look a provider up that is named without a host.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// install goes a user's way with every CLI of this machine: init from a mirror made of the zip, apply, plan, destroy.
func (r release) install(ctx context.Context, log progress, here platform, dir string) error {
	clis, err := installedCLIs()
	if err != nil {
		return err
	}
	// The address without its host: each CLI then asks its own registry.
	_, source, _ := strings.Cut(provider.Address, "/")
	mirror := filepath.Join(dir, "mirror")
	for _, registry := range registries {
		target := filepath.Join(mirror, registry, filepath.FromSlash(source))
		if err := copyFile(filepath.Join(r.dist, r.zipName(here)), target, r.zipName(here)); err != nil {
			return fmt.Errorf("make a mirror of the zip: %w", err)
		}
	}

	for i, path := range clis {
		w := workspace{cli: path, dir: filepath.Join(dir, fmt.Sprintf("workspace%d", i))}
		if err := w.prepare(mirror, source, r.version); err != nil {
			return err
		}
		if err := r.tryOut(ctx, log, w); err != nil {
			return fmt.Errorf("install the release with %s: %w", path, err)
		}
	}

	return nil
}

func installedCLIs() ([]string, error) {
	if path := os.Getenv(cli.PathVariable); path != "" {
		return []string{path}, nil
	}
	var found []string
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return nil, cli.ErrNoCLI
	}

	return found, nil
}

func copyFile(from, dir, name string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)

	return errors.Join(err, target.Close())
}

// tryOut has the released binary do its main job, and looks at what it sent.
func (r release) tryOut(ctx context.Context, log progress, w workspace) error {
	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	w.env = []string{"WINGSPAN_BASE_URL=" + server.URL(), "WINGSPAN_API_TOKEN=" + wingspantest.Token}

	product, cliVersion, err := w.version(ctx)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		args  []string
		holds int // how many preferences the server has afterwards
	}{
		{[]string{"init", "-no-color", "-input=false"}, 0},
		{[]string{"apply", "-no-color", "-input=false", "-auto-approve"}, 1},
		// The exit code is 0 only when there is nothing left to do.
		{[]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, 1},
		{[]string{"destroy", "-no-color", "-input=false", "-auto-approve"}, 0},
	} {
		if _, err := w.run(ctx, step.args...); err != nil {
			return err
		}
		if got := len(server.Preferences()); got != step.holds {
			return fmt.Errorf("after %s the server holds %d webhook preferences, want %d", step.args[0], got, step.holds)
		}
	}
	log.ok("%s %s: init from the mirror, apply, an empty plan, destroy", product, cliVersion)

	requests := server.Requests()
	if len(requests) == 0 {
		return errors.New("the provider sent no request")
	}
	want := fmt.Sprintf("%s/%s (+Terraform/%s)", project, r.version, cliVersion)
	for _, request := range requests {
		if got := request.Header.Get("User-Agent"); got != want {
			return fmt.Errorf("%s %s came with the user agent %q, want %q", request.Method, request.Path, got, want)
		}
	}
	log.ok("%s %s: each of the %d requests came from %s", product, cliVersion, len(requests), want)

	return nil
}

// workspace is a directory with a configuration that asks for the release by its exact version.
type workspace struct {
	cli, dir string
	env      []string
}

func (w workspace) rc() string { return filepath.Join(w.dir, "cli.tfrc") }

func (w workspace) prepare(mirror, source, version string) error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return fmt.Errorf("make a workspace: %w", err)
	}
	// Nothing but the mirror: a provider of that name in a registry must not be taken instead.
	rc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	config := fmt.Sprintf(`terraform {
  required_providers {
    wingspan = {
      source  = %q
      version = %q
    }
  }
}

resource "wingspan_webhook_preference" "hook" {
  url               = "https://hooks.example.com/release-check"
  subscribed_events = ["Invoice.Paid"]
  shared_secret     = "fake-secret-of-release-check"
}
`, source, version)
	err := os.WriteFile(w.rc(), []byte(rc), 0o600)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(config), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the workspace: %w", err)
	}

	return nil
}

// run gives the CLI nothing of this process's own settings for it and for the provider.
func (w workspace) run(ctx context.Context, args ...string) (string, error) {
	var out, complaint strings.Builder
	cmd := exec.CommandContext(ctx, w.cli, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, &out, &complaint
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "WINGSPAN_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+w.rc(), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	cmd.Env = append(cmd.Env, w.env...)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(args, " "), err, out.String(), complaint.String())
	}

	return out.String(), nil
}

func (w workspace) version(ctx context.Context) (product, version string, err error) {
	text, err := w.run(ctx, "version", "-no-color")
	if err != nil {
		return "", "", err
	}
	product, _, _ = strings.Cut(text, " ")
	text, err = w.run(ctx, "version", "-json")
	if err != nil {
		return "", "", err
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return "", "", fmt.Errorf("version -json: %w", err)
	}

	return product, answer.Version, nil
}
