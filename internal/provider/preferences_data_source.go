package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*preferencesDataSource)(nil)

func newPreferencesDataSource() datasource.DataSource { return &preferencesDataSource{} }

// preferencesDataSource is wingspan_webhook_preferences.
type preferencesDataSource struct{ dataSourceBase }

type preferencesModel struct {
	UserID      types.String    `tfsdk:"user_id"`
	Preferences []readableModel `tfsdk:"preferences"`
}

func (*preferencesDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = preferenceTypeName + "s"
}

func (*preferencesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the webhook preferences of an account, regardless of who created them. Shared secrets aren't available. " +
			"Wingspan doesn't document a maximum length of this list: it may be incomplete for a very large account.",
		Attributes: map[string]schema.Attribute{
			"user_id": schema.StringAttribute{
				MarkdownDescription: descListUserID,
				Optional:            true,
				Validators:          []validator.String{userIDValidator()},
			},
			"preferences": schema.ListNestedAttribute{
				MarkdownDescription: "Webhook preferences, sorted by creation time and ID.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: readableAttributes()},
			},
		},
	}
}

func (d *preferencesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model preferencesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}

	found, diags := d.data.list(ctx, model.UserID)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Preferences = make([]readableModel, len(found))
	for i := range found {
		model.Preferences[i] = readable(&found[i])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
