package wingspantest

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// keep gives the record its next preference, and a place behind the others unless it has one.
func (s *Server) keep(r *record, p Preference) {
	r.Preference = p
	if !slices.Contains(s.records, r) {
		s.records = append(s.records, r)
	}
}

func (s *Server) remove(r *record) {
	s.records = slices.DeleteFunc(s.records, func(other *record) bool { return other == r })
}

// shows reports whether the account owns the preference or is one of its viewers, and the request comes late enough for a new
// one, which it counts. Otherwise the preference does not exist for it.
func (held *record) shows(r *Request, account string) bool {
	if held.Account != account && !slices.Contains(held.ViewerIDs, account) {
		return false
	}
	left := &held.lag.Writes
	switch {
	case r.Route == RouteList:
		left = &held.lag.Lists
	case r.Method == http.MethodGet:
		left = &held.lag.Reads
	}
	*left--

	return *left < 0
}

func (s *Server) list(r *Request, account string) []*record {
	shown := []*record{}
	for _, held := range s.records {
		if held.shows(r, account) {
			shown = append(shown, held)
		}
	}
	if limit := s.settings.ListLimit; limit > 0 {
		return shown[:min(limit, len(shown))]
	} else if limit < 0 {
		return shown[max(0, len(shown)+limit):]
	}

	return shown
}

// subject returns the preference that the request is about, if the account may do with it what the method says. That of a POST is new,
// or that which Settings.Upsert has it change.
func (s *Server) subject(r *Request, account string) (*record, *response) {
	if r.Route == RouteCreate {
		created := &record{Preference{ID: newID(), Account: account}, s.settings.Lag}
		p := s.changed(created.Preference, func(p *Preference) { r.apply(p, s.settings) })
		for _, held := range s.records {
			if s.settings.Upsert && held.Account == account && canonical(held.URL) == canonical(p.URL) {
				return held, nil
			}
		}

		return created, nil
	}
	held := s.record(r.id)
	switch {
	case held == nil || !held.shows(r, account):
		return nil, refuse(http.StatusNotFound, "there is no webhook preference %q", r.id)
	case r.Method != http.MethodGet && held.Account != account:
		return nil, refuse(http.StatusForbidden, "account %q may only read the webhook preference %q", account, r.id)
	}

	return held, nil
}

func canonical(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	u.Path = cmp.Or(u.Path, "/")

	return u.String()
}

// newID mixes cases, so that a client which changes the case of ids is found out.
func newID() string { return rand.Text()[:11] + strings.ToLower(rand.Text()[:11]) }

// Preferences returns all preferences of all accounts, in the order of their creation.
func (s *Server) Preferences() []Preference {
	s.mu.Lock()
	defer s.mu.Unlock()
	preferences := make([]Preference, len(s.records))
	for i, held := range s.records {
		preferences[i] = held.clone()
	}

	return preferences
}

// Preference returns one preference of any account.
func (s *Server) Preference(id string) (Preference, bool) {
	all := s.Preferences()
	if i := slices.IndexFunc(all, func(p Preference) bool { return p.ID == id }); i >= 0 {
		return all[i], true
	}

	return Preference{}, false
}

// Put seeds a preference behind the client's back and returns it with what was empty filled in.
// One with the same ID is replaced in its place.
func (s *Server) Put(p Preference) Preference {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.ID = cmp.Or(p.ID, newID())
	held := cmp.Or(s.record(p.ID), &record{})
	s.keep(held, s.changed(Preference{ID: p.ID}, func(put *Preference) { *put = p }))

	return held.clone()
}

// Edit changes a preference behind the client's back and reports whether it exists. The ID stays
// as it is, and UpdatedAt moves forward unless edit sets it. edit must not call the server.
func (s *Server) Edit(id string, edit func(*Preference)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.record(id)
	if held != nil {
		held.Preference = s.changed(held.Preference, edit)
	}

	return held != nil
}

// Remove deletes a preference behind the client's back and reports whether it existed.
func (s *Server) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.record(id)
	s.remove(held)

	return held != nil
}
