package wingspan

import (
	"cmp"
	"context"
	"errors"
)

// Update sends the change and returns the preference as it is then. A 404 is a *MissingError.
func (w *Webhooks) Update(ctx context.Context, t Target, request UpdatePreferenceRequest) (*Preference, error) {
	defer w.known.beginWrite(t.ID)()

	p, err := w.ask(ctx, t, func(account string) (*Preference, error) {
		return w.client.updatePreference(ctx, account, t.ID, request)
	})
	if p == nil {
		return nil, err
	}
	var secret Secret
	if request.SharedSecret != nil {
		secret = *request.SharedSecret
	}
	w.known.wrote(*p, request.SubscribedEvents, secret)

	return p, err
}

// Delete removes the preference. It succeeds only when the API confirmed it, or on proof that the preference is gone.
func (w *Webhooks) Delete(ctx context.Context, t Target) error {
	defer w.known.beginWrite(t.ID)()

	err := w.delete(ctx, t)
	if err == nil || IsGone(err) {
		w.known.remove(t.ID)

		return nil
	}

	return err
}

// delete sends a delete whose response isn't the API's once more. After that, and after a 404, only the proof of a read counts: whatever
// responded to the delete may respond to all deletes.
func (w *Webhooks) delete(ctx context.Context, t Target) error {
	var unusable *ResponseError
	_, err := w.ask(ctx, t, func(account string) (*Preference, error) {
		t.Account = account
		err := w.client.deletePreference(ctx, account, t.ID)
		if errors.As(err, &unusable) {
			err = w.client.deletePreference(ctx, account, t.ID)
		}
		if _, still := errors.AsType[*ResponseError](err); still {
			return nil, nil
		}

		return nil, err
	})
	var missing *MissingError
	switch {
	case IsGone(err) && errors.As(err, &missing):
		t.Account, missing.Reason = missing.Target.Account, StillListed
	case err != nil:
		return err
	case unusable == nil:
		return nil
	}

	return w.waitUntilGone(ctx, t, cmp.Or[error](err, unusable))
}

// waitUntilGone reads until there is proof that the preference is gone. While it is there, the error is the doubted response's.
func (w *Webhooks) waitUntilGone(ctx context.Context, t Target, doubted error) error {
	for retry := newBackoff(w.client.settle); ; {
		if _, err := w.GetExact(ctx, t); err != nil {
			return err
		}
		if !retry.wait(ctx) {
			return doubted
		}
	}
}
