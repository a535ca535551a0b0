package wingspan

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// recently is the age below which a preference may still answer 404 by its id although it exists.
const recently = time.Minute

// MissingReason is what is known about a webhook preference whose request was answered with 404.
type MissingReason int

const (
	// Gone is the only reason that proves something: the server that the webhook was registered at, asked for its owner, answers 404
	// for its id, and lists the account without it.
	Gone MissingReason = iota
	// OtherServer is a 404 of a server other than the one that the webhook was registered at.
	OtherServer
	// OwnerDenied is a 404 to the token's own account, where the token has no access to the account that owns the webhook.
	OwnerDenied
	// StillListed is a 404 for an id that the account's list shows.
	StillListed
	// ListFailed is a 404 of a server that doesn't list the account.
	ListFailed
)

// MissingError is a 404 to a request for one webhook preference, and what it means.
type MissingError struct {
	Reason MissingReason
	// Target is the preference, with the account that was asked last.
	Target Target
	// Server is the base URL that answered.
	Server string
	// Err is the 404.
	Err error
	// Cause is what the owner's account or the list answered; nil for other reasons.
	Cause error
}

// Error describes the response and its meaning.
func (e *MissingError) Error() string {
	switch e.Reason {
	case Gone:
		return e.Err.Error()
	case OtherServer:
		return fmt.Sprintf("%v; the webhook preference was registered at %s", e.Err, e.Target.Server)
	case OwnerDenied:
		return fmt.Sprintf("%v; its owner %q: %v", e.Err, e.Target.Owner, e.Cause)
	case StillListed:
		return fmt.Sprintf("%v; the account's list still shows it", e.Err)
	case ListFailed:
		return fmt.Sprintf("%v; the account can't be listed: %v", e.Err, e.Cause)
	}

	return e.Err.Error()
}

// Unwrap returns the 404.
func (e *MissingError) Unwrap() error { return e.Err }

// IsGone reports whether the error proves that the webhook preference doesn't exist.
func IsGone(err error) bool {
	var missing *MissingError

	return errors.As(err, &missing) && missing.Reason == Gone
}

func isUnusable(err error) bool {
	var unusable *ResponseError

	return errors.As(err, &unusable)
}

// ask sends a request for one preference. A 404 is asked again for its owner where the account doesn't say it, and again for
// a while when the preference may be too recent to be found; what remains is a *MissingError. Any other response than a
// 404 is the result, also one of another server than the preference was registered at.
func (w *Webhooks) ask(ctx context.Context, t Target, send func(account string) (*Preference, error)) (*Preference, error) {
	p, err := send(t.Account)
	if !IsNotFound(err) {
		return w.answered(t, p, err)
	}
	missing := &MissingError{Target: t, Server: w.client.BaseURL(), Err: err}
	if t.Server != "" && t.Server != missing.Server {
		missing.Reason = OtherServer

		return nil, missing
	}
	certain, likely := w.known.isSelf(t.Owner)
	if t.Owner != "" && t.Owner != t.Account && (t.Account != "" || !certain) {
		p, err := send(t.Owner)
		switch {
		case IsUnauthorized(err) && t.Account == "" && likely:
			// The token's own account may not take its own id in the header.
		case IsUnauthorized(err):
			missing.Reason, missing.Cause = OwnerDenied, err

			return nil, missing
		case !IsNotFound(err):
			return w.answered(t, p, err)
		default:
			missing.Target.Account, missing.Err = t.Owner, err
		}
	}

	for retry := newBackoff(w.patience(t, missing.Err)); retry.wait(ctx); {
		p, err := send(missing.Target.Account)
		if !IsNotFound(err) {
			return w.answered(t, p, err)
		}
		missing.Err = err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}

	return nil, w.explain(ctx, missing)
}

func (w *Webhooks) answered(t Target, p *Preference, err error) (*Preference, error) {
	if p == nil {
		return nil, err
	}

	return p, errors.Join(err, checkOwner(t, p))
}

// patience is for how long a 404 may come too early. No two machines' clocks are compared. What no clock can date is at least as old
// as this process, unless the process created it.
func (w *Webhooks) patience(t Target, notFound error) time.Duration {
	var apiErr *APIError
	now := time.Time{}
	if errors.As(notFound, &apiErr) {
		now = apiErr.Date
	}
	created := t.Created
	if p, ok := w.known.writtenByID(t.ID); ok && !p.Created.Local.IsZero() {
		created = Moment{Local: p.Created.Local}
	}
	if created == (Moment{}) {
		created = Moment{API: parseTime(t.CreatedAt)}
	}

	switch age, ok := created.since(now); {
	case !ok:
		return w.client.settle - time.Since(w.known.started)
	case age < recently:
		return w.client.settle
	default:
		return 0
	}
}

// explain looks for the preference in the list of its account, and gives a list that shows it some time to forget it. One
// list serves all who ask.
func (w *Webhooks) explain(ctx context.Context, missing *MissingError) error {
	usable := func(*listing) bool { return true }
	for retry := newBackoff(w.client.settle); ; {
		l, err := w.list(ctx, missing.Target.Account, usable)
		switch {
		case err != nil:
			return err
		case l.err != nil:
			missing.Reason, missing.Cause = ListFailed, l.err
		case !l.shows(missing.Target.ID):
			missing.Reason, missing.Cause = Gone, nil

			return missing
		default:
			missing.Reason = StillListed
		}
		usable = askedSince(time.Now())
		if missing.Reason == ListFailed && time.Since(l.asked) < w.client.settle || !retry.wait(ctx) {
			return missing
		}
	}
}
