package wingspan

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Store is the account's webhooks as a caller wants them: reads that share one list, creates that
// never double, and answers that are about the account that was asked for. One serves a whole process.
type Store struct {
	client *Client
	reads  sharedLists
	views  createViews
	urls   keyedLocks
}

// NewStore makes a store over a client.
func NewStore(c *Client) *Store { return &Store{client: c} }

// Client is what the store talks through.
func (s *Store) Client() *Client { return s.client }

// AccountError is an answer about another account than the one that was asked for.
type AccountError struct {
	Asked, Got, ID string
	// Created means that the webhook was made by this very call; Removed, that it was taken away again.
	Created, Removed bool
}

// Error names both accounts.
func (e *AccountError) Error() string {
	return fmt.Sprintf("asked for account %q, answered with preference %q of account %q", e.Asked, e.ID, e.Got)
}

func checkAccount(account string, p *Preference) error {
	if account == "" || p.UserID == "" || p.UserID == account {
		return nil
	}

	return &AccountError{Asked: account, Got: p.UserID, ID: p.ID}
}

// Expectation is what the reader of a preference knows of it beforehand.
type Expectation struct {
	// Fresh: it was created less than a minute ago, so that a 404 may just be too early.
	Fresh bool
	// Matches tells whether a list's entry looks as expected. Anything else is read again on its own, as lists can be stale or
	// tell less than the exact read does. Nil accepts every entry that is complete.
	Matches func(Preference) bool
}

// freshPatience is how long a 404 for a fresh preference is doubted.
const freshPatience = 5 * time.Second

// Get reads one preference, from the shared list where that is good enough.
func (s *Store) Get(ctx context.Context, account, id string, expect Expectation) (*Preference, error) {
	if p := s.fromList(ctx, account, id, expect); p != nil {
		return p, nil
	}

	return s.getPatiently(ctx, account, id, expect.Fresh)
}

// getPatiently reads by the id, and believes a 404 only when there is reason to.
func (s *Store) getPatiently(ctx context.Context, account, id string, fresh bool) (*Preference, error) {
	p, err := s.GetExact(ctx, account, id)
	for wait, waited := 200*time.Millisecond, time.Duration(0); fresh && IsNotFound(err) && waited < freshPatience; wait *= 2 {
		wait = min(wait, freshPatience-waited)
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		waited += wait
		p, err = s.GetExact(ctx, account, id)
	}

	return p, s.doubtNotFound(ctx, account, err)
}

// fresh tells whether an entry of a list may be so new that its id still answers 404. One that does not say when it was made may be.
func fresh(p Preference, now time.Time) bool {
	created, err := time.Parse(time.RFC3339, p.CreatedAt)

	return err != nil || now.Sub(created).Abs() < time.Minute
}

// doubtNotFound believes a 404 that the API wrote. A gateway's 404, or a wrong base URL's, would make every webhook look
// deleted: it is believed only when the same server can list the account.
func (s *Store) doubtNotFound(ctx context.Context, account string, err error) error {
	var notFound *APIError
	if !IsNotFound(err) || !errors.As(err, &notFound) || notFound.Documented {
		return err
	}
	if _, listErr := s.client.ListPreferences(ctx, account); listErr != nil {
		return &AnswerError{
			Method: notFound.Method, Path: notFound.Path, Status: notFound.Status,
			Reason: "it is not the API's own 404 (" + notFound.Message + "), and the account's list cannot be read either",
		}
	}

	return err
}

// GetExact reads one preference by its id, past any list.
func (s *Store) GetExact(ctx context.Context, account, id string) (*Preference, error) {
	p, err := s.client.GetPreference(ctx, account, id)
	if err != nil {
		return nil, err
	}

	return p, checkAccount(account, p)
}

// List reads all preferences of the account anew.
func (s *Store) List(ctx context.Context, account string) ([]Preference, error) {
	list, err := s.client.ListPreferences(ctx, account)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := checkAccount(account, &list[i]); err != nil {
			return nil, err
		}
	}

	return list, nil
}

// Update sends the change and returns the preference as it is then.
func (s *Store) Update(ctx context.Context, account, id string, change PreferenceChange) (*Preference, error) {
	defer s.reads.writing()()

	p, err := s.client.UpdatePreference(ctx, account, id, change)
	if err != nil {
		return nil, s.doubtNotFound(ctx, account, err)
	}
	s.views.put(account, p)

	return p, checkAccount(account, p)
}

// Delete removes the preference. One that is gone already is no error.
func (s *Store) Delete(ctx context.Context, account, id string) error {
	defer s.reads.writing()()

	err := s.doubtNotFound(ctx, account, s.client.DeletePreference(ctx, account, id))
	if err != nil && !IsNotFound(err) {
		return err
	}
	s.views.remove(account, id)

	return nil
}
