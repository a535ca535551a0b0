package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var _ datasource.DataSourceWithConfigure = (*preferenceDataSource)(nil)

func newPreferenceDataSource() datasource.DataSource { return &preferenceDataSource{} }

// preferenceDataSource is wingspan_webhook_preference.
type preferenceDataSource struct{ dataSourceBase }

// readableAttributes are readableModel's: what the resource computes, with the same description, and what it takes.
func readableAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"user_id": schema.StringAttribute{
			MarkdownDescription: "ID of the account the webhook preference belongs to.",
			Computed:            true,
		},
		"url": schema.StringAttribute{
			MarkdownDescription: "URL that receives the events.",
			Computed:            true,
		},
		"subscribed_events": schema.SetAttribute{
			MarkdownDescription: "Names of the events that Wingspan sends.",
			Computed:            true,
			ElementType:         types.StringType,
		},
	}
	for name, a := range preferenceSchema().Attributes {
		if a.IsOptional() || !a.IsComputed() {
			continue
		}
		if m, ok := a.(resourceschema.MapAttribute); ok {
			attributes[name] = schema.MapAttribute{MarkdownDescription: a.GetMarkdownDescription(), Computed: true, ElementType: m.ElementType}
		} else {
			attributes[name] = schema.StringAttribute{MarkdownDescription: a.GetMarkdownDescription(), Computed: true}
		}
	}

	return attributes
}

func (*preferenceDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = preferenceTypeName
}

func (*preferenceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readableAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "ID of the webhook preference to read.",
		Required:            true,
		Validators:          []validator.String{notEmpty("Use the wingspan_webhook_preferences data source to list the IDs of an account.")},
	}
	attributes["user_id"] = schema.StringAttribute{
		MarkdownDescription: "ID of the account the webhook preference belongs to. Defaults to the provider's `user_id`, or the token's own account.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{userIDValidator()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a webhook preference by its ID. The shared secret isn't available.",
		Attributes:          attributes,
	}
}

func (d *preferenceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config readableModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	account, id := d.data.accountFor(config.UserID), strings.TrimSpace(config.ID.ValueString())
	seen, err := d.data.webhooks.Get(ctx, wingspan.Target{ID: id, Account: account}, nil)
	if err != nil {
		resp.Diagnostics.Append(d.data.diagnose(operation{verb: "read", object: preferenceLabel(id), account: account}, err)...)

		return
	}
	model := readable(seen)
	model.ID = config.ID
	if model.UserID.IsNull() {
		model.UserID = config.UserID // Terraform accepts no other result for what is configured.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
