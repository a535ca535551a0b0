package wingspan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// defaultSettleTime is how long a create whose answer was lost is looked for: as long as a fresh preference may answer 404.
const defaultSettleTime = freshPatience

// DuplicateError refuses a create because another preference would deliver some events to the same URL twice.
type DuplicateError struct {
	// ID is the preference that exists; Account is the one that was asked for, or empty.
	ID, Account, URL string
	// SharedEvents is sorted and never empty.
	SharedEvents []string
}

// Error names the other preference.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("preference %q has the same URL and shares %d events", e.ID, len(e.SharedEvents))
}

// UnclearCreateError is a create that failed in a way that leaves open whether it was carried out.
type UnclearCreateError struct {
	// Err is the failure of the create itself.
	Err          error
	Account, URL string
	// Candidates are the ids that it may have made, sorted.
	Candidates []string
	// ListErr is why the list could not be had afterwards, if so.
	ListErr error
	// Unseen means that lists which seem whole have not shown it for as long as we looked.
	Unseen bool
	Looked time.Duration
}

// Error tells the failure.
func (e *UnclearCreateError) Error() string { return e.Err.Error() }

// Unwrap returns the create's failure.
func (e *UnclearCreateError) Unwrap() error { return e.Err }

// Create registers a webhook once. Creates of one account and URL run one at a time; when an answer is lost, the list
// tells whether the webhook was made: it is then adopted, made again, or reported as *UnclearCreateError. Unless
// duplicates are allowed, a preference with the same URL and a common event is a *DuplicateError, and nothing is sent.
//
// With an *AccountError that is not Removed the preference is returned too: it exists, and the caller has to keep track of it.
func (s *Store) Create(ctx context.Context, account string, p NewPreference, allowDuplicate bool) (*Preference, error) {
	unlock, err := s.urls.lock(ctx, account+" "+CanonicalURL(p.URL))
	if err != nil {
		return nil, err
	}
	defer unlock()

	view := s.views.of(account)
	err = view.refresh(ctx, func(ctx context.Context) ([]Preference, error) {
		return s.client.ListPreferences(ctx, account)
	})
	if err != nil {
		return nil, err
	}
	known := view.knowledge()
	if !allowDuplicate {
		if err := s.refuseDuplicate(ctx, account, p, known); err != nil {
			return nil, err
		}
	}

	created, err := s.createOnce(ctx, account, p, known)
	if err != nil {
		return nil, err
	}
	if err := checkAccount(account, created); err != nil {
		return s.takeBack(ctx, account, created, err)
	}
	s.views.put(account, created)

	return created, nil
}

// refuseDuplicate asks for each suspect by its id, because what is known of it may be seconds old.
func (s *Store) refuseDuplicate(ctx context.Context, account string, p NewPreference, known knowledge) error {
	for _, suspect := range known.sameURL(p.URL) {
		if len(sharedEvents(suspect.SubscribedEvents, p.SubscribedEvents)) == 0 {
			continue
		}
		now, err := s.client.GetPreference(ctx, account, suspect.ID)
		if IsNotFound(err) {
			continue
		}
		if err != nil {
			now = &suspect
		}
		if shared := sharedEvents(now.SubscribedEvents, p.SubscribedEvents); len(shared) > 0 && SameURL(now.URL, p.URL) {
			return &DuplicateError{ID: now.ID, Account: account, URL: now.URL, SharedEvents: shared}
		}
	}

	return nil
}

// createOnce posts until it is known that there is exactly one new preference, or that this cannot be known.
func (s *Store) createOnce(ctx context.Context, account string, p NewPreference, known knowledge) (*Preference, error) {
	for repeats := 0; ; repeats++ {
		done := s.reads.writing()
		created, err := s.client.CreatePreference(ctx, account, p)
		done()
		if err == nil || !MayHaveHappened(err) {
			return created, err
		}

		found, unclear := s.lookFor(ctx, account, p, known, err)
		if found != nil {
			return found, nil
		}
		var carriedOut *AnswerError
		if !unclear.Unseen || errors.As(err, &carriedOut) || ctx.Err() != nil || repeats >= s.client.policy.maxRetries {
			return nil, unclear
		}
	}
}

// lookFor searches the list for what a failed create may have made. It runs on a context of its own: the usual reason for a lost
// answer is that the caller's has ended, and just then nobody else will ever learn of the webhook.
func (s *Store) lookFor(ctx context.Context, account string, p NewPreference, known knowledge, cause error) (*Preference, *UnclearCreateError) {
	patience := s.client.settle
	var transport *TransportError
	if errors.As(cause, &transport) && transport.Timeout() && ctx.Err() == nil {
		// The server was slow to answer and may be slow to finish.
		patience = max(patience, s.client.timeout)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience+s.client.timeout)
	defer cancel()

	unclear := &UnclearCreateError{Err: cause, Account: account, URL: p.URL}
	start, wait := time.Now(), patience/50
	for {
		existing := known.existing()
		list, err := s.client.ListPreferences(ctx, account)
		unclear.ListErr, unclear.Unseen, unclear.Candidates = err, false, nil
		if err == nil {
			found := newMatches(list, p, known)
			if len(found) == 1 && (known.err == nil || echoes(found[0], p.SharedSecret)) {
				return &found[0], nil
			}
			for _, f := range found {
				unclear.Candidates = append(unclear.Candidates, f.ID)
			}
			slices.Sort(unclear.Candidates)
			unclear.Unseen = len(found) == 0 && holds(list, existing, known)
		}
		unclear.Looked = time.Since(start)
		if unclear.Looked >= patience || len(unclear.Candidates) > 1 {
			return nil, unclear
		}
		if sleep(ctx, min(wait, patience-unclear.Looked)) != nil {
			return nil, unclear
		}
		wait = min(wait*2, time.Second)
	}
}

// newMatches returns the entries that were not there before and are what was to be created. An echoed secret
// decides between several.
func newMatches(list []Preference, p NewPreference, known knowledge) []Preference {
	var matches, certain []Preference
	for _, e := range list {
		if known.knows(e.ID) || !SameURL(e.URL, p.URL) || !sameEvents(e.SubscribedEvents, p.SubscribedEvents) {
			continue
		}
		matches = append(matches, e)
		if echoes(e, p.SharedSecret) {
			certain = append(certain, e)
		}
	}
	if len(certain) == 1 {
		return certain
	}

	return matches
}

// holds tells whether the list has everything that is known to exist. One that lacks something is cut, or
// lags behind, and says nothing about what else it lacks.
func holds(list []Preference, existing []string, known knowledge) bool {
	ids := make(map[string]bool, len(list))
	for _, p := range list {
		ids[p.ID] = true
	}
	for _, id := range existing {
		if !ids[id] && !known.removed(id) {
			return false
		}
	}

	return true
}

// takeBack removes a webhook that was made in another account than asked, since no configuration would ever own it.
func (s *Store) takeBack(ctx context.Context, account string, created *Preference, cause error) (*Preference, error) {
	var mismatch *AccountError
	if !errors.As(cause, &mismatch) {
		return created, cause
	}
	mismatch.Created = true

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.timeout)
	defer cancel()
	if err := s.Delete(ctx, account, created.ID); err != nil {
		return created, mismatch
	}
	mismatch.Removed = true

	return nil, mismatch
}

func echoes(p Preference, secret Secret) bool {
	return p.SharedSecret != nil && *p.SharedSecret == secret
}

func sharedEvents(a, b []string) []string {
	in := make(map[string]bool, len(a))
	for _, e := range a {
		in[e] = true
	}
	shared := map[string]bool{}
	for _, e := range b {
		if in[e] {
			shared[e] = true
		}
	}

	return slices.Sorted(maps.Keys(shared))
}

func sameEvents(a, b []string) bool {
	a, b = slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b)))

	return slices.Equal(a, b)
}
