package wingspan

import (
	"context"
	"errors"
	"time"
)

// CreateOptions are what a caller may allow a create.
type CreateOptions struct {
	// AllowDuplicate skips the check for duplicates.
	AllowDuplicate bool
	// Accepted are the ids of preferences that the check for duplicates passes over.
	Accepted []string
}

// Create registers a webhook once. One create at a time works on an account and URL; when a response is lost, the list
// shows whether the webhook was made: it is then the result, is requested again, or is reported as *AmbiguousCreateError. Unless
// duplicates are allowed, a preference with an equivalent URL and a common event is a *DuplicateError, and nothing is sent.
//
// An error can come with a preference: it exists nevertheless, and the caller has to keep track of it.
func (w *Webhooks) Create(ctx context.Context, account string, request CreatePreferenceRequest, options CreateOptions) (*Preference, error) {
	pending, err := w.creates.begin(ctx, account, request.URL)
	if err != nil {
		return nil, err
	}
	c := &creation{Webhooks: w, account: account, request: request, pending: pending}
	created, err := c.run(ctx, options)
	_, ambiguous := errors.AsType[*AmbiguousCreateError](err)
	w.creates.end(pending, ambiguous)

	return created, err
}

func (c *creation) run(ctx context.Context, options CreateOptions) (*Preference, error) {
	var err error
	if c.before, err = c.recentList(ctx, c.account, c.request.URL); err != nil {
		return nil, err
	}
	if !options.AllowDuplicate {
		if err := c.refuseDuplicate(ctx, c.account, c.request, options.Accepted); err != nil {
			return nil, err
		}
	}

	c.creates.markSent(c.pending)
	created, err := c.once(ctx)
	if created != nil {
		c.known.wrote(*created, c.request.SubscribedEvents, c.request.SharedSecret)
	}

	return created, err
}

// once posts until it is known that there is exactly one new preference, or that this can't be known.
func (c *creation) once(ctx context.Context) (*Preference, error) {
	created, err := c.post(ctx)
	switch {
	case err == nil:
		return c.accept(ctx, created)
	case !MayHaveSucceeded(err):
		return nil, err
	}
	for retries := 0; ; retries++ {
		seen, ambiguous := c.find(ctx, err)
		if seen.ours != nil {
			return c.accept(ctx, seen.ours)
		}
		if retries >= c.client.policy.maxRetries || !ambiguous.mayRetry(retries) || ctx.Err() != nil {
			return nil, ambiguous
		}

		// A list that is cut off at its length loses an entry when the retry adds one.
		existing := append(c.existing(), seen.list.ids()...)
		created, err = c.post(ctx)
		switch {
		case err == nil:
			if created, err = c.accept(ctx, created); err != nil {
				return created, ambiguous.after(err)
			}

			return c.verifyRetry(ctx, created, existing, ambiguous)
		case !MayHaveSucceeded(err):
			return nil, ambiguous.after(err)
		}
	}
}

func (c *creation) post(ctx context.Context) (*Preference, error) {
	defer c.known.beginWrite("")()
	c.last = time.Now()
	if c.first.IsZero() {
		c.first = c.last
	}

	return c.client.createPreference(ctx, c.account, c.request)
}
