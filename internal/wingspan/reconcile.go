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
// response is that the caller's has ended, and nobody else will ever learn of the webhook.
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
		complete := containsAll(l, existing)
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

// verifyRetry looks whether the list shows a retried create. A list that doesn't is cut off, and then hasn't shown either whether the
// first request was carried out. With that in doubt the retry's preference, which this create made, is deleted again: at most one webhook
// is left, and the error says so.
func (c *creation) verifyRetry(ctx context.Context, created *Preference, ambiguous *AmbiguousCreateError) (*Preference, error) {
	w := c.webhooks
	var shown bool
	var other *Preference
	var others []string
	ambiguous.ListErr = c.pollList(ctx, w.client.settle, func(l *listing, existing []string) bool {
		_, shown = l.byID[created.ID]
		others = slices.DeleteFunc(c.candidates(l), func(id string) bool { return id == created.ID })
		other = nil
		if len(others) == 1 {
			if p := l.byID[others[0]]; c.isOurs(l, p, containsAll(l, existing)) {
				other = &p
			}
		}

		return shown
	})
	if shown && len(others) == 0 {
		return created, nil
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.client.timeout)
	defer cancel()
	ambiguous.Outcome, ambiguous.Candidates = Undecidable, others
	if err := w.Delete(ctx, Target{ID: created.ID, Account: c.account, Owner: created.UserID, Created: created.Created}); err != nil {
		ambiguous.Outcome, ambiguous.Candidates = Retained, append([]string{created.ID}, others...)

		return created, ambiguous
	}
	if other != nil {
		return c.accept(ctx, other)
	}

	return nil, ambiguous
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

// containsAll ignores what was removed since existing was asked for.
func containsAll(l *listing, existing []string) bool {
	return !slices.ContainsFunc(existing, func(id string) bool { return !l.shows(id) })
}

func (c *creation) longest() int {
	k := c.webhooks.known
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.longest[k.key(c.account)]
}

// match returns the one entry that the create made, or the ids of those that it may have made.
func (c *creation) match(l *listing, complete bool) (*Preference, []string) {
	candidates := c.candidates(l)
	var ours []Preference
	for _, id := range candidates {
		if p := l.byID[id]; c.isOurs(l, p, complete) {
			ours = append(ours, p)
		}
	}
	if len(ours) > 1 {
		// An echoed secret decides between several.
		ours = slices.DeleteFunc(ours, func(p Preference) bool { return !c.echoes(p) })
	}
	if len(ours) == 1 {
		return &ours[0], nil
	}

	return nil, candidates
}

// candidates returns, sorted, the ids of the entries that weren't there before and that nothing else explains: they aren't what
// another create of this process asks for, and may be this one as the server writes it.
func (c *creation) candidates(l *listing) []string {
	k, own := c.webhooks.known, c.webhooks.known.webhookKey(c.account, c.request.URL)
	ids := slices.Clone(l.unreadableIDs)
	for id := range l.byID {
		ids = append(ids, id)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		if _, listed := c.before.byID[id]; listed || slices.Contains(c.before.unreadableIDs, id) || k.wasRemoved(id) {
			return true
		}
		if _, written := k.writtenByID(id); written {
			return true
		}
		p, readable := l.byID[id]
		if !readable {
			return false
		}
		if !k.ownedBy(c.account, p) {
			return true
		}
		another := k.webhookKey(c.account, p.URL) != own && k.wasAttempted(c.account, p.URL)

		return another || (!c.echoes(p) && !c.mayBeRewritten(p))
	})
	slices.Sort(ids)

	return ids
}

// isOurs reports whether a candidate is certainly what the create made: an equivalent URL, the same events, no secret that is visibly
// another one, and not older than what was there before, in a list that lacks nothing.
func (c *creation) isOurs(l *listing, p Preference, complete bool) bool {
	if !SameURL(p.URL, c.request.URL) || (p.SubscribedEvents != nil && !sameEvents(p.SubscribedEvents, c.request.SubscribedEvents)) || c.isOlder(p) {
		return false
	}
	if c.echoes(p) {
		return true
	}

	return c.before.err == nil && (complete || c.isNewer(p)) && !c.hasOtherSecret(l, p)
}

// isOlder reports whether the entry was there before the create, by the API's own times. One without a time is not.
func (c *creation) isOlder(p Preference) bool {
	at := parseTime(p.CreatedAt)

	return !at.IsZero() && (at.Before(c.newest) || at.Before(c.before.date))
}

// isNewer reports whether the entry was certainly not there when the account was listed before the create. A Date has whole seconds.
func (c *creation) isNewer(p Preference) bool {
	at := parseTime(p.CreatedAt)

	return !at.IsZero() && !c.before.date.IsZero() && at.Sub(c.before.date) > time.Second
}

func (c *creation) echoes(p Preference) bool {
	return p.SharedSecret != nil && *p.SharedSecret == c.request.SharedSecret
}

// hasOtherSecret reports whether the entry visibly has a secret other than the create's. A mask shows nothing, unless the part that it shows
// differs, and neither does an API that shows something else than the secrets which this process set.
func (c *creation) hasOtherSecret(l *listing, p Preference) bool {
	if p.SharedSecret == nil || standsFor(*p.SharedSecret, c.request.SharedSecret) {
		return false
	}
	in, _ := c.webhooks.known.writtenIn(c.account, c.request.URL)
	for _, own := range in {
		if shown := l.byID[own.ID].SharedSecret; own.sent != "" && shown != nil && *shown != own.sent {
			return false
		}
	}

	return true
}

// mayBeRewritten reports whether the entry can be the create's in the server's own form: the same host, the same letters and digits in the
// path, and as many events. What a server may do to a query, and how it spells events, can't be foreseen.
func (c *creation) mayBeRewritten(p Preference) bool {
	asked, err := url.Parse(CanonicalURL(c.request.URL))
	if err != nil {
		return true
	}
	listed, err := url.Parse(CanonicalURL(p.URL))
	if err != nil {
		return true
	}
	if p.SubscribedEvents != nil && len(distinct(p.SubscribedEvents)) != len(distinct(c.request.SubscribedEvents)) {
		return false
	}

	return strings.EqualFold(asked.Hostname(), listed.Hostname()) && lettersAndDigits(asked.Path) == lettersAndDigits(listed.Path)
}

func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}

		return -1
	}, s)
}
