package wingspan

import (
	"slices"
	"strings"
	"time"
)

// sighting is what one list shows of a create.
type sighting struct {
	// complete: the list has all that is known to exist, is the account's, and has no entry that can't be distinguished from others.
	complete bool
	list     *listing
	// candidates are what the create may have made, sorted by id, and ours is the one of them that it certainly made, or nil.
	candidates []Preference
	ours       *Preference
}

func (c *creation) look(l *listing, existing []string) sighting {
	s := sighting{list: l, candidates: c.candidates(l)}
	s.complete = l.provesNothing(&c.known.accounts, c.account) == nil && !slices.ContainsFunc(existing, func(id string) bool {
		return !l.shows(id) && !c.known.history(id).removed
	})
	ours := slices.DeleteFunc(slices.Clone(s.candidates), func(p Preference) bool { return !c.isOurs(l, p, s.complete) })
	if len(ours) > 1 {
		// An echoed secret decides between several.
		ours = slices.DeleteFunc(ours, func(p Preference) bool { return !c.echoes(p) })
	}
	if len(ours) == 1 {
		s.ours = &ours[0]
		s.ours.Account, s.ours.Created = c.account, Moment{API: l.date, Local: time.Now()}
	}

	return s
}

// existing returns the ids that a complete list of the account would have to contain now.
func (c *creation) existing() []string {
	var ids []string
	for id := range c.before.byID {
		if !c.known.history(id).removed {
			ids = append(ids, id)
		}
	}
	for _, p := range c.known.writtenIn(c.account) {
		ids = append(ids, p.ID)
	}

	return ids
}

// candidates returns the entries that weren't there before and that nothing else explains: they may be what this create made as the
// server writes it. That an entry names another owner excludes nothing, as the request may have been carried out there.
func (c *creation) candidates(l *listing) []Preference {
	var found []Preference
	for _, p := range slices.Concat(l.Unreadable, l.Preferences) {
		h := c.known.history(p.ID)
		old := h.written != nil || h.removed || h.seenBefore(c.first) || c.before.shows(p.ID)
		if p.ID == "" || old || c.creates.fitsOther(c.pending, p) || (p.URL != "" && !c.echoes(p) && !mayBeRewritten(c.request.URL, p.URL)) {
			continue
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b Preference) int { return strings.Compare(a.ID, b.ID) })

	return found
}

// isOurs reports whether a candidate is certainly what the create made: an equivalent URL, the same events, no secret that is visibly
// another one, and not older than the create, in a list that lacks nothing.
func (c *creation) isOurs(l *listing, p Preference, complete bool) bool {
	_, readable := l.byID[p.ID]
	if !readable || !SameURL(p.URL, c.request.URL) || (p.SubscribedEvents != nil && !sameEvents(p.SubscribedEvents, c.request.SubscribedEvents)) {
		return false
	}
	if !c.known.accounts.owns(c.account, p) || c.isOlder(l, p) {
		return false
	}
	if c.echoes(p) {
		return true
	}

	return c.before.err == nil && (complete || c.isNewer(p)) && !c.hasOtherSecret(l, p)
}

// isOlder reports whether the entry was there before the create, by the API's own times. One without a time is not. A Date has whole
// seconds, and another second is for clocks behind one gateway.
func (c *creation) isOlder(l *listing, p Preference) bool {
	at := parseTime(p.CreatedAt)
	if at.IsZero() {
		return false
	}
	begin := l.date.Add(-l.received.Sub(c.first))

	return at.Before(c.before.newest) || (!l.date.IsZero() && begin.Sub(at) > time.Second)
}

// isNewer reports whether the entry was certainly not there when the account was listed before the create. A Date has whole seconds.
func (c *creation) isNewer(p Preference) bool {
	at := parseTime(p.CreatedAt)

	return !at.IsZero() && !c.before.date.IsZero() && at.Sub(c.before.date) > time.Second
}

func (c *creation) echoes(p Preference) bool {
	return p.SharedSecret != nil && *p.SharedSecret == c.request.SharedSecret
}

// hasOtherSecret reports whether the entry, which is the create's in everything else, visibly has another secret. A mask shows nothing,
// unless the part that it shows differs. An API that shows something else of the secrets which this process set shows nothing either,
// and one that shows it of what several creates seem to have made does the same: no stranger makes several of ours.
func (c *creation) hasOtherSecret(l *listing, p Preference) bool {
	if p.SharedSecret == nil || standsFor(*p.SharedSecret, c.request.SharedSecret) {
		return false
	}
	for _, own := range c.known.writtenIn(c.account) {
		if shown := l.byID[own.ID].SharedSecret; own.secret != "" && shown != nil {
			return standsFor(*shown, own.secret)
		}
	}

	return !c.creates.severalNearMatches(c.pending, p.ID)
}
