package wingspan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// exactReads is how many reads of a process go by id before the list is asked for. Small plans and -target
// shouldn't read a large account.
const exactReads = 3

// Webhooks reads, writes and looks for webhook preferences with what the process knows of them: reads share one list, a 404
// is believed only on proof, and no create makes two. One serves a whole process.
type Webhooks struct {
	client *Client
	known  *known
	exact  atomic.Int64
}

// NewWebhooks returns the webhooks behind a client.
func NewWebhooks(c *Client) *Webhooks { return &Webhooks{client: c, known: newKnown()} }

// Client is what the requests go through.
func (w *Webhooks) Client() *Client { return w.client }

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

// AccountError is a response about an account other than the one that was asked for.
type AccountError struct {
	Asked, Got, ID string
	// Created means that this very request created the preference there.
	Created bool
}

// Error names both accounts.
func (e *AccountError) Error() string {
	return fmt.Sprintf("asked for account %q, got preference %q of account %q", e.Asked, e.ID, e.Got)
}

// checkOwner compares the owner with the account that was asked for, and with the one that is known to own it.
func checkOwner(t Target, p *Preference) error {
	for _, asked := range []string{p.Account, t.Owner} {
		if asked != "" && p.UserID != "" && p.UserID != asked {
			return &AccountError{Asked: asked, Got: p.UserID, ID: p.ID}
		}
	}

	return nil
}

// Get reads one preference: from the shared list where its entry satisfies matches (nil accepts every complete entry), and
// by its id otherwise, as lists can be stale or contain less than the exact read does. The result's Account is the one that the
// response is about, which may be the owner instead of the target's account. A 404 is a *MissingError.
func (w *Webhooks) Get(ctx context.Context, t Target, matches func(Preference) bool) (*Preference, error) {
	if p := w.fromList(ctx, t, matches); p != nil {
		return p, nil
	}

	return w.GetExact(ctx, t)
}

// GetExact is Get without any list.
func (w *Webhooks) GetExact(ctx context.Context, t Target) (*Preference, error) {
	return w.ask(ctx, t, func(account string) (*Preference, error) {
		p, err := w.client.GetPreference(ctx, account, t.ID)
		if err == nil {
			w.known.saw(p.ID)
		}

		return p, err
	})
}

// fromList returns nil whenever the exact read has to decide. A failed list isn't retried until the next write: the
// reads by id serve as well, and each has its own error.
func (w *Webhooks) fromList(ctx context.Context, t Target, matches func(Preference) bool) *Preference {
	if w.exact.Add(1) <= exactReads {
		return nil
	}
	current := func(l *listing) bool { return l.writes == w.known.writes }
	l, err := w.list(ctx, t.Account, current)
	if err != nil || l.err != nil {
		return nil
	}
	w.known.mu.Lock()
	stale := !current(l)
	w.known.mu.Unlock()
	p, found := l.byID[t.ID]
	if stale || !found || p.UserID == "" || p.SubscribedEvents == nil || w.known.contradicts(p) {
		return nil
	}
	p.Account = t.Account
	if checkOwner(t, &p) != nil {
		return nil
	}
	if matches == nil && (p.CreatedAt == "" || p.UpdatedAt == "") || matches != nil && !matches(p) {
		return nil
	}

	return &p
}

// List reads all preferences of the account again, and adds what this process did that the list doesn't show yet. Entries that belong to
// another account are left out; when all do, it is an *AccountError.
func (w *Webhooks) List(ctx context.Context, account string) (List, error) {
	l, err := w.list(ctx, account, func(*listing) bool { return false })
	switch {
	case err != nil:
		return List{}, err
	case l.err != nil:
		return List{}, l.err
	}
	if err := w.known.foreign(account, l); err != nil {
		return List{}, err
	}

	list := l.List
	list.Preferences = slices.DeleteFunc(slices.Clone(list.Preferences), func(p Preference) bool {
		return !w.known.ownedBy(account, p) || w.known.contradicts(p)
	})
	in, _ := w.known.writtenIn(account, "")
	for _, p := range in {
		if !slices.ContainsFunc(list.Preferences, func(listed Preference) bool { return listed.ID == p.ID }) {
			list.Preferences = append(list.Preferences, p.Preference)
		}
	}

	return list, nil
}

// EventNames reads which events the account can subscribe to, sorted and each once.
func (w *Webhooks) EventNames(ctx context.Context, account string) ([]string, error) {
	names, owner, err := w.client.EventNames(ctx, account)
	if err == nil {
		w.known.learnFromNames(account, owner)
	}

	return names, err
}

// IsOwn reports whether responses so far show that the account is the token's own.
func (w *Webhooks) IsOwn(account string) bool {
	certain, _ := w.known.isSelf(account)

	return certain
}

// Update sends the change and returns the preference as it is then. A 404 is a *MissingError.
func (w *Webhooks) Update(ctx context.Context, t Target, request UpdatePreferenceRequest) (*Preference, error) {
	defer w.known.beginWrite(t.ID)()

	p, err := w.ask(ctx, t, func(account string) (*Preference, error) {
		return w.client.UpdatePreference(ctx, account, t.ID, request)
	})
	if p == nil {
		return nil, err
	}
	var sent Secret
	if request.SharedSecret != nil {
		sent = *request.SharedSecret
	}
	written := *p
	if written.SubscribedEvents == nil {
		written.SubscribedEvents = request.SubscribedEvents
	}
	w.known.wrote(written, sent)

	return p, err
}

// Delete removes the preference. It succeeds only when the API confirmed it, or on proof that the preference is gone.
func (w *Webhooks) Delete(ctx context.Context, t Target) error {
	defer w.known.beginWrite(t.ID)()

	err := w.delete(ctx, t)
	if err == nil || IsGone(err) {
		w.known.removedNow(t.ID)

		return nil
	}

	return err
}

// delete sends a delete whose response isn't the API's once more. After that, and after a 404, only the proof of a read counts: whatever
// responded to the delete may respond to all deletes.
func (w *Webhooks) delete(ctx context.Context, t Target) error {
	var doubted error
	_, err := w.ask(ctx, t, func(account string) (*Preference, error) {
		t.Account = account
		err := w.client.DeletePreference(ctx, account, t.ID)
		if isUnusable(err) {
			doubted = err
			err = w.client.DeletePreference(ctx, account, t.ID)
		}
		if isUnusable(err) {
			return nil, nil
		}

		return nil, err
	})
	var missing *MissingError
	switch {
	case IsGone(err) && errors.As(err, &missing):
		t.Account, missing.Reason = missing.Target.Account, StillListed
	case err != nil:
		return err
	case doubted == nil:
		return nil
	}

	return w.waitUntilGone(ctx, t, cmp.Or(err, doubted))
}

// waitUntilGone reads until there is proof that the preference is gone. While it is there, the error is the doubted response's.
func (w *Webhooks) waitUntilGone(ctx context.Context, t Target, doubted error) error {
	for retry := newBackoff(w.client.settle); ; {
		if _, err := w.GetExact(ctx, t); err != nil {
			return err
		}
		if !retry.wait(ctx) {
			return doubted
		}
	}
}
