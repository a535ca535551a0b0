package wingspan

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// known is what this process knows of webhook preferences: the newest list of each account, and what it saw, wrote and removed itself.
// Ids are unique across accounts, and what was written or removed takes precedence over every list.
type known struct {
	accounts accounts
	started  time.Time

	// writes counts the beginnings and the ends of writes. A list serves no read when it changed meanwhile.
	writes atomic.Uint64
	// ignores404 is set when a list went on to show a preference for which reads return 404: nothing else needs to wait for it to stop.
	ignores404 atomic.Bool

	mu sync.Mutex
	// lists are the newest by account, and longest is the length of each account's longest list so far.
	lists   map[string]*listing
	longest map[string]int
	byID    map[string]history
	// written are the histories' written preferences: few, where an account is large.
	written map[string]*writtenPreference
}

// history is what this process knows of one preference.
type history struct {
	// written is the preference as this process wrote it last, or nil.
	written *writtenPreference
	// removed: this process removed it.
	removed bool
	// seen is when a read or a list first showed it: a create that returns it later didn't create it.
	seen time.Time
	// changing is closed when the update or the delete in progress ends, and nil when there is none.
	changing chan struct{}
}

type writtenPreference struct {
	Preference

	canonicalURL string
	at           time.Time
	// secret is the one that was sent last, or empty.
	secret Secret
}

func newKnown() *known {
	return &known{started: time.Now(), lists: map[string]*listing{}, longest: map[string]int{}, byID: map[string]history{}, written: map[string]*writtenPreference{}}
}

// history returns what is known of the preference now.
func (k *known) history(id string) history {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.byID[id]
}

// beginWrite invalidates all lists for reads, now and when the returned function is called: what is listed while a write is in
// progress may or may not show it. The id is empty for a create.
func (k *known) beginWrite(id string) func() {
	ended := make(chan struct{})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writes.Add(1)
	if id != "" {
		h := k.byID[id]
		h.changing = ended
		k.byID[id] = h
	}

	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.writes.Add(1)
		if h := k.byID[id]; h.changing == ended {
			h.changing = nil
			k.byID[id] = h
		}
		close(ended)
	}
}

// waitForChange waits until no update or delete of the preference is in progress. Its only error is the context's.
func (k *known) waitForChange(ctx context.Context, id string) error {
	changing := k.history(id).changing
	if changing == nil {
		return nil
	}

	select {
	case <-changing:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// saw takes note of what a read or a list showed.
func (k *known) saw(ids ...string) {
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		if h := k.byID[id]; h.seen.IsZero() {
			h.seen = now
			k.byID[id] = h
		}
	}
}

// claim is wrote for what a create returned, unless this process has written it before: then the create didn't make it.
func (k *known) claim(p Preference, events []string, secret Secret) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byID[p.ID].written != nil {
		return false
	}
	k.write(p, events, secret)

	return true
}

// wrote remembers a preference as the API returned it to a write, which may leave the events out. The events and the secret are what
// went with the write, or empty.
func (k *known) wrote(p Preference, events []string, secret Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.write(p, events, secret)
}

func (k *known) write(p Preference, events []string, secret Secret) {
	if p.SubscribedEvents == nil {
		p.SubscribedEvents = events
	}
	h := k.byID[p.ID]
	if before := h.written; before != nil {
		if p.SubscribedEvents == nil {
			p.SubscribedEvents = before.SubscribedEvents
		}
		if p.Created.Local.IsZero() {
			p.Created = before.Created
		}
		secret = cmp.Or(secret, before.secret)
	}
	h.written = &writtenPreference{Preference: p, canonicalURL: CanonicalURL(p.URL), at: time.Now(), secret: secret}
	h.removed = false
	k.byID[p.ID], k.written[p.ID] = h, h.written
}

func (k *known) remove(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.byID[id]
	h.written, h.removed = nil, true
	k.byID[id] = h
	delete(k.written, id)
}

// seenBefore reports whether a read or a list showed the preference before that time.
func (h history) seenBefore(t time.Time) bool { return !h.seen.IsZero() && h.seen.Before(t) }

// contradicts reports whether the entry of a list is older than what this process did to the preference.
func (h history) contradicts(p Preference) bool {
	w := h.written

	return h.removed || (w != nil && (w.canonicalURL != CanonicalURL(p.URL) || !sameEvents(w.SubscribedEvents, p.SubscribedEvents)))
}

// writtenIn returns what this process wrote in the account.
func (k *known) writtenIn(account string) []writtenPreference {
	return k.writtenWhere(func(p *writtenPreference) bool { return k.isIn(account, p) })
}

// writtenTo returns what this process wrote with an equivalent URL, in all accounts.
func (k *known) writtenTo(url string) []writtenPreference {
	canonical := CanonicalURL(url)

	return k.writtenWhere(func(p *writtenPreference) bool { return p.canonicalURL == canonical })
}

// isIn reports whether it is known that the preference is in the account.
func (k *known) isIn(account string, p *writtenPreference) bool {
	key := k.accounts.key(account)

	return k.accounts.key(p.Account) == key || (p.UserID != "" && k.accounts.key(p.UserID) == key)
}

func (k *known) writtenWhere(accept func(*writtenPreference) bool) []writtenPreference {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found []writtenPreference
	for _, w := range k.written {
		if accept(w) {
			found = append(found, *w)
		}
	}

	return found
}

// isUpToDate reports whether no write began or ended since the list was asked for.
func (k *known) isUpToDate(l *listing) bool { return l.writes == k.writes.Load() }

// received takes note of a list of the account.
func (k *known) received(account string, l *listing) {
	k.saw(l.ids()...)
	if account == "" {
		k.accounts.note("", l.owner)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := k.accounts.key(account)
	k.longest[key] = max(k.longest[key], len(l.Preferences))
}

func (k *known) longestList(account string) int {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.longest[k.accounts.key(account)]
}

// learnOwner takes the owner that the response to a create names.
func (k *known) learnOwner(account, owner string) {
	if account != "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch before, own := k.accounts.learn(owner); {
	case own == before:
	case own == "":
		clear(k.lists) // Two accounts were taken for one.
	default:
		k.longest[""] = max(k.longest[""], k.longest[own])
		if list := k.lists[own]; list != nil && k.lists[""] == nil {
			k.lists[""] = list
		}
	}
}
