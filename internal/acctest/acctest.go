// Package acctest runs a real Terraform or OpenTofu with the provider of this checkout, for tests and the demo.
package acctest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Executable is the name of the provider's executable, without an extension.
const Executable = "terraform-provider-wingspan"

// ErrNoCLI means that there is neither a terraform nor a tofu.
var ErrNoCLI = errors.New("found neither terraform nor tofu: install one of them, or set TF_ACC_TERRAFORM_PATH")

// Kit is Terraform or OpenTofu together with a provider that was built from this checkout.
type Kit struct {
	// Path is the CLI. ConfigFile is its configuration, whose dev_overrides make `init` unnecessary.
	Path, ConfigFile string
	// Version is the CLI's, like 1.11.4.
	Version string

	// stopTimeout is for tests of what happens in time, on machines of any speed.
	stopTimeout time.Duration
}

// find returns the path of the CLI: that in the variable that terraform-plugin-testing has for it, or else terraform or tofu on PATH.
func find() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}

	return "", ErrNoCLI
}

// Build finds the CLI and builds the provider into dir for it.
func Build(ctx context.Context, dir string) (*Kit, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	kit := &Kit{Path: path, ConfigFile: filepath.Join(dir, "cli.tfrc")}
	plugins := filepath.Join(dir, "plugins")
	// It names the executable after the module, with the system's extension, because the slash says that it is a directory.
	build := exec.CommandContext(ctx, "go", "build", "-o", plugins+"/", "github.com/wingspanhq/"+Executable)
	if out, err := kit.run(ctx, build); err != nil || !build.ProcessState.Success() {
		return nil, fmt.Errorf("build the provider: %w\n%s", cmp.Or(err, errors.New(build.ProcessState.String())), out)
	}
	if err := Override(kit.ConfigFile, map[string]string{"wingspanhq/wingspan": plugins}); err != nil {
		return nil, err
	}
	version := exec.CommandContext(ctx, path, "version", "-json")
	version.Env = kit.Environ()
	out, err := version.CombinedOutput()
	found := regexp.MustCompile(`"terraform_version": *"([^"]+)"`).FindSubmatch(out)
	if found == nil {
		return nil, fmt.Errorf("get the version of %s: %w\n%s", path, cmp.Or(err, errors.New("there is none")), out)
	}
	kit.Version = string(found[1])

	return kit, nil
}

// Override writes a configuration of the CLI that takes providers, like hashicorp/random, from directories.
func Override(file string, providers map[string]string) error {
	config := "provider_installation {\n  dev_overrides {\n"
	for provider, dir := range providers {
		// Each CLI looks the address up in a registry of its own.
		for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			config += fmt.Sprintf("    %q = %q\n", registry+"/"+provider, dir)
		}
	}

	return os.WriteFile(file, []byte(config+"  }\n  direct {}\n}\n"), 0o600)
}

// Environ is this process's environment without anything that changes what the CLI or the provider do, and with the extra entries.
func (k *Kit) Environ(extra ...string) []string {
	env := []string{"TF_CLI_CONFIG_FILE=" + k.ConfigFile, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"}
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "WINGSPAN_") {
			env = append(env, entry)
		}
	}
	// The provider keeps a note of accepted duplicates in the user's cache directory, which each OS finds by another of these.
	home := filepath.Join(filepath.Dir(k.ConfigFile), "home")

	return append(append(env, "HOME="+home, "XDG_CACHE_HOME="+home, "LocalAppData="+home), extra...)
}

// run runs a command to its end and returns what it printed. An error means that it could not be run, or that ctx ended.
func (k *Kit) run(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	killRest := interruptible(cmd, cmp.Or(k.stopTimeout, 10*time.Second))
	err := cmd.Start()
	if err == nil {
		_ = cmd.Wait() // The exit code has it.
	}
	if ctx.Err() != nil {
		killRest()
		err = ctx.Err()
	}
	if err != nil {
		return out.String(), fmt.Errorf("run %s: %w", cmd.Path, err)
	}

	return out.String(), nil
}

// Workspace is a directory with a configuration and its state.
type Workspace struct {
	Dir string
	// Env is added to the environment of each command, as NAME=value.
	Env []string

	kit *Kit
}

// Workspace writes the configuration to main.tf in dir, which is created if need be.
func (k *Kit) Workspace(dir, config string, env ...string) (*Workspace, error) {
	w := &Workspace{Dir: dir, Env: env, kit: k}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}

	return w, w.Configure(config)
}

// Configure replaces the configuration.
func (w *Workspace) Configure(config string) error {
	return os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(config), 0o600)
}

// Result is the outcome of a command.
type Result struct {
	// Output is standard output and standard error, in order.
	Output string
	// Code is the exit code; a plan with -detailed-exitcode exits with 2 when it is not empty.
	Code int
	// State has the CPU time of the CLI and of the providers that it ran and waited for.
	State *os.ProcessState
}

// Run runs the CLI. An error means that it could not be run; a command that failed has a Code.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	cmd := exec.CommandContext(ctx, w.kit.Path, args...)
	cmd.Dir, cmd.Env = w.Dir, w.kit.Environ(w.Env...)
	out, err := w.kit.run(ctx, cmd)
	if err != nil {
		return Result{}, err
	}

	return Result{Output: out, Code: cmd.ProcessState.ExitCode(), State: cmd.ProcessState}, nil
}
