package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestImportReadsEverythingButTheSecret, and compares with what was created.
func TestImportReadsEverythingButTheSecret(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.seasoned()
	r.edit(func(p *wingspantest.Preference) { p.Labels = map[string]string{"team": "pay"} })()
	r.ResetRequests()
	w := r.wire()
	h, told := w.read(h)
	told.want(t)
	for _, id := range []string{r.only().ID, wingspantest.OwnAccount + "/" + r.only().ID} {
		imported, told := w.importID(id)
		told.want(t)
		if diff := cmp.Diff(with(w.values(h), values{"shared_secret": nil}), w.values(imported)); diff != "" {
			t.Errorf("import of %s (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff(w.identityOf(h.identity), w.identityOf(imported.identity)); diff != "" {
			t.Errorf("identity of %s (-want +got):\n%s", id, diff)
		}
	}
	r.wantWrites()
}

// TestImportBlock takes over what someone made outside of Terraform: with no secret the plan is empty, with one it is set in place.
func TestImportBlock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config values
		plan   string
		writes []string
		secret string
	}{
		{"no secret in the configuration", values{"shared_secret": nil}, noChange, nil, otherSecret},
		{"a secret is set in place", nil, toUpdate, []string{patchSecret}, fakeSecret},
		{"everything differs", values{"url": changedURL, "subscribed_events": []string{"Payout.Failed"}}, toUpdate, []string{"PATCH sharedSecret,subscribedEvents,url"}, fakeSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			made := r.Put(wingspantest.Preference{
				URL: "https://hooks.example.com/a", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
				CreatedAt: time.Now().Add(-time.Hour),
			})
			r.run(step{
				importID: made.ID, config: hookValues(test.config), plan: test.plan, writes: test.writes,
				state: values{"id": made.ID, "allow_duplicate": false},
				after: func() {
					if r.only().SharedSecret != test.secret {
						t.Error("the server holds another secret than it should")
					}
				},
			})
		})
	}
}
