package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

const hookURL = "https://hooks.example.com/wingspan"

// configure writes the configuration with these events.
func (d *demo) configure(events ...string) error {
	return d.work.Configure(configuration(d.writeOnly, events...))
}

// configuration leaves the provider block empty: server and token come from the environment, as they do in practice.
func configuration(writeOnly bool, events ...string) string {
	_, source, _ := strings.Cut(provider.Address, "/")
	// Without it a saved plan would hold the secret. It came in 1.10.
	ephemeral := ""
	if writeOnly {
		ephemeral = "\n  ephemeral = true"
	}

	return fmt.Sprintf(`terraform {
  required_providers {
    wingspan = {
      source = %q
    }
  }
}

provider "wingspan" {}

variable "signing_secret" {
  type      = string
  sensitive = true%s
}

%s`, source, ephemeral, resourceBlock(writeOnly, events...))
}

func resourceBlock(writeOnly bool, events ...string) string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = fmt.Sprintf("%q", e)
	}
	secret := "shared_secret    "
	if writeOnly {
		secret = "shared_secret_wo "
	}

	return fmt.Sprintf(`resource "wingspan_webhook_preference" "payments" {
  url               = %q
  subscribed_events = [%s]
  %s = var.signing_secret
}
`, hookURL, strings.Join(names, ", "), secret)
}

// version asks the CLI what it is.
func (d *demo) version(ctx context.Context) (name string, v *version.Version, err error) {
	answer, err := d.work.MustRun(ctx, "version")
	if err != nil {
		return "", nil, err
	}

	return parseVersion(answer.Output)
}

var versionLine = regexp.MustCompile(`(?m)^(\S+) v(\S+)$`)

// parseVersion takes the plain form, since only that tells Terraform from OpenTofu.
func parseVersion(answer string) (string, *version.Version, error) {
	line := versionLine.FindStringSubmatch(answer)
	if line == nil {
		return "", nil, fmt.Errorf("read the CLI's version: there is none in %q", answer)
	}
	v, err := version.NewVersion(line[2])
	if err != nil {
		return "", nil, fmt.Errorf("read the CLI's version: %w", err)
	}

	return line[1], v, nil
}

// hasWriteOnly holds for Terraform and OpenTofu alike.
func hasWriteOnly(v *version.Version) bool {
	return v.Core().GreaterThanOrEqual(version.Must(version.NewVersion("1.11.0")))
}
