package provider

import (
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestRequestsNameTheVersions of the provider and of Terraform. The client's tests have every other header.
func TestRequestsNameTheVersions(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	_, diags := r.configured().data("wingspan_event_names", values{})
	diags.want(t)
	if got, want := r.Requests()[0].Header.Get("User-Agent"), "terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMissingTokenFailsOnlyRequests: validate passes without one, and so does a plan that needs no call.
func TestMissingTokenFailsOnlyRequests(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	h := r.configured().applied(instance{}, hookValues())
	r.ResetRequests()

	for _, test := range []struct {
		name    string
		token   any
		summary string
		detail  string
	}{
		{"none", nil, "Missing Wingspan API token", "or the WINGSPAN_API_TOKEN environment variable"},
		{"empty", " ", "Missing Wingspan API token", "is set to an empty string, which overrides WINGSPAN_API_TOKEN"},
		{"unknown", unknown{}, "Unknown Wingspan API token", "because api_token depends on values that are known only after apply"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := r.unconfigured()
			w.validate(hookValues()).want(t)
			w.configure(r.block(values{"api_token": test.token})).want(t)
			w.validate(hookValues()).want(t)

			w.wantSame(h, w.planned(h, hookValues()).instance)
			changed := w.planned(h, hookValues(values{"shared_secret": otherSecret}))
			if got := w.values(changed.instance)["updated_at"]; got != (unknown{}) {
				t.Errorf("updated_at is planned as %v", got)
			}

			after, diags := w.applyPlan(h, changed, hookValues(values{"shared_secret": otherSecret}))
			diags.want(t, "error: "+test.summary)
			w.wantSame(h, after)
			id, _ := w.values(h)["id"].(string)
			diags.wantText(t, test.detail)

			results := w.reads(id, nil)
			results["read"], results["delete"], results["import"] = second(w.read(h)), second(w.apply(h, nil)), second(w.importID(id))
			for what, diags := range results {
				if diags.want(t, "error: "+test.summary); t.Failed() {
					t.Fatal(what)
				}
				diags.wantText(t, test.detail)
			}
			r.wantAsked(wingspantest.RouteAny, 0)
		})
	}
}

// TestCreateWithoutTokenFailsThePlan: only the check of its events is a call, and a plan that cannot be applied is better refused at once.
func TestCreateWithoutTokenFailsThePlan(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, test := range []struct {
		name     string
		settings values
		plan     []string
		apply    []string
	}{
		{"missing", values{"api_token": nil}, []string{"error: Missing Wingspan API token"}, nil},
		{"missing, names unchecked", values{"api_token": nil, "event_name_validation": "off"}, []string{"error: Missing Wingspan API token"}, nil},
		{"unknown", values{"api_token": unknown{}}, nil, []string{"error: Unknown Wingspan API token"}},
		{"unknown server", values{"base_url": unknown{}}, nil, []string{"error: Unknown provider configuration"}},
		{"unknown account", values{"user_id": unknown{}}, nil, []string{"error: Unknown provider configuration"}},
		{"unknown environment", values{"base_url": nil, "environment": unknown{}}, nil, []string{"error: Unknown provider configuration"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := r.unconfigured()
			w.configure(r.block(test.settings)).want(t)
			p, diags := w.plan(instance{}, hookValues())
			diags.want(t, test.plan...)
			if diags.failed() {
				return
			}
			h, diags := w.applyPlan(instance{}, p, hookValues())
			diags.want(t, test.apply...)
			if w.values(h) != nil {
				t.Errorf("state: %v", w.values(h))
			}
			r.wantAsked(wingspantest.RouteAny, 0)
		})
	}
}

func TestWrongProviderDataIsOurBug(t *testing.T) {
	t.Parallel()
	if data, diags := dataFrom(nil); data != nil || len(diags) > 0 {
		t.Errorf("in the validate walk: %v, %v", data, diags)
	}
	data, diags := dataFrom(providerData{})
	reported(diags).want(t, "error: Unexpected provider data")
	reported(diags).wantText(t, "Expected *provider.providerData, got provider.providerData. This is always a bug in the provider: please report it to its developers.")
	if data != nil {
		t.Error("it was taken")
	}
}
