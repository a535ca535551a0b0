package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// managed is one webhook under management, as a state file keeps it, and what a careful person does with it.
type managed struct {
	instance

	// tainted: its create failed after something was created, so that the next apply removes it first.
	tainted bool
	// imports counts how often an error's import block was followed.
	imports int
}

var pastedImport = regexp.MustCompile(`import \{\s+to = \S+\s+id = "([^"]+)"\s+\}`)

const (
	// importAttempts: what a list shows may respond with 404 by its ID for a moment, and a person who sees it there tries again.
	importAttempts = 3
	// placeholderID is what an error shows in place of an ID that no one knows.
	placeholderID = "ID"
)

// err is nil unless one of the diagnostics is an error; its text is all that a person gets to read.
func (s diagnostics) err() error {
	if !s.failed() {
		return nil
	}

	return errors.New(s.text())
}

// within is the same provider process, called with another context.
func (w *providerServer) within(ctx context.Context) *providerServer {
	other := *w
	other.ctx = ctx

	return &other
}

func (w *providerServer) exists(h instance) bool { return h.state != nil && w.values(h) != nil }

// apply does what one apply does: refresh, plan, and change what has to be changed. A nil configuration destroys.
func (m *managed) apply(w *providerServer, config values) error {
	if err := m.refresh(w); err != nil {
		return err
	}
	if m.tainted || config == nil {
		if err := m.destroy(w); err != nil || config == nil {
			return err
		}
	}
	p, diags := w.plan(m.instance, config)
	if err := diags.err(); err != nil || !w.changes(m.instance, p) {
		return err
	}
	creating := !w.exists(m.instance)
	m.instance, diags = w.applyPlan(m.instance, p, config)
	m.tainted = diags.failed() && creating && w.exists(m.instance)

	return diags.err()
}

func (m *managed) refresh(w *providerServer) error {
	if !w.exists(m.instance) {
		return nil
	}
	read, diags := w.read(m.instance)
	if !diags.failed() {
		m.instance = read
	}

	return diags.err()
}

func (m *managed) destroy(w *providerServer) error {
	if !w.exists(m.instance) {
		return nil
	}
	after, diags := w.apply(m.instance, nil)
	if m.instance = after; !diags.failed() {
		m.tainted = false
	}

	return diags.err()
}

// follow does what the error advises. An import block is pasted unless another resource has the webhook; where its ID is left open, find
// looks in Wingspan, as the error advises. Anything else is to be applied again, by the caller.
func (m *managed) follow(w *providerServer, advice error, find func() []string, elsewhere func(id string) bool) error {
	match := pastedImport.FindStringSubmatch(advice.Error())
	if match == nil || w.exists(m.instance) {
		return nil
	}
	id := match[1]
	if id == placeholderID {
		found := find()
		if len(found) == 0 {
			return nil
		}
		id = found[0]
	}
	if elsewhere(id) {
		return nil
	}
	var diags diagnostics
	for range importAttempts {
		var imported instance
		if imported, diags = w.importID(id); !diags.failed() {
			m.instance, m.imports = imported, m.imports+1

			return nil
		}
	}

	return fmt.Errorf("follow %q: %w", advice.Error(), diags.err())
}

// wantNoChanges fails unless the next plan is empty.
func (m *managed) wantNoChanges(w *providerServer, config values) error {
	if err := m.refresh(w); err != nil {
		return err
	}
	if config == nil {
		if w.exists(m.instance) {
			return errors.New("what was destroyed is still in the state")
		}

		return nil
	}
	p, diags := w.plan(m.instance, config)
	err := diags.err()
	if err == nil && (m.tainted || w.changes(m.instance, p)) {
		err = errors.New("the next plan is not empty")
	}

	return err
}

// changes reports whether the plan is not empty.
func (w *providerServer) changes(prior instance, p plannedChange) bool {
	w.t.Helper()
	typ := w.preferenceType()

	return !maps.EqualFunc(attributes(w.t, typ, w.stateOf(prior)), attributes(w.t, typ, p.state), tftypes.Value.Equal)
}

// parallelism is how many resources a CLI works on at a time.
const parallelism = 10

// inParallel calls do with each number below n.
func inParallel(n int, do func(int)) {
	var working sync.WaitGroup
	free := make(chan struct{}, parallelism)
	for i := range n {
		free <- struct{}{}
		working.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	working.Wait()
}
