package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func (w *providerServer) identityType() tftypes.Type {
	w.t.Helper()
	resp := call(w, w.server.GetResourceIdentitySchemas, &tfprotov6.GetResourceIdentitySchemasRequest{})

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

func (w *providerServer) wantIdentity(h instance, want values) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.identityOf(h.identity)); diff != "" {
		w.t.Errorf("identity (-want +got):\n%s", diff)
	}
}

// importIdentity imports by identity, as Terraform from 1.12 does.
func (w *providerServer) importIdentity(identity values) (instance, diagnostics) {
	w.t.Helper()

	return w.importState(&tfprotov6.ImportResourceStateRequest{
		TypeName: preferenceTypeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: w.encode(w.identityType(), identity)},
	})
}

// TestTheIdentityIsSetByEveryRequestAndNeverChanges, also of a state without one, which an older version wrote.
func TestTheIdentityIsSetByEveryRequestAndNeverChanges(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]any{"own account": nil, "child account": childA} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			w := r.configured()
			config := hookValues(values{"user_id": account})
			h := w.applied(instance{}, config)
			p := r.only()
			want := values{"id": p.ID, "user_id": p.Account}
			w.wantIdentity(h, want)
			for _, older := range []bool{false, true} {
				config = with(config, values{"url": config["url"].(string) + "/more"}) // It is text in hookValues.
				for _, request := range []func(instance) instance{
					w.refreshed, func(h instance) instance { return w.applied(h, config) },
				} {
					if older {
						h.identity = nil
					}
					h = request(h)
					w.wantIdentity(h, want)
				}
			}

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
