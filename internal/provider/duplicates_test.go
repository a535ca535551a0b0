package provider

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	duplicateError   = "error: Duplicate webhook preference"
	duplicateWarning = "warning: Duplicate webhook preference"
)

// TestDuplicatesDuringPlanning: each row is what the state manages, what was made outside, and a plan.
func TestDuplicatesDuringPlanning(t *testing.T) {
	t.Parallel()
	const a, b = "https://hooks.example.com/a", "https://hooks.example.com/b"
	inUpperCase := strings.Replace(a, "https://hooks", "HTTPS://HOOKS", 1)
	failed, sent := hookValues(values{"subscribed_events": []string{"Payout.Failed"}}), hookValues(values{"subscribed_events": []string{"Invoice.Sent"}})
	allowed, atB := hookValues(values{"allow_duplicate": true}), hookValues(values{"url": b})
	more := hookValues(values{"subscribed_events": []string{"Payout.Failed", "Invoice.Paid"}})
	for _, test := range []struct {
		name string
		// outside is made outside of Terraform; managed is in the state, read before the plan, and then planned to become after.
		outside, managed string
		after            []values
		// prior and config are of the plan: without prior it is a create.
		prior, config values
		want          string
		importBlock   bool
	}{
		{"nothing", "", "", nil, nil, hookValues(), "", false},
		{"made outside", a, "", nil, nil, hookValues(), duplicateError, true},
		{"made outside with an equivalent URL", inUpperCase, "", nil, nil, hookValues(), duplicateError, true},
		{"made outside, with other events", a, "", nil, nil, failed, "", false},
		{"made outside, allowed", a, "", nil, nil, allowed, "", false},
		{"managed", "", a, nil, nil, hookValues(), duplicateWarning, false},
		{"managed, allowed", "", a, nil, nil, allowed, "", false},
		{"managed, which gives an event up", "", a, []values{hookValues(values{"subscribed_events": []string{"Invoice.Paid"}})}, nil, sent, "", false},
		{"managed, which gives the URL up", "", a, []values{atB}, nil, sent, "", false},
		{"managed, which is deleted", "", a, []values{nil}, nil, sent, "", false},
		{"the URL of one made outside", a, "", nil, atB, hookValues(), duplicateError, true},
		{"the URL of a managed one", "", a, nil, atB, hookValues(), duplicateWarning, false},
		{"an event of one made outside", a, "", nil, failed, more, duplicateError, true},
		{"nothing gained", a, "", nil, hookValues(), hookValues(values{"shared_secret": otherSecret}), "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			var prior, managed instance
			var diags diagnostics
			if test.prior != nil {
				prior = r.configured().applied(instance{}, test.prior)
			}
			if test.managed != "" {
				managed = r.configured().applied(instance{}, hookValues(values{"url": test.managed}))
			}
			if test.outside != "" {
				r.Put(wingspantest.Preference{URL: test.outside, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}, SharedSecret: otherSecret})
			}
			r.ResetRequests()
			w := r.configured()
			if test.managed != "" {
				w.refreshed(managed)
			}
			for _, after := range test.after {
				w.planned(managed, after)
			}
			_, diags = w.plan(prior, test.config)
			diags.want(t, test.want)
			if strings.Contains(diags.text(), "import {") != test.importBlock {
				t.Errorf("got %s", diags.text())
			}
			r.wantWrites()
		})
	}
}

// TestADuplicateThatHasGoneIsNone: the list that shows it may be seconds old.
func TestADuplicateThatHasGoneIsNone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*wingspantest.Preference){
		"deleted": nil, "another URL": func(p *wingspantest.Preference) { p.URL = changedURL },
		"other events": func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payout.Failed"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			p, _ := seeded(r, wingspantest.OwnAccount)
			w := r.configured()
			w.planned(instance{}, hookValues(values{"url": hookURL("c")})) // It requests the list.
			if change == nil {
				r.Remove(p.ID)
			} else {
				r.edit(change)()
			}
			w.planned(instance{}, hookValues())
		})
	}
}

// TestTwinsInOneConfiguration: the error for the second one is about the first, without an import block, also where only one of them
// names the token's own account.
func TestTwinsInOneConfiguration(t *testing.T) {
	t.Parallel()
	user := func(account string) values { return values{"user_id": account} }
	sent := values{"url": "https://HOOKS.example.com:443/a", "subscribed_events": []string{"Invoice.Sent"}}
	for _, test := range []struct {
		first, second values
		want          string
	}{
		{nil, sent, duplicateError},
		{nil, values{"allow_duplicate": true}, ""},
		{nil, user(wingspantest.OwnAccount), duplicateError},
		{user(wingspantest.OwnAccount), nil, duplicateError},
		{nil, user(childA), ""},
		{user(childA), user(wingspantest.OwnAccount), ""},
	} {
		r := newHarness(t)
		r.AddAccounts(childA)
		w := r.configured()
		w.planned(instance{}, hookValues(test.first))
		_, diags := w.plan(instance{}, hookValues(test.second))
		diags.want(t, test.want)
		if test.want != "" {
			diags.wantText(t, `"Invoice.Sent"`)
		}
		if strings.Contains(diags.text(), "import {") || t.Failed() {
			t.Fatalf("%v and %v: %s", test.first, test.second, diags.text())
		}
	}
}

// TestTwinsThatTheirAccountsHide: that both have one account is known after the first create only.
func TestTwinsThatTheirAccountsHide(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured(values{"event_name_validation": "off"})
	first, second := hookValues(), hookValues(values{"user_id": wingspantest.OwnAccount})
	one, other := w.planned(instance{}, first), w.planned(instance{}, second)
	_, diags := w.applyPlan(instance{}, one, first)
	diags.want(t)
	_, diags = w.applyPlan(instance{}, other, second)
	diags.want(t, duplicateError)
	diags.wantText(t, "Another resource in this configuration has the URL https://hooks.example.com/a")
	if strings.Contains(diags.text(), "import {") {
		t.Error(diags.text())
	}
	r.wantWrites(create)
}

// TestManagedWebhooksThatArriveLaterAreWaitedFor: a plan reaches its resources in any order.
func TestManagedWebhooksThatArriveLaterAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRun("")
		for at, id := range []string{"a", "b"} {
			time.AfterFunc(time.Duration(at+1)*refreshIdleTimeout*2/3, func() { r.manages(id, true, true) })
		}
		if managed, allows := r.isManaged(t.Context(), "b"); !managed || !allows {
			t.Error("a webhook was not waited for while others arrived")
		}
		before := time.Now()
		if managed, _ := r.isManaged(t.Context(), "c"); managed {
			t.Error("an unknown webhook is managed")
		}
		if waited := time.Since(before); waited != refreshIdleTimeout {
			t.Errorf("waited for %s", waited)
		}
	})
}

// TestAWebhookIsNotDeletedWithoutItsReplacement: Terraform may delete it after what was to take its place has failed.
func TestAWebhookIsNotDeletedWithoutItsReplacement(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// refreshed: the run has read the webhook, as a plan does; an apply on another machine knows nothing of it.
		refreshed bool
		prior     values
		want      string
	}{
		"a create that is refused": {false, nil, duplicateError},
		"a create that fails":      {true, nil, requestRejected},
		"an update that fails":     {true, hookValues(values{"url": changedURL}), requestRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			old := r.configured().applied(instance{}, hookValues())
			var next instance
			if test.prior != nil {
				next = r.configured().applied(instance{}, test.prior)
			}
			deletion := r.configured().planned(old, nil) // in another process, before anything fails
			w := r.configured()
			if test.refreshed {
				w.refreshed(old)
				for _, method := range []string{http.MethodPost, http.MethodPatch} {
					fault := wingspantest.ErrorStatus(http.StatusBadRequest, "no")
					fault.Method = method
					r.Fail(fault)
				}
			}
			p, diags := w.plan(next, hookValues())
			if !diags.failed() {
				_, diags = w.applyPlan(next, p, hookValues())
			}
			diags.want(t, test.want)
			_, diags = w.applyPlan(old, deletion, nil)
			diags.want(t, "error: Webhook preference not deleted")

			r.ClearFaults()
			w = r.configured()
			w.refreshed(old)
			w.applied(next, hookValues())
			w.applied(old, nil)
		})
	}
}

// TestAWebhookThatACreateWasAnsweredWithIsNotDeleted: a server may keep one for each URL.
func TestAWebhookThatACreateWasAnsweredWithIsNotDeleted(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
	old := r.configured().applied(instance{}, hookValues())
	deletion := r.configured().planned(old, nil)
	w := r.configured()
	_, diags := w.apply(instance{}, hookValues(values{"subscribed_events": []string{"Payout.Failed"}}))
	diags.want(t, "error: Webhook preference already exists")
	_, diags = w.applyPlan(old, deletion, nil)
	diags.want(t, "error: Webhook preference not deleted")

	// One process may plan the delete afterward, as the cleanup of `terraform test` does.
	w.applied(old, nil)
}

// TestAReplacementThatTheServerDoesNotKeepApart: a server may keep one webhook for each URL, which the state manages.
func TestAReplacementThatTheServerDoesNotKeepApart(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.Configure(func(c *wingspantest.Settings) { c.Upsert = true })
	old := r.createdAnHourAgo()
	planning := r.configured()
	planning.refreshed(old)
	_, diags := planning.plan(instance{}, hookValues())
	diags.want(t, duplicateWarning)

	applying := r.configured()
	p, diags := applying.plan(instance{}, hookValues())
	diags.want(t, duplicateWarning)
	_, diags = applying.applyPlan(instance{}, p, hookValues())
	diags.want(t, "error: Webhook preference already exists")
	diags.wantText(t, "Remove create_before_destroy from the lifecycle block.")
	if strings.Contains(diags.text(), "import {") {
		t.Error(diags.text())
	}
}

// TestAWebhookThatACreateWouldDuplicateIsNotDeleted: it may have become a duplicate after the plan, which did not see it as one.
func TestAWebhookThatACreateWouldDuplicateIsNotDeleted(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	old := r.configured().applied(instance{}, hookValues(values{"url": changedURL}))
	deletion := r.configured().planned(old, nil)
	p := r.configured().planned(instance{}, hookValues())
	r.edit(func(p *wingspantest.Preference) { p.URL = hookURL("a") })()
	w := r.configured()
	_, diags := w.applyPlan(instance{}, p, hookValues())
	diags.want(t, duplicateError)
	_, diags = w.applyPlan(old, deletion, nil)
	diags.want(t, "error: Webhook preference not deleted")
}

// TestUnreadableEntriesAreNotDuplicated: what can be read of them decides, so that an API with other IDs doesn't get another one at each apply.
func TestUnreadableEntriesAreNotDuplicated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entry, want string
		importBlock bool
	}{
		"another ID":               {`{"preferenceId":42,"url":"` + hookURL("a") + `","subscribedEvents":["Invoice.Paid"]}`, duplicateError, false},
		"another form of events":   {`{"preferenceId":"odd","url":"` + hookURL("a") + `","subscribedEvents":"Invoice.Paid"}`, duplicateError, true},
		"another ID and URL":       {`{"preferenceId":42,"url":"` + hookURL("b") + `","subscribedEvents":["Invoice.Paid"]}`, "", false},
		"another ID, other events": {`{"preferenceId":42,"url":"` + hookURL("a") + `","subscribedEvents":["Payout.Failed"]}`, "", false},
		"another form of the URL":  {`{"preferenceId":"odd","url":{"href":"` + hookURL("a") + `"},"subscribedEvents":["Invoice.Paid"]}`, "warning: Duplicates not fully checked", false},
		"nothing that can be read": {`42`, "warning: Duplicates not fully checked", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.Fail(wingspantest.Fault{Method: "GET", Route: wingspantest.RouteList, Times: -1, Body: "[" + test.entry + "]"})
			_, diags := r.configured().plan(instance{}, hookValues())
			diags.want(t, test.want)
			if strings.HasPrefix(test.want, "warning") {
				diags.wantText(t, "The list of webhook preferences has entries that could not be decoded (1).")
			}
			if strings.Contains(diags.text(), "import {") != test.importBlock {
				t.Errorf("got %s", diags.text())
			}
		})
	}
}

// TestCreateBeforeDestroy: what this configuration manages is no obstacle to its own replacement, also in the process that applies.
func TestCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	h := r.createdAnHourAgo()
	r.ResetRequests()
	planning := r.configured()
	before := planning.refreshed(h)
	update := planning.planned(before, hookValues())
	// Terraform plans a replacement a second time, as a create.
	_, diags := planning.plan(instance{private: update.private}, hookValues())
	diags.want(t, duplicateWarning)

	applying := r.configured()
	final, diags := applying.plan(instance{}, hookValues())
	diags.want(t, duplicateWarning)
	_, diags = applying.applyPlan(instance{}, final, hookValues())
	diags.want(t)
	applying.applied(before, nil)
	r.wantWrites(create, "DELETE")
	if entries, err := os.ReadDir(newAcceptedDuplicates(r.URL(), r.cacheDir).dirs[0]); err == nil && len(entries) > 0 {
		t.Errorf("left behind in the cache: %v", entries)
	}
}

// TestIgnoredChangesAreNotSentInTheCLI: ignore_changes protects a secret that was rotated outside of Terraform, in each form, and the account.
func TestIgnoredChangesAreNotSentInTheCLI(t *testing.T) {
	t.Parallel()
	skipBelow(t, 11, "a write-only secret")
	config := func(events, secret string, change int) string {
		block := func(name, ignored string, lines ...string) string {
			return hookBlock(name, append(lines, fmt.Sprintf("url = %q", hookURL(name)), "subscribed_events = "+events, "lifecycle {\n    ignore_changes = ["+ignored+"]\n  }")...)
		}
		plain, writeOnly := fmt.Sprintf("shared_secret = %q", secret), fmt.Sprintf("shared_secret_wo = %q\n  shared_secret_wo_version = %d", secret, change)

		return block("plain", "shared_secret", plain) +
			block("write-only", "shared_secret_wo, shared_secret_wo_version", writeOnly) +
			block("version", "shared_secret_wo_version", writeOnly) +
			block("account", "user_id", fmt.Sprintf("user_id = %q", []string{childA, childB, wingspantest.OwnAccount}[change]))
	}
	const fewer, all = `["Invoice.Paid"]`, `["Invoice.Paid", "Invoice.Sent"]`
	e := startPromise(t, config(fewer, fakeSecret, 0))
	for _, p := range e.Preferences() {
		if p.URL != hookURL("account") {
			p.SharedSecret = foreignSecret
			e.Put(p)
		}
	}
	e.configure(config(all, otherSecret, 1))
	e.apply()
	e.wantWrites(patchEvents, patchEvents, patchEvents, patchEvents)
	e.configure(config(all, otherSecret, 2))
	e.wantEmptyPlan()
	e.wantDestroyed()
}

// TestAProcessThatPlansAndApplies plans the same create twice, which is no duplicate. Two resources are planned at the same time.
func TestAProcessThatPlansAndApplies(t *testing.T) {
	t.Parallel()
	for version, shared := range map[string]bool{"": false, "1.11.4": false, "1.12.0-rc1": true, "1.15.9": true, "2.0.0": true} {
		for name, inProgress := range map[string]bool{"one after the other": false, "at the same time": true} {
			r := newRun(version)
			plan := func() (int, func()) {
				model := modelOf()
				end := r.beginPlan(&model, nil)

				return len(r.gain(gained(&model, nil, ""), func(string) bool { return false })), end
			}
			_, end := plan()
			if !inProgress {
				end()
			}
			duplicates, endOther := plan()
			endOther()
			if refused := duplicates > 0; refused != (!shared || inProgress) {
				t.Errorf("version %q, %s: refused is %t", version, name, refused)
			}
		}
	}
}
