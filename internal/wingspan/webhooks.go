package wingspan

import (
	"context"
	"sync/atomic"
	"time"
)

// Webhooks reads, writes and looks for webhook preferences with what the process knows of them: reads share one list, a 404
// is believed only on proof, and no create makes two. One serves a whole process.
type Webhooks struct {
	client  *Client
	known   *known
	creates *pendingCreates
	// exact counts the reads, of which the first go by id.
	exact atomic.Int64
}

// NewWebhooks returns the webhooks behind a client.
func NewWebhooks(c *Client) *Webhooks {
	k := newKnown()

	return &Webhooks{client: c, known: k, creates: newPendingCreates(&k.accounts)}
}

// Client is what the requests go through.
func (w *Webhooks) Client() *Client { return w.client }

// IsOwn reports whether responses so far show that the account is the token's own.
func (w *Webhooks) IsOwn(account string) bool {
	certain, _ := w.known.accounts.isOwn(account)

	return certain
}

// EventNames reads which events the account can subscribe to, sorted and each once.
func (w *Webhooks) EventNames(ctx context.Context, account string) ([]string, error) {
	names, owner, err := w.client.eventNames(ctx, account)
	if err == nil && account == "" {
		w.known.accounts.note(owner, "")
	}

	return names, err
}

// Target is a webhook preference as its caller knows it. Only the ID is required.
type Target struct {
	ID string
	// Account is who to make the request for; empty is the token's own account.
	Account string
	// Owner is the account that is known to own it.
	Owner string
	// Server is the base URL at which it was seen last.
	Server string
	// CreatedAt is the API's time of its creation.
	CreatedAt string
	// Created is when this provider created it; zero where it didn't.
	Created Moment
}

// list returns the newest list of the account if it is usable, and otherwise asks for another one, which all who come meanwhile
// share when it is usable to them. The request is detached from the caller's context, because others may wait for it. The only
// error is the context's; the list has its own.
func (w *Webhooks) list(ctx context.Context, account string, usable func(*listing) bool) (*listing, error) {
	k := w.known
	k.mu.Lock()
	key := k.accounts.key(account)
	l := k.lists[key]
	if l == nil || !usable(l) {
		l = &listing{asked: time.Now(), writes: k.writes.Load(), done: make(chan struct{})}
		k.lists[key] = l
		go func() {
			defer close(l.done)
			l.fill(w.client.listPreferences(context.WithoutCancel(ctx), account))
			k.received(account, l)
		}()
	}
	k.mu.Unlock()

	select {
	case <-l.done:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
