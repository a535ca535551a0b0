package drive

import (
	"context"
	"fmt"
	"regexp"
)

// Hook is one resource under management, as a state file keeps it, and what a careful person does with it.
type Hook struct {
	// Type is the resource's type.
	Type string

	Object Object
	// Tainted: its create failed after something was made, so that the next apply removes it first.
	Tainted bool
	// Imports counts how often an error's import block was followed.
	Imports int
}

// importBlock finds the id in the import block of an error.
var importBlock = regexp.MustCompile(`import \{\s+to = \S+\s+id = "([^"]+)"\s+\}`)

const importTries = 3

// placeholder is what an error shows in place of an id that nobody knows.
const placeholder = "ID"

// Apply does what one apply does: refresh, plan, and change what has to be. A nil configuration destroys.
func (h *Hook) Apply(ctx context.Context, p *Provider, config Values) error {
	if err := h.Refresh(ctx, p); err != nil {
		return err
	}
	if h.Tainted || config == nil {
		if err := h.destroy(ctx, p); err != nil || config == nil {
			return err
		}
	}
	plan, err := p.Plan(ctx, h.Type, h.Object, config)
	if err != nil || !plan.Changes {
		return err
	}
	creating := !h.Object.Exists()
	h.Object, err = p.Apply(ctx, plan)
	h.Tainted = err != nil && creating && h.Object.Exists()

	return err
}

// Refresh reads what is there.
func (h *Hook) Refresh(ctx context.Context, p *Provider) error {
	if !h.Object.Exists() {
		return nil
	}
	read, err := p.Read(ctx, h.Type, h.Object)
	if err == nil {
		h.Object = read
	}

	return err
}

func (h *Hook) destroy(ctx context.Context, p *Provider) error {
	if !h.Object.Exists() {
		return nil
	}
	plan, err := p.Plan(ctx, h.Type, h.Object, nil)
	if err != nil {
		return err
	}
	if h.Object, err = p.Apply(ctx, plan); err == nil {
		h.Tainted = false
	}

	return err
}

// Follow does what the error advises. An import block is pasted; where its id is left open, find looks in
// Wingspan, as the person is told to, and returns what it sees there. Everything else is to be applied again, which is the caller's.
func (h *Hook) Follow(ctx context.Context, p *Provider, advice error, find func() []string) error {
	match := importBlock.FindStringSubmatch(advice.Error())
	if match == nil || h.Object.Exists() {
		return nil
	}
	id := match[1]
	if id == placeholder {
		seen := find()
		if len(seen) == 0 {
			return nil
		}
		id = seen[0]
	}
	// What a list shows may answer 404 by its id for a moment, and a person who sees it there tries again.
	imported, err := p.Import(ctx, h.Type, id)
	for tries := 1; err != nil && tries < importTries; tries++ {
		imported, err = p.Import(ctx, h.Type, id)
	}
	if err != nil {
		return fmt.Errorf("follow %q: %w", advice.Error(), err)
	}
	h.Object, h.Imports = imported, h.Imports+1

	return nil
}

// Empty fails unless the next plan is.
func (h *Hook) Empty(ctx context.Context, p *Provider, config Values) error {
	if err := h.Refresh(ctx, p); err != nil {
		return err
	}
	if config == nil {
		if h.Object.Exists() {
			return fmt.Errorf("what was destroyed is still there")
		}

		return nil
	}
	plan, err := p.Plan(ctx, h.Type, h.Object, config)
	if err == nil && (plan.Changes || h.Tainted) {
		err = fmt.Errorf("the next plan is not empty")
	}

	return err
}
