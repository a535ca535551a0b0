package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// originKey is, in private state, where and when the webhook preference was registered.
const originKey = "origin"

// origin is what proves later that a 404 is about this webhook preference.
type origin struct {
	// Server is the base URL that answered last.
	Server string `json:"server,omitempty"`
	// Created is set for what this provider created.
	Created wingspan.Moment `json:"created,omitzero"`
}

// target is the webhook preference of the state, with what private state knows of it.
func (r *preferenceResource) target(ctx context.Context, state preferenceModel, account string, private privateReader) (wingspan.Target, origin) {
	var from origin
	recall(ctx, private, originKey, &from)

	return wingspan.Target{
		ID: state.ID.ValueString(), Account: account, Owner: state.UserID.ValueString(),
		Server: from.Server, CreatedAt: state.CreatedAt.ValueString(), Created: from.Created,
	}, from
}

// rememberOrigin keeps the server and the account that have answered.
func (r *preferenceResource) rememberOrigin(ctx context.Context, private privateWriter, from origin, p *wingspan.Preference) diag.Diagnostics {
	from.Server = r.data.webhooks.Client().BaseURL()
	if !p.Created.Local.IsZero() {
		from.Created = p.Created
	}
	diags := remember(ctx, private, originKey, from)

	return append(diags, remember(ctx, private, accountKey, p.Account)...)
}
