package wingspan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// listing is one list of an account that everyone who asks at the same time shares. It doesn't change once done is closed.
type listing struct {
	List

	asked, received time.Time
	writes          uint64
	done            chan struct{}
	byID            map[string]Preference
	byURL           map[string][]Preference
	// newest is the API's time of the newest preference in it.
	newest time.Time
	err    error
}

// shows reports whether the list has an entry with the id, readable or not.
func (l *listing) shows(id string) bool {
	_, readable := l.byID[id]

	return readable || slices.ContainsFunc(l.Unreadable, func(p Preference) bool { return p.ID == id })
}

// nameless reports whether the list has an entry of which not even the id can be read. What it doesn't show may be in there.
func (l *listing) nameless() bool {
	return slices.ContainsFunc(l.Unreadable, func(p Preference) bool { return p.ID == "" })
}

// list returns the newest list of the account if it is usable, and otherwise asks for another one, which all who come meanwhile
// share when it is usable to them. The request is detached from the caller's context, because others may wait for it. The only
// error is the context's; the list has its own.
func (w *Webhooks) list(ctx context.Context, account string, usable func(*listing) bool) (*listing, error) {
	k := w.known
	k.mu.Lock()
	key := k.key(account)
	l := k.lists[key]
	if l == nil || !usable(l) {
		l = &listing{asked: time.Now(), writes: k.writes, done: make(chan struct{})}
		k.lists[key] = l
		go w.fetch(context.WithoutCancel(ctx), account, l)
	}
	k.mu.Unlock()

	select {
	case <-l.done:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *Webhooks) fetch(ctx context.Context, account string, l *listing) {
	defer close(l.done)
	l.List, l.err = w.client.ListPreferences(ctx, account)
	l.received = time.Now()
	l.byID = make(map[string]Preference, len(l.Preferences))
	l.byURL = make(map[string][]Preference, len(l.Preferences))
	var owners agreement
	for _, p := range l.Preferences {
		key := CanonicalURL(p.URL)
		l.byID[p.ID] = p
		l.byURL[key] = append(l.byURL[key], p)
		owners.add(p.UserID)
		if at := parseTime(p.CreatedAt); at.After(l.newest) {
			l.newest = at
		}
	}

	k := w.known
	k.saw(slices.Collect(maps.Keys(l.byID))...)
	k.mu.Lock()
	defer k.mu.Unlock()
	key := k.key(account)
	k.longest[key] = max(k.longest[key], len(l.Preferences))
	if account == "" && owners.value() != "" {
		k.selfInLists = owners.value()
	}
}

// askedSince is a list that was asked for at that time or later.
func askedSince(t time.Time) func(*listing) bool {
	return func(l *listing) bool { return !l.asked.Before(t) }
}

// proves returns why the list can't prove that something isn't in the account, or returns nil.
func (l *listing) proves(k *known, account string) error {
	switch {
	case l.err != nil:
		return l.err
	case l.nameless():
		return fmt.Errorf("%d entries of the list can't be read", len(l.Unreadable))
	default:
		return k.foreign(account, l)
	}
}

// foreign returns an *AccountError for a list of which every entry belongs to another account than the one that was asked for.
func (k *known) foreign(account string, l *listing) error {
	for _, p := range l.Preferences {
		if k.ownedBy(account, p) {
			return nil
		}
	}
	if len(l.Preferences) == 0 {
		return nil
	}

	return &AccountError{Asked: account, Got: l.Preferences[0].UserID, ID: l.Preferences[0].ID}
}
