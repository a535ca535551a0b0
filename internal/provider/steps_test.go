package provider

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	toCreate  = "create"
	toUpdate  = "update"
	toReplace = "replace"
	toDelete  = "delete"
	noChange  = "no change"

	create      = "POST sharedSecret,subscribedEvents,url"
	patchSecret = "PATCH sharedSecret"
	patchEvents = "PATCH subscribedEvents"
	patchURL    = "PATCH url"
)

// step is a saved plan and its apply, as Terraform carries them out over the protocol: refresh and plan in one process of the provider;
// plan once more, compare, and apply in another; refresh and plan in a third, where nothing may be left to do.
type step struct {
	name   string
	before func()
	// block is on top of harness.block. A nil value removes an argument.
	block values
	// config is the resource, nil to destroy it. importID is what an import block has imported before.
	config   values
	importID string
	// late are the arguments of config that are unknown{} in the plan.
	late values
	// diags are the plan's, and applyDiags the apply's; text is a part of them. After an error nothing more may be written than writes.
	diags, applyDiags []string
	text              string
	plan              string
	// refreshed, planned and state are parts of what they are after refresh, plan and apply.
	refreshed, planned, state values
	writes                    []string
	after                     func()
	// unsettled: the next plan is not empty.
	unsettled bool
}

// lifecycle is one resource from step to step.
type lifecycle struct {
	*harness
	managed
}

// run carries out the steps, and then destroys what is left.
func (r *harness) run(steps ...step) {
	r.t.Helper()
	l := &lifecycle{harness: r}
	for i, s := range steps {
		if l.step(s); r.t.Failed() {
			r.t.Fatalf("in step %d %s", i+1, s.name)
		}
	}
	last := steps[len(steps)-1].block
	if l.configured(last).exists(l.instance) {
		l.step(step{name: "destroy", plan: toDelete, writes: []string{"DELETE"}, block: last})
	}
	if left := r.Preferences(); len(left) > 0 {
		r.t.Errorf("left behind: %d preferences", len(left))
	}
}

func (l *lifecycle) step(s step) {
	l.t.Helper()
	if s.before != nil {
		s.before()
	}
	w := l.configured(s.block)
	prior, action, p, diags := l.plan(w, s)
	diags.want(l.t, s.diags...)
	if diags.failed() {
		diags.wantText(l.t, s.text)
		l.wantWrites(s.writes...)

		return
	}
	l.wantPart("refreshed", w, s.refreshed, w.values(prior))
	l.wantPart("planned", w, s.planned, w.values(p.instance))
	if s.plan != "" && action != s.plan {
		l.t.Errorf("the plan is to %s, want %s: %v, then %v", action, s.plan, w.values(prior), w.values(p.instance))
	}

	l.instance = prior
	var applied diagnostics
	if action != noChange {
		applied = l.applyPlanned(l.configured(s.block), s, action, p)
	}
	applied.want(l.t, s.applyDiags...)
	append(diags, applied...).wantText(l.t, s.text)
	l.wantPart("state", w, s.state, w.values(l.instance))
	if s.after != nil {
		s.after()
	}
	l.wantWrites(s.writes...)
	if !applied.failed() && !s.unsettled {
		if err := l.wantNoChanges(l.configured(s.block), s.now()); err != nil {
			l.t.Error(err)
		}
		l.wantWrites()
	}
	l.ResetRequests()
}

// now is the configuration with everything known.
func (s step) now() values {
	if s.config == nil {
		return nil
	}

	return with(s.config, s.late)
}

// plan refreshes and plans. One that replaces is planned once more as a create, with what the first plan decided.
func (l *lifecycle) plan(w *providerServer, s step) (prior instance, action string, p plannedChange, diags diagnostics) {
	l.t.Helper()
	if s.config != nil {
		if diags = w.validate(s.config); diags.failed() {
			return instance{}, "", plannedChange{}, diags
		}
	}
	prior = l.instance
	var more diagnostics
	switch {
	case s.importID != "":
		prior, more = w.importID(s.importID)
	case w.exists(prior):
		prior, more = w.read(prior)
	}
	if diags = append(diags, more...); diags.failed() {
		return instance{}, "", plannedChange{}, diags
	}
	if w.values(prior) == nil {
		prior = instance{}
	}
	if s.config == nil && prior.state == nil {
		return prior, noChange, plannedChange{}, diags
	}
	if p, more = w.plan(prior, s.config); more.failed() {
		return prior, "", p, append(diags, more...)
	}
	l.wantValid(w, prior, s.config, p)
	switch {
	case s.config == nil:
		action = toDelete
	case prior.state == nil:
		action = toCreate
	case len(p.replaces) > 0 || l.tainted:
		action = toReplace
		p, more = w.plan(instance{private: p.private}, s.config)
		l.wantValid(w, instance{}, s.config, p)
	case w.changes(prior, p):
		action = toUpdate
	default:
		action = noChange
	}

	return prior, action, p, append(diags, more...)
}

func (l *lifecycle) applyPlanned(w *providerServer, s step, action string, p plannedChange) diagnostics {
	l.t.Helper()
	if action == toReplace || action == toDelete {
		after, diags := w.apply(l.instance, nil)
		if l.instance = after; diags.failed() {
			return diags
		}
		if l.managed = (managed{}); action == toDelete {
			return diags
		}
	}
	if diags := w.validate(s.now()); diags.failed() {
		return diags
	}
	final, diags := w.plan(l.instance, s.now())
	if diags.failed() {
		return diags
	}
	l.wantCompatible("the final plan", w, p.state, final.state)
	after, diags := w.applyPlan(l.instance, final, s.now())
	if l.instance = after; !diags.failed() {
		l.wantCompatible("the new state", w, final.state, after.state)
	} else if w.values(after) == nil {
		l.instance = instance{}
	}
	l.tainted = diags.failed() && w.exists(after) && action != toUpdate

	return diags
}

// wantValid asserts what Terraform asserts of each plan: what is configured is planned, or else stays as it was.
func (l *lifecycle) wantValid(w *providerServer, prior instance, config values, p plannedChange) {
	l.t.Helper()
	if config == nil || p.state == nil {
		return
	}
	typ := w.preferenceType()
	before, configured, planned := attributes(l.t, typ, w.stateOf(prior)), attributes(l.t, typ, w.encode(typ, config)), attributes(l.t, typ, p.state)
	for _, a := range w.schemas.ResourceSchemas[preferenceTypeName].Block.Attributes {
		c, b, got := configured[a.Name], before[a.Name], planned[a.Name]
		switch {
		case a.WriteOnly && !got.IsNull(), !a.Computed && c.IsNull() && !got.IsNull():
			l.t.Errorf("%s is planned although it must not be", a.Name)
		case !a.WriteOnly && !c.IsNull() && !got.Equal(c) && (prior.state == nil || !got.Equal(b)):
			l.t.Errorf("%s is planned as %s, which is neither configured (%s) nor as before (%s)", a.Name, got, c, b)
		}
	}
}

// wantCompatible asserts what Terraform asserts when it applies: everything that was known turns out so.
func (l *lifecycle) wantCompatible(what string, w *providerServer, promised, got *tfprotov6.DynamicValue) {
	l.t.Helper()
	typ := w.preferenceType()
	is := attributes(l.t, typ, got)
	for name, want := range attributes(l.t, typ, promised) {
		if want.IsFullyKnown() && !want.Equal(is[name]) {
			l.t.Errorf("%s has %s for %s, which was planned as %s", what, is[name], name, want)
		}
	}
}

func attributes(tb testing.TB, typ tftypes.Type, dv *tfprotov6.DynamicValue) map[string]tftypes.Value {
	tb.Helper()
	members := map[string]tftypes.Value{}
	v, err := dv.Unmarshal(typ)
	if err == nil && !v.IsNull() {
		err = v.As(&members)
	}
	if err != nil {
		tb.Fatal(err)
	}

	return members
}

// wantPart compares what is named in want, sets in any order.
func (l *lifecycle) wantPart(what string, w *providerServer, want, got values) {
	l.t.Helper()
	decoded := w.decode(w.preferenceType(), w.encode(w.preferenceType(), want))
	anyOrder := cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	for name := range want {
		if diff := cmp.Diff(decoded[name], got[name], anyOrder); diff != "" {
			l.t.Errorf("%s %s (-want +got):\n%s", what, name, diff)
		}
	}
}

// with is the arguments with others on top.
func with(arguments values, more ...values) values {
	all := values{}
	for _, m := range append([]values{arguments}, more...) {
		maps.Copy(all, m)
	}

	return all
}

// wantAsked asserts how often a route was asked since the step before.
func (r *harness) wantAsked(route wingspantest.Route, want int) {
	r.t.Helper()
	if got := r.Count("", route); got != want {
		r.t.Errorf("%d requests to %s, want %d", got, route, want)
	}
}
