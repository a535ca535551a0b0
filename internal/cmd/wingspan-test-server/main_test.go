//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const asCommand = "WINGSPAN_TEST_SERVER_AS_COMMAND"

// TestMain lets the test's binary be the command, for what only a process of its own can show.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	m.Run()
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary, args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

func TestSignalsEndItCleanly(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "url")
			c := command(t, "-url-file", file)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			waitForURL(t, file)
			if err := c.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestErrorsEndItWithStatus1(t *testing.T) {
	t.Parallel()
	out, err := command(t, "-addr", "0.0.0.0:0").CombinedOutput()
	if err == nil || err.Error() != "exit status 1" {
		t.Errorf("error %v", err)
	}
	if !strings.HasPrefix(string(out), "wingspan-test-server: -addr 0.0.0.0:0 is not a loopback address") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("printed %q", out)
	}
}
