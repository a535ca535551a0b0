package wingspan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
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
	// Whole means that such a list is known not to be cut, because it was empty, or shorter than another one of the account.
	Whole  bool
	Looked time.Duration
	// Kept is the id of a repeated create that could not be removed again, or empty.
	Kept string
}

// Error tells the failure.
func (e *UnclearCreateError) Error() string { return e.Err.Error() }

// Unwrap returns the create's failure.
func (e *UnclearCreateError) Unwrap() error { return e.Err }

// Create registers a webhook once. Creates of one URL run one at a time; when an answer is lost, the list
// tells whether the webhook was made: it is then adopted, made again, or reported as *UnclearCreateError. Unless
// duplicates are allowed, a preference with the same URL and a common event is a *DuplicateError, and nothing is sent.
//
// An error can come with a preference: it exists all the same, and the caller has to keep track of it.
func (s *Store) Create(ctx context.Context, account string, p NewPreference, allowDuplicate bool) (*Preference, error) {
	unlock, err := s.urls.lock(ctx, CanonicalURL(p.URL))
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
	known := s.views.knowledge(account)
	if !allowDuplicate {
		if err := s.refuseDuplicate(ctx, account, p, known); err != nil {
			return nil, err
		}
	}

	created, err := s.createOnce(ctx, account, p, known)
	if err != nil {
		return created, err
	}
	if err := checkAccount(account, created); err != nil {
		return s.takeBack(ctx, account, created, err)
	}
	own := *created
	if own.SubscribedEvents == nil {
		own.SubscribedEvents = p.SubscribedEvents
	}
	s.views.put(account, &own)

	return created, nil
}

// refuseDuplicate asks for each suspect by its id, because what is known of it may be seconds old. What a killed or failed create
// left behind is fresh, so that its 404 is doubted as in Get.
func (s *Store) refuseDuplicate(ctx context.Context, account string, p NewPreference, known knowledge) error {
	for _, suspect := range known.sameURL(p.URL) {
		if suspect.SubscribedEvents != nil && len(sharedEvents(suspect.SubscribedEvents, p.SubscribedEvents)) == 0 {
			continue
		}
		now, err := s.getPatiently(ctx, account, suspect.ID, fresh(suspect, time.Now()))
		if IsNotFound(err) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			now = &suspect
		}
		events := now.SubscribedEvents
		if events == nil {
			events = suspect.SubscribedEvents
		}
		if shared := sharedEvents(events, p.SubscribedEvents); len(shared) > 0 && SameURL(now.URL, p.URL) {
			return &DuplicateError{ID: now.ID, Account: account, URL: now.URL, SharedEvents: shared}
		}
	}

	return nil
}

// createOnce posts until it is known that there is exactly one new preference, or that this cannot be known. While the list could be
// cut, it repeats once only: every repeat whose answer is lost as well may be one more webhook that no list shows.
func (s *Store) createOnce(ctx context.Context, account string, p NewPreference, known knowledge) (*Preference, error) {
	var before *UnclearCreateError
	for repeats := 0; ; repeats++ {
		done := s.reads.writing()
		created, err := s.client.CreatePreference(ctx, account, p)
		done()
		switch {
		case err == nil && before != nil:
			return s.confirm(ctx, account, p, known, created, before)
		case err == nil:
			return created, nil
		case !MayHaveHappened(err) && before != nil:
			before.Err = fmt.Errorf("%w; and before that: %w", err, before.Err)

			return nil, before
		case !MayHaveHappened(err):
			return nil, err
		}

		found, unclear := s.lookFor(ctx, account, p, known, err)
		if found != nil {
			return found, nil
		}
		var carriedOut *AnswerError
		hopeless := !unclear.Unseen || errors.As(err, &carriedOut) || ctx.Err() != nil
		if hopeless || repeats >= s.client.policy.maxRetries || (repeats > 0 && !unclear.Whole) {
			return nil, unclear
		}
		before = unclear
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

	var adopted *Preference
	unclear := &UnclearCreateError{Err: cause, Account: account, URL: p.URL}
	start, shortest := time.Now(), math.MaxInt
	unclear.ListErr = s.watchList(ctx, account, patience, known, func(list []Preference, existing []string) bool {
		found := newMatches(list, p, known)
		if len(found) == 1 && (known.err == nil || echoes(found[0], p.SharedSecret)) {
			adopted = &found[0]

			return true
		}
		unclear.Candidates = idsOf(found)
		unclear.Unseen = len(found) == 0 && holds(list, existing, known)
		// A list that is cut at some length is never shorter than that.
		shortest = min(shortest, len(list))
		unclear.Whole = shortest == 0 || shortest < known.longest()

		return len(found) > 1
	})
	unclear.Unseen = unclear.Unseen && unclear.ListErr == nil
	unclear.Looked = time.Since(start)

	return adopted, unclear
}

// confirm looks whether the list shows a repeated create. One that does not is cut, and has then not shown either whether
// the attempt before it was carried out. With that in doubt the repeat is removed again: at most one webhook is left, and the error tells of it.
func (s *Store) confirm(
	ctx context.Context, account string, p NewPreference, known knowledge, created *Preference, before *UnclearCreateError,
) (*Preference, error) {
	var shown bool
	var others []Preference
	before.ListErr = s.watchList(ctx, account, s.client.settle, known, func(list []Preference, _ []string) bool {
		shown = slices.ContainsFunc(list, func(e Preference) bool { return e.ID == created.ID })
		others = slices.DeleteFunc(newMatches(list, p, known), func(e Preference) bool { return e.ID == created.ID })

		return shown
	})
	if shown && len(others) == 0 {
		return created, nil
	}

	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.timeout)
	defer cancel()
	before.Unseen, before.Candidates = false, idsOf(others)
	if err := s.Delete(detached, account, created.ID); err != nil {
		before.Kept = created.ID

		return created, before
	}
	if len(others) == 1 {
		return &others[0], nil
	}

	return nil, before
}

// watchList lists the account until look is content, the patience is over, or a context of its own ends. Its error is the last list's.
// What is known to exist is asked for before each list, so that a list is not blamed for what came after it.
func (s *Store) watchList(
	ctx context.Context, account string, patience time.Duration, known knowledge, look func(list []Preference, existing []string) bool,
) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience+s.client.timeout)
	defer cancel()

	start, wait := time.Now(), patience/50
	for {
		existing := known.existing()
		list, err := s.client.ListPreferences(ctx, account)
		if err == nil {
			known.view.listedOf(len(list))
			if look(list, existing) {
				return nil
			}
		}
		left := patience - time.Since(start)
		if left <= 0 || sleep(ctx, min(wait, left)) != nil {
			return err
		}
		wait = min(wait*2, time.Second)
	}
}

// newMatches returns the entries that were not there before and are what was to be created. One that leaves out its events
// may be. An echoed secret decides between several.
func newMatches(list []Preference, p NewPreference, known knowledge) []Preference {
	var matches, certain []Preference
	for _, e := range list {
		if known.knows(e.ID) || !SameURL(e.URL, p.URL) || (e.SubscribedEvents != nil && !sameEvents(e.SubscribedEvents, p.SubscribedEvents)) {
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

func idsOf(list []Preference) []string {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	slices.Sort(ids)

	return ids
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

// takeBack removes a webhook that was made in another account than asked, since no configuration would ever own it. A server that
// puts it elsewhere may also look for it elsewhere, so that a 404 for the one account proves nothing before the other was asked.
func (s *Store) takeBack(ctx context.Context, account string, created *Preference, cause error) (*Preference, error) {
	var mismatch *AccountError
	if !errors.As(cause, &mismatch) {
		return created, cause
	}
	mismatch.Created = true

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.timeout)
	defer cancel()
	defer s.reads.writing()()
	for _, asked := range []string{account, mismatch.Got} {
		if s.client.DeletePreference(ctx, asked, created.ID) == nil {
			mismatch.Removed = true

			return nil, mismatch
		}
	}

	return created, mismatch
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
