package wingspan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"
)

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
	if isOutage(err) {
		return e // The retry wasn't sent, so it proves nothing about the create.
	}
	e.Err = fmt.Errorf("%w; and before that: %w", err, e.Err)

	return e
}

// conclude sets what the last list, or the lack of it, shows.
func (e *AmbiguousCreateError) conclude(seen sighting, listErr error) {
	e.Candidates, e.ListErr = seen.candidates, listErr
	switch {
	case len(seen.candidates) > 0:
		e.Outcome = Undecidable
	case listErr != nil:
		e.Outcome = Unlistable
	case !seen.complete:
		e.Outcome = Incomplete
	default:
		e.Outcome = NotListed
	}
}

// mayRetry reports whether the create can be sent again without making two. While the list could be cut off, it is sent again only once:
// every retry whose response is lost as well may be one more webhook that no list shows.
func (e *AmbiguousCreateError) mayRetry(retries int) bool {
	if e.Outcome != NotListedComplete && (e.Outcome != NotListed || retries > 0) {
		return false
	}
	if transport, ok := errors.AsType[*TransportError](e.Err); ok {
		return !transport.Timeout() // The server may still be working on it.
	}
	api, ok := errors.AsType[*APIError](e.Err)

	return ok && api.Status != http.StatusGatewayTimeout && api.Status != http.StatusRequestTimeout // A 2xx means that it was carried out.
}

// find searches the list for what a failed create may have made. It runs on a context of its own: the usual reason for a lost
// response is that the caller's has ended, and no one else will ever learn of the webhook. The sighting is the last list's.
func (c *creation) find(ctx context.Context, cause error) (sighting, *AmbiguousCreateError) {
	limit := c.client.settle
	if transport, ok := errors.AsType[*TransportError](cause); ok && transport.Timeout() && ctx.Err() == nil {
		// The server was slow to respond and may be slow to finish.
		limit = max(limit, c.client.transport.timeout)
	}

	begin, shortest := time.Now(), math.MaxInt
	seen, err := c.watch(ctx, limit, c.existing, func(s sighting) bool {
		shortest = min(shortest, len(s.list.Preferences))

		return s.ours != nil
	})
	ambiguous := &AmbiguousCreateError{Err: cause, Account: c.account, URL: c.request.URL, Searched: time.Since(begin)}
	ambiguous.conclude(seen, err)
	if ambiguous.Outcome == NotListed && (shortest == 0 || shortest < c.known.longestList(c.account)) {
		// A list that is cut off at some length is never shorter than that.
		ambiguous.Outcome = NotListedComplete
	}

	return seen, ambiguous
}

// verifyRetry looks whether the list shows a retried create, and all that was there before. A list that doesn't is cut off at one of its ends,
// and then hasn't shown either whether the first request was carried out. With that in doubt the retry's preference, which this create made,
// is deleted again: at most one webhook is left, and the error reports it.
func (c *creation) verifyRetry(ctx context.Context, created *Preference, existing []string, ambiguous *AmbiguousCreateError) (*Preference, error) {
	existing = append(existing, created.ID)
	seen, err := c.watch(ctx, c.client.settle, func() []string { return existing }, func(s sighting) bool { return s.complete })
	if seen.complete && len(seen.candidates) == 0 {
		return created, nil
	}

	ambiguous.conclude(seen, err)
	if !c.wasJustMade(*created) || c.undo(ctx, created) != nil {
		ambiguous.Outcome, ambiguous.Candidates = Retained, append([]Preference{*created}, seen.candidates...)

		return created, ambiguous
	}
	if seen.ours != nil {
		return c.accept(ctx, seen.ours)
	}

	return nil, ambiguous
}

// undo deletes what this create made, also when its caller has given up.
func (c *creation) undo(ctx context.Context, created *Preference) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.client.transport.timeout)
	defer cancel()

	return c.Delete(ctx, Target{ID: created.ID, Account: c.account, Owner: created.UserID, Created: created.Created})
}

// watch lists the account until a list shows enough or the limit is over. Both begin when no pause of the API's is in force. It returns
// what the last list showed that could be read, and the error of the last one. What is known to exist is asked for before each list, so
// that a list isn't blamed for what came after it.
func (c *creation) watch(ctx context.Context, limit time.Duration, existing func() []string, enough func(sighting) bool) (sighting, error) {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	// Whoever interrupts a run waits no longer than a lost create takes to settle, also during a pause.
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(c.client.settle, cancel) })
	defer stop()
	var seen sighting
	if err := c.client.limiter.waitForPause(detached); err != nil {
		return seen, err
	}

	for retry := newBackoff(limit); ; {
		known := existing()
		l, err := c.list(detached, c.account, askedSince(time.Now()))
		if err == nil {
			err = l.err
		}
		if err != nil {
			if !retry.failed(detached) {
				return seen, err
			}

			continue
		}
		seen = c.look(l, known)
		if enough(seen) || !retry.wait(detached) {
			return seen, nil
		}
	}
}
