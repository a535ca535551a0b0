package wingspan

import (
	"cmp"
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
	// seen is when a read or a list first showed a preference: a create that returns it later didn't create it.
	seen map[string]time.Time
	// changing has a channel for each preference with an update or a delete in progress, closed when that ends.
	changing map[string]chan struct{}
	// unsettled are the creates of which it isn't known what they made: those in progress, and those that ended as ambiguous.
	// ended is closed, and replaced, whenever one ends.
	unsettled map[*attempt]bool
	ended     chan struct{}
	// longest is the length of each account's longest list so far.
	longest map[string]int
	// self is the token's own account, which the API names in responses to creates that name no account.
	self agreement
	// selfInNames and selfInLists are what event names and the entries of lists show of it. They prove less: nothing documents whose
	// account an event name has, and an account may see entries of others.
	selfInNames, selfInLists string
	// ignored404 is set when a list went on to show a preference for which reads return 404: nothing else needs to wait for it to stop.
	ignored404 bool
}

// writtenPreference is a preference as this process wrote it last.
type writtenPreference struct {
	Preference

	canonical string
	at        time.Time
	// sent is the secret that went with it, or empty.
	sent Secret
}

func newKnown() *known {
	return &known{
		started: time.Now(), lists: map[string]*listing{}, written: map[string]writtenPreference{}, removed: map[string]bool{}, seen: map[string]time.Time{},
		changing: map[string]chan struct{}{}, unsettled: map[*attempt]bool{}, ended: make(chan struct{}), longest: map[string]int{},
	}
}

// key names an account in one way: the token's own account is "", also when it was asked for by its id. It needs the lock.
func (k *known) key(account string) string {
	if account == k.self.value() {
		return ""
	}

	return account
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

// claim remembers what a create returned, unless this process knows it already: then it existed before.
func (k *known) claim(p Preference, sent Secret) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, taken := k.written[p.ID]; taken {
		return false
	}
	k.write(p, sent)

	return true
}

// wrote remembers a preference as the API returned it to a write; sent is the secret that went with the write, or empty.
func (k *known) wrote(p Preference, sent Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.write(p, sent)
}

func (k *known) write(p Preference, sent Secret) {
	before := k.written[p.ID]
	if p.SubscribedEvents == nil {
		p.SubscribedEvents = before.SubscribedEvents
	}
	if p.Created.Local.IsZero() {
		p.Created = before.Created
	}
	k.written[p.ID] = writtenPreference{Preference: p, canonical: CanonicalURL(p.URL), at: time.Now(), sent: cmp.Or(sent, before.sent)}
	delete(k.removed, p.ID)
}

func (k *known) removedNow(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.written, id)
	k.removed[id] = true
}

// saw takes note of what a read or a list showed.
func (k *known) saw(ids ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	for _, id := range ids {
		if _, ok := k.seen[id]; !ok {
			k.seen[id] = now
		}
	}
}

func (k *known) sawBefore(id string, t time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	first, ok := k.seen[id]

	return ok && first.Before(t)
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

// contradicts reports whether the entry of a list is older than what this process did to the preference.
func (k *known) contradicts(p Preference) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, written := k.written[p.ID]

	return k.removed[p.ID] || (written && (w.canonical != CanonicalURL(p.URL) || !sameEvents(w.SubscribedEvents, p.SubscribedEvents)))
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
		case k.self.value() == "" && (key == "" || p.Account == "") && p.canonical == canonical:
			perhaps = append(perhaps, p)
		}
	}

	return in, perhaps
}

// learnSelf takes the owner that the response to a create without an account names.
func (k *known) learnSelf(account, owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.self.value()
	if account == "" {
		k.self.add(owner)
	}
	switch self := k.self.value(); {
	case self == before:
	case self == "":
		clear(k.lists) // Two accounts were taken for one.
	default:
		k.longest[""] = max(k.longest[""], k.longest[self])
		if list := k.lists[self]; list != nil && k.lists[""] == nil {
			k.lists[""] = list
		}
	}
}

// learnFromNames takes the account that event names agree on.
func (k *known) learnFromNames(account, owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if account == "" && owner != "" {
		k.selfInNames = owner
	}
}

// isSelf reports whether the account is known to be the token's own, and whether there is at least evidence of it.
func (k *known) isSelf(account string) (certain, likely bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if self := k.self.value(); self != "" || account == "" {
		return account != "" && account == self, account != "" && account == self
	}

	return account == k.selfInNames, account == k.selfInNames || account == k.selfInLists
}

// ownedBy reports whether the preference may be the account's, as far as the responses show.
func (k *known) ownedBy(account string, p Preference) bool {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.owns(account, p)
}

func (k *known) owns(account string, p Preference) bool {
	account, owner := cmp.Or(account, k.self.value()), cmp.Or(p.UserID, p.Account, k.self.value())

	return account == "" || owner == "" || account == owner
}
