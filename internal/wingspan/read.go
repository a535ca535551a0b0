package wingspan

import (
	"context"
	"slices"
)

// exactReads is how many reads of a process go by id before the list is asked for. Small plans and -target
// shouldn't read a large account.
const exactReads = 3

// Get reads one preference: from the shared list where its entry satisfies matches (nil accepts every complete entry), and
// by its id otherwise, as lists can be stale or contain less than the exact read does. The result's Account is the one that the
// response is about, which may be the owner instead of the target's account. A 404 is a *MissingError.
func (w *Webhooks) Get(ctx context.Context, t Target, matches func(Preference) bool) (*Preference, error) {
	if matches == nil {
		matches = func(p Preference) bool { return p.CreatedAt != "" && p.UpdatedAt != "" }
	}
	if p := w.fromList(ctx, t); p != nil && matches(*p) {
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
func (w *Webhooks) fromList(ctx context.Context, t Target) *Preference {
	if w.exact.Add(1) <= exactReads {
		return nil
	}
	l, err := w.list(ctx, t.Account, w.known.isUpToDate)
	if err != nil || l.err != nil || !w.known.isUpToDate(l) {
		return nil
	}
	p, found := l.byID[t.ID]
	p.Account = t.Account
	if !found || p.UserID == "" || p.SubscribedEvents == nil || w.known.history(p.ID).contradicts(p) || checkOwner(t, &p) != nil {
		return nil
	}

	return &p
}

// List reads all preferences of the account again, and adds what this process did that the list doesn't show yet. Entries that belong to
// another account are left out; when all do, it is an *AccountError.
func (w *Webhooks) List(ctx context.Context, account string) (List, error) {
	l, err := w.list(ctx, account, func(*listing) bool { return false })
	if err == nil {
		err = l.err
	}
	if err == nil {
		err = l.foreign(&w.known.accounts, account)
	}
	if err != nil {
		return List{}, err
	}

	list := l.List
	list.Preferences = slices.DeleteFunc(slices.Clone(list.Preferences), func(p Preference) bool {
		return !w.known.accounts.owns(account, p) || w.known.history(p.ID).contradicts(p)
	})
	for _, p := range w.known.writtenIn(account) {
		if !slices.ContainsFunc(list.Preferences, func(listed Preference) bool { return listed.ID == p.ID }) {
			list.Preferences = append(list.Preferences, p.Preference)
		}
	}

	return list, nil
}
