package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// TerraformVersion is what Fetch installs: one that the demo and the tests were seen to run with.
const TerraformVersion = "1.11.4"

const fetchPatience = 5 * time.Minute

// Fetch installs Terraform into dir, for machines that have no CLI, and returns its path. One that is there already is
// taken as it is.
func Fetch(ctx context.Context, dir string) (string, error) {
	return fetch(ctx, dir, &releases.ExactVersion{})
}

// fetch completes the source, whose server tests replace.
func fetch(ctx context.Context, dir string, source *releases.ExactVersion) (string, error) {
	// The version in its path makes a changed version install anew.
	source.InstallDir = filepath.Join(dir, "terraform-"+TerraformVersion)
	source.Product = product.Terraform
	source.Version = version.Must(version.NewVersion(TerraformVersion))
	source.Timeout = fetchPatience

	path := filepath.Join(source.InstallDir, source.Product.BinaryName())
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(source.InstallDir, 0o700); err != nil {
		return "", fmt.Errorf("make a directory for Terraform: %w", err)
	}
	if _, err := source.Install(ctx); err != nil {
		return "", fmt.Errorf("fetch Terraform %s: %w; install terraform or tofu so that it is on PATH, and try again", TerraformVersion, err)
	}

	return path, nil
}
