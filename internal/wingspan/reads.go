package wingspan

import (
	"context"
	"errors"
	"sync"
)

// exactReads is how many reads of a process go by id before the list is asked. Small plans and -target
// must not read a large account whole.
const exactReads = 3

// sharedLists holds one list per account for all who read at the same time. A list belongs to a generation, and
// each write ends the generation twice, before and after: what was listed while a write was under way may or may not show it.
type sharedLists struct {
	mu         sync.Mutex
	exact      int
	generation uint64
	accounts   map[string]*sharedList
	tooLarge   map[string]bool
}

type sharedList struct {
	generation uint64
	done       chan struct{}
	// byID and err are set once done is closed.
	byID map[string]Preference
	err  error
}

// writing ends the generation now, and again when the returned function is called. It does so for every
// account: one account can be spoken to under two names, its own and none.
func (l *sharedLists) writing() func() {
	l.drop()

	return l.drop
}

func (l *sharedLists) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation++
	l.accounts = nil
}

// join returns the account's list of this generation, or nil when this read is to go by id.
// The first to come starts it with fetch.
func (l *sharedLists) join(account string, fetch func(*sharedList)) *sharedList {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.exact < exactReads {
		l.exact++

		return nil
	}
	if l.tooLarge[account] {
		return nil
	}
	if list := l.accounts[account]; list != nil {
		return list
	}

	list := &sharedList{generation: l.generation, done: make(chan struct{})}
	if l.accounts == nil {
		l.accounts = map[string]*sharedList{}
	}
	l.accounts[account] = list
	go fetch(list)

	return list
}

func (l *sharedLists) current(list *sharedList) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.generation == list.generation
}

func (l *sharedLists) neverAgain(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.tooLarge == nil {
		l.tooLarge = map[string]bool{}
	}
	l.tooLarge[account] = true
}

// fromList returns nil whenever the exact read has to decide. A failed list is not tried again in its
// generation: the reads by id serve just as well, and each names its own error.
func (s *Store) fromList(ctx context.Context, account, id string, expect Expectation) *Preference {
	list := s.reads.join(account, func(list *sharedList) {
		defer close(list.done)
		// Whoever came first may be cancelled while others still wait.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.timeout)
		defer cancel()

		entries, err := s.client.ListPreferences(detached, account)
		if errors.Is(err, errTooLarge) {
			s.reads.neverAgain(account)
		}
		list.err = err
		list.byID = make(map[string]Preference, len(entries))
		for _, p := range entries {
			list.byID[p.ID] = p
		}
	})
	if list == nil {
		return nil
	}

	select {
	case <-ctx.Done():
		return nil
	case <-list.done:
	}
	if list.err != nil || !s.reads.current(list) {
		return nil
	}
	p, found := list.byID[id]
	if !found || !complete(p) || checkAccount(account, &p) != nil {
		return nil
	}
	if expect.Matches != nil && !expect.Matches(p) {
		return nil
	}

	return p.clone()
}

// complete tells whether a list's entry holds all that the exact read would. Lists of other APIs are often shorter.
func complete(p Preference) bool {
	return p.UserID != "" && p.URL != "" && p.SubscribedEvents != nil && p.CreatedAt != "" && p.UpdatedAt != ""
}
