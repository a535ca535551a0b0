package main

import (
	"bytes"
	"context"
	"errors"
	"log"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

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
	if _, err := acctest.Find(); err != nil {
		t.Skip(err)
	}
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
			if err := run(ctx, out, parent, false); !errors.Is(err, row.err) {
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
	d := &demo{out: log.New(out, "", 0), server: wingspantest.New(t), kit: &acctest.Kit{ConfigFile: "/demo/cli.tfrc", Path: "terraform"}, work: &acctest.Workspace{}}
	d.serve(ctx)
	want := `(?s)export TF_CLI_CONFIG_FILE='/demo/cli\.tfrc'\n.*export WINGSPAN_BASE_URL='http://127\.0\.0\.1:\d+'\n.*unset TF_CLI.*Stopped\. Nothing is left behind\.\n$`
	if text := out.text.String(); !regexp.MustCompile(want).MatchString(text) {
		t.Errorf("not %q in\n%s", want, text)
	}
}

// TestDemoNoticesDifferences: without this, the checks above could pass whatever the server has.
func TestDemoNoticesDifferences(t *testing.T) {
	t.Parallel()
	d := &demo{server: wingspantest.New(t), secret: "fake-secret-0123456789"}
	want := commands[1]
	d.id = d.server.Put(wingspantest.Preference{URL: hookURL, SharedSecret: d.secret, SubscribedEvents: sent}).ID
	if err := d.check(want); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*wingspantest.Preference){
		"URL":    func(p *wingspantest.Preference) { p.URL += "/x" },
		"secret": func(p *wingspantest.Preference) { p.SharedSecret += "x" },
		"events": func(p *wingspantest.Preference) { p.SubscribedEvents = failed },
	} {
		before, _ := d.server.Preference(d.id)
		d.server.Edit(d.id, change)
		if err := d.check(want); err == nil || strings.Contains(err.Error(), d.secret) {
			t.Errorf("another %s: got %v", name, err)
		}
		d.server.Edit(d.id, func(p *wingspantest.Preference) { *p = before })
	}
	if err := d.check(command{}); err == nil {
		t.Error("a webhook too many is not noticed")
	}
	state := fstest.MapFS{"terraform.tfstate": {Data: []byte("{}")}, ".terraform/log": {Data: []byte(d.secret)}}
	if err := d.wantNoSecretIn(state); err == nil || !strings.Contains(err.Error(), ".terraform/log") {
		t.Errorf("a file with the secret: got %v", err)
	}
}
