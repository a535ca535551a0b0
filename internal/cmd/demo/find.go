package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
)

// terraformVersion is fetched where there is no CLI: one that the demo was seen to run with.
const terraformVersion = "1.11.4"

const fetchPatience = 5 * time.Minute

// findCLI takes the CLI of this machine, or else fetches Terraform into dir.
func findCLI(ctx context.Context, dir string, out *printer) (path, from string, err error) {
	path, err = cli.Find()
	if !errors.Is(err, cli.ErrNoCLI) {
		return path, "found at " + path, err
	}

	out.text(fmt.Sprintf("Found neither terraform nor tofu on PATH. Fetching Terraform %s from releases.hashicorp.com, for this demo only.", terraformVersion))

	return fetch(ctx, dir, &releases.ExactVersion{})
}

// fetch completes the source, whose server and key tests replace.
func fetch(ctx context.Context, dir string, source *releases.ExactVersion) (path, from string, err error) {
	source.Product = product.Terraform
	source.Version = version.Must(version.NewVersion(terraformVersion))
	source.InstallDir = filepath.Join(dir, "terraform")
	source.Timeout = fetchPatience
	if err := os.MkdirAll(source.InstallDir, 0o700); err != nil {
		return "", "", fmt.Errorf("make a directory for Terraform: %w", err)
	}
	path, err = source.Install(ctx)
	if err != nil {
		return "", "", fmt.Errorf("fetch Terraform %s: %w; install terraform or tofu so that it is on PATH, and try again",
			terraformVersion, err)
	}

	return path, "fetched for this demo", nil
}
