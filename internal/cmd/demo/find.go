package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/cli"
)

// findCLI takes the CLI of this machine, or else fetches Terraform into dir.
func findCLI(ctx context.Context, dir string, out *printer) (path, from string, err error) {
	path, err = cli.Find()
	if !errors.Is(err, cli.ErrNoCLI) {
		return path, "found at " + path, err
	}
	out.text(fmt.Sprintf("Found neither terraform nor tofu on PATH. Fetching Terraform %s from releases.hashicorp.com, for this demo only.",
		cli.TerraformVersion))
	path, err = cli.Fetch(ctx, dir)

	return path, "fetched for this demo", err
}
