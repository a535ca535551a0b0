package wingspan

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// viewLifetime is how long a create may rely on an account's list. Within it our own writes are added,
// so that a thousand creates need a handful of lists.
const viewLifetime = 10 * time.Second

// createViews keeps, per account, what is known to exist before a create. The token's own account has two names, its id and
// none, and nothing tells them to be one. So what this process made or removed counts under every name: ids are unique.
type createViews struct {
	mu       sync.Mutex
	accounts map[string]*createView
}

type createView struct {
	account string
	// turn is held while the list is fetched, so that creates beginning together share it.
	turn chan struct{}

	mu       sync.Mutex
	taken    time.Time
	err      error
	tooLarge bool
	listed   *snapshot
	// longest is the length of the longest list that was seen.
	longest int
	// own is what this process made or changed, gone what it removed; both win over the list.
	own  map[string]Preference
	gone map[string]bool
	// ownIDs are own's ids by canonical URL, as each create asks for one URL.
	ownIDs map[string][]string
}

// snapshot is a list, indexed. It never changes, so that a create can keep it while the next one is taken.
type snapshot struct {
	byID  map[string]Preference
	byURL map[string][]Preference
}

func newSnapshot(list []Preference) *snapshot {
	s := &snapshot{byID: make(map[string]Preference, len(list)), byURL: make(map[string][]Preference, len(list))}
	for _, p := range list {
		key := CanonicalURL(p.URL)
		s.byID[p.ID] = p
		s.byURL[key] = append(s.byURL[key], p)
	}

	return s
}

func (v *createViews) of(account string) *createView {
	v.mu.Lock()
	defer v.mu.Unlock()

	if v.accounts == nil {
		v.accounts = map[string]*createView{}
	}
	view := v.accounts[account]
	if view == nil {
		view = &createView{
			account: account, turn: make(chan struct{}, 1), listed: newSnapshot(nil),
			own: map[string]Preference{}, gone: map[string]bool{}, ownIDs: map[string][]string{},
		}
		v.accounts[account] = view
	}

	return view
}

// any asks every view, each with its lock held, until one says yes.
func (v *createViews) any(ask func(*createView) bool) bool {
	v.mu.Lock()
	views := slices.Collect(maps.Values(v.accounts))
	v.mu.Unlock()

	return slices.ContainsFunc(views, func(view *createView) bool {
		view.mu.Lock()
		defer view.mu.Unlock()

		return ask(view)
	})
}

func (v *createViews) put(account string, p *Preference) {
	view := v.of(account)
	view.mu.Lock()
	defer view.mu.Unlock()
	view.forget(p.ID)
	view.own[p.ID] = *p
	key := CanonicalURL(p.URL)
	view.ownIDs[key] = append(view.ownIDs[key], p.ID)
}

func (v *createViews) remove(account, id string) {
	view := v.of(account)
	view.mu.Lock()
	defer view.mu.Unlock()
	view.forget(id)
	view.gone[id] = true
}

// forget needs the lock.
func (v *createView) forget(id string) {
	old, there := v.own[id]
	if !there {
		return
	}
	delete(v.own, id)
	key := CanonicalURL(old.URL)
	v.ownIDs[key] = slices.DeleteFunc(v.ownIDs[key], func(other string) bool { return other == id })
}

// refresh lists the account unless that was done a moment ago. Its only error is the context's:
// that the list cannot be had is remembered, as it does not stop a create.
func (v *createView) refresh(ctx context.Context, list func(context.Context) ([]Preference, error)) error {
	select {
	case v.turn <- struct{}{}:
		defer func() { <-v.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}

	v.mu.Lock()
	current := v.tooLarge || (!v.taken.IsZero() && time.Since(v.taken) < viewLifetime)
	v.mu.Unlock()
	if current {
		return nil
	}

	entries, err := list(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.taken, v.err, v.tooLarge, v.listed = time.Now(), err, errors.Is(err, errTooLarge), newSnapshot(entries)
	v.longest = max(v.longest, len(entries))

	return nil
}

// listedOf takes note of a list's length.
func (v *createView) listedOf(length int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.longest = max(v.longest, length)
}

// knowledge is what a create goes by: the list as it was before it, and what this process did.
type knowledge struct {
	// err is why the list could not be had; the snapshot is empty then.
	err    error
	before *snapshot
	view   *createView
	all    *createViews
}

func (v *createViews) knowledge(account string) knowledge {
	view := v.of(account)
	view.mu.Lock()
	defer view.mu.Unlock()

	return knowledge{err: view.err, before: view.listed, view: view, all: v}
}

// knows tells whether a preference was there before the create.
func (k knowledge) knows(id string) bool {
	if _, listed := k.before.byID[id]; listed {
		return true
	}

	return k.all.any(func(view *createView) bool {
		_, own := view.own[id]

		return own
	})
}

// sameURL returns what has the URL, as far as is known, ordered by id.
func (k knowledge) sameURL(url string) []Preference {
	key := CanonicalURL(url)
	newest := map[string]Preference{}
	for _, p := range k.before.byURL[key] {
		newest[p.ID] = p
	}
	k.all.any(func(view *createView) bool {
		for id := range newest {
			if _, changed := view.own[id]; changed || view.gone[id] {
				delete(newest, id)
			}
		}

		return false
	})
	k.all.any(func(view *createView) bool {
		for _, id := range view.ownIDs[key] {
			if p := view.own[id]; view == k.view || k.view.account == "" || p.UserID == k.view.account {
				newest[id] = p
			}
		}

		return false
	})

	return slices.SortedFunc(maps.Values(newest), func(a, b Preference) int { return strings.Compare(a.ID, b.ID) })
}

// existing returns the ids that a whole list would have to hold now.
func (k knowledge) existing() []string {
	k.view.mu.Lock()
	defer k.view.mu.Unlock()

	ids := slices.Collect(maps.Keys(k.view.own))
	for id := range k.before.byID {
		ids = append(ids, id)
	}

	return ids
}

// longest is the length of the account's longest list so far.
func (k knowledge) longest() int {
	k.view.mu.Lock()
	defer k.view.mu.Unlock()

	return k.view.longest
}

// removed tells whether this process removed the preference.
func (k knowledge) removed(id string) bool {
	return k.all.any(func(view *createView) bool { return view.gone[id] })
}

// keyedLocks serializes callers that share a key. A lock's few bytes are kept for the process's short life.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[string]chan struct{}
}

// lock waits for the key and returns the function that frees it, or the context's error.
func (l *keyedLocks) lock(ctx context.Context, key string) (func(), error) {
	l.mu.Lock()
	if l.locks == nil {
		l.locks = map[string]chan struct{}{}
	}
	turn := l.locks[key]
	if turn == nil {
		turn = make(chan struct{}, 1)
		l.locks[key] = turn
	}
	l.mu.Unlock()

	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
