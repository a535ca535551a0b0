package wingspantest

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// record is a preference, and for how many requests it is still hidden.
type record struct {
	Preference
	lag Lag
}

// record returns that of the id, or nil.
func (s *Server) record(id string) *record {
	if i := slices.IndexFunc(s.records, func(r *record) bool { return r.ID == id }); i >= 0 {
		return s.records[i]
	}
	return nil
}

func (s *Server) remove(r *record) {
	s.records = slices.DeleteFunc(s.records, func(other *record) bool { return other == r })
}

// visibleTo reports whether the account owns the preference, or is one of its viewers. For others it does not exist.
func (r *record) visibleTo(account string) bool {
	return r.Account == account || slices.Contains(r.ViewerIDs, account)
}

// lags reports whether the request comes too early for a new preference, and counts it.
func (r *record) lags(in *incoming) bool {
	left := &r.lag.Writes
	switch {
	case in.Route == RouteList:
		left = &r.lag.Lists
	case in.Method == http.MethodGet:
		left = &r.lag.Reads
	}
	if *left <= 0 {
		return false
	}
	*left--
	return true
}

func (s *Server) list(in *incoming, account string) []*record {
	visible := []*record{}
	for _, r := range s.records {
		if r.visibleTo(account) && !r.lags(in) {
			visible = append(visible, r)
		}
	}
	limit := s.settings.ListLimit
	switch {
	case limit > 0 && limit < len(visible):
		return visible[:limit]
	case limit < 0 && -limit < len(visible):
		return visible[len(visible)+limit:]
	}
	return visible
}

// item returns the preference with the request's id, if the account may do with it what the method says.
func (s *Server) item(in *incoming, account string) (*record, *response) {
	r := s.record(in.id)
	switch {
	case r == nil || !r.visibleTo(account) || r.lags(in):
		return nil, refuse(http.StatusNotFound, "there is no webhook preference %q", in.id)
	case in.Method != http.MethodGet && r.Account != account:
		return nil, refuse(http.StatusForbidden, "account %q may only read the webhook preference %q", account, in.id)
	}
	return r, nil
}

// create returns a new preference, or that which Settings.Upsert has a POST change.
func (s *Server) create(account string, changes changes, commit bool) *record {
	created := &record{Preference{ID: newID(), Account: account}, s.settings.Lag}
	if s.settings.Upsert {
		p := created.Preference
		changes.apply(&p, s.settings)
		for _, r := range s.records {
			if r.Account == account && canonical(r.URL) == canonical(p.URL) {
				return r
			}
		}
	}
	if commit {
		s.records = append(s.records, created)
	}
	return created
}

// change returns the record's preference with the changes, which without commit are not stored.
func (s *Server) change(r *record, changes changes, commit bool) Preference {
	p := r.clone()
	changes.apply(&p, s.settings)
	p.complete(s.settings.now(), r.UpdatedAt)
	if commit {
		r.Preference = p
	}
	return p
}

func canonical(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Host = strings.ToLower(u.Host)
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
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
	preferences := make([]Preference, len(s.records))
	for i, r := range s.records {
		preferences[i] = r.clone()
	}
	return preferences
}

// Preference returns one preference of any account.
func (s *Server) Preference(id string) (Preference, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.record(id); r != nil {
		return r.clone(), true
	}
	return Preference{}, false
}

// Put seeds a preference behind the client's back and returns it with what was empty filled in.
// One with the same ID is replaced in its place.
func (s *Server) Put(p Preference) Preference {
	s.mu.Lock()
	defer s.mu.Unlock()
	p = p.clone()
	p.ID = cmp.Or(p.ID, newID())
	p.complete(s.settings.now(), time.Time{})
	if old := s.record(p.ID); old != nil {
		old.Preference = p
	} else {
		s.records = append(s.records, &record{Preference: p})
	}
	return p.clone()
}

// Edit changes a preference behind the client's back and reports whether it exists. The ID stays
// as it is, and UpdatedAt moves forward unless edit sets it. edit must not call the server.
func (s *Server) Edit(id string, edit func(*Preference)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.record(id)
	if r == nil {
		return false
	}
	p := r.clone()
	edit(&p)
	p = p.clone()
	p.ID = id
	p.complete(s.settings.now(), r.UpdatedAt)
	r.Preference = p
	return true
}

// Remove deletes a preference behind the client's back and reports whether it existed.
func (s *Server) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.record(id)
	if r != nil {
		s.remove(r)
	}
	return r != nil
}
