package wingspan

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// MissingReason is what is known about a webhook preference whose request returned 404.
type MissingReason int

const (
	// Gone is the only reason that proves something: the server that the webhook was registered at, asked for its owner, returns 404
	// for its id, and lists the account without it.
	Gone MissingReason = iota
	// OtherServer is a 404 of a server other than the one that the webhook was registered at.
	OtherServer
	// OwnerDenied is a 404 to the token's own account, where the token has no access to the account that owns the webhook.
	OwnerDenied
	// StillListed is a 404 for an id that the account's list shows, or to the delete of one that reads return.
	StillListed
	// ListFailed is a 404 of a server that doesn't list the account, or lists another one or entries that can't be read.
	ListFailed
)

// MissingError is a 404 to a request for one webhook preference, and what it means.
type MissingError struct {
	Reason MissingReason
	// Target is the preference, with the account that was asked last.
	Target Target
	// Server is the base URL that responded.
	Server string
	// Err is the 404.
	Err error
	// Cause is the response of the owner's account or of the list; nil for other reasons.
	Cause error
}

// Error describes the response.
func (e *MissingError) Error() string { return e.Err.Error() }

// Unwrap returns the 404.
func (e *MissingError) Unwrap() error { return e.Err }

// IsGone reports whether the error proves that the webhook preference doesn't exist.
func IsGone(err error) bool {
	missing, ok := errors.AsType[*MissingError](err)

	return ok && missing.Reason == Gone
}

// checkOwner compares the owner with the account that was asked for, and with the one that is known to own it.
func checkOwner(t Target, p *Preference) error {
	for _, asked := range []string{p.Account, t.Owner} {
		if asked != "" && p.UserID != "" && p.UserID != asked {
			return &AccountError{Asked: asked, Got: p.UserID, ID: p.ID}
		}
	}

	return nil
}

// ask sends a request for one preference. A 404 is asked again for its owner where the account doesn't say it, and again for
// a while when the preference may be too recent to be found; what remains is a *MissingError. Any other response than a
// 404 is the result, also one of another server than the preference was registered at.
func (w *Webhooks) ask(ctx context.Context, t Target, send func(account string) (*Preference, error)) (*Preference, error) {
	p, err := send(t.Account)
	if !IsNotFound(err) {
		return checked(t, p, err)
	}
	missing := &MissingError{Target: t, Server: w.client.BaseURL(), Err: err}
	if w.known.history(t.ID).removed {
		return nil, missing
	}
	if t.Server != "" && !SameURL(t.Server, missing.Server) {
		missing.Reason = OtherServer

		return nil, missing
	}
	certain, _ := w.known.accounts.isOwn(t.Owner)
	if t.Owner != "" && t.Owner != t.Account && (t.Account != "" || !certain) {
		p, err := send(t.Owner)
		switch {
		case IsUnauthorized(err) && t.Account == "" && w.isProbablyOwn(ctx, t.Owner):
			// The token's own account may not take its own id in the header.
		case IsUnauthorized(err):
			missing.Reason, missing.Cause = OwnerDenied, err

			return nil, missing
		case !IsNotFound(err):
			return checked(t, p, err)
		default:
			missing.Target.Account, missing.Err = t.Owner, err
		}
	}

	until := w.tooRecentUntil(t, missing.Err)
	for retry := newBackoff(time.Until(until)); retry.wait(ctx); {
		p, err := send(missing.Target.Account)
		if !IsNotFound(err) {
			return checked(t, p, err)
		}
		missing.Err = err
	}

	return nil, w.explain(ctx, missing, until)
}

func checked(t Target, p *Preference, err error) (*Preference, error) {
	if p == nil {
		return nil, err
	}

	return p, errors.Join(err, checkOwner(t, p))
}

// isProbablyOwn asks for the list of the token's own account where nothing has shown yet whose it is. The list is needed next anyway.
func (w *Webhooks) isProbablyOwn(ctx context.Context, account string) bool {
	_, likely := w.known.accounts.isOwn(account)
	if !likely {
		_, _ = w.list(ctx, "", func(*listing) bool { return true })
		_, likely = w.known.accounts.isOwn(account)
	}

	return likely
}

// recently is the age below which a preference may still return 404 by its id although it exists.
const recently = time.Minute

// tooRecentUntil is until when a 404 may come too early. No two machines' clocks are compared. What no clock can date is at least as
// old as this process, unless the process created it.
func (w *Webhooks) tooRecentUntil(t Target, notFound error) time.Time {
	created := t.Created
	if p := w.known.history(t.ID).written; p != nil && !p.Created.Local.IsZero() {
		created = p.Created
	}
	if created.API.IsZero() {
		created.API = parseTime(t.CreatedAt)
	}
	var now time.Time
	if e, ok := errors.AsType[*APIError](notFound); ok {
		now = e.Date
	}

	switch {
	case time.Since(created.Local) < recently: // An older one proves nothing: it may be another machine's time.
		return time.Now().Add(w.client.settle)
	case created.API.IsZero() || now.IsZero():
		return w.known.started.Add(w.client.settle)
	case now.Sub(created.API) < recently:
		return time.Now().Add(w.client.settle)
	default:
		return time.Time{}
	}
}

// listRefresh is how old a list may be that shows what should be gone: all who wait for that share one a second.
const listRefresh = time.Second

// explain looks for the preference in the list of its account, and gives a list that shows it some time to forget it. One
// list serves all who ask, unless the preference was too recent for it.
func (w *Webhooks) explain(ctx context.Context, missing *MissingError, since time.Time) error {
	limit := w.client.settle
	if p := w.known.history(missing.Target.ID).written; p != nil && p.at.After(since) {
		since = p.at
	}
	if w.known.ignores404.Load() {
		limit = 0
		if refreshed := time.Now().Add(-listRefresh); refreshed.After(since) {
			since = refreshed
		}
	}
	for retry := newBackoff(limit); ; {
		l, err := w.list(ctx, missing.Target.Account, askedSince(since))
		if err != nil {
			return err
		}
		missing.Reason, missing.Cause = w.judge(l, missing.Target)
		if missing.Reason == Gone || missing.Reason == ListFailed && time.Since(l.received) < w.client.settle {
			return missing
		}
		if !retry.wait(ctx) {
			if missing.Reason == StillListed {
				w.known.ignores404.Store(true)
			}

			return cmp.Or[error](ctx.Err(), missing)
		}
		since = time.Now().Add(-listRefresh)
	}
}

// judge returns what a list of its account means for a preference whose reads return 404.
func (w *Webhooks) judge(l *listing, t Target) (MissingReason, error) {
	if l.shows(t.ID) {
		return StillListed, nil
	}
	if err := l.provesNothing(&w.known.accounts, t.Account); err != nil {
		return ListFailed, err
	}

	return Gone, nil
}
