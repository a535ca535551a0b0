package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// CreateOptions are what a caller may allow a create.
type CreateOptions struct {
	// AllowDuplicate skips the check for duplicates.
	AllowDuplicate bool
	// Accepted are the ids of preferences that the check for duplicates passes over.
	Accepted []string
}

// ExistingError is a create for which the API returned a preference that existed before: it keeps one for each URL, or something in
// front of it returns one of a different account. The preference isn't the caller's.
type ExistingError struct{ ID, Account, URL string }

// Error names the preference.
func (e *ExistingError) Error() string {
	return fmt.Sprintf("the create returned preference %q, which existed before", e.ID)
}

// AmbiguousOutcome is what could be found out about a create whose response was lost.
type AmbiguousOutcome int

const (
	// NotListed is a list that contains all that is known to exist and didn't show the preference for as long as it was looked for.
	NotListed AmbiguousOutcome = iota
	// NotListedComplete is NotListed in a list that is known not to be cut off.
	NotListedComplete
	// Undecidable is a list that shows preferences that the create may have made.
	Undecidable
	// Incomplete is a list that lacks preferences that are known to exist, so it proves nothing.
	Incomplete
	// Unlistable is an account that couldn't be listed.
	Unlistable
	// Retained is a retry whose preference could not be deleted again, although the first request may have created one, too.
	Retained
)

// AmbiguousCreateError is a create that failed in a way that leaves open whether it was carried out.
type AmbiguousCreateError struct {
	// Err is the failure of the create itself.
	Err          error
	Account, URL string
	Outcome      AmbiguousOutcome
	// Candidates are what it may have made, sorted by id; for Retained the retry's first. Of one that can't be read, there is the ID.
	Candidates []Preference
	// ListErr is why the account couldn't be listed, if so.
	ListErr error
	// Searched is for how long the list was watched.
	Searched time.Duration
}

// Error describes the failure.
func (e *AmbiguousCreateError) Error() string { return e.Err.Error() }

// Unwrap returns the create's failure.
func (e *AmbiguousCreateError) Unwrap() error { return e.Err }

// after adds how a retry failed.
func (e *AmbiguousCreateError) after(err error) *AmbiguousCreateError {
	if IsOutage(err) {
		return e // The retry wasn't sent, so it proves nothing about the create.
	}
	e.Err = fmt.Errorf("%w; and before that: %w", err, e.Err)

	return e
}

// creation is one create, with what was there before it.
type creation struct {
	webhooks *Webhooks
	account  string
	request  CreatePreferenceRequest
	attempt  *attempt
	// first and last are when the first request was sent, and the last one.
	first, last time.Time
	// before is the account's list from before the first request. Its err is set where there is none.
	before *listing
	// expected are the ids that a complete list shows after a retry.
	expected []string
}

// Create registers a webhook once. One create at a time works on an account and URL; when a response is lost, the list
// shows whether the webhook was made: it is then the result, is requested again, or is reported as *AmbiguousCreateError. Unless
// duplicates are allowed, a preference with an equivalent URL and a common event is a *DuplicateError, and nothing is sent.
//
// An error can come with a preference: it exists nevertheless, and the caller has to keep track of it.
func (w *Webhooks) Create(ctx context.Context, account string, request CreatePreferenceRequest, options CreateOptions) (*Preference, error) {
	attempt, err := w.known.begin(ctx, account, request.URL)
	if err != nil {
		return nil, err
	}
	c := &creation{webhooks: w, account: account, request: request, attempt: attempt}
	created, err := c.run(ctx, options)
	var ambiguous *AmbiguousCreateError
	w.known.end(attempt, !errors.As(err, &ambiguous))

	return created, err
}

func (c *creation) run(ctx context.Context, options CreateOptions) (*Preference, error) {
	var err error
	if c.before, err = c.webhooks.recentList(ctx, c.account, c.request.URL); err != nil {
		return nil, err
	}
	if !options.AllowDuplicate {
		if err := c.refuseDuplicate(ctx, options.Accepted); err != nil {
			return nil, err
		}
	}

	c.webhooks.known.markSent(c.attempt)
	created, err := c.once(ctx)
	if created != nil {
		c.webhooks.known.wrote(c.asWritten(*created), c.request.SharedSecret)
	}

	return created, err
}

// asWritten is what this process remembers of a preference that it created: the API may leave the events out.
func (c *creation) asWritten(created Preference) Preference {
	if created.SubscribedEvents == nil {
		created.SubscribedEvents = c.request.SubscribedEvents
	}

	return created
}

// once posts until it is known that there is exactly one new preference, or that this can't be known. While the list could be
// cut off, it retries once only: every retry whose response is lost as well may be one more webhook that no list shows.
func (c *creation) once(ctx context.Context) (*Preference, error) {
	var ambiguous *AmbiguousCreateError
	for retries := 0; ; retries++ {
		created, err := c.post(ctx)
		switch {
		case err == nil:
			created, err = c.accept(ctx, created)
			switch {
			case ambiguous == nil:
				return created, err
			case err != nil:
				return created, ambiguous.after(err)
			default:
				return c.verifyRetry(ctx, created, ambiguous)
			}
		case !MayHaveSucceeded(err) && ambiguous != nil:
			return nil, ambiguous.after(err)
		case !MayHaveSucceeded(err):
			return nil, err
		}

		found, unclear := c.find(ctx, err)
		if found != nil {
			return c.accept(ctx, found)
		}
		if retries >= c.webhooks.client.maxRetries() || !unclear.mayRetry(retries) || ctx.Err() != nil {
			return nil, unclear
		}
		ambiguous, c.expected = unclear, c.existing()
	}
}

func (c *creation) post(ctx context.Context) (*Preference, error) {
	defer c.webhooks.known.beginWrite("")()
	c.last = time.Now()
	if c.first.IsZero() {
		c.first = c.last
	}

	return c.webhooks.client.CreatePreference(ctx, c.account, c.request)
}

// mayRetry reports whether the create can be sent again without making two.
func (e *AmbiguousCreateError) mayRetry(retries int) bool {
	if e.Outcome != NotListedComplete && (e.Outcome != NotListed || retries > 0) {
		return false
	}
	var (
		transport *TransportError
		api       *APIError
	)

	switch {
	case errors.As(e.Err, &transport):
		return !transport.Timeout() // The server may still be working on it.
	case errors.As(e.Err, &api):
		return api.Status != http.StatusGatewayTimeout && api.Status != http.StatusRequestTimeout
	default:
		return false // A 2xx means that it was carried out.
	}
}

// accept checks what a create returned, or what was found in its place, and completes it.
func (c *creation) accept(ctx context.Context, created *Preference) (*Preference, error) {
	w := c.webhooks
	// One that contains a secret would be stored, and shown at each refresh.
	if created.ID == "." || created.ID == ".." || c.webhooks.client.Redact(created.ID) != created.ID {
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
	if c.existedBefore(*created) || !w.known.claim(c.asWritten(*created), c.request.SharedSecret) {
		return nil, &ExistingError{ID: created.ID, Account: c.account, URL: created.URL}
	}
	w.known.learnSelf(c.account, created.UserID)
	if created.UserID == "" {
		created.UserID = c.owner(ctx, created)
	}

	return created, mismatch
}

// longAgo is an age that no clock is wrong by.
const longAgo = time.Hour

// existedBefore goes by the ids that are known, and where a list could have been cut off, by the API's own times.
func (c *creation) existedBefore(created Preference) bool {
	if (c.before.shows(created.ID) || c.webhooks.known.sawBefore(created.ID, c.first)) && !c.webhooks.known.wasRemoved(created.ID) {
		return true
	}
	at := parseTime(created.CreatedAt)
	age, ok := created.Created.API.Sub(at), !at.IsZero() && !created.Created.API.IsZero()

	return ok && age > longAgo && (c.before.err != nil || c.before.newest.Sub(at) > longAgo)
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
	c.webhooks.known.mu.Lock()
	self := c.webhooks.known.self.value()
	c.webhooks.known.mu.Unlock()
	if self != "" {
		return self
	}
	p, err := c.webhooks.GetExact(ctx, Target{ID: created.ID, Created: created.Created})
	if err != nil {
		return ""
	}
	c.webhooks.known.learnSelf("", p.UserID)

	return p.UserID
}
