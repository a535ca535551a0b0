package wingspan

import (
	"context"
	"fmt"
	"time"
)

// ExistingError is a create for which the API returned a preference that existed before: it keeps one for each URL, or something in
// front of it returns one of a different account. The preference isn't the caller's.
type ExistingError struct{ ID, Account, URL string }

// Error names the preference.
func (e *ExistingError) Error() string {
	return fmt.Sprintf("the create returned preference %q, which existed before", e.ID)
}

// creation is one create, with what was there before it.
type creation struct {
	*Webhooks

	account string
	request CreatePreferenceRequest
	pending *pendingCreate
	// first and last are when the first request was sent, and the last one.
	first, last time.Time
	// before is the account's list from before the first request. Its err is set where there is none.
	before *listing
}

// accept checks what a create returned, or what was found in its place, and completes it.
func (c *creation) accept(ctx context.Context, created *Preference) (*Preference, error) {
	// One that contains a secret would be stored, and shown at each refresh.
	if created.ID == "." || created.ID == ".." || c.client.Redact(created.ID) != created.ID {
		return nil, &IDError{ID: created.ID, Created: true}
	}
	var mismatch error
	if c.account != "" && created.UserID != "" && created.UserID != c.account {
		// No configuration will ever own it here. It is the caller's to delete only when it was certainly made just now.
		e := &AccountError{Asked: c.account, Got: created.UserID, ID: created.ID, Created: c.wasJustMade(*created)}
		if mismatch = e; !e.Created {
			return nil, mismatch
		}
	}
	if c.existedBefore(*created) || !c.known.claim(*created, c.request.SubscribedEvents, c.request.SharedSecret) {
		return nil, &ExistingError{ID: created.ID, Account: c.account, URL: created.URL}
	}
	c.known.learnOwner(c.account, created.UserID)
	if created.UserID == "" {
		created.UserID = c.owner(ctx, created)
	}

	return created, mismatch
}

const (
	// longAgo is an age that no clock is wrong by: it is more than a time zone that was mistaken for UTC and a time that is cut to its day.
	longAgo = 48 * time.Hour
	// changedLater is how much later than its creation a preference was changed that a create didn't make. Both times are of one clock.
	changedLater = time.Hour
)

// existedBefore goes by the ids that are known, and where a list could have been cut off, by the API's own times.
func (c *creation) existedBefore(created Preference) bool {
	if c.wasKnown(created.ID) {
		return true
	}
	at := parseTime(created.CreatedAt)
	if at.IsZero() {
		return false
	}
	isBefore := func(later time.Time, limit time.Duration) bool {
		couldBeHidden := c.before.err != nil || c.before.newest.Sub(at) > limit

		return couldBeHidden && later.Sub(at) > limit
	}

	return isBefore(parseTime(created.UpdatedAt), changedLater) || isBefore(created.Created.API, longAgo)
}

// wasKnown reports whether the preference was read or listed before the first request, and not removed since then.
func (c *creation) wasKnown(id string) bool {
	h := c.known.history(id)

	return !h.removed && (c.before.shows(id) || h.seenBefore(c.first))
}

// wasJustMade reports whether the API's own times show that the preference was created while the last request was in progress. Its Date has
// whole seconds, and another second is for clocks behind one gateway.
func (c *creation) wasJustMade(created Preference) bool {
	at := parseTime(created.CreatedAt)
	age := created.Created.API.Sub(at)

	return !at.IsZero() && !created.Created.API.IsZero() && -2*time.Second <= age && age <= created.Created.Local.Sub(c.last)+2*time.Second
}

// owner is who owns what was created, where the response doesn't say. It is empty where that is unknown.
func (c *creation) owner(ctx context.Context, created *Preference) string {
	if c.account != "" {
		return c.account
	}
	if own := c.known.accounts.ownID(); own != "" {
		return own
	}
	p, err := c.GetExact(ctx, Target{ID: created.ID, Created: created.Created})
	if err != nil {
		return ""
	}
	c.known.learnOwner("", p.UserID)

	return p.UserID
}
