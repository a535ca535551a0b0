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
		w, err := prepare(path, filepath.Join(dir, fmt.Sprintf("workspace%d", i)), mirror, source, r.version)
		if err != nil {
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
func (r release) tryOut(ctx context.Context, log progress, w *cli.Workspace) error {
	server, err := wingspantest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	w.Env = []string{"WINGSPAN_BASE_URL=" + server.URL(), "WINGSPAN_API_TOKEN=" + wingspantest.Token}

	product, cliVersion, err := versionOfCLI(ctx, w)
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
		if _, err := w.MustRun(ctx, step.args...); err != nil {
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

// prepare writes a workspace that asks for the release by its exact version, and finds it in the mirror only: a provider
// of that name in a registry must not be taken instead.
func prepare(path, dir, mirror, source, version string) (*cli.Workspace, error) {
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
	configFile := dir + ".tfrc"
	if err := os.WriteFile(configFile, []byte(rc), 0o600); err != nil {
		return nil, fmt.Errorf("write the CLI's configuration: %w", err)
	}

	return cli.Configured(path, configFile).Workspace(dir, config)
}

// versionOfCLI returns what it calls itself, and its version.
func versionOfCLI(ctx context.Context, w *cli.Workspace) (product, version string, err error) {
	result, err := w.MustRun(ctx, "version", "-no-color")
	if err != nil {
		return "", "", err
	}
	product, _, _ = strings.Cut(result.Output, " ")
	result, err = w.MustRun(ctx, "version", "-json")
	if err != nil {
		return "", "", err
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(result.Output), &answer); err != nil {
		return "", "", fmt.Errorf("version -json: %w", err)
	}

	return product, answer.Version, nil
}
