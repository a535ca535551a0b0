package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func (w *providerServer) identityType() tftypes.Type {
	w.t.Helper()
	resp, err := w.server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		w.t.Fatal(err)
	}

	return resp.IdentitySchemas[preferenceTypeName].ValueType()
}

// identityOf returns the attributes of an identity, nil for none.
func (w *providerServer) identityOf(data *tfprotov6.ResourceIdentityData) values {
	w.t.Helper()
	if data == nil || data.IdentityData == nil {
		return nil
	}

	return w.decode(w.identityType(), data.IdentityData)
}

// importIdentity imports by identity, as Terraform from 1.12 does.
func (w *providerServer) importIdentity(identity values) (instance, diagnostics) {
	w.t.Helper()

	return w.importState(&tfprotov6.ImportResourceStateRequest{
		TypeName: preferenceTypeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: w.encode(w.identityType(), identity)},
	})
}

func TestTheIdentityIsSetByEveryRequestAndNeverChanges(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]any{"own account": nil, "child account": childA} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			w := r.configured()
			config := hookValues(values{"user_id": account})
			h, diags := w.apply(instance{}, config)
			diags.want(t)
			p := r.only()
			want := values{"id": p.ID, "user_id": p.Account}
			check := func(when string) {
				t.Helper()
				if diff := cmp.Diff(want, w.identityOf(h.identity)); diff != "" {
					t.Errorf("after the %s (-want +got):\n%s", when, diff)
				}
			}
			check("create")
			h, diags = w.read(h)
			diags.want(t)
			check("read")
			h, diags = w.apply(h, hookValues(values{"user_id": account, "url": hookURL("b")}))
			diags.want(t)
			check("update")

			// A state that an older version wrote has none.
			h.identity = nil
			h, diags = w.read(h)
			diags.want(t)
			check("read of a state without one")
			h.identity = nil
			h, diags = r.configured().apply(h, config)
			diags.want(t)
			check("update of a state without one")

			h.identity = nil
			r.Remove(p.ID)
			gone, diags := w.read(h)
			diags.want(t, "warning: Webhook preference not found, removing from state")
			if w.values(gone) != nil {
				t.Error("what is gone is still in the state")
			}
		})
	}
}

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// account owns the preference; the provider's and the identity's account are the ones that are asked for.
		account, providers string
		identity           any
	}{
		"own account":            {account: wingspantest.OwnAccount},
		"own account, named":     {account: wingspantest.OwnAccount, identity: wingspantest.OwnAccount},
		"child account":          {account: childA, identity: childA},
		"the provider's account": {account: childA, providers: childA},
		"not the provider's":     {account: childA, providers: childB, identity: childA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA, childB)
			p := r.Put(wingspantest.Preference{
				Account: c.account, URL: "https://hooks.example.com/a", SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
			})
			block := values{}
			if c.providers != "" {
				block["user_id"] = c.providers
			}
			w := r.configured(block)
			h, diags := w.importIdentity(values{"id": p.ID, "user_id": c.identity})
			diags.want(t)
			if diff := cmp.Diff(values{"id": p.ID, "user_id": c.account}, w.identityOf(h.identity)); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
			// What follows plans nothing, and with another URL it goes to the same account.
			config := secretValues(values{"user_id": c.account})
			planned, diags := w.plan(h, config)
			diags.want(t)
			if diff := cmp.Diff(w.values(h), w.values(planned.instance)); diff != "" {
				t.Errorf("the plan after the import (-want +got):\n%s", diff)
			}
			h, diags = w.apply(h, secretValues(values{"user_id": c.account, "url": hookURL("b")}))
			diags.want(t)
			if diff := cmp.Diff(values{"id": p.ID, "user_id": c.account}, w.identityOf(h.identity)); diff != "" {
				t.Errorf("identity after the update (-want +got):\n%s", diff)
			}
			r.wantWrites("PATCH url")
		})
	}
}

func TestImportByABadIdentityImportsNothing(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	p := r.Put(wingspantest.Preference{URL: hookURL("a"), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	for name, c := range map[string]struct {
		identity values
		want     string
		contains []string
	}{
		"of another account": {values{"id": p.ID, "user_id": childA}, "error: Webhook preference not found", []string{p.ID, childA, "user_id"}},
		"out of reach":       {values{"id": p.ID, "user_id": "usrStranger"}, "error: Account access denied", []string{"usrStranger", "no access"}},
		"unknown id":         {values{"id": "doesNotExist"}, "error: Webhook preference not found", []string{"doesNotExist"}},
		"empty id":           {values{"id": " "}, "error at id: Invalid import identity", []string{"must not be empty"}},
		"no id":              {values{"user_id": childA}, "error at id: Invalid import identity", []string{"must not be empty"}},
		"empty account":      {values{"id": p.ID, "user_id": ""}, "error at user_id: Invalid import identity", []string{"must not be empty"}},
		"an odd account":     {values{"id": p.ID, "user_id": "usr\n1"}, "error at user_id: Invalid import identity", []string{"header"}},
	} {
		w := r.configured()
		h, diags := w.importIdentity(c.identity)
		if diff := cmp.Diff([]string{c.want}, diags.lines()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, part := range c.contains {
			if !strings.Contains(diags.text(), part) {
				t.Errorf("%s: the error doesn't contain %q:\n%s", name, part, diags.text())
			}
		}
		if h.state != nil {
			t.Errorf("%s: something was imported", name)
		}
	}
	r.wantWrites()
}

// With neither an id nor an identity there is nothing to import; no CLI asks for it, and it must not panic.
func TestImportOfNothingIsRejected(t *testing.T) {
	t.Parallel()
	w := newHarness(t).configured()
	_, diags := w.importID("")
	if !diags.failed() {
		t.Error("it was imported")
	}
}
