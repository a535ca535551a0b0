package wingspantest

import (
	"maps"
	"slices"
	"time"
)

// Preference is what the server holds, the real secret included, whatever answers tell of it.
type Preference struct {
	ID               string
	Account          string
	URL              string
	SharedSecret     string
	SubscribedEvents []string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Labels           map[string]string
	EventActors      map[string]string
	OwnerIDs         []string
	ViewerIDs        []string
}

func (p Preference) clone() Preference {
	p.SubscribedEvents = slices.Clone(p.SubscribedEvents)
	p.Labels = maps.Clone(p.Labels)
	p.EventActors = maps.Clone(p.EventActors)
	p.OwnerIDs = slices.Clone(p.OwnerIDs)
	p.ViewerIDs = slices.Clone(p.ViewerIDs)
	return p
}

// complete fills what every answer holds. Times get the precision of answers, so that both compare.
func (p *Preference) complete() {
	if p.Account == "" {
		p.Account = OwnAccount
	}
	now := time.Now()
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	if p.UpdatedAt.IsZero() {
		p.UpdatedAt = now
	}
	p.CreatedAt = p.CreatedAt.UTC().Truncate(time.Millisecond)
	p.UpdatedAt = p.UpdatedAt.UTC().Truncate(time.Millisecond)
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	if p.EventActors == nil {
		p.EventActors = map[string]string{}
	}
	if p.OwnerIDs == nil {
		p.OwnerIDs = []string{p.Account}
	}
	if p.ViewerIDs == nil {
		p.ViewerIDs = []string{}
	}
}

// touch moves UpdatedAt strictly forward, also within one millisecond.
func (p *Preference) touch() {
	now := time.Now().UTC().Truncate(time.Millisecond)
	if !now.After(p.UpdatedAt) {
		now = p.UpdatedAt.Add(time.Millisecond)
	}
	p.UpdatedAt = now
}

// Preferences returns all preferences of all accounts, in the order of their creation.
func (s *Server) Preferences() []Preference {
	s.mu.Lock()
	records := s.store.all()
	s.mu.Unlock()
	preferences := make([]Preference, len(records))
	for i, r := range records {
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
	p.complete()
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.ID == "" {
		p.ID = s.store.newID()
	}
	if old, ok := s.store.byID[p.ID]; ok {
		s.store.replace(old, p)
	} else {
		s.store.add(p, 0)
	}
	return p.clone()
}

// Edit changes a preference behind the client's back and reports whether it exists. The ID stays
// as it is, and UpdatedAt moves forward unless edit sets it. edit must not call the server.
func (s *Server) Edit(id string, edit func(*Preference)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.store.byID[id]
	if !ok {
		return false
	}
	p := old.clone()
	edit(&p)
	p = p.clone()
	p.ID = id
	p.complete()
	if p.UpdatedAt.Equal(old.UpdatedAt) {
		p.touch()
	}
	s.store.replace(old, p)
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
