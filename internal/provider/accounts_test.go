package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestWhichAccountARequestIsFor.
func TestWhichAccountARequestIsFor(t *testing.T) {
	t.Parallel()
	text, null := types.StringValue, types.StringNull()
	for _, test := range []struct {
		name     string
		sources  accountSources
		provider string
		want     string
	}{
		{"set nowhere", accountSources{configured: null}, "", ""},
		{"the provider's", accountSources{configured: null}, "usrP", "usrP"},
		{"configured", accountSources{configured: text("usrC")}, "usrP", "usrC"},
		{"configured, for a webhook of the state", accountSources{configured: text("usrC"), existing: true, owner: text("usrO"), stored: "usrS", hasStored: true}, "usrP", "usrC"},
		{"as before", accountSources{configured: null, existing: true, owner: text("usrO"), stored: "usrO", hasStored: true}, "usrP", "usrO"},
		{"the token's own, as before", accountSources{configured: null, existing: true, owner: text("usrO"), hasStored: true}, "usrP", ""},
		{"the token's own before, and now the provider's", accountSources{configured: null, existing: true, owner: text("usrP"), hasStored: true}, "usrP", "usrP"},
		{"a state that another tool wrote", accountSources{configured: null, existing: true, owner: text("usrO")}, "usrP", "usrO"},
		{"a state that another tool wrote without an owner", accountSources{configured: null, existing: true, owner: null}, "usrP", "usrP"},
	} {
		if got := test.sources.account(test.provider); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestPlannedUserID: user_id keeps the state's account when the argument is removed.
func TestPlannedUserID(t *testing.T) {
	t.Parallel()
	text, null, unknown := types.StringValue, types.StringNull(), types.StringUnknown()
	state := func(userID types.String) *preferenceModel {
		return &preferenceModel{readableModel: readableModel{UserID: userID}}
	}
	for _, test := range []struct {
		name       string
		configured types.String
		state      *preferenceModel
		provider   string
		want       types.String
	}{
		{"create", null, nil, "", unknown},
		{"create for the provider's", null, nil, "usrP", text("usrP")},
		{"create, configured", text("usrC"), nil, "usrP", text("usrC")},
		{"create, not known yet", unknown, nil, "usrP", unknown},
		{"removed from the configuration", null, state(text("usrS")), "", text("usrS")},
		{"an API that returns none", null, state(null), "", null},
		{"the provider's is another one now", null, state(text("usrS")), "usrP", text("usrP")},
	} {
		if got := planUserID(test.configured, test.state, test.provider); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
