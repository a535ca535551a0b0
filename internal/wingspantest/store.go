package wingspantest

import (
	"math/rand/v2"
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

// find returns copies of the preferences that the response contains, after it changed them.
func (s *Server) find(in *incoming, account string, commit bool) ([]Preference, *response) {
	switch in.Route {
	case RouteEventNames:
		return nil, nil
	case RouteList:
		return s.list(account), nil
	case RouteCreate:
		return []Preference{s.create(account, in.changes, commit)}, nil
	}
	r := s.record(in.id)
	if r == nil || !r.visibleTo(account) || r.lags(in.Method) {
		return nil, refuse(http.StatusNotFound, "there is no webhook preference %q", in.id)
	}
	if in.Method != http.MethodGet && r.Account != account {
		return nil, refuse(http.StatusForbidden, "account %q may only read the webhook preference %q", account, in.id)
	}
	switch {
	case in.Method == http.MethodPatch:
		return []Preference{s.change(r, in.changes, commit)}, nil
	case in.Method == http.MethodDelete && commit:
		s.remove(r)
	}
	return []Preference{r.clone()}, nil
}

func (s *Server) create(account string, changes changes, commit bool) Preference {
	p := Preference{ID: newID(), Account: account}
	changes.apply(&p, s.settings)
	if s.settings.Upsert {
		for _, r := range s.records {
			if r.Account == account && canonical(r.URL) == canonical(p.URL) {
				return s.change(r, changes, commit)
			}
		}
	}
	p.complete(s.settings.now())
	if commit {
		s.records = append(s.records, &record{p, s.settings.Lag})
	}
	return p.clone()
}

func (s *Server) change(r *record, changes changes, commit bool) Preference {
	p := r.clone()
	changes.apply(&p, s.settings)
	p.touch(s.settings.now())
	if commit {
		r.Preference = p
	}
	return p.clone()
}

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

// lags reports whether a request by id is too early, and counts it.
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

func (s *Server) list(account string) []Preference {
	visible := []Preference{}
	for _, r := range s.records {
		if r.visibleTo(account) && !count(&r.lag.Lists) {
			visible = append(visible, r.clone())
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
	p = p.clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	p.complete(s.settings.now())
	if p.ID == "" {
		p.ID = newID()
	}
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
	r := s.record(id)
	if r != nil {
		s.remove(r)
	}
	return r != nil
}
