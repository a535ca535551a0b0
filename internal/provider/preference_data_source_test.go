package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// seeded is a preference that someone made outside of Terraform, and what a data source reads of it.
func seeded(r *harness, account string) (wingspantest.Preference, values) {
	p := r.Put(wingspantest.Preference{
		Account: account, URL: "https://hooks.example.com/a", SharedSecret: foreignSecret,
		SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
		Labels:           map[string]string{"team": "billing"}, EventActors: map[string]string{"member": "usr1"},
		CreatedAt: time.Date(2022, 9, 3, 19, 46, 40, 748e6, time.UTC),
		UpdatedAt: time.Date(2023, 1, 2, 3, 4, 5, 0, time.UTC),
	})

	return p, values{
		"id": p.ID, "user_id": p.Account, "url": p.URL, "subscribed_events": []any{"Invoice.Paid", "Invoice.Sent"},
		"created_at": "2022-09-03T19:46:40.748Z", "updated_at": "2023-01-02T03:04:05.000Z",
		"labels": map[string]any{"team": "billing"}, "event_actors": map[string]any{"member": "usr1"},
	}
}

func TestPreferenceDataSourceReadsAllButTheSecret(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
			own, wantOwn := seeded(r, wingspantest.OwnAccount)
			child, wantChild := seeded(r, childA)

			got, diags := r.configured().data(preferenceTypeName, values{"id": own.ID})
			diags.want(t)
			if diff := cmp.Diff(wantOwn, got); diff != "" {
				t.Errorf("own (-want +got):\n%s", diff)
			}
			got, diags = r.configured().data(preferenceTypeName, values{"id": child.ID, "user_id": childA})
			diags.want(t)
			if diff := cmp.Diff(wantChild, got); diff != "" {
				t.Errorf("child (-want +got):\n%s", diff)
			}
			got, diags = r.configured(values{"user_id": childA}).data(preferenceTypeName, values{"id": child.ID})
			diags.want(t)
			if diff := cmp.Diff(wantChild, got); diff != "" {
				t.Errorf("by the provider's account (-want +got):\n%s", diff)
			}
			for _, req := range r.Requests() {
				if want := strings.HasSuffix(req.Path, child.ID); req.HasAccount != want {
					t.Errorf("%s %s: header %t, want %t", req.Method, req.Path, req.HasAccount, want)
				}
			}
		})
	}
}

func TestPreferenceDataSourceRejectsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	own, _ := seeded(r, wingspantest.OwnAccount)
	w := r.configured()
	for name, c := range map[string]struct {
		config   values
		want     string
		contains []string
	}{
		"unknown id":            {values{"id": "doesNotExist"}, "error: Webhook preference not found", []string{"doesNotExist", "Check the ID", "user_id"}},
		"of another account":    {values{"id": own.ID, "user_id": childA}, "error: Webhook preference not found", []string{own.ID, childA}},
		"an id that is a path":  {values{"id": ".."}, "error at id: Invalid webhook preference ID", []string{"wingspan_webhook_preferences"}},
		"an id with a slash":    {values{"id": "a/b"}, "error: Webhook preference not found", []string{"a/b"}},
		"a blank id":            {values{"id": " "}, "error at id: Invalid Attribute Value Match", []string{"must not be empty"}},
		"a blank account":       {values{"id": own.ID, "user_id": ""}, "error at user_id: Invalid user_id", []string{"must not be empty"}},
		"an id with a question": {values{"id": own.ID + "?x=1"}, "error: Webhook preference not found", []string{"?x=1"}},
	} {
		_, diags := w.data(preferenceTypeName, c.config)
		if diff := cmp.Diff([]string{c.want}, diags.lines()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, part := range c.contains {
			if !strings.Contains(diags.text(), part) {
				t.Errorf("%s: the error doesn't contain %q:\n%s", name, part, diags.text())
			}
		}
	}
	r.wantWrites()
}

func TestAResponseWithoutAnAccountKeepsTheRequestedOne(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	p, _ := seeded(r, childA)
	r.Fail(wingspantest.Fault{Method: "GET", Route: wingspantest.RouteItem, Body: fmt.Sprintf(`{"preferenceId":%q,"url":"https://hooks.example.com/a"}`, p.ID)})
	got, diags := r.configured().data(preferenceTypeName, values{"id": p.ID, "user_id": childA})
	diags.want(t)
	if got["user_id"] != childA {
		t.Errorf("user_id is %v, want %q", got["user_id"], childA)
	}
}
