package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// screen may be read while the demo writes, and cancels its demo when a text appears.
type screen struct {
	mu     sync.Mutex
	text   bytes.Buffer
	until  string
	cancel context.CancelFunc
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	if s.until != "" && strings.Contains(s.text.String(), s.until) {
		s.cancel()
	}

	return len(p), nil
}

// play runs the demo with the real CLI until its end, or until the text appears, and checks that it leaves nothing.
func play(t *testing.T, opts options, until string) (string, error) {
	t.Helper()
	path, from, err := findCLI(t.Context(), t.TempDir(), &printer{w: t.Output()})
	if err != nil {
		t.Skipf("The demo needs a CLI: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &screen{until: until, cancel: cancel}
	opts.out, opts.parent = out, t.TempDir()
	opts.find = func(context.Context, string, *printer) (string, string, error) { return path, from, nil }

	err = run(ctx, opts)
	left, readErr := os.ReadDir(opts.parent)
	if readErr != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, readErr)
	}
	if served := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(out.text.String()); served != "" {
		u, err := url.Parse(served)
		if err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", u.Host); err == nil {
			conn.Close()
			t.Errorf("the server on %s still runs", served)
		}
	}

	return out.text.String(), err
}

func TestTheDemoShowsEachStepAndLeavesNothing(t *testing.T) {
	t.Parallel()
	out, err := play(t, options{}, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rest := out
	for _, next := range []string{
		"Building the provider", "The test server listens on http://127.0.0.1:",
		"1. ", "apply -auto-approve\n", "Plan: 1 to add, 0 to change, 0 to destroy.", "1 added, 0 changed, 0 destroyed.", "ok: The server holds the webhook",
		"2. ", "plan -detailed-exitcode\n", "No changes.", "ok: The exit code is 0",
		"3. ", `- "Invoice.Sent"`, `+ "Invoice.PaymentFailed"`, "Plan: 0 to add, 1 to change, 0 to destroy.", "ok: The exit code is 2",
		"apply change.tfplan\n", "0 added, 1 changed, 0 destroyed.", "ok: It is the same webhook.",
		"4. ", "Error: Unknown event name", `"Invoice.PaymentFaild"`, `"Invoice.PaymentFailed"?`, "ok: The exit code is 1",
		"5. ", "url      https://hooks.example.com/wingspan\n", "events   Invoice.Paid, Invoice.PaymentFailed\n", "ok: That is the one webhook",
		"6. ", "destroy -auto-approve\n", "1 destroyed.", "ok: The server holds nothing.",
		"Every step went as shown. Nothing is left behind.\n",
	} {
		_, after, found := strings.Cut(rest, next)
		if !found {
			t.Fatalf("%q is missing, or not in its place:\n%s", next, out)
		}
		rest = after
	}
	for _, hidden := range []string{"fake-", wingspantest.Token, "Provider development overrides", "\x1b"} {
		if strings.Contains(out, hidden) {
			t.Errorf("it shows %q:\n%s", hidden, out)
		}
	}
}

func TestTheDemoEndsCleanlyWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]string{
		"while it builds": "Building the provider", "while the CLI runs": "apply -auto-approve",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := play(t, options{}, until)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error\n%s", err, out)
			}
			if strings.Contains(out, "Every step went as shown") {
				t.Errorf("it claims success:\n%s", out)
			}
		})
	}
}

func TestKeptServerTellsHowToUseItAndServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	out, err := play(t, options{keep: true}, "Requests:\n")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`\n  export TF_CLI_CONFIG_FILE=\S*cli\.tfrc\n`,
		`\n  export WINGSPAN_BASE_URL=http://127\.0\.0\.1:\d+\n`,
		`\n  export WINGSPAN_API_TOKEN=` + wingspantest.Token + `\n`,
		`Stopped\. Nothing is left behind\.\n$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

func TestADemoWithoutItsCLIFails(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	broken := errors.New("there is none")
	err := run(t.Context(), options{out: t.Output(), parent: parent, find: func(context.Context, string, *printer) (string, string, error) {
		return "", "", broken
	}})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestACommandThatEndsOtherwiseThanShownFailsTheDemo(t *testing.T) {
	t.Parallel()
	truth, err := exec.LookPath("true")
	if err != nil {
		t.Skip("There is no program that does nothing.")
	}
	var out bytes.Buffer
	// It answers 0 to everything, and nothing to the question for its version.
	err = run(t.Context(), options{out: &out, parent: t.TempDir(), find: func(context.Context, string, *printer) (string, string, error) {
		return truth, "fake", nil
	}})
	if err == nil || !strings.Contains(err.Error(), "read the CLI's version") {
		t.Errorf("got %v\n%s", err, out.String())
	}
}
