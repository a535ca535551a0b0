package wingspan

import (
	"context"
	"sync"
)

// pendingCreate is a create of which it isn't known what it made: it is in progress, or has ended as ambiguous.
type pendingCreate struct {
	account, canonicalURL string
	// sent is set before the first request, and ended when the create has returned.
	sent, ended bool
	// nearMatches are entries of lists that are what the create asked for in everything but the secret.
	nearMatches map[string]bool
}

// pendingCreates are all of this process.
type pendingCreates struct {
	accounts *accounts

	mu  sync.Mutex
	all map[*pendingCreate]bool
	// ended is closed, and replaced, whenever a create ends.
	ended chan struct{}
}

func newPendingCreates(a *accounts) *pendingCreates {
	return &pendingCreates{accounts: a, all: map[*pendingCreate]bool{}, ended: make(chan struct{})}
}

// begin waits until no create of the same account and URL is in progress. Its only error is the context's.
func (c *pendingCreates) begin(ctx context.Context, account, url string) (*pendingCreate, error) {
	create := &pendingCreate{account: account, canonicalURL: CanonicalURL(url), nearMatches: map[string]bool{}}
	for {
		ended := c.add(create)
		if ended == nil {
			return create, nil
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// add returns nil, or what is closed when a create ends, as one of the same account and URL is in progress.
func (c *pendingCreates) add(create *pendingCreate) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	for other := range c.all {
		if !other.ended && other.canonicalURL == create.canonicalURL && c.accounts.mayBeSame(create.account, other.account) {
			return c.ended
		}
	}
	c.all[create] = true

	return nil
}

// end lets the next create begin. One that is ambiguous goes on to account for entries of lists.
func (c *pendingCreates) end(create *pendingCreate, ambiguous bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	create.ended = true
	if !ambiguous {
		delete(c.all, create)
	}
	close(c.ended)
	c.ended = make(chan struct{})
}

func (c *pendingCreates) markSent(create *pendingCreate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	create.sent = true
}

// fitsOther reports whether another pending create fits the entry of a list better than this one does.
func (c *pendingCreates) fitsOther(create *pendingCreate, p Preference) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	canonical := CanonicalURL(p.URL)
	fits := func(one *pendingCreate) bool { return one.canonicalURL == canonical && c.accounts.owns(one.account, p) }
	if fits(create) {
		return false
	}
	for other := range c.all {
		if other.sent && fits(other) {
			return true
		}
	}

	return false
}

// severalNearMatches notes an entry that is the create's in everything but the secret, and reports whether it is the only one of this
// create while other pending creates have exactly one, too.
func (c *pendingCreates) severalNearMatches(create *pendingCreate, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	create.nearMatches[id] = true
	creates := 0
	for other := range c.all {
		if len(other.nearMatches) == 1 {
			creates++
		}
	}

	return creates > 1 && len(create.nearMatches) == 1
}
