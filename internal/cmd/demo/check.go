package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const timeForm = "2006-01-02 15:04:05.000 MST"

// run shows a command and what of its output show keeps, and fails when it ends with another code than want.
func (d *demo) run(ctx context.Context, want int, show func(string) string, args ...string) (string, error) {
	d.out.text(fmt.Sprintf("  $ %s %s", filepath.Base(d.kit.Path), strings.Join(args, " ")))
	done, err := d.work.Run(ctx, args...)
	if err != nil {
		return "", err
	}
	for _, hidden := range []string{d.secret, wingspantest.Token} {
		if strings.Contains(done.Output, hidden) {
			return "", errors.New("its output, which is not shown here, holds the secret or the token")
		}
	}
	if done.Code != want {
		d.out.quote(done.Output)

		return "", fmt.Errorf("%s ended with code %d, not %d; its output is above", args[0], done.Code, want)
	}
	d.out.quote(show(done.Output))

	return done.Output, nil
}

func (p *printer) ok(text string) { p.text("  ok: " + text) }

// holds checks that the server holds the webhook as configured, and nothing else.
func (d *demo) holds(events ...string) error {
	held := d.server.Preferences()
	if len(held) != 1 {
		return fmt.Errorf("the server holds %d webhooks, not 1", len(held))
	}
	p := held[0]
	// The order of events is nobody's promise.
	got := slices.Sorted(slices.Values(p.SubscribedEvents))
	switch {
	case p.ID != d.id:
		return errors.New("the server holds another webhook: it was replaced, not changed")
	case p.URL != hookURL:
		return fmt.Errorf("the server holds the URL %q, not %q", p.URL, hookURL)
	case p.SharedSecret != d.secret:
		return errors.New("the server holds another secret than the configured one")
	case p.Account != wingspantest.OwnAccount:
		return fmt.Errorf("the webhook belongs to %q, not to %q", p.Account, wingspantest.OwnAccount)
	case !slices.Equal(got, slices.Sorted(slices.Values(events))):
		return fmt.Errorf("the server holds the events %q, not %q", got, events)
	}

	return nil
}

// wrote checks that the writes since the last check were just these, each as "METHOD field,field".
func (d *demo) wrote(want ...string) error {
	var got []string
	for _, w := range d.server.Writes() {
		got = append(got, strings.TrimSpace(w.Method+" "+strings.Join(w.Fields(), ",")))
	}
	d.server.ResetRequests()
	if !slices.Equal(got, want) {
		return fmt.Errorf("the writes sent were %q, not %q", got, want)
	}

	return nil
}

// stateHidesSecret looks into every file that the CLI left in the working directory.
func (d *demo) stateHidesSecret() error {
	state := false
	err := filepath.WalkDir(d.work.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		state = state || entry.Name() == "terraform.tfstate"
		if bytes.Contains(content, []byte(d.secret)) {
			return fmt.Errorf("%s holds the secret", entry.Name())
		}

		return nil
	})
	if err == nil && !state {
		return errors.New("there is no terraform.tfstate to look into")
	}

	return err
}
