package wingspantest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// store keeps records per account, in the order of their creation. Server.mu guards it.
type store struct {
	byID     map[string]*record
	accounts map[string][]*record
	created  int
}

// record holds a Preference that is never changed in place: a change puts a new record in its stead.
// So records can be read and written out without the lock, but for the two counters.
type record struct {
	Preference

	order       int
	added       time.Time
	hiddenReads int
	hiddenLists int
	written     atomic.Pointer[writing]
}

// longestLag keeps a preference that nobody reads for minutes from being as if it were new then.
const longestLag = 45 * time.Second

func (r *record) lags() bool { return time.Since(r.added) < longestLag }

func newStore() store {
	return store{byID: map[string]*record{}, accounts: map[string][]*record{}}
}

func byOrder(a, b *record) int { return cmp.Compare(a.order, b.order) }

func (s *store) add(p Preference, lag int) *record {
	s.created++
	r := &record{Preference: p, order: s.created, added: time.Now(), hiddenReads: lag, hiddenLists: lag}
	s.byID[p.ID] = r
	s.accounts[p.Account] = append(s.accounts[p.Account], r)
	return r
}

func (s *store) replace(old *record, p Preference) *record {
	r := &record{Preference: p, order: old.order, added: old.added, hiddenReads: old.hiddenReads, hiddenLists: old.hiddenLists}
	list := s.accounts[p.Account]
	at, found := slices.BinarySearchFunc(list, r, byOrder)
	if found {
		list[at] = r
	} else {
		s.remove(old)
		s.accounts[p.Account] = slices.Insert(list, at, r)
	}
	s.byID[p.ID] = r
	return r
}

func (s *store) remove(r *record) {
	delete(s.byID, r.ID)
	list := s.accounts[r.Account]
	if at, ok := slices.BinarySearchFunc(list, r, byOrder); ok {
		s.accounts[r.Account] = slices.Delete(list, at, at+1)
	}
}

func (s *store) all() []*record {
	var records []*record
	for _, list := range s.accounts {
		records = append(records, list...)
	}
	slices.SortFunc(records, byOrder)
	return records
}

// find is the lookup of every call by id: another account's preference does not exist for the caller.
func (s *store) find(account, id string) (*record, bool) {
	r, ok := s.byID[id]
	if !ok || r.Account != account {
		return nil, false
	}
	return r, true
}

// read is find for a GET, which a read lag may hide the preference from.
func (s *store) read(account, id string) (*record, bool) {
	r, ok := s.find(account, id)
	if ok && r.hiddenReads > 0 && r.lags() {
		r.hiddenReads--
		return nil, false
	}
	return r, ok
}

// list returns a copy, because the stored slice changes after the lock is given back.
func (s *store) list(account string, limit int) []*record {
	all := s.accounts[account]
	visible := make([]*record, 0, len(all))
	for _, r := range all {
		if r.hiddenLists > 0 && r.lags() {
			r.hiddenLists--
			continue
		}
		visible = append(visible, r)
	}
	switch {
	case limit > 0 && limit < len(visible):
		return visible[:limit]
	case limit < 0 && -limit < len(visible):
		return visible[len(visible)+limit:]
	}
	return visible
}

// newID mixes cases, so that a client which changes the case of ids is found out.
func (s *store) newID() string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for {
		id := make([]byte, 22)
		for i := range id {
			id[i] = letters[rand.IntN(len(letters))]
		}
		if _, taken := s.byID[string(id)]; !taken {
			return string(id)
		}
	}
}
