package wingspan

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// listing is one list of an account that everyone who asks at the same time shares. It doesn't change once done is closed.
type listing struct {
	List

	asked, received time.Time
	// writes is how many writes had begun or ended when it was asked for.
	writes uint64
	done   chan struct{}
	byID   map[string]Preference
	byURL  map[string][]Preference
	// byLetters has the letters and digits of the URL as its key.
	byLetters map[string][]Preference
	// newest is the API's time of the newest preference in it.
	newest time.Time
	// owner is the account that its entries agree on, or empty.
	owner string
	err   error
}

func (l *listing) fill(list List, err error) {
	l.List, l.err, l.received = list, err, time.Now()
	l.byID = make(map[string]Preference, len(l.Preferences))
	l.byURL = make(map[string][]Preference, len(l.Preferences))
	l.byLetters = make(map[string][]Preference, len(l.Preferences))
	var owners agreement
	for _, p := range l.Preferences {
		key := CanonicalURL(p.URL)
		l.byID[p.ID] = p
		l.byURL[key] = append(l.byURL[key], p)
		letters := LettersAndDigits(key)
		l.byLetters[letters] = append(l.byLetters[letters], p)
		owners.add(p.UserID)
		if at := parseTime(p.CreatedAt); at.After(l.newest) {
			l.newest = at
		}
	}
	l.owner = owners.value()
}

// shows reports whether the list has an entry with the id, readable or not.
func (l *listing) shows(id string) bool {
	_, readable := l.byID[id]

	return readable || slices.ContainsFunc(l.Unreadable, func(p Preference) bool { return p.ID == id })
}

func (l *listing) ids() []string { return slices.Collect(maps.Keys(l.byID)) }

// provesNothing returns why the list can't prove that something isn't in the account, or nil.
func (l *listing) provesNothing(a *accounts, account string) error {
	switch {
	case l.err != nil:
		return l.err
	case slices.ContainsFunc(l.Unreadable, func(p Preference) bool { return p.ID == "" }):
		// What the list doesn't show may be in an entry without a readable id.
		return errors.New("at least one entry of the list can't be decoded, and may be this webhook preference")
	default:
		return l.foreign(a, account)
	}
}

// foreign returns an *AccountError for a list of which every entry belongs to another account than the one that was asked for.
func (l *listing) foreign(a *accounts, account string) error {
	if len(l.Preferences) == 0 || slices.ContainsFunc(l.Preferences, func(p Preference) bool { return a.owns(account, p) }) {
		return nil
	}

	return &AccountError{Asked: account, Got: l.Preferences[0].UserID, ID: l.Preferences[0].ID}
}

// askedSince accepts a list that was asked for at that time or later.
func askedSince(t time.Time) func(*listing) bool {
	return func(l *listing) bool { return !l.asked.Before(t) }
}
