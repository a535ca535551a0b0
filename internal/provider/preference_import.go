package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImportState takes "<id>", "<user_id>/<id>" or an identity. The read that follows finds out whether it exists.
func (r *preferenceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var wanted identityModel
	if req.ID != "" {
		var problem string
		if wanted, problem = parseImportID(req.ID); problem != "" {
			resp.Diagnostics.AddError("Invalid import ID", joinParagraphs(
				fmt.Sprintf("Expected import ID format: <id> or <user_id>/<id>, got: %s, which %s.", quoted(req.ID), problem),
				"Use the wingspan_webhook_preferences data source to list the IDs of an account."))

			return
		}
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if strings.TrimSpace(wanted.ID.ValueString()) == "" {
			resp.Diagnostics.AddAttributeError(path.Root("id"), "Invalid import identity", "The id attribute of the import identity must not be empty.")

			return
		}
		if problem := userIDProblem(wanted.UserID.ValueString()); !wanted.UserID.IsNull() && problem != "" {
			resp.Diagnostics.AddAttributeError(path.Root("user_id"), "Invalid import identity", "The user_id attribute of the import identity "+problem)

			return
		}
	}

	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), wanted.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), wanted.UserID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, wanted)...)
	resp.Diagnostics.Append(savePrivate(ctx, resp.Private, accountKey, r.data.accountFor(wanted.UserID))...)
}

// parseImportID returns the parts, or a problem that finishes the sentence "…, which".
func parseImportID(id string) (identityModel, string) {
	user, preference, both := strings.Cut(id, "/")
	if !both {
		preference = id
	}

	switch {
	case strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return identityModel{}, "contains whitespace or a control character"
	case preference == "":
		return identityModel{}, "has no ID"
	case both && user == "":
		return identityModel{}, "has no user_id before the slash"
	case strings.Contains(id, "://"):
		return identityModel{}, "looks like a URL"
	case strings.Contains(preference, "/"):
		return identityModel{}, "has more than one slash"
	case both && userIDProblem(user) != "":
		return identityModel{}, "has a user_id that contains characters that aren't allowed in an HTTP header"
	}

	m := identityModel{ID: types.StringValue(preference)}
	if both {
		m.UserID = types.StringValue(user)
	}

	return m, ""
}
