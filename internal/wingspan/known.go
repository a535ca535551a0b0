package wingspan

import (
	"context"
	"sync"
	"time"
)

// known is what this process knows of webhook preferences: the newest list of each account, and what it wrote and removed itself.
// Ids are unique across accounts, and what was written or removed takes precedence over every list.
type known struct {
	started time.Time

	mu sync.Mutex
	// writes counts the beginnings and the ends of writes. A list serves no read when it changed meanwhile.
	writes  uint64
	lists   map[string]*listing
	written map[string]writtenPreference
	removed map[string]bool
	// changing has a channel for each preference with an update or a delete in progress, closed when that ends.
	changing map[string]chan struct{}
	// attempted has the account and URL of every create of this process, whatever became of it.
	attempted map[string]bool
	// longest is the length of each account's longest list so far.
	longest map[string]int
	// self is the token's own account, which the API names in responses to requests that name no account. Empty is unknown.
	self string
	// selfInLists is what the entries of such a list agree on. It proves less: an account may see entries of others.
	selfInLists string
}

// writtenPreference is a preference as this process wrote it last.
type writtenPreference struct {
	Preference

	at time.Time
	// sent is the secret that went with it, or empty.
	sent Secret
}

// listing is one list of an account that everyone who asks at the same time shares. It doesn't change once done is closed.
type listing struct {
	List

	asked  time.Time
	writes uint64
	done   chan struct{}
	byID   map[string]Preference
	byURL  map[string][]Preference
	err    error
}

func newKnown() *known {
	return &known{
		started: time.Now(), lists: map[string]*listing{}, written: map[string]writtenPreference{}, removed: map[string]bool{},
		changing: map[string]chan struct{}{}, attempted: map[string]bool{}, longest: map[string]int{},
	}
}

// key names an account in one way: the token's own account is "", also when it was asked for by its id. It needs the lock.
func (k *known) key(account string) string {
	if account == k.self {
		return ""
	}

	return account
}

// webhookKey names an account and a URL.
func (k *known) webhookKey(account, url string) string {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.key(account) + "\x00" + CanonicalURL(url)
}

// beginWrite invalidates all lists for reads, now and when the returned function is called: what is listed while a write is in
// progress may or may not show it. The id is empty for a create.
func (k *known) beginWrite(id string) func() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writes++
	ended := make(chan struct{})
	if id != "" {
		k.changing[id] = ended
	}

	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.writes++
		if k.changing[id] == ended {
			delete(k.changing, id)
		}
		close(ended)
	}
}

// waitForChange waits until no update or delete of the preference is in progress. Its only error is the context's.
func (k *known) waitForChange(ctx context.Context, id string) error {
	k.mu.Lock()
	ended := k.changing[id]
	k.mu.Unlock()
	if ended == nil {
		return nil
	}

	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt remembers that this process creates a webhook with the URL in the account.
func (k *known) attempt(account, url string) {
	key := k.webhookKey(account, url)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.attempted[key] = true
}

func (k *known) wasAttempted(account, url string) bool {
	key := k.webhookKey(account, url)
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.attempted[key]
}

// wrote remembers a preference as the API returned it to a write; sent is the secret that went with the write, or empty.
func (k *known) wrote(p Preference, sent Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if sent == "" {
		sent = k.written[p.ID].sent
	}
	if p.Created.Local.IsZero() {
		p.Created = k.written[p.ID].Created
	}
	k.written[p.ID] = writtenPreference{Preference: p, at: time.Now(), sent: sent}
	delete(k.removed, p.ID)
}

func (k *known) removedNow(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.written, id)
	k.removed[id] = true
}

func (k *known) wasRemoved(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.removed[id]
}

// writtenByID returns what this process wrote of the preference.
func (k *known) writtenByID(id string) (writtenPreference, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.written[id]

	return p, ok
}

// writtenIn returns what this process wrote in the account, and, where it can't know whether they are in it, what else has the URL.
func (k *known) writtenIn(account, url string) (in, perhaps []writtenPreference) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, canonical := k.key(account), CanonicalURL(url)
	for _, p := range k.written {
		switch {
		case k.key(p.Account) == key || (p.UserID != "" && k.key(p.UserID) == key):
			in = append(in, p)
		case k.self == "" && (key == "" || p.Account == "") && CanonicalURL(p.URL) == canonical:
			perhaps = append(perhaps, p)
		}
	}

	return in, perhaps
}

// learnSelf takes the owner that a response to a request without an account names.
func (k *known) learnSelf(account, owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if account == "" && owner != "" && k.self == "" {
		k.self = owner
		if list := k.lists[owner]; list != nil && k.lists[""] == nil {
			k.lists[""] = list
		}
	}
}

// isSelf reports whether the account is known to be the token's own, and whether there is at least evidence of it.
func (k *known) isSelf(account string) (certain, likely bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	certain = account != "" && account == k.self

	return certain, certain || (account != "" && k.self == "" && account == k.selfInLists)
}

// ownedBy reports whether the preference is the account's, as far as the response says.
func (k *known) ownedBy(account string, p Preference) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if account == "" {
		account = k.self
	}

	return account == "" || p.UserID == "" || p.UserID == account
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
	l.byID = make(map[string]Preference, len(l.Preferences))
	l.byURL = make(map[string][]Preference, len(l.Preferences))
	var owners agreement
	for _, p := range l.Preferences {
		key := CanonicalURL(p.URL)
		l.byID[p.ID] = p
		l.byURL[key] = append(l.byURL[key], p)
		owners.add(p.UserID)
	}

	k := w.known
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
