package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var _ datasource.DataSourceWithConfigure = (*preferenceDataSource)(nil)

func newPreferenceDataSource() datasource.DataSource { return &preferenceDataSource{} }

// preferenceDataSource is wingspan_webhook_preference.
type preferenceDataSource struct{ data *providerData }

// readableModel is what can be read of a preference. It has no secret, in whatever form the API shows it.
type readableModel struct {
	ID               types.String `tfsdk:"id"`
	UserID           types.String `tfsdk:"user_id"`
	URL              types.String `tfsdk:"url"`
	SubscribedEvents types.Set    `tfsdk:"subscribed_events"`
	CreatedAt        types.String `tfsdk:"created_at"`
	UpdatedAt        types.String `tfsdk:"updated_at"`
	Labels           types.Map    `tfsdk:"labels"`
	EventActors      types.Map    `tfsdk:"event_actors"`
}

func readable(p *wingspan.Preference) readableModel {
	var m preferenceModel
	m.observe(p)

	return readableModel{
		ID: m.ID, UserID: m.UserID, URL: m.URL.StringValue, SubscribedEvents: m.SubscribedEvents,
		CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Labels: m.Labels, EventActors: m.EventActors,
	}
}

// readableAttributes are readableModel's, but for id and user_id, which are arguments in one place and results in the other.
func readableAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"url": schema.StringAttribute{
			MarkdownDescription: "Where Wingspan sends the events.",
			Computed:            true,
		},
		"subscribed_events": schema.SetAttribute{
			MarkdownDescription: "The names of the events that are sent.",
			Computed:            true,
			ElementType:         types.StringType,
		},
		"created_at": schema.StringAttribute{
			MarkdownDescription: describeCreatedAt,
			Computed:            true,
		},
		"updated_at": schema.StringAttribute{
			MarkdownDescription: describeUpdatedAt,
			Computed:            true,
		},
		"labels": schema.MapAttribute{
			MarkdownDescription: describeLabels,
			Computed:            true,
			ElementType:         types.StringType,
		},
		"event_actors": schema.MapAttribute{
			MarkdownDescription: describeEventActors,
			Computed:            true,
			ElementType:         types.StringType,
		},
	}
}

func (*preferenceDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = preferenceTypeName
}

func (*preferenceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readableAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The id of the webhook preference to read.",
		Required:            true,
		Validators:          []validator.String{idValidator{}},
	}
	attributes["user_id"] = schema.StringAttribute{
		MarkdownDescription: "The id of the account that owns the webhook preference. The default is the provider's `user_id`, or else the token's own account.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{userIDValidator{}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one webhook preference by its id. The secret is not among what is read.",
		Attributes:          attributes,
	}
}

func (d *preferenceDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := dataFrom(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

func (d *preferenceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config readableModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	account, id := d.data.account(config.UserID), strings.TrimSpace(config.ID.ValueString())
	seen, err := d.data.webhooks.Get(ctx, wingspan.Target{ID: id, Account: account}, nil)
	if err != nil {
		resp.Diagnostics.Append(d.data.diagnose(onPreference("read", id, account), err)...)

		return
	}
	model := readable(seen)
	model.ID = config.ID
	if model.UserID.IsNull() {
		model.UserID = config.UserID // Terraform accepts no other answer to what is configured.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
