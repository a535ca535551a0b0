package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// managed is one webhook under management, as a state file keeps it, and what a careful person does with it.
type managed struct {
	held

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
func (s said) err() error {
	if !s.failed() {
		return nil
	}

	return errors.New(s.text())
}

// within is the same provider process, called with another context.
func (w *wire) within(ctx context.Context) *wire {
	other := *w
	other.ctx = ctx

	return &other
}

func (w *wire) exists(h held) bool { return h.state != nil && w.values(h) != nil }

// apply does what one apply does: refresh, plan, and change what has to be changed. A nil configuration destroys.
func (m *managed) apply(w *wire, config values) error {
	if err := m.refresh(w); err != nil {
		return err
	}
	if m.tainted || config == nil {
		if err := m.destroy(w); err != nil || config == nil {
			return err
		}
	}
	p, told := w.plan(m.held, config)
	if err := told.err(); err != nil || !w.changes(m.held, p) {
		return err
	}
	creating := !w.exists(m.held)
	m.held, told = w.applyPlan(m.held, p, config)
	m.tainted = told.failed() && creating && w.exists(m.held)

	return told.err()
}

func (m *managed) refresh(w *wire) error {
	if !w.exists(m.held) {
		return nil
	}
	read, told := w.read(m.held)
	if !told.failed() {
		m.held = read
	}

	return told.err()
}

func (m *managed) destroy(w *wire) error {
	if !w.exists(m.held) {
		return nil
	}
	after, told := w.apply(m.held, nil)
	if m.held = after; !told.failed() {
		m.tainted = false
	}

	return told.err()
}

// follow does what the error advises. An import block is pasted unless another resource has the webhook; where its ID is left open, find
// looks in Wingspan, as the error says. Anything else is to be applied again, which is the caller's.
func (m *managed) follow(w *wire, advice error, find func() []string, elsewhere func(id string) bool) error {
	match := pastedImport.FindStringSubmatch(advice.Error())
	if match == nil || w.exists(m.held) {
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
	var told said
	for range importAttempts {
		var imported held
		if imported, told = w.importID(id); !told.failed() {
			m.held, m.imports = imported, m.imports+1

			return nil
		}
	}

	return fmt.Errorf("follow %q: %w", advice.Error(), told.err())
}

// wantNoChanges fails unless the next plan is empty.
func (m *managed) wantNoChanges(w *wire, config values) error {
	if err := m.refresh(w); err != nil {
		return err
	}
	if config == nil {
		if w.exists(m.held) {
			return errors.New("what was destroyed is still in the state")
		}

		return nil
	}
	p, told := w.plan(m.held, config)
	err := told.err()
	if err == nil && (m.tainted || w.changes(m.held, p)) {
		err = errors.New("the next plan is not empty")
	}

	return err
}

// changes reports whether the plan is not empty.
func (w *wire) changes(prior held, p outcome) bool {
	w.t.Helper()
	typ := w.preferenceType()
	before, err := w.stateOf(prior).Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	after, err := p.state.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}

	return !before.Equal(after)
}

// parallelism is how many resources a CLI works on at a time.
const parallelism = 10

// inParallel calls do with each number below n.
func inParallel(n int, do func(int)) {
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range numbers {
				do(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
}
