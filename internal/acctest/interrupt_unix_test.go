//go:build unix

package acctest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventually waits for what another process does, which nothing announces. What never happens ends with the timeout of go test, as no
// time of its own is right for every machine.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	t.Log("waiting for", what)
	for !done() {
		time.Sleep(time.Millisecond)
	}
}

// script stands in for a CLI that runs until it is told to stop, with a child that ignores everything but a kill.
const script = `#!/bin/sh
trap 'echo interrupted > outcome; exit 1' INT
(trap "" INT TERM; exec sleep 600) >/dev/null 2>&1 &
echo $! > child
while :; do sleep 0.01; done
`

func TestTheEndOfTheContextInterruptsTheCLIAndLeavesNoChild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "fake-cli")
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w, err := (&Kit{Path: path, stopTimeout: time.Hour}).Workspace(filepath.Join(dir, "work"), "")
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := w.Run(ctx, "apply")
		ended <- err
	}()
	read := func(name string) string {
		content, _ := os.ReadFile(filepath.Join(w.Dir, name)) // It is not there yet, or it is.

		return strings.TrimSpace(string(content))
	}
	eventually(t, "the child's start", func() bool { return read("child") != "" })
	child, err := strconv.Atoi(read("child"))
	if err != nil {
		t.Fatal(err)
	}

	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if got := read("outcome"); got != "interrupted" {
		t.Errorf("the CLI was not interrupted: %q", got)
	}
	eventually(t, "the child's end", func() bool { return errors.Is(syscall.Kill(child, 0), syscall.ESRCH) || zombie(child) })
}

// zombie: whoever adopts orphans here may not collect them.
func zombie(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")

	return err == nil && strings.Contains(string(status), ") Z ")
}
