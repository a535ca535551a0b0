package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// secretValues is a hook's configuration with just these arguments about the secret.
func secretValues(arguments values) values {
	return hookValues(values{"shared_secret": nil}, arguments)
}

func TestABadSecretIsReportedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config values
		want   []string
	}{
		"plain":      {values{"shared_secret": fakeSecret}, nil},
		"write-only": {values{"shared_secret_wo": fakeSecret}, nil},
		"versioned":  {values{"shared_secret_wo": fakeSecret, "shared_secret_wo_version": 1}, nil},
		"neither":    {values{}, nil},
		"both": {values{"shared_secret": fakeSecret, "shared_secret_wo": otherSecret}, []string{
			"error: Conflicting shared secrets",
		}},
		"version alone": {values{"shared_secret_wo_version": 1}, []string{
			"error at shared_secret_wo_version: Invalid Attribute Combination",
		}},
		"version with a plain one": {values{"shared_secret": fakeSecret, "shared_secret_wo_version": 1}, []string{
			"error at shared_secret_wo_version: Invalid Attribute Combination",
		}},
		"unknown":           {values{"shared_secret_wo": unknown{}}, nil},
		"empty write-only":  {values{"shared_secret_wo": " \t\n"}, []string{"error: Empty shared secret"}},
		"short write-only":  {values{"shared_secret_wo": "fake"}, []string{"warning: Short shared secret"}},
		"with a line break": {values{"shared_secret_wo": fakeSecret + "\n"}, []string{"warning: Shared secret has leading or trailing whitespace"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			diags := r.configured().validate(secretValues(c.config))
			diags.want(t, c.want...)
			for _, v := range c.config {
				if s, ok := v.(string); ok && len(s) > 4 && strings.Contains(diags.text(), strings.TrimSpace(s)) {
					t.Errorf("a diagnostic shows the secret:\n%s", diags.text())
				}
			}
			if n := r.Count("", wingspantest.RouteAny); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestCreatingWithoutASecretFailsThePlan(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	_, diags := r.configured().plan(instance{}, secretValues(values{}))
	diags.want(t, "error: Missing shared secret")
	for _, part := range []string{"shared_secret_wo", "shared_secret", "import"} {
		if !strings.Contains(diags.text(), part) {
			t.Errorf("the error does not speak of %s:\n%s", part, diags.text())
		}
	}
	r.wantWrites()
}

func TestMovingAnImportedHookWithoutASecretToAnotherAccountFailsThePlan(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts("usrChild00000000000001")
	p := r.Put(wingspantest.Preference{URL: "https://hooks.example.com/a", SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}})
	w := r.configured()
	_, diags := w.importID(p.ID)
	diags.want(t)
	// Terraform plans a replacement a second time, as a create.
	_, diags = w.plan(instance{}, secretValues(values{"user_id": "usrChild00000000000001"}))
	diags.want(t, "error: Missing shared secret")
	r.wantWrites()
}

// Terraform before 1.11, which is not installed here, reports in the request that it has no write-only arguments.
func TestACLIWithoutWriteOnlyArgumentsFailsOnlyWhenOneIsSet(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	for name, c := range map[string]struct {
		config values
		want   []string
	}{
		"set":     {values{"shared_secret_wo": fakeSecret}, []string{"error: WriteOnly Attribute Not Allowed"}},
		"not set": {values{"shared_secret": fakeSecret}, []string{}},
	} {
		resp, err := w.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: preferenceTypeName, Config: w.encode(w.preferenceType(), secretValues(c.config)),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: false},
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, diagnostics(resp.Diagnostics).lines()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if text := diagnostics(resp.Diagnostics).text(); len(c.want) > 0 && !strings.Contains(text, "1.11") {
			t.Errorf("the error does not say which version is needed:\n%s", text)
		}
	}

	// The rest of the life of a plain secret needs nothing of what that CLI lacks.
	h, diags := w.apply(instance{}, hookValues())
	diags.want(t)
	h, diags = w.read(h)
	diags.want(t)
	_, diags = w.apply(h, hookValues(values{"shared_secret": otherSecret}))
	diags.want(t)
	r.wantWrites(create, patchSecret)
}
