package wingspan

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

// find searches the list for what a failed create may have made. It runs on a context of its own: the usual reason for a lost
// response is that the caller's has ended, and no one else will ever learn of the webhook.
func (c *creation) find(ctx context.Context, cause error) (*Preference, *AmbiguousCreateError) {
	patience := c.webhooks.client.settle
	var transport *TransportError
	if errors.As(cause, &transport) && transport.Timeout() && ctx.Err() == nil {
		// The server was slow to respond and may be slow to finish.
		patience = max(patience, c.webhooks.client.timeout)
	}

	var adopted *Preference
	ambiguous := &AmbiguousCreateError{Err: cause, Account: c.account, URL: c.request.URL}
	begin, shortest := time.Now(), -1
	ambiguous.ListErr = c.pollList(ctx, patience, func(l *listing, existing []string) bool {
		complete := c.isComplete(l, existing)
		if adopted, ambiguous.Candidates = c.match(l, complete); adopted != nil {
			adopted.Account, adopted.Created = c.account, Moment{API: l.date, Local: time.Now()}
		}
		if shortest < 0 || len(l.Preferences) < shortest {
			shortest = len(l.Preferences)
		}

		switch {
		case len(ambiguous.Candidates) > 0:
			ambiguous.Outcome = Undecidable
		case !complete:
			ambiguous.Outcome = Incomplete
		case shortest == 0 || shortest < c.longest():
			// A list that is cut off at some length is never shorter than that.
			ambiguous.Outcome = NotListedComplete
		default:
			ambiguous.Outcome = NotListed
		}

		return adopted != nil
	})
	if ambiguous.ListErr != nil && len(ambiguous.Candidates) == 0 {
		ambiguous.Outcome = Unlistable
	}
	ambiguous.Searched = time.Since(begin)

	return adopted, ambiguous
}

// verifyRetry looks whether the list shows a retried create, and all that was there before. A list that doesn't is cut off at one of its ends,
// and then hasn't shown either whether the first request was carried out. With that in doubt the retry's preference, which this create made,
// is deleted again: at most one webhook is left, and the error reports it.
func (c *creation) verifyRetry(ctx context.Context, created *Preference, ambiguous *AmbiguousCreateError) (*Preference, error) {
	var (
		shown  bool
		other  *Preference
		others []Preference
	)
	expected := append(c.expected, created.ID)
	ambiguous.ListErr = c.pollList(ctx, c.webhooks.client.settle, func(l *listing, _ []string) bool {
		shown = c.isComplete(l, expected)
		others = slices.DeleteFunc(c.candidates(l), func(p Preference) bool { return p.ID == created.ID })
		other = nil
		if len(others) == 1 && c.isOurs(l, others[0], shown) {
			p := others[0]
			p.Created = Moment{API: l.date, Local: time.Now()}
			other = &p
		}

		return shown
	})
	if shown && len(others) == 0 {
		return created, nil
	}

	switch {
	case len(others) > 0:
		ambiguous.Outcome = Undecidable
	case ambiguous.ListErr != nil:
		ambiguous.Outcome = Unlistable
	default:
		ambiguous.Outcome = Incomplete
	}
	ambiguous.Candidates = others
	if !c.wasJustMade(*created) || c.rollback(ctx, created) != nil {
		ambiguous.Outcome, ambiguous.Candidates = Retained, append([]Preference{*created}, others...)

		return created, ambiguous
	}
	if other != nil {
		return c.accept(ctx, other)
	}

	return nil, ambiguous
}

// rollback deletes what this create made, also when its caller has given up.
func (c *creation) rollback(ctx context.Context, created *Preference) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.webhooks.client.timeout)
	defer cancel()

	return c.webhooks.Delete(ctx, Target{ID: created.ID, Account: c.account, Owner: created.UserID, Created: created.Created})
}

// pollList lists the account until look is content or the patience is over. Both begin when no pause of the API's is in force.
// Its error is the last list's. What is known to exist is asked for before each list, so that a list isn't blamed for what came after it.
func (c *creation) pollList(ctx context.Context, patience time.Duration, look func(l *listing, existing []string) bool) error {
	w := c.webhooks
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	// Whoever interrupts a run waits no longer than a lost create takes to settle, also during a pause.
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(w.client.settle, cancel) })
	defer stop()
	if err := w.client.waitForPause(detached); err != nil {
		return err
	}

	for retry := newBackoff(patience); ; {
		existing := c.existing()
		l, err := w.list(detached, c.account, askedSince(time.Now()))
		if err == nil {
			err = l.err
		}
		if err != nil {
			if !retry.failed(detached) {
				return err
			}

			continue
		}
		if look(l, existing) || !retry.wait(detached) {
			return nil
		}
	}
}

// existing returns the ids that a complete list of the account would have to contain now.
func (c *creation) existing() []string {
	var ids []string
	for id := range c.before.byID {
		if !c.webhooks.known.wasRemoved(id) {
			ids = append(ids, id)
		}
	}
	in, _ := c.webhooks.known.writtenIn(c.account, c.request.URL)
	for _, p := range in {
		ids = append(ids, p.ID)
	}

	return ids
}

// isComplete reports whether the list has all that is known to exist, is the account's, and has no entry that can't be told from others.
func (c *creation) isComplete(l *listing, existing []string) bool {
	return l.proves(c.webhooks.known, c.account) == nil && !slices.ContainsFunc(existing, func(id string) bool {
		return !l.shows(id) && !c.webhooks.known.wasRemoved(id)
	})
}

func (c *creation) longest() int {
	k := c.webhooks.known
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.longest[k.key(c.account)]
}

// match returns the one entry that the create made, or those that it may have made.
func (c *creation) match(l *listing, complete bool) (*Preference, []Preference) {
	candidates := c.candidates(l)
	ours := slices.DeleteFunc(slices.Clone(candidates), func(p Preference) bool { return !c.isOurs(l, p, complete) })
	if len(ours) > 1 {
		// An echoed secret decides between several.
		ours = slices.DeleteFunc(ours, func(p Preference) bool { return !c.echoes(p) })
	}
	if len(ours) == 1 {
		return &ours[0], nil
	}

	return nil, candidates
}

// candidates returns, sorted by id, the entries that weren't there before and that nothing else explains: they may be what this create
// made as the server writes it. That an entry names another owner excludes nothing, as the request may have been carried out there.
func (c *creation) candidates(l *listing) []Preference {
	k := c.webhooks.known
	var found []Preference
	for _, p := range slices.Concat(l.Unreadable, l.Preferences) {
		_, written := k.writtenByID(p.ID)
		old := written || c.before.shows(p.ID) || k.sawBefore(p.ID, c.first) || k.wasRemoved(p.ID)
		if p.ID == "" || old || k.explained(c.attempt, p) || (p.URL != "" && !c.echoes(p) && !c.mayBeRewritten(p)) {
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
	if _, readable := l.byID[p.ID]; !readable || !SameURL(p.URL, c.request.URL) || (p.SubscribedEvents != nil && !sameEvents(p.SubscribedEvents, c.request.SubscribedEvents)) {
		return false
	}
	if !c.webhooks.known.ownedBy(c.account, p) || c.isOlder(l, p) {
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
	in, _ := c.webhooks.known.writtenIn(c.account, c.request.URL)
	for _, own := range in {
		if shown := l.byID[own.ID].SharedSecret; own.sent != "" && shown != nil {
			return standsFor(*shown, own.sent)
		}
	}

	return !c.webhooks.known.severalResemble(c.attempt, p.ID)
}

// mayBeRewritten reports whether the entry can be the create's in the server's own form: the same host, and the same letters and digits in
// the path. What a server may do to a query and to events can't be foreseen.
func (c *creation) mayBeRewritten(p Preference) bool {
	asked, listed := parseCanonical(c.request.URL), parseCanonical(p.URL)

	return asked == nil || listed == nil || isSameInLetters(asked, listed)
}

func parseCanonical(raw string) *url.URL {
	u, err := url.Parse(CanonicalURL(raw))
	if err != nil {
		return nil
	}

	return u
}

func isSameInLetters(a, b *url.URL) bool {
	return strings.TrimSuffix(a.Hostname(), ".") == strings.TrimSuffix(b.Hostname(), ".") && lettersAndDigits(a.Path) == lettersAndDigits(b.Path)
}

// IsFormOfURL reports whether two URLs differ in nothing but the punctuation and the case of what follows the host.
func IsFormOfURL(a, b string) bool {
	one, other := parseCanonical(a), parseCanonical(b)

	return one != nil && other != nil && one.Scheme == other.Scheme && one.Port() == other.Port() &&
		isSameInLetters(one, other) && lettersAndDigits(one.RawQuery) == lettersAndDigits(other.RawQuery)
}

// AreFormsOfEvents reports whether the names differ in nothing but punctuation and case.
func AreFormsOfEvents(a, b []string) bool {
	return sameEvents(lettersOfAll(a), lettersOfAll(b))
}

func lettersOfAll(events []string) []string {
	letters := make([]string, len(events))
	for i, e := range events {
		letters[i] = lettersAndDigits(e)
	}

	return letters
}

func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}

		return -1
	}, s)
}
