package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// stateQuiet is how long after the last webhook of the state was seen none is expected any more. A plan meets its resources in any
// order and in parallel, so that a create may be planned before the resource that owns a suspect is met.
const stateQuiet = time.Second

// run is what one run of the provider has met: webhooks that the state manages, and what is planned for webhooks.
type run struct {
	mu sync.Mutex
	// managed are the webhooks of the state, by ID, and whether they allow a duplicate.
	managed map[string]bool
	last    time.Time
	arrived chan struct{}
	// refreshed: a webhook of the state was read, which happens while planning and never while applying.
	refreshed bool
	// after is what is planned for webhooks of the state, by ID: nil for one that is going to be deleted.
	after map[string]*wanted
	// gains are the webhooks that get a URL or events by this plan, by canonical URL.
	gains map[string][]*wanted
	// shared: one process may plan and then apply, which plans again. Terraform's test command does so, in 1.15 at least and not in 1.11.
	shared bool
	// planning counts the plans in progress, and planned are all of them. applying begins when nothing is being planned, and then what was planned before.
	planning int
	planned  map[string]bool
	applying bool
	// unreplaced are webhooks, by ID, whose events would stop if they were deleted, because the create beside them failed.
	unreplaced map[string]bool
}

// wanted is what a resource is planned to be.
type wanted struct {
	id, account, url string
	// replaces is the ID of the webhook in whose place this one is created, where Terraform shows it.
	replaces       string
	events         []string
	allowDuplicate bool
}

func newRun(terraformVersion string) *run {
	var major, minor int
	_, _ = fmt.Sscanf(terraformVersion, "%d.%d", &major, &minor)

	return &run{
		managed: map[string]bool{}, last: time.Now(), arrived: make(chan struct{}), after: map[string]*wanted{}, gains: map[string][]*wanted{},
		shared: major > 1 || minor >= 12, planned: map[string]bool{}, unreplaced: map[string]bool{},
	}
}

// manages notes a webhook of the state.
func (r *run) manages(id string, allowsDuplicate, refreshed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.managed[id] = allowsDuplicate
	r.refreshed = r.refreshed || refreshed
	r.last = time.Now()
	close(r.arrived)
	r.arrived = make(chan struct{})
}

// isManaged waits for the webhook while webhooks of the state are still arriving.
func (r *run) isManaged(ctx context.Context, id string) (managed, allowsDuplicate bool) {
	for {
		r.mu.Lock()
		allows, known := r.managed[id]
		left, arrived := stateQuiet-time.Since(r.last), r.arrived
		r.mu.Unlock()
		if known || left <= 0 {
			return known, allows
		}
		select {
		case <-ctx.Done():
			return false, false
		case <-arrived:
		case <-time.After(left):
		}
	}
}

// beginPlan notes a plan in progress until the returned function is called. Two resources that are alike are planned at the same time, unless
// one depends on the other; then the create finds that they are duplicates.
func (r *run) beginPlan(plan, state *preferenceModel) func() {
	key := plan.URL.ValueString() + "\x00" + strings.Join(eventNames(plan.SubscribedEvents), "\x00")
	if state != nil {
		key += "\x00\x00" + state.ID.ValueString()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.applying = r.applying || (r.shared && r.planning == 0 && r.planned[key])
	r.planned[key] = true
	r.planning++

	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.planning--
	}
}

// isSame reports whether two plans may be of one resource.
func (w *wanted) isSame(other *wanted) bool {
	return w.id == other.id && w.account == other.account && w.url == other.url && w.allowDuplicate == other.allowDuplicate && slices.Equal(w.events, other.events)
}

// plans notes what a webhook of the state is going to be; nil for one that is going to be deleted. A delete that is planned after the
// create has failed, as when `terraform test` cleans up with the same process, is meant as it is.
func (r *run) plans(id string, after *wanted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after[id] = after
	if after == nil {
		delete(r.unreplaced, id)
	}
}

// replaced notes whether what was to take the place of the webhooks was created.
func (r *run) replaced(created bool, ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		r.unreplaced[id] = !created
	}
}

// inPlaceOf are the webhooks whose place a create was to take: those that the plan accepted, and the one that it failed for.
func inPlaceOf(accepted []string, err error) []string {
	if duplicate := (*wingspan.DuplicateError)(nil); errors.As(err, &duplicate) {
		accepted = append(accepted, duplicate.ID)
	}
	if existing := (*wingspan.ExistingError)(nil); errors.As(err, &existing) {
		accepted = append(accepted, existing.ID)
	}

	return accepted
}

func (r *run) isUnreplaced(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.unreplaced[id]
}

// givesUp reports whether the plan takes a webhook of the state away from what another one wants.
func (r *run) givesUp(id string, w *wanted) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	after, planned := r.after[id]

	return planned && (after == nil || !wingspan.SameURL(after.url, w.url) || len(common(after.events, w.events)) == 0)
}

// gain notes what a resource gets by the plan, and returns the events that another resource gets as well. isOwn reports whether an
// account is the token's own, which resources may also leave out.
func (r *run) gain(w *wanted, isOwn func(account string) bool) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := wingspan.CanonicalURL(w.url)
	own := func(account string) bool { return account == "" || isOwn(account) }
	// A replacement is planned twice: as an update, and as a create.
	self := cmp.Or(w.id, w.replaces)
	for _, other := range r.gains[key] {
		if r.applying && w.isSame(other) {
			return nil
		}
		sameAccount := other.account == w.account || (own(other.account) && own(w.account))
		shared := common(other.events, w.events)
		if sameAccount && len(shared) > 0 && !other.allowDuplicate && !w.allowDuplicate && (self == "" || other.id != self) {
			return shared
		}
	}
	r.gains[key] = append(r.gains[key], w)

	return nil
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(e string) bool { return !slices.Contains(b, e) })
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(e string) bool { return slices.Contains(b, e) })
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

// checkDuplicates looks for webhooks that would deliver the same events to the same URL. It returns those that the state manages: they
// are being replaced or renamed, or are there on purpose, which a plan cannot tell apart.
func (d *providerData) checkDuplicates(ctx context.Context, w *wanted) ([]string, diag.Diagnostics) {
	if shared := d.run.gain(w, d.webhooks.IsOwn); len(shared) > 0 {
		return nil, errorDiag(path.Empty(), "Duplicate webhook preference",
			fmt.Sprintf("Another resource in this configuration is planned with the URL %s and these events: %s. They would be delivered twice.", wingspan.DisplayURL(w.url), quotedList(shared)),
			"Remove the events from one of the resources. To create both, for example during secret rotation, set allow_duplicate = true in one of them.")
	}
	similar, err := d.webhooks.Similar(ctx, w.account, w.url, w.events)
	if err != nil {
		return nil, d.duplicatesUnchecked(w, err)
	}
	if w.allowDuplicate {
		return nil, nil
	}

	// All suspects are asked about at the same time, so that they share the waits.
	diags, found := d.warnOfUnreadable(similar), similar.Preferences
	verdicts, managed := make([]diag.Diagnostics, len(found)), make([]bool, len(found))
	var asking sync.WaitGroup
	for i, suspect := range found {
		if w.id == "" || suspect.ID != w.id {
			asking.Go(func() { managed[i], verdicts[i] = d.checkSuspect(ctx, suspect, w) })
		}
	}
	asking.Wait()
	var accepted []string
	for i, suspect := range found {
		diags.Append(verdicts[i]...)
		if managed[i] {
			accepted = append(accepted, suspect.ID)
		}
	}

	return accepted, diags
}

// checkSuspect reports whether the state manages a webhook that has the URL and an event of the wanted one, and what there is to say of it.
func (d *providerData) checkSuspect(ctx context.Context, suspect wingspan.Preference, w *wanted) (bool, diag.Diagnostics) {
	shared, server := wingspan.SharedEvents(suspect.SubscribedEvents, w.events), d.webhooks.Client().BaseURL()
	managed, allows := d.run.isManaged(ctx, suspect.ID)
	refreshed := d.run.wasRefreshed()
	switch {
	case managed:
		d.accepted.remember(server, suspect.ID, w)
		if refreshed && !allows && !d.run.givesUp(suspect.ID, w) {
			return true, warnOfTwin(suspect, w, shared)
		}

		return true, nil
	case !refreshed && d.accepted.remembers(server, suspect.ID, w):
		// A plan accepted it, and nothing is read when applying. Nothing is read either in the plan of a state that was lost.
		return true, warnOfAccepted(suspect, w, shared)
	}
	now := d.stillThere(ctx, suspect, w)
	if now == nil {
		return false, nil
	}
	d.run.replaced(false, suspect.ID)

	return false, diagnoseDuplicate(now, refreshed)
}

func (r *run) wasRefreshed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.refreshed
}

// stillThere reads a suspect again, because the list may be seconds old. It returns nil for what is no duplicate any more.
func (d *providerData) stillThere(ctx context.Context, suspect wingspan.Preference, w *wanted) *wingspan.DuplicateError {
	now, err := d.webhooks.GetExact(ctx, wingspan.Target{ID: suspect.ID, Account: w.account, CreatedAt: suspect.CreatedAt, Created: suspect.Created})
	if wingspan.IsGone(err) {
		return nil
	}
	if err != nil {
		now = &suspect
	}
	shared := wingspan.SharedEvents(now.SubscribedEvents, w.events)
	if !wingspan.SameURL(now.URL, w.url) || (now.SubscribedEvents != nil && len(shared) == 0) {
		return nil
	}

	return &wingspan.DuplicateError{ID: suspect.ID, Account: w.account, URL: now.URL, SharedEvents: shared}
}

// duplicatesUnchecked is an error only where the plan could not be applied anyway.
func (d *providerData) duplicatesUnchecked(w *wanted, err error) diag.Diagnostics {
	op := listOp(w.account)
	switch {
	case errors.Is(err, wingspan.ErrNoToken) && len(d.settings.unknown) > 0:
		return nil // They are checked when applying, when the settings are known.
	case errors.Is(err, wingspan.ErrNoToken), wingspan.IsUnauthorized(err):
		return d.diagnose(op, err)
	}
	if _, again := d.explained.before("duplicates not checked", ""); again {
		return nil
	}
	reason := "The provider could not retrieve the list of webhook preferences"
	if unusable := (*wingspan.ResponseError)(nil); errors.As(err, &unusable) {
		reason = "The provider retrieved the list of webhook preferences but could not decode it"
	}

	return warningDiag(path.Empty(), "Duplicates not checked", fmt.Sprintf("%s: %s. Webhook preferences with the same URL and events won't be detected.", reason, sentence(err)))
}

// warnOfUnreadable is for a list with entries that may be duplicates and couldn't be decoded.
func (d *providerData) warnOfUnreadable(list wingspan.List) diag.Diagnostics {
	if len(list.Unreadable) == 0 {
		return nil
	}
	if _, again := d.explained.before("entries not decoded", ""); again {
		return nil
	}

	return warningDiag(path.Empty(), "Duplicates not fully checked", fmt.Sprintf(
		"%d entries of the list of webhook preferences could not be decoded. If one of them has the same URL and events, events are delivered twice.", len(list.Unreadable)))
}

// warnOfAccepted is for a webhook that an earlier plan accepted.
func warnOfAccepted(suspect wingspan.Preference, w *wanted, shared []string) diag.Diagnostics {
	return warningDiag(path.Empty(), "Duplicate webhook preference", describeOverlap(suspect.ID, " uses", w.url, shared)+
		" An earlier plan in this directory replaces or renames it. If it isn't deleted by this run, events that both subscribe to are delivered twice.")
}

func warnOfTwin(suspect wingspan.Preference, w *wanted, shared []string) diag.Diagnostics {
	return warningDiag(path.Empty(), "Duplicate webhook preference",
		describeOverlap(suspect.ID, ", which this configuration already manages, uses", w.url, shared)+" While both exist, Wingspan delivers events that both subscribe to twice.",
		"This is expected while a resource is replaced or renamed (use a moved block to rename it without a replacement). To keep both, set allow_duplicate = true.")
}
