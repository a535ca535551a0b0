package wingspan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// listLifetime is how old a list may be that a create relies on. What this process wrote since then is added, so that a thousand
// creates need a handful of lists.
const listLifetime = 10 * time.Second

// DuplicateError refuses a create because another preference would deliver some events to the same URL twice.
type DuplicateError struct {
	// ID is the preference that exists; Account is the one that was asked for, or empty.
	ID, Account, URL string
	// SharedEvents is sorted and never empty.
	SharedEvents []string
	// Written: this process created the preference, or updated it.
	Written bool
}

// Error names the other preference.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("preference %q has the same URL and shares %d events", e.ID, len(e.SharedEvents))
}

// recentList is a list of the last seconds. It is newer than what this process wrote under another name of what may be the
// same account: only a list can show whether it is in there.
func (w *Webhooks) recentList(ctx context.Context, account, url string) (*listing, error) {
	oldest := time.Now().Add(-listLifetime)
	for _, p := range w.known.writtenTo(url) {
		if !w.known.isIn(account, &p) && w.known.accounts.mayBeSame(account, p.Account) && p.at.After(oldest) {
			oldest = p.at
		}
	}
	// While the API hangs, a request beside the one that hangs would only take as long once more.
	l, err := w.list(ctx, account, func(l *listing) bool { return !l.asked.Before(oldest) || l.hangs() })
	if err != nil || l.err != nil || !l.asked.Before(oldest) {
		return l, err
	}

	return w.list(ctx, account, askedSince(oldest))
}

// hangs reports whether the list has taken longer than one may be old, and has no response, or failed just now.
func (l *listing) hangs() bool {
	if time.Since(l.asked) <= listLifetime {
		return false
	}

	select {
	case <-l.done:
		return l.err != nil && time.Since(l.received) < listRefresh
	default:
		return true
	}
}

// Similar returns the account's preferences with an equivalent URL and a common event, ordered by id, as far as one list of
// the last seconds and the writes of this process show them. With an error it returns what this process wrote. A preference
// whose events the list leaves out is among them.
func (w *Webhooks) Similar(ctx context.Context, account, url string, events []string) (List, error) {
	l, err := w.recentList(ctx, account, url)
	if err != nil {
		return List{}, err
	}

	found := map[string]Preference{}
	for _, p := range slices.Concat(l.byURL[CanonicalURL(url)], l.Unreadable) {
		h := w.known.history(p.ID)
		if h.removed || !w.known.accounts.owns(account, p) {
			continue
		}
		if h.written != nil {
			p = h.written.Preference
		}
		found[p.ID] = p
	}
	for _, p := range w.known.writtenTo(url) {
		if w.known.isIn(account, &p) {
			found[p.ID] = p.Preference
		}
	}
	maps.DeleteFunc(found, func(_ string, p Preference) bool {
		return !SameURL(p.URL, url) || (p.SubscribedEvents != nil && len(SharedEvents(p.SubscribedEvents, events)) == 0)
	})
	list := l.List
	list.Unreadable = slices.DeleteFunc(slices.Clone(l.Unreadable), func(p Preference) bool { return p.URL != "" })
	list.Preferences = slices.SortedFunc(maps.Values(found), func(a, b Preference) int { return strings.Compare(a.ID, b.ID) })

	return list, l.err
}

// InOtherForms returns the account's preferences with a common event whose URL differs in nothing but punctuation and case, ordered by id,
// as far as the list of Similar shows them: they may be there in the server's own form.
func (w *Webhooks) InOtherForms(ctx context.Context, account, url string, events []string) []Preference {
	l, err := w.recentList(ctx, account, url)
	if err != nil {
		return nil
	}
	found := slices.DeleteFunc(slices.Clone(l.byLetters[LettersAndDigits(CanonicalURL(url))]), func(p Preference) bool {
		return SameURL(p.URL, url) || !IsFormOfURL(p.URL, url) || len(SharedEvents(p.SubscribedEvents, events)) == 0 ||
			!w.known.accounts.owns(account, p) || w.known.history(p.ID).contradicts(p)
	})
	slices.SortFunc(found, func(a, b Preference) int { return strings.Compare(a.ID, b.ID) })

	return found
}

// Prefetch requests the list that Similar will need, unless there is one, and doesn't wait for it.
func (w *Webhooks) Prefetch(ctx context.Context, account string) {
	go func() { _, _ = w.list(ctx, account, askedSince(time.Now().Add(-listLifetime))) }() // The list has its own error.
}

// refuseDuplicate reads each similar preference again, because what is known of it may be seconds old. One that this process is
// changing is waited for. All are asked at the same time, so that they share the time that a 404 may take.
func (w *Webhooks) refuseDuplicate(ctx context.Context, account string, request CreatePreferenceRequest, accepted []string) error {
	// An account that can't be listed doesn't stop a create: what this process wrote is known nevertheless.
	similar, _ := w.Similar(ctx, account, request.URL, request.SubscribedEvents)

	refusals := make([]error, len(similar.Preferences))
	var checks sync.WaitGroup
	for i, p := range similar.Preferences {
		if !slices.Contains(accepted, p.ID) {
			checks.Go(func() { refusals[i] = w.checkDuplicate(ctx, account, request, p) })
		}
	}
	checks.Wait()

	return cmp.Or(cmp.Or(refusals...), ctx.Err())
}

func (w *Webhooks) checkDuplicate(ctx context.Context, account string, request CreatePreferenceRequest, listed Preference) error {
	if err := w.known.waitForChange(ctx, listed.ID); err != nil {
		return err
	}
	if w.known.history(listed.ID).removed {
		return nil
	}
	now, err := w.GetExact(ctx, Target{ID: listed.ID, Account: account, CreatedAt: listed.CreatedAt, Created: listed.Created})
	switch {
	case IsGone(err):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		now = &listed
	}
	events := now.SubscribedEvents
	if events == nil {
		events = listed.SubscribedEvents
	}
	shared := SharedEvents(events, request.SubscribedEvents)
	if len(shared) == 0 || !SameURL(now.URL, request.URL) {
		return nil
	}

	return &DuplicateError{ID: now.ID, Account: account, URL: now.URL, SharedEvents: shared, Written: w.known.history(now.ID).written != nil}
}
