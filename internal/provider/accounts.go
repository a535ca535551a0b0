package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// accountSources is what decides which account a request is for.
type accountSources struct {
	// configured is user_id in the configuration: null where it is not set, and where there is no configuration to look at.
	configured types.String
	// owner is user_id in the state: null where it is not known, and for a webhook that isn't in the state.
	owner types.String
	// stored is the account that earlier requests for the webhook named; hasStored is false for a state that another tool wrote, and for
	// a webhook that isn't in the state.
	stored    string
	hasStored bool
}

// existingWebhook returns the sources for a webhook in the state, without the configuration.
func existingWebhook(ctx context.Context, owner types.String, private privateReader) accountSources {
	stored, hasStored := loadPrivate[string](ctx, private, accountKey)

	return accountSources{owner: owner, stored: stored, hasStored: hasStored}
}

// account is what to send as X-WINGSPAN-USER, "" for nothing: the token's own account then acts. defaultAccount is the provider's user_id.
func (s accountSources) account(defaultAccount string) string {
	switch {
	case !s.configured.IsNull():
		return s.configured.ValueString()
	case !s.hasStored && s.owner.IsNull():
		return defaultAccount
	case !s.hasStored:
		return s.owner.ValueString()
	case s.stored == "" && defaultAccount != "" && defaultAccount == s.owner.ValueString():
		return defaultAccount
	default:
		return s.stored
	}
}

// accountFor is the account of a request that is about no webhook in the state: a create, a data source, a list.
func (d *providerData) accountFor(configured types.String) string {
	return accountSources{configured: configured}.account(d.settings.userID)
}

// planUserID is user_id in the plan: as configured, or else the provider's, or else the state's, or else the account of the response.
func planUserID(configured types.String, state *preferenceModel, defaultAccount string) types.String {
	switch {
	case !configured.IsNull():
		return configured
	case defaultAccount != "":
		return types.StringValue(defaultAccount)
	case state != nil:
		return state.UserID
	default:
		return types.StringUnknown()
	}
}
