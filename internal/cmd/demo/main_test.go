package main

import (
	"bytes"
	"context"
	"errors"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/acctest"
	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// screen cancels its demo when a text appears.
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

// TestDemo runs it with the real CLI to its end, or until a text appears.
func TestDemo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		until string
		err   error
		want  []string // patterns, in this order
	}{
		"to its end": {want: []string{
			`listens on http://127\.0\.0\.1:\d+`, `\n1\. `, `apply -auto-approve\n`, `1 added, 0 changed, 0 destroyed`, `ok: The server has the webhook`,
			`\n2\. `, `No changes\.`, `ok: The exit code is 0`,
			`\n3\. `, `- "Invoice\.Sent"`, `\+ "Invoice\.PaymentFailed"`, `ok: The exit code is 2`, `apply change\.tfplan\n`, `ok: It is the same webhook`,
			`\n4\. `, `Error: Unknown event name`, `ok: The exit code is 1`, `\n5\. `, `31 characters, hidden`, `\n6\. `, `ok: The server is empty`,
			`Nothing is left behind\.\n$`,
		}},
		"interrupted while it builds":       {until: "Building the provider", err: context.Canceled},
		"interrupted while the CLI applies": {until: "apply -auto-approve", err: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out, parent := &screen{until: row.until, cancel: cancel}, t.TempDir()
			err := run(ctx, out, parent, false)
			if errors.Is(err, acctest.ErrNoCLI) {
				t.Skip(err)
			}
			if !errors.Is(err, row.err) {
				t.Errorf("got %v, want %v", err, row.err)
			}
			if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			text := out.text.String()
			if !regexp.MustCompile(`(?s)` + strings.Join(row.want, `.*`)).MatchString(text) {
				t.Errorf("not all of %q, or not in this order, in\n%s", row.want, text)
			}
			if hidden := regexp.MustCompile(`fake-[A-Z2-7]{26}|overrides are in effect|\x1b`).FindString(text); hidden != "" {
				t.Errorf("it shows %q", hidden)
			}
			if row.err != nil && strings.Contains(text, "Every step went as shown") {
				t.Error("it claims success")
			}
		})
	}
}

// TestKeep: what was created can be used until the demo is stopped.
func TestKeep(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &screen{until: "Waiting for requests", cancel: cancel}
	d := &demo{out: log.New(out, "", 0), Server: wingspantest.New(t), Kit: &acctest.Kit{ConfigFile: "/demo/cli.tfrc", Path: "terraform"}, Work: &acctest.Workspace{}}
	d.serve(ctx)
	want := `(?s)export TF_CLI_CONFIG_FILE='/demo/cli\.tfrc'\n.*export WINGSPAN_BASE_URL='http://127\.0\.0\.1:\d+'\n.*unset TF_CLI.*Stopped\. Nothing is left behind\.\n$`
	if text := out.text.String(); !regexp.MustCompile(want).MatchString(text) {
		t.Errorf("not %q in\n%s", want, text)
	}
}

// TestDemoNoticesDifferences: without this, the checks above could pass whatever the server and the files have.
func TestDemoNoticesDifferences(t *testing.T) {
	t.Parallel()
	d := &demo{Server: wingspantest.New(t), Kit: &acctest.Kit{Version: "1.11.4"}, Work: &acctest.Workspace{Dir: t.TempDir()}, URL: "https://a.example.com", Secret: "fake-secret-0123456789"}
	d.Want = []string{"Invoice.Paid,Invoice.Sent"}
	hook := d.Server.Put(wingspantest.Preference{URL: d.URL, SharedSecret: d.Secret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"}})
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(d.Work.Dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	noticed := func(what, says string) {
		t.Helper()
		if err := d.check(); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), d.Secret) {
			t.Errorf("%s: got %v", what, err)
		}
		d.Server.Put(hook)
	}
	noticed("no state", "terraform.tfstate")
	write("terraform.tfstate", "{}")
	if err := d.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*wingspantest.Preference){
		"URL":     func(p *wingspantest.Preference) { p.URL += "/x" },
		"account": func(p *wingspantest.Preference) { p.Account = "usrOther" },
		"secret":  func(p *wingspantest.Preference) { p.SharedSecret += "x" },
		"events":  func(p *wingspantest.Preference) { p.SubscribedEvents = nil },
	} {
		d.Server.Edit(hook.ID, change)
		noticed("another "+name, "the server received and has")
	}
	write("log", d.Secret)
	noticed("a file with the secret", "log contains the secret")
	d.ID = "another"
	noticed("another webhook", "the server received and has")
	d.Want = nil
	noticed("a webhook too many", "the server received and has")
}
