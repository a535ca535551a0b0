package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*eventNamesDataSource)(nil)

func newEventNamesDataSource() datasource.DataSource { return &eventNamesDataSource{} }

// eventNamesDataSource is wingspan_event_names.
type eventNamesDataSource struct{ dataSourceBase }

type eventNamesModel struct {
	UserID types.String `tfsdk:"user_id"`
	Names  []string     `tfsdk:"names"`
}

func (*eventNamesDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName + "_event_names"
}

func (*eventNamesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the names of the events that an account can subscribe to. Wingspan changes the list over time, " +
			"so a configuration that subscribes to all of them may plan a change without being edited.",
		Attributes: map[string]schema.Attribute{
			"user_id": schema.StringAttribute{
				MarkdownDescription: descListUserID,
				Optional:            true,
				Validators:          []validator.String{userIDValidator()},
			},
			"names": schema.ListAttribute{
				MarkdownDescription: "Event names, sorted and without duplicates.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *eventNamesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model eventNamesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}

	account := d.data.accountFor(model.UserID)
	names, err := d.data.webhooks.EventNames(ctx, account)
	if err != nil {
		resp.Diagnostics.Append(d.data.diagnose(operation{verb: "read", object: "the list of event names", account: account}, err)...)

		return
	}
	model.Names = names
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
