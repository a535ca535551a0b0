package wingspan

import (
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
}

// Error names the other preference.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("preference %q has the same URL and shares %d events", e.ID, len(e.SharedEvents))
}

// Similar returns the account's preferences with an equivalent URL and a common event, ordered by id, as far as one list of
// the last seconds and the writes of this process show them. With an error it returns what this process wrote. A preference
// whose events the list leaves out is among them.
func (w *Webhooks) Similar(ctx context.Context, account, url string, events []string) (List, error) {
	l, err := w.recentList(ctx, account, url)
	if err != nil {
		return List{}, err
	}

	found, canonical := map[string]Preference{}, CanonicalURL(url)
	for _, p := range slices.Concat(l.byURL[canonical], l.Unreadable) {
		if w.known.wasRemoved(p.ID) || !w.known.ownedBy(account, p) {
			continue
		}
		if written, ok := w.known.writtenByID(p.ID); ok {
			p = written.Preference
		}
		found[p.ID] = p
	}
	in, _ := w.known.writtenIn(account, url)
	for _, p := range in {
		if p.canonical == canonical {
			found[p.ID] = p.Preference
		} else {
			delete(found, p.ID)
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

// recentList is a list of the last seconds. It is newer than what this process wrote under another name of what may be the
// same account: only a list can show whether it is in there.
func (w *Webhooks) recentList(ctx context.Context, account, url string) (*listing, error) {
	oldest := time.Now().Add(-listLifetime)
	if _, perhaps := w.known.writtenIn(account, url); len(perhaps) > 0 {
		for _, p := range perhaps {
			if p.at.After(oldest) {
				oldest = p.at
			}
		}
	}

	return w.list(ctx, account, askedSince(oldest))
}

// refuseDuplicate reads each suspect again, because what is known of it may be seconds old. A suspect that this process is
// changing is waited for. All suspects are asked at the same time, so that they share the patience with a 404.
func (c *creation) refuseDuplicate(ctx context.Context, accepted []string) error {
	w, events := c.webhooks, c.request.SubscribedEvents
	// An account that can't be listed doesn't stop a create: what this process wrote is known nevertheless.
	similar, _ := w.Similar(ctx, c.account, c.request.URL, events)

	refusals := make([]error, len(similar.Preferences))
	var asking sync.WaitGroup
	for i, suspect := range similar.Preferences {
		if slices.Contains(accepted, suspect.ID) {
			continue
		}
		asking.Go(func() { refusals[i] = c.checkSuspect(ctx, suspect) })
	}
	asking.Wait()
	for _, refusal := range refusals {
		if refusal != nil {
			return refusal
		}
	}

	return ctx.Err()
}

func (c *creation) checkSuspect(ctx context.Context, suspect Preference) error {
	w := c.webhooks
	if err := w.known.waitForChange(ctx, suspect.ID); err != nil {
		return err
	}
	if w.known.wasRemoved(suspect.ID) {
		return nil
	}
	now, err := w.GetExact(ctx, Target{ID: suspect.ID, Account: c.account, CreatedAt: suspect.CreatedAt, Created: suspect.Created})
	switch {
	case IsGone(err):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		now = &suspect
	}
	events := now.SubscribedEvents
	if events == nil {
		events = suspect.SubscribedEvents
	}
	shared := SharedEvents(events, c.request.SubscribedEvents)
	if len(shared) == 0 || !SameURL(now.URL, c.request.URL) {
		return nil
	}

	return &DuplicateError{ID: now.ID, Account: c.account, URL: now.URL, SharedEvents: shared}
}

// SharedEvents returns, sorted, the wanted events that are among the existing ones. For the suspicion of a duplicate, names that
// differ in punctuation and case only are the same: the API may write a name in its own form.
func SharedEvents(existing, wanted []string) []string {
	in := make(map[string]bool, len(existing))
	for _, e := range existing {
		in[lettersAndDigits(e)] = true
	}
	shared := map[string]bool{}
	for _, e := range wanted {
		if in[lettersAndDigits(e)] {
			shared[e] = true
		}
	}

	return slices.Sorted(maps.Keys(shared))
}

func sameEvents(a, b []string) bool { return slices.Equal(distinct(a), distinct(b)) }

// distinct is sorted.
func distinct(events []string) []string { return slices.Compact(slices.Sorted(slices.Values(events))) }
