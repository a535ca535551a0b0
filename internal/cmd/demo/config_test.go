package main

import (
	"strings"
	"testing"
)

func TestTheConfigurationUsesAWriteOnlySecretWhereTheCLIHasThem(t *testing.T) {
	t.Parallel()
	for answer, row := range map[string]struct {
		name      string
		version   string
		writeOnly bool
	}{
		"Terraform v1.10.5\non linux_amd64\n":       {"Terraform", "1.10.5", false},
		"Terraform v1.11.0\non linux_amd64\n":       {"Terraform", "1.11.0", true},
		"Terraform v1.11.0-rc1\non linux_amd64\n":   {"Terraform", "1.11.0-rc1", true},
		"OpenTofu v1.9.1\non linux_amd64\n":         {"OpenTofu", "1.9.1", false},
		"OpenTofu v1.12.0\non darwin_arm64\nmore\n": {"OpenTofu", "1.12.0", true},
	} {
		t.Run(row.name+" "+row.version, func(t *testing.T) {
			t.Parallel()
			name, version, err := parseVersion(answer)
			if err != nil || name != row.name || version.String() != row.version {
				t.Fatalf("got %q %v, error %v", name, version, err)
			}
			config := configuration(hasWriteOnly(version), "Invoice.Paid", "Payee.Created")
			if got := strings.Contains(config, "shared_secret_wo  = var.signing_secret"); got != row.writeOnly {
				t.Errorf("write-only: %t\n%s", got, config)
			}
			if got := strings.Contains(config, "shared_secret     = var.signing_secret"); got == row.writeOnly {
				t.Errorf("plain: %t\n%s", got, config)
			}
			if got := strings.Contains(config, "ephemeral = true"); got != row.writeOnly {
				t.Errorf("ephemeral: %t\n%s", got, config)
			}
			if !strings.Contains(config, `subscribed_events = ["Invoice.Paid", "Payee.Created"]`) {
				t.Errorf("the events are not there\n%s", config)
			}
		})
	}
}

func TestAVersionThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "Terraform 1.11.4\n", "Terraform vnew\n"} {
		if _, _, err := parseVersion(answer); err == nil || !strings.HasPrefix(err.Error(), "read the CLI's version: ") {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestPathsAreQuotedForShells(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/tmp/wingspan-demo-1/cli.tfrc": "/tmp/wingspan-demo-1/cli.tfrc",
		"/tmp/a folder/x":               "'/tmp/a folder/x'",
		"/tmp/it's":                     `'/tmp/it'\''s'`,
		"/tmp/$HOME":                    "'/tmp/$HOME'",
	} {
		if got := shellQuote(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
