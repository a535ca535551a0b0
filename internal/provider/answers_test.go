package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestOtherValuesInAnswersAreWarnedOf: what was planned stays in the state, as Terraform accepts nothing else, and the next read tells the truth.
func TestOtherValuesInAnswersAreWarnedOf(t *testing.T) {
	t.Parallel()
	const answer = `{"preferenceId":%q,"userId":"usrOwn0000000000000001","url":%q,"subscribedEvents":%s,"createdAt":"2022-09-03T19:46:40.748Z","updatedAt":"2022-09-03T19:46:40.748Z"}`
	for _, test := range []struct {
		name, url, events, differs string
	}{
		{"url", "https://other.example.com/", `["Invoice.Paid","Invoice.Sent"]`, "url"},
		{"events", changedURL, `["Invoice.Paid"]`, "subscribed_events"},
		{"both", "https://other.example.com/", `[]`, "url and subscribed_events"},
		{"only spelled otherwise", "HTTPS://HOOKS.example.com:443/b", `["Invoice.Sent","Invoice.Paid"]`, ""},
		{"events left out", changedURL, `null`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			before := r.seasoned()
			id := r.only().ID
			w := r.wire()
			r.Fail(wingspantest.Fault{Method: http.MethodPatch, Commit: true, Body: fmt.Sprintf(answer, id, test.url, test.events)})
			after, told := w.apply(before, hookValues(values{"url": changedURL}))
			if test.differs == "" {
				told.want(t)
			} else {
				told.want(t, "warning: Wingspan answered with other values")
				want := fmt.Sprintf("Wingspan accepted webhook preference %q, and answered with another value for %s than was sent.\n\n"+
					"Run `terraform plan`: it reads what is registered and shows the difference, if there still is one.", id, test.differs)
				if told[0].Detail != want {
					t.Errorf("\n got %q\nwant %q", told[0].Detail, want)
				}
			}
			if got := w.values(after); got["url"] != changedURL || !cmp.Equal(got["subscribed_events"], []any{"Invoice.Paid", "Invoice.Sent"}) {
				t.Errorf("state %v", got)
			}

			r.Edit(id, func(p *wingspantest.Preference) { p.SubscribedEvents = []string{"Payout.Failed"} })
			after, told = r.wire().read(after)
			told.want(t)
			if got := w.values(after); !cmp.Equal(got["subscribed_events"], []any{"Payout.Failed"}) {
				t.Errorf("after the next read: %v", got)
			}
		})
	}
}

// TestFreshPreferenceMayBeReadTooEarly: a 404 right after the create is asked again before it is believed.
func TestFreshPreferenceMayBeReadTooEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settle = untilSettled
	r.SetReadLag(1)
	h, told := r.wire().apply(held{}, hookValues())
	told.want(t)
	r.ResetRequests()
	w := r.wire()
	after, told := w.read(h)
	told.want(t)
	if diff := cmp.Diff(w.values(h), w.values(after)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if n := r.Count(http.MethodGet, wingspantest.RouteItem); n != 2 {
		t.Errorf("read %d times, want 2", n)
	}
}

// TestGoneIsToldOnce, with what was lost and what happens next.
func TestGoneIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.seasoned()
	id := r.only().ID
	r.Remove(id)
	w := r.wire()
	after, told := w.read(h)
	told.want(t, "warning: Webhook preference is gone")
	want := fmt.Sprintf("The webhook preference %q for https://hooks.example.com/a was deleted outside of Terraform, so it is removed from the state.\n\n"+
		"Wingspan answered 404: \"there is no webhook preference \\\"%s\\\"\"\n\n"+
		"As long as the configuration has it, the next apply creates it anew. Events of the meantime were not delivered to it.", id, id)
	if told[0].Detail != want {
		t.Errorf("\n got %q\nwant %q", told[0].Detail, want)
	}
	if w.values(after) != nil {
		t.Errorf("state %v", w.values(after))
	}
}

// TestOddAnswersAreBounded: wrong types, another preference and missing fields are an error that quotes none of it, and the state stays.
func TestOddAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, reason string }{
		{"a list", `[]`, "unexpected JSON type array"},
		{"text", `"fake-secret-0123456789abcdef"`, "unexpected JSON type string"},
		{"null", `null`, "it holds no preferenceId"},
		{"nothing in it", `{}`, "it holds no preferenceId"},
		{"another preference", `{"preferenceId":"other","url":"https://hooks.example.com/a"}`, "it is about another preference"},
		{"no url", `{"preferenceId":"ID"}`, "it holds no url"},
		{"url of another type", `{"preferenceId":"ID","url":{"fake-secret-0123456789abcdef":1}}`, "unexpected JSON type object in field url"},
		{"events of another type", `{"preferenceId":"ID","url":"https://hooks.example.com/a","subscribedEvents":"Invoice.Paid"}`, "unexpected JSON type string in field subscribedEvents"},
		{"secret of another type", `{"preferenceId":"ID","url":"https://hooks.example.com/a","sharedSecret":1234567}`, "unexpected JSON type number in field sharedSecret"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			before := r.seasoned()
			w := r.wire()
			r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteItem, Body: strings.ReplaceAll(test.body, `"ID"`, `"`+r.only().ID+`"`)})
			after, told := w.read(before)
			told.want(t, saysUnexpected)
			if !strings.Contains(told.text(), "which cannot be used: "+test.reason+".") || strings.Contains(told.text(), "1234567") {
				t.Errorf("it says %s", told.text())
			}
			if diff := cmp.Diff(w.values(before), w.values(after)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}
