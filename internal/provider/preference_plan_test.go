package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestWhatAnUpdateLeavesUnknown: with a PATCH, everything that the server may set with it, and nothing without one.
func TestWhatAnUpdateLeavesUnknown(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	h := w.applied(instance{}, hookValues())
	for name, test := range map[string]struct {
		config values
		want   bool
	}{
		"url": {values{"url": changedURL}, true}, "events": {values{"subscribed_events": []string{"Payout.Failed"}}, true},
		"secret": {values{"shared_secret": otherSecret}, true}, "equivalent url": {values{"url": "https://HOOKS.example.com:443/%61"}, false},
		"allow_duplicate": {values{"allow_duplicate": true}, false},
	} {
		p := w.planned(h, hookValues(test.config))
		planned := w.values(p.instance)
		for _, attribute := range []string{"updated_at", "labels", "event_actors"} {
			if got := planned[attribute] == any(unknown{}); got != test.want {
				t.Errorf("%s: %s is unknown: %t", name, attribute, got)
			}
		}
		for _, attribute := range []string{"id", "created_at", "user_id"} {
			if diff := cmp.Diff(w.values(h)[attribute], planned[attribute]); diff != "" {
				t.Errorf("%s: %s %s", name, attribute, diff)
			}
		}
	}
	// An API that records who updated leaves no stale state.
	r.Fail(wingspantest.Fault{Method: http.MethodPatch, Commit: true, Body: fmt.Sprintf(
		`{"preferenceId":%q,"userId":%q,"url":%q,"subscribedEvents":["Invoice.Paid","Invoice.Sent"],"labels":{"n":"1"},"eventActors":{"updated":"usr1"},"updatedAt":"2030-01-02T03:04:05Z"}`,
		r.only().ID, wingspantest.OwnAccount, changedURL)})
	h = w.applied(h, hookValues(values{"url": changedURL}))
	if got := w.values(h); !cmp.Equal(got["event_actors"], map[string]any{"updated": "usr1"}) || !cmp.Equal(got["labels"], map[string]any{"n": "1"}) {
		t.Errorf("state %v", got)
	}
}

// TestWebhooksWithoutEvents are accepted where there is one already, and nowhere else.
func TestWebhooksWithoutEvents(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	empty := r.Put(wingspantest.Preference{URL: changedURL, SharedSecret: otherSecret})
	w := r.configured()
	none := hookValues(values{"url": changedURL, "subscribed_events": []string{}, "shared_secret": nil})
	w.validate(none).want(t)
	h := w.imported(empty.ID)
	w.wantSame(h, w.planned(h, none).instance)
	for _, prior := range []instance{{}, w.applied(instance{}, hookValues())} {
		_, diags := w.plan(prior, hookValues(values{"subscribed_events": []string{}}))
		diags.want(t, "error at subscribed_events: No subscribed events")
	}
}

// TestOwnerThatIsKnownLater: an identity stays as it was when the API returns the owner later than at the create, and nothing is replaced.
func TestOwnerThatIsKnownLater(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.Fail(wingspantest.Fault{Method: http.MethodPost, Commit: true, Body: `{"preferenceId":"later","url":"https://hooks.example.com/a","subscribedEvents":["Invoice.Paid","Invoice.Sent"]}`})
	w := r.configured()
	h := w.applied(instance{}, hookValues())
	r.Put(wingspantest.Preference{ID: "later", URL: "https://hooks.example.com/a", SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}, SharedSecret: fakeSecret})
	for _, settings := range []values{{}, {"user_id": wingspantest.OwnAccount}} {
		w := r.configured(settings)
		h = w.applied(w.refreshed(h), hookValues())
	}
	if got := w.values(h)["user_id"]; got != wingspantest.OwnAccount {
		t.Errorf("user_id is %v", got)
	}
}
