package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// stopPatience is how long an interrupted command may take to stop before it is killed.
const stopPatience = 10 * time.Second

// Workspace is a directory with a configuration and its state.
type Workspace struct {
	Dir string
	// Env is added to the environment of each command, as NAME=value.
	Env []string
	// Watch, when set, is called in a goroutine of its own with the CLI's process id as soon as it
	// runs. Its context ends with the command, and the command's Run waits for it.
	Watch func(ctx context.Context, pid int)

	kit *Kit
}

// Result is what a command came to.
type Result struct {
	// Output is what was printed to standard output and standard error, in one.
	Output string
	// Code is the exit code; a plan with -detailed-exitcode answers 2 when it is not empty.
	Code int
	Wall time.Duration
	// CPU is the time of the CLI and of the providers that it ran and waited for.
	CPU time.Duration
}

// Workspace writes the configuration into dir, which is made if need be, as main.tf.
func (k *Kit) Workspace(dir, config string, env ...string) (*Workspace, error) {
	w := &Workspace{Dir: dir, Env: env, kit: k}

	return w, w.Configure(config)
}

// Configure replaces the configuration.
func (w *Workspace) Configure(config string) error {
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(config), 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}

	return nil
}

// Run runs the CLI. Its error means that the CLI could not be run; a command that failed has a Code.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, w.kit.Path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = w.Dir, w.kit.environ(w.Env), &out, &out
	// A provider that outlives a killed CLI would keep the output open for ever.
	cmd.WaitDelay = stopPatience
	sweep := interruptible(cmd)

	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("run %s: %w", w.kit.Path, err)
	}
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if w.Watch != nil {
			w.Watch(watching, cmd.Process.Pid)
		}
	}()
	err := cmd.Wait()
	wall := time.Since(start)
	stop()
	<-watched

	if cmd.ProcessState == nil {
		return Result{}, fmt.Errorf("run %s: %w", w.kit.Path, err)
	}
	if ctx.Err() != nil {
		sweep()

		return Result{}, fmt.Errorf("run %s: %w", w.kit.Path, ctx.Err())
	}
	state := cmd.ProcessState

	return Result{Output: out.String(), Code: state.ExitCode(), Wall: wall, CPU: state.UserTime() + state.SystemTime()}, nil
}

// MustRun is Run for commands whose failure ends the program: a Code that is not 0 is an error with the output.
func (w *Workspace) MustRun(ctx context.Context, args ...string) (Result, error) {
	result, err := w.Run(ctx, args...)
	if err == nil && result.Code != 0 {
		err = fmt.Errorf("%s %v ended with code %d:\n%s", filepath.Base(w.kit.Path), args, result.Code, result.Output)
	}

	return result, err
}
