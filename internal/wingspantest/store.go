package wingspantest

import (
	"math/rand/v2"
	"net/http"
	"slices"
)

// store keeps what there is in the order of its creation. Server.mu guards it.
type store struct {
	records []*record
	byID    map[string]*record
}

type record struct {
	Preference
	lag Lag
}

func (s *store) add(p Preference, lag Lag) {
	r := &record{p, lag}
	s.records = append(s.records, r)
	s.byID[p.ID] = r
}

func (s *store) remove(r *record) {
	delete(s.byID, r.ID)
	s.records = slices.DeleteFunc(s.records, func(other *record) bool { return other == r })
}

// carryOut returns copies of the preferences that the response contains.
func (s *store) carryOut(in *incoming, account string, conf settings, commit bool) ([]Preference, *response) {
	switch in.Route {
	case RouteEventNames:
		return nil, nil
	case RouteList:
		return s.list(account, conf.listLimit), nil
	case RouteCreate:
		return []Preference{s.create(account, in.changes, conf, commit)}, nil
	}
	r, ok := s.byID[in.id]
	if !ok || !r.visibleTo(account) || r.lags(in.Method) {
		return nil, refuse(http.StatusNotFound, "there is no webhook preference %q", in.id)
	}
	if in.Method != http.MethodGet && r.Account != account {
		return nil, refuse(http.StatusForbidden, "account %q may only read the webhook preference %q", account, in.id)
	}
	switch {
	case in.Method == http.MethodPatch:
		return []Preference{r.change(in.changes, conf, commit)}, nil
	case in.Method == http.MethodDelete && commit:
		s.remove(r)
	}
	return []Preference{r.clone()}, nil
}

func (s *store) create(account string, changes changes, conf settings, commit bool) Preference {
	p := Preference{ID: newID(), Account: account}
	changes.apply(&p, conf)
	if conf.upsert != nil {
		for _, r := range s.records {
			if conf.upsert(r.clone(), p.clone()) {
				return r.change(changes, conf, commit)
			}
		}
	}
	p.complete(conf.now())
	if commit {
		s.add(p, conf.lag)
	}
	return p.clone()
}

func (r *record) change(changes changes, conf settings, commit bool) Preference {
	p := r.clone()
	changes.apply(&p, conf)
	p.touch(conf.now())
	if commit {
		r.Preference = p
	}
	return p.clone()
}

// visibleTo reports whether the account owns the preference, or is one of its viewers. For others it does not exist.
func (r *record) visibleTo(account string) bool {
	return r.Account == account || slices.Contains(r.ViewerIDs, account)
}

// lags reports whether a call by id is too early, and counts it.
func (r *record) lags(method string) bool {
	if method == http.MethodGet {
		return count(&r.lag.Reads)
	}
	return count(&r.lag.Writes)
}

func count(left *int) bool {
	if *left <= 0 {
		return false
	}
	*left--
	return true
}

func (s *store) list(account string, limit int) []Preference {
	visible := []Preference{}
	for _, r := range s.records {
		if r.visibleTo(account) && !count(&r.lag.Lists) {
			visible = append(visible, r.clone())
		}
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
func newID() string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 22)
	for i := range id {
		id[i] = letters[rand.IntN(len(letters))]
	}
	return string(id)
}

// Preferences returns all preferences of all accounts, in the order of their creation.
func (s *Server) Preferences() []Preference {
	s.mu.Lock()
	defer s.mu.Unlock()
	preferences := make([]Preference, len(s.store.records))
	for i, r := range s.store.records {
		preferences[i] = r.clone()
	}
	return preferences
}

// Preference returns one preference of any account.
func (s *Server) Preference(id string) (Preference, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.store.byID[id]
	if !ok {
		return Preference{}, false
	}
	return r.clone(), true
}

// Put seeds a preference behind the client's back and returns it with what was empty filled in.
// One with the same ID is replaced in its place.
func (s *Server) Put(p Preference) Preference {
	p = p.clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	p.complete(s.settings.now())
	if p.ID == "" {
		p.ID = newID()
	}
	if old, ok := s.store.byID[p.ID]; ok {
		old.Preference = p
	} else {
		s.store.add(p, Lag{})
	}
	return p.clone()
}

// Edit changes a preference behind the client's back and reports whether it exists. The ID stays
// as it is, and UpdatedAt moves forward unless edit sets it. edit must not call the server.
func (s *Server) Edit(id string, edit func(*Preference)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.store.byID[id]
	if !ok {
		return false
	}
	p := r.clone()
	edit(&p)
	p = p.clone()
	p.ID = id
	p.complete(s.settings.now())
	if p.UpdatedAt.Equal(r.UpdatedAt) {
		p.touch(s.settings.now())
	}
	r.Preference = p
	return true
}

// Remove deletes a preference behind the client's back and reports whether it existed.
func (s *Server) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.store.byID[id]
	if ok {
		s.store.remove(r)
	}
	return ok
}
