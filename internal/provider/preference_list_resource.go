package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var _ list.ListResourceWithConfigure = (*preferenceListResource)(nil)

func newPreferenceListResource() list.ListResource { return &preferenceListResource{} }

// preferenceListResource lists wingspan_webhook_preference for `terraform query`.
type preferenceListResource struct{ resourceBase }

type preferenceListModel struct {
	UserID types.String `tfsdk:"user_id"`
}

func (*preferenceListResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = preferenceTypeName
}

func (*preferenceListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the webhook preferences of an account for `terraform query` (Terraform 1.14 or later), sorted by creation time. " +
			"With `-generate-config-out`, Terraform generates configuration with import blocks. Shared secrets aren't available.",
		Attributes: map[string]schema.Attribute{
			"user_id": schema.StringAttribute{
				MarkdownDescription: descListUserID,
				Optional:            true,
				Validators:          []validator.String{userIDValidator()},
			},
		},
	}
}

// List reads the account once. The framework leaves the limit and whether to include resources to the provider.
func (r *preferenceListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config preferenceListModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)

		return
	}

	found, diags := r.data.list(ctx, config.UserID)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)

		return
	}
	if req.Limit > 0 && int64(len(found)) > req.Limit {
		found = found[:req.Limit]
	}

	stream.Results = func(push func(list.ListResult) bool) {
		// The warning comes first, because Terraform may stop at the limit. A stream has no place for diagnostics but its results.
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for i := range found {
			if !push(listResult(ctx, req, &found[i])) {
				return
			}
		}
	}
}

func listResult(ctx context.Context, req list.ListRequest, p *wingspan.Preference) list.ListResult {
	model := preferenceModel{readableModel: readable(p), AllowDuplicate: types.BoolValue(false)}

	result := req.NewListResult(ctx)
	result.DisplayName = p.URL
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	}

	return result
}
