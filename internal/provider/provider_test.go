package provider

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// TestHeaders asserts all that a request carries, so that one more header is noticed as well as one less.
func TestHeaders(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.AddAccounts("usrChild")
	h, told := r.wire().apply(held{}, hookValues())
	told.want(t)
	_, told = r.wire(values{"user_id": "usrChild"}).apply(held{}, hookValues())
	told.want(t)
	_, told = r.wire().apply(h, hookValues(values{"url": "https://hooks.example.com/b"}))
	told.want(t)

	if n := len(r.Requests()); n < 6 {
		t.Fatalf("%d requests, want a list of names, a list and a create for each account, and an update", n)
	}
	for i, request := range r.Requests() {
		got := map[string]string{}
		for name, v := range request.Header {
			got[name] = strings.Join(v, "; ")
		}
		want := map[string]string{
			"Authorization": "Bearer " + wingspantest.Token, "Accept": "application/json", "Accept-Encoding": "gzip",
			"User-Agent": "terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)",
		}
		if request.Method == http.MethodPost || request.Method == http.MethodPatch {
			want["Content-Type"] = "application/json"
			want["Content-Length"] = got["Content-Length"]
		}
		if request.Method == http.MethodPost {
			want["Connection"] = "close" // A POST goes over a connection of its own.
		}
		if request.HasAccount {
			want["X-Wingspan-User"] = "usrChild"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("headers of request %d, %s %s (-want +got):\n%s", i, request.Method, request.Path, diff)
		}
	}
	accounts := map[string]bool{}
	for _, w := range r.Writes() {
		accounts[w.Method+" "+w.Account] = true
	}
	if got := slices.Sorted(maps.Keys(accounts)); !slices.Equal(got, []string{"PATCH ", "POST ", "POST usrChild"}) {
		t.Errorf("writes for accounts: %q", got)
	}
}

func TestBodiesAreExact(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.wire()
	h, told := w.apply(held{}, hookValues(values{"subscribed_events": []string{"Payout.Failed", "Invoice.Paid"}}))
	told.want(t)
	_, told = w.apply(h, hookValues(values{"url": "https://hooks.example.com/b?c=<d>&e", "subscribed_events": []string{"Invoice.Sent"}, "shared_secret": otherSecret}))
	told.want(t)

	var bodies []string
	for _, w := range r.Writes() {
		bodies = append(bodies, w.Method+" "+string(w.Body))
	}
	want := []string{
		`POST {"url":"https://hooks.example.com/a","sharedSecret":"` + fakeSecret + `","subscribedEvents":["Invoice.Paid","Payout.Failed"]}`,
		`PATCH {"url":"https://hooks.example.com/b?c=\u003cd\u003e\u0026e","sharedSecret":"` + otherSecret + `","subscribedEvents":["Invoice.Sent"]}`,
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
}

// TestMissingTokenFailsOnlyRequests: validate passes without one, and so does a plan that needs no call.
func TestMissingTokenFailsOnlyRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h, told := r.wire().apply(held{}, hookValues())
	told.want(t)
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

			same, told := w.plan(h, hookValues())
			told.want(t)
			if diff := cmp.Diff(w.values(h), w.values(same.held)); diff != "" {
				t.Errorf("a plan without a change (-want +got):\n%s", diff)
			}
			changed, told := w.plan(h, hookValues(values{"shared_secret": otherSecret}))
			told.want(t)
			if got := w.values(changed.held)["updated_at"]; got != (unknown{}) {
				t.Errorf("updated_at is planned as %v", got)
			}

			after, told := w.applyPlan(h, changed, hookValues(values{"shared_secret": otherSecret}))
			told.want(t, "error: "+test.summary)
			if diff := cmp.Diff(w.values(h), w.values(after)); diff != "" {
				t.Errorf("state after the refused update (-want +got):\n%s", diff)
			}
			id, _ := w.values(h)["id"].(string)
			if !strings.Contains(told[0].Detail, test.detail) {
				t.Errorf("it says %s", told[0].Detail)
			}

			for what, told := range map[string]said{
				"read": second(w.read(h)), "delete": second(w.apply(h, nil)), "import": second(w.importID(id)),
				"names":      second(w.data("wingspan_event_names", values{})),
				"preference": second(w.data("wingspan_webhook_preference", values{"id": id})),
				"list":       second(w.data("wingspan_webhook_preferences", values{})),
			} {
				if got := told.lines(); len(got) != 1 || got[0] != "error: "+test.summary || !strings.Contains(told[0].Detail, test.detail) {
					t.Errorf("%s: %q\n%s", what, got, told.text())
				}
			}
			if got := r.Requests(); len(got) > 0 {
				t.Errorf("%d requests were sent", len(got))
			}
		})
	}
}

func second[A any](_ A, told said) said { return told }

// TestCreateWithoutTokenFailsThePlan: only the check of its events is a call, and a plan that cannot be applied is better refused at once.
func TestCreateWithoutTokenFailsThePlan(t *testing.T) {
	t.Parallel()
	r := newRig(t)
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
			p, told := w.plan(held{}, hookValues())
			told.want(t, test.plan...)
			if told.failed() {
				return
			}
			h, told := w.applyPlan(held{}, p, hookValues())
			told.want(t, test.apply...)
			if w.values(h) != nil {
				t.Errorf("state: %v", w.values(h))
			}
			if got := r.Requests(); len(got) > 0 {
				t.Errorf("%d requests were sent", len(got))
			}
		})
	}
}

func TestWrongProviderDataIsOurBug(t *testing.T) {
	t.Parallel()
	if data, diags := dataFrom(nil); data != nil || len(diags) > 0 {
		t.Errorf("in the validate walk: %v, %v", data, diags)
	}
	right := &providerData{}
	if data, diags := dataFrom(right); data != right || len(diags) > 0 {
		t.Errorf("after Configure: %v, %v", data, diags)
	}
	for _, wrong := range []any{"text", providerData{}, http.DefaultClient} {
		data, diags := dataFrom(wrong)
		if data != nil {
			t.Errorf("%T was taken", wrong)
		}
		wantLines(t, diags, "error: Unexpected provider data")
	}
	_, diags := dataFrom("text")
	if want := "Expected *provider.providerData, got string. This is always a bug in the provider: please report it to its developers."; diags[0].Detail() != want {
		t.Errorf("\n got %q\nwant %q", diags[0].Detail(), want)
	}
}
