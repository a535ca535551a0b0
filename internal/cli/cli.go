// Package cli runs a real Terraform or OpenTofu with the provider of this checkout, for the programs below
// internal/cmd and for tests that need processes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	// PathVariable names the CLI to use, as terraform-plugin-testing reads it.
	PathVariable = "TF_ACC_TERRAFORM_PATH"

	module       = "github.com/wingspanhq/terraform-provider-wingspan"
	pluginName   = "terraform-provider-wingspan"
	tofuRegistry = "registry.opentofu.org/"
	tfRegistry   = "registry.terraform.io/"
)

// ErrNoCLI means that there is neither a terraform nor a tofu.
var ErrNoCLI = errors.New("found neither terraform nor tofu: install one of them, or set " + PathVariable)

// Kit is a CLI together with a freshly built provider, which its workspaces need no init for.
type Kit struct {
	// Path is the CLI, Plugin the provider's executable.
	Path, Plugin string

	config string
}

// Find returns the path of the CLI: what PathVariable names, or else a terraform or a tofu on PATH.
func Find() (string, error) {
	if path := os.Getenv(PathVariable); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}

	return "", ErrNoCLI
}

// New finds the CLI and builds the provider into dir. The address is the provider's in its registry, such as
// provider.Address: this package does not import the provider, so that the provider's own tests can use it.
func New(ctx context.Context, dir, address string) (*Kit, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}

	return Build(ctx, path, dir, address)
}

// Build is New for a CLI that the caller has found.
func Build(ctx context.Context, path, dir, address string) (*Kit, error) {
	plugins := filepath.Join(dir, "plugins")
	kit := &Kit{Path: path, Plugin: filepath.Join(plugins, pluginName+exeSuffix), config: filepath.Join(dir, "cli.tfrc")}

	build := exec.CommandContext(ctx, "go", "build", "-o", kit.Plugin, module)
	// Go removes its temporary files when it is interrupted, and leaves them when it is killed.
	build.WaitDelay = stopPatience
	sweep := interruptible(build)
	out, err := build.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		sweep()

		return nil, fmt.Errorf("build the provider: %w", ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	if err := os.WriteFile(kit.config, []byte(overrides(address, plugins)), 0o600); err != nil {
		return nil, fmt.Errorf("write the CLI's configuration: %w", err)
	}

	return kit, nil
}

// ConfigFile is the CLI configuration that points at the built provider.
func (k *Kit) ConfigFile() string { return k.config }

// overrides names the address at both registries: each CLI looks up its own.
func overrides(address, plugins string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(address, tfRegistry), tofuRegistry)

	return fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n  direct {}\n}\n",
		tfRegistry+name, plugins, tofuRegistry+name, plugins)
}

// environ is this process's environment without anything that changes what the CLI or the provider do.
func (k *Kit) environ(extra []string) []string {
	env := []string{
		"TF_CLI_CONFIG_FILE=" + k.config, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
	}
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "WINGSPAN_") {
			env = append(env, entry)
		}
	}

	return append(env, extra...)
}
