package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// accountKey is, in private state, the account that the webhook's calls ask to act for: "" sends no X-WINGSPAN-USER.
// user_id cannot say it, because there the token's own account stands with its id as well.
const accountKey = "account"

// accountOf is the account to act for where there is no configuration to ask: in reads and deletes.
func (r *preferenceResource) accountOf(ctx context.Context, owner types.String, private privateReader) string {
	var account string
	if !recall(ctx, private, accountKey, &account) {
		// A state that another tool wrote, or a move: its user_id is all there is.
		return r.data.account(owner)
	}
	if account == "" && r.data.settings.userID != "" && r.data.settings.userID == owner.ValueString() {
		return r.data.settings.userID
	}

	return account
}

// ImportState takes "<id>", "<user_id>/<id>" or an identity. The read that follows finds out whether it exists.
func (r *preferenceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var wanted identityModel
	if req.ID != "" {
		var problem string
		if wanted, problem = parseImportID(req.ID); problem != "" {
			resp.Diagnostics.AddError("Invalid import id", paragraphs(
				fmt.Sprintf("The import id %q %s.", req.ID, problem),
				"It must be <id>, or <user_id>/<id> for a webhook preference of another account. The data source wingspan_webhook_preferences lists the ids."))

			return
		}
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if strings.TrimSpace(wanted.ID.ValueString()) == "" {
			resp.Diagnostics.AddAttributeError(path.Root("id"), "Invalid import identity", "The identity's id is blank. It must be the id of a webhook preference.")

			return
		}
		if problem := userIDProblem(wanted.UserID.ValueString()); !wanted.UserID.IsNull() && problem != "" {
			resp.Diagnostics.AddAttributeError(path.Root("user_id"), "Invalid import identity", "The identity's user_id "+problem)

			return
		}
	}

	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), wanted.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), wanted.UserID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, wanted)...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, accountKey, r.data.account(wanted.UserID))...)
}

// parseImportID returns the parts, or a problem that finishes the sentence "The import id …".
func parseImportID(id string) (identityModel, string) {
	user, preference, both := strings.Cut(id, "/")
	if !both {
		user, preference = "", id
	}

	switch {
	case strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return identityModel{}, "holds a blank or a control character"
	case preference == "":
		return identityModel{}, "has no id"
	case both && user == "":
		return identityModel{}, "has no user_id before the slash"
	case strings.Contains(preference, "/"):
		return identityModel{}, "has more than one slash"
	case both && userIDProblem(user) != "":
		return identityModel{}, "has a user_id that cannot be sent in a header"
	}

	m := identityModel{ID: types.StringValue(preference), UserID: types.StringNull()}
	if both {
		m.UserID = types.StringValue(user)
	}

	return m, ""
}
