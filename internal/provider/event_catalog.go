package provider

import (
	"context"
	"errors"
	"sync"
	"time"
)

// catalogTimeout bounds the wait for a list that is only there to help, retries and all. It is longer than the longest pause,
// which is a minute.
const catalogTimeout = 2 * time.Minute

// eventCatalog requests the current event names once per run where an account's list has all that is looked for, and otherwise once per
// account: nothing documents that the lists of accounts differ, and nothing that they don't.
type eventCatalog struct {
	fetch func(context.Context, string) ([]string, error)

	mu       sync.Mutex
	accounts map[string]*catalogEntry
	// shared is of the account that was asked first.
	shared *catalogEntry
}

// catalogEntry is the list of an account. It doesn't change once done is closed.
type catalogEntry struct {
	done  chan struct{}
	names []string
	err   error
}

func newEventCatalog(fetch func(context.Context, string) ([]string, error)) *eventCatalog {
	return &eventCatalog{fetch: fetch, accounts: map[string]*catalogEntry{}}
}

var errNoEventNames = errors.New("the list of event names is empty")

// names returns a current list, sorted and never empty: one that has all the wanted names, or else the account's own. The token's own
// account is always asked, because its names show which account that is.
func (c *eventCatalog) names(ctx context.Context, account string, wanted []string) ([]string, error) {
	c.mu.Lock()
	shared := c.shared
	if shared == nil || account == "" {
		shared = c.request(ctx, account)
	}
	c.mu.Unlock()
	names, err := shared.wait(ctx)
	if ctx.Err() != nil || (err == nil && len(without(wanted, names)) == 0) {
		return names, err
	}

	c.mu.Lock()
	own := c.request(ctx, account)
	c.mu.Unlock()

	return own.wait(ctx)
}

// request needs the lock.
func (c *eventCatalog) request(ctx context.Context, account string) *catalogEntry {
	entry := c.accounts[account]
	if entry != nil {
		return entry
	}
	entry = &catalogEntry{done: make(chan struct{})}
	c.accounts[account] = entry
	if c.shared == nil {
		c.shared = entry
	}
	go func() {
		// Others wait for it too, so that it outlives the first caller.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogTimeout)
		defer cancel()
		entry.names, entry.err = c.fetch(detached, account)
		if entry.err == nil && len(entry.names) == 0 {
			entry.err = errNoEventNames
		}
		c.mu.Lock()
		if entry.err != nil && c.shared == entry {
			c.shared = nil // The next account's may be better.
		}
		c.mu.Unlock()
		close(entry.done)
	}()

	return entry
}

func (e *catalogEntry) wait(ctx context.Context) ([]string, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.done:
		return e.names, e.err
	}
}
