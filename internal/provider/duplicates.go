package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// wanted is what a resource is planned to be.
type wanted struct {
	id, account, url string
	// replaces is the ID of the webhook in whose place this one is created, where Terraform shows it.
	replaces       string
	events         []string
	allowDuplicate bool
}

// gained is what a resource gets by its plan: everything for a new one or a new URL, otherwise the new events; nil for nothing, or
// nothing that is known yet. One that moves to another account gets nothing: it is planned again, as a create.
func gained(plan, state *preferenceModel, account string) *wanted {
	if plan.URL.IsUnknown() || plan.SubscribedEvents.IsUnknown() || movesAccount(plan, state) {
		return nil
	}
	w := &wanted{account: account, url: plan.URL.ValueString(), events: eventNames(plan.SubscribedEvents), allowDuplicate: plan.AllowDuplicate.ValueBool()}
	if state != nil {
		w.id = state.ID.ValueString()
		if plan.URL.Equal(state.URL) {
			w.events = without(w.events, eventNames(state.SubscribedEvents))
		}
	}
	if len(w.events) == 0 {
		return nil
	}

	return w
}

// isSame reports whether two plans may be of one resource.
func (w *wanted) isSame(other *wanted) bool {
	return w.id == other.id && w.account == other.account && w.url == other.url && w.allowDuplicate == other.allowDuplicate && slices.Equal(w.events, other.events)
}

// checkDuplicates looks for webhooks that would deliver the same events to the same URL. It returns those that the state manages: they
// are being replaced or renamed, or are there on purpose, which a plan cannot tell apart.
func (d *providerData) checkDuplicates(ctx context.Context, w *wanted) ([]string, diag.Diagnostics) {
	if shared := d.run.gain(w, d.webhooks.IsOwn); len(shared) > 0 {
		return nil, diagnoseDuplicateInConfiguration(w.url, shared)
	}
	similar, err := d.webhooks.Similar(ctx, w.account, w.url, w.events)
	if err != nil {
		return nil, d.duplicatesUnchecked(ctx, w, err)
	}
	if w.allowDuplicate {
		return nil, nil
	}

	// All are checked at the same time, so that they share the waits.
	diags, found := d.warnOfUnreadable(similar), similar.Preferences
	problems, managed := make([]diag.Diagnostics, len(found)), make([]bool, len(found))
	var checks sync.WaitGroup
	for i, existing := range found {
		if w.id == "" || existing.ID != w.id {
			checks.Go(func() { managed[i], problems[i] = d.checkSimilar(ctx, existing, w) })
		}
	}
	checks.Wait()
	var accepted []string
	for i, existing := range found {
		diags.Append(problems[i]...)
		if managed[i] {
			accepted = append(accepted, existing.ID)
		}
	}
	diags.Append(d.warnOfOtherForms(ctx, w)...)

	return accepted, diags
}

// checkSimilar reports whether the state manages a webhook that has the URL and an event of the wanted one, and what there is to say of it.
func (d *providerData) checkSimilar(ctx context.Context, existing wingspan.Preference, w *wanted) (bool, diag.Diagnostics) {
	shared := wingspan.SharedEvents(existing.SubscribedEvents, w.events)
	managed, allows := d.run.isManaged(ctx, existing.ID)
	refreshed := d.run.wasRefreshed()
	switch {
	case managed:
		d.accepted.remember(existing.ID, w)
		if refreshed && !allows && !d.run.givesUp(existing.ID, w) {
			return true, warnOfManaged(existing, w, shared)
		}

		return true, nil
	case !refreshed && d.accepted.remembers(existing.ID, w):
		// A plan accepted it, and nothing is read when applying. Nothing is read either in the plan of a state that was lost.
		return true, warnOfAccepted(existing, w, shared)
	}
	now := d.stillThere(ctx, existing, w)
	if now == nil {
		return false, nil
	}
	d.run.replaced(false, existing.ID)

	return false, diagnoseDuplicate(now, refreshed)
}

// stillThere reads it again, because the list may be seconds old. It returns nil for what is no duplicate any more.
func (d *providerData) stillThere(ctx context.Context, existing wingspan.Preference, w *wanted) *wingspan.DuplicateError {
	now, err := d.webhooks.GetExact(ctx, wingspan.Target{ID: existing.ID, Account: w.account, CreatedAt: existing.CreatedAt, Created: existing.Created})
	if wingspan.IsGone(err) {
		return nil
	}
	if err != nil {
		now = &existing
	}
	shared := wingspan.SharedEvents(now.SubscribedEvents, w.events)
	if !wingspan.SameURL(now.URL, w.url) || (now.SubscribedEvents != nil && len(shared) == 0) {
		return nil
	}

	return &wingspan.DuplicateError{ID: existing.ID, Account: w.account, URL: now.URL, SharedEvents: shared}
}

func (d *providerData) duplicatesUnchecked(ctx context.Context, w *wanted, err error) diag.Diagnostics {
	reason := "The provider could not retrieve the list of webhook preferences"
	if _, unusable := errors.AsType[*wingspan.ResponseError](err); unusable {
		reason = "The provider retrieved the list of webhook preferences but could not decode it"
	}

	detail := fmt.Sprintf("%s: %s. Webhook preferences with the same URL and events won't be detected.", reason, sentence(err))
	if wingspan.IsUnauthorized(err) && d.hasAccess(ctx, w.account) {
		return d.warnOnce("Duplicates not checked", detail) // Only the list is refused.
	}

	return d.unchecked(listOp(w.account), err, "Duplicates not checked", detail)
}

// hasAccess asks once, after a list was refused, whether the token has access to the account.
func (d *providerData) hasAccess(ctx context.Context, account string) bool {
	ask, _ := d.access.LoadOrStore(account, sync.OnceValue(func() bool {
		_, err := d.webhooks.EventNames(ctx, account)

		return err == nil
	}))

	return ask.(func() bool)() // Nothing else is stored there.
}

// warnOfUnreadable is for a list with entries that may be duplicates and couldn't be decoded.
func (d *providerData) warnOfUnreadable(list wingspan.List) diag.Diagnostics {
	if len(list.Unreadable) == 0 {
		return nil
	}

	return d.warnOnce("Duplicates not fully checked", fmt.Sprintf(
		"The list of webhook preferences has entries that could not be decoded (%d). If one of them has the same URL and events, events are delivered twice.", len(list.Unreadable)))
}

// warnOfAccepted is for a webhook that an earlier plan accepted.
func warnOfAccepted(existing wingspan.Preference, w *wanted, shared []string) diag.Diagnostics {
	return warningDiag(path.Empty(), "Duplicate webhook preference", describeOverlap(existing.ID, " uses", w.url, shared)+
		" An earlier plan in this directory replaces or renames it. If it isn't deleted by this run, events that both subscribe to are delivered twice.")
}

func warnOfManaged(existing wingspan.Preference, w *wanted, shared []string) diag.Diagnostics {
	return warningDiag(path.Empty(), "Duplicate webhook preference",
		describeOverlap(existing.ID, ", which this configuration already manages, uses", w.url, shared)+" While both exist, Wingspan delivers events that both subscribe to twice.",
		"This is expected while a resource is replaced or renamed (use a moved block to rename it without a replacement). To keep both, set allow_duplicate = true.")
}

// inPlaceOf are the webhooks whose place a create was to take: those that the plan accepted, and the one that it failed for.
func inPlaceOf(accepted []string, err error) []string {
	if duplicate, ok := errors.AsType[*wingspan.DuplicateError](err); ok {
		accepted = append(accepted, duplicate.ID)
	}
	if existing, ok := errors.AsType[*wingspan.ExistingError](err); ok {
		accepted = append(accepted, existing.ID)
	}

	return accepted
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(e string) bool { return !slices.Contains(b, e) })
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(e string) bool { return slices.Contains(b, e) })
}
