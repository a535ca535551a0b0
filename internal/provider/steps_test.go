package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	// block is on top of rig.block. Nil values take an argument away.
	block values
	// config is the resource, nil to destroy it. importID is what an import block has imported before.
	config   values
	importID string
	// late are the arguments of config and of block that are unknown{} in the plan.
	late, lateBlock values
	// says is what the plan tells, and applySays what the apply does. After an error nothing more may be written than writes.
	says, applySays []string
	text            string
	plan            string
	// refreshed, planned and state are parts of what they are after refresh, plan and apply.
	refreshed, planned, state values
	writes                    []string
	after                     func()
	// unsettled: the next plan is not empty.
	unsettled bool
}

// lifecycle is one resource from step to step.
type lifecycle struct {
	*rig
	managed

	t *testing.T
}

// run carries out the steps, and then destroys what is left.
func (r *rig) run(steps ...step) {
	r.t.Helper()
	l := &lifecycle{rig: r, t: r.t}
	for i, s := range steps {
		if l.step(s); r.t.Failed() {
			r.t.Fatalf("in step %d %s", i+1, s.name)
		}
	}
	last := with(steps[len(steps)-1].block, steps[len(steps)-1].lateBlock)
	if l.process(last).exists(l.held) {
		l.step(step{name: "destroy", plan: toDelete, writes: []string{"DELETE"}, block: last})
	}
	if left := r.Preferences(); len(left) > 0 {
		r.t.Errorf("left behind: %d preferences", len(left))
	}
}

func (l *lifecycle) process(settings ...values) *wire {
	l.t.Helper()
	w := l.unconfigured()
	w.configure(l.block(settings...)).want(l.t)

	return w
}

func (l *lifecycle) step(s step) {
	l.t.Helper()
	if s.before != nil {
		s.before()
	}
	w := l.process(s.block)
	prior, action, p, told := l.plan(w, s)
	told.want(l.t, s.says...)
	if told.failed() {
		l.wantText(told, s.text)
		l.wantWrites(s.writes...)

		return
	}
	l.wantPart("refreshed", s.refreshed, w.values(prior))
	l.wantPart("planned", s.planned, w.values(p.held))
	if s.plan != "" && action != s.plan {
		l.t.Errorf("the plan is to %s, want %s: %v, then %v", action, s.plan, w.values(prior), w.values(p.held))
	}

	l.held = prior
	var applied said
	if action != noChange {
		applied = l.applyPlanned(l.process(s.block, s.lateBlock), s, action, p)
	}
	applied.want(l.t, s.applySays...)
	l.wantText(append(told, applied...), s.text)
	l.wantPart("state", s.state, w.values(l.held))
	if s.after != nil {
		s.after()
	}
	l.wantWrites(s.writes...)
	if !applied.failed() && !s.unsettled {
		if err := l.wantNoChanges(l.process(s.block, s.lateBlock), s.now()); err != nil {
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
func (l *lifecycle) plan(w *wire, s step) (prior held, action string, p outcome, told said) {
	l.t.Helper()
	if s.config != nil {
		if told = w.validate(s.config); told.failed() {
			return held{}, "", outcome{}, told
		}
	}
	prior = l.held
	var more said
	switch {
	case s.importID != "":
		prior, more = w.importID(s.importID)
	case w.exists(prior):
		prior, more = w.read(prior)
	}
	if told = append(told, more...); told.failed() {
		return held{}, "", outcome{}, told
	}
	if w.values(prior) == nil {
		prior = held{}
	}
	if s.config == nil && prior.state == nil {
		return prior, noChange, outcome{}, told
	}
	if p, more = w.plan(prior, s.config); more.failed() {
		return prior, "", p, append(told, more...)
	}
	l.wantValid(w, prior, s.config, p)
	switch {
	case s.config == nil:
		action = toDelete
	case prior.state == nil:
		action = toCreate
	case len(p.replaces) > 0 || l.tainted:
		action = toReplace
		p, more = w.plan(held{private: p.private}, s.config)
		l.wantValid(w, held{}, s.config, p)
	case w.changes(prior, p):
		action = toUpdate
	default:
		action = noChange
	}

	return prior, action, p, append(told, more...)
}

func (l *lifecycle) applyPlanned(w *wire, s step, action string, p outcome) said {
	l.t.Helper()
	if action == toReplace || action == toDelete {
		after, told := w.apply(l.held, nil)
		if l.held = after; told.failed() {
			return told
		}
		if l.managed = (managed{}); action == toDelete {
			return told
		}
	}
	if told := w.validate(s.now()); told.failed() {
		return told
	}
	final, told := w.plan(l.held, s.now())
	if told.failed() {
		return told
	}
	l.wantCompatible("the final plan", w, p.state, final.state)
	after, told := w.applyPlan(l.held, final, s.now())
	if l.held = after; !told.failed() {
		l.wantCompatible("the new state", w, final.state, after.state)
	} else if w.values(after) == nil {
		l.held = held{}
	}
	l.tainted = told.failed() && w.exists(after) && action != toUpdate

	return told
}

// wantValid asserts what Terraform asserts of each plan: what is configured is planned, or else stays as it was.
func (l *lifecycle) wantValid(w *wire, prior held, config values, p outcome) {
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
func (l *lifecycle) wantCompatible(what string, w *wire, promised, got *tfprotov6.DynamicValue) {
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

func (l *lifecycle) wantPart(what string, want, got values) {
	l.t.Helper()
	for name, v := range want {
		if diff := cmp.Diff(inOrder(v), inOrder(got[name])); diff != "" {
			l.t.Errorf("%s %s (-want +got):\n%s", what, name, diff)
		}
	}
}

// inOrder sorts the elements of a set of text.
func inOrder(v any) any {
	var texts []string
	switch v := v.(type) {
	case []string:
		texts = slices.Clone(v)
	case []any:
		for _, e := range v {
			text, ok := e.(string)
			if !ok {
				return v
			}
			texts = append(texts, text)
		}
	default:
		return v
	}
	slices.Sort(texts)

	return texts
}

func (l *lifecycle) wantText(told said, part string) {
	l.t.Helper()
	if !strings.Contains(told.text(), part) {
		l.t.Errorf("it doesn't say %q:\n%s", part, told.text())
	}
}

// with is the arguments with others on top.
func with(arguments values, more ...values) values {
	all := values{}
	for _, m := range append([]values{arguments}, more...) {
		for name, v := range m {
			all[name] = v
		}
	}

	return all
}

// wantAsked asserts how often a route was asked since the step before.
func (r *rig) wantAsked(route wingspantest.Route, want int) {
	r.t.Helper()
	if got := r.Count("", route); got != want {
		r.t.Errorf("%d requests to %s, want %d", got, route, want)
	}
}
