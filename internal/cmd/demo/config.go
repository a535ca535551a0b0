package main

import (
	"context"
	"encoding/json"
	"fmt"
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
	plain, err := d.work.MustRun(ctx, "version")
	if err != nil {
		return "", nil, err
	}
	asked, err := d.work.MustRun(ctx, "version", "-json")
	if err != nil {
		return "", nil, err
	}

	return parseVersion(plain.Output, asked.Output)
}

// parseVersion takes the name from the plain form, since OpenTofu calls its version terraform_version too.
func parseVersion(plain, asJSON string) (string, *version.Version, error) {
	name, _, _ := strings.Cut(plain, " ")
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(asJSON), &answer); err != nil {
		return "", nil, fmt.Errorf("read the CLI's version: %w", err)
	}
	v, err := version.NewVersion(answer.Version)
	if err != nil {
		return "", nil, fmt.Errorf("read the CLI's version: %w", err)
	}

	return name, v, nil
}

// hasWriteOnly holds for Terraform and OpenTofu alike.
func hasWriteOnly(v *version.Version) bool {
	return v.Core().GreaterThanOrEqual(version.Must(version.NewVersion("1.11.0")))
}
