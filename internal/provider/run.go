package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// refreshIdleTimeout is how long after the last webhook of the state was seen none is expected any more. A plan meets its resources in any
// order and in parallel, so that a create may be planned before the resource that manages the existing webhook is met.
const refreshIdleTimeout = time.Second

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
	// planning counts the plans in progress, and planned has all plans. applying begins with a plan that was made before, while no other
	// one is in progress.
	planning int
	planned  map[string]bool
	applying bool
	// unreplaced are webhooks, by ID, whose events would stop if they were deleted, because the create beside them failed.
	unreplaced map[string]bool
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
		left, arrived := refreshIdleTimeout-time.Since(r.last), r.arrived
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

func (r *run) wasRefreshed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.refreshed
}
