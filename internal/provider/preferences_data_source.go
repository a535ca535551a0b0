package provider

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var _ datasource.DataSourceWithConfigure = (*preferencesDataSource)(nil)

func newPreferencesDataSource() datasource.DataSource { return &preferencesDataSource{} }

// preferencesDataSource is wingspan_webhook_preferences.
type preferencesDataSource struct{ data *providerData }

type preferencesModel struct {
	UserID      types.String    `tfsdk:"user_id"`
	Preferences []readableModel `tfsdk:"preferences"`
}

func (*preferencesDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = preferenceTypeName + "s"
}

func (*preferencesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readableAttributes()
	attributes["id"] = schema.StringAttribute{MarkdownDescription: describeID, Computed: true}
	attributes["user_id"] = schema.StringAttribute{MarkdownDescription: "The id of the account that owns the webhook preference.", Computed: true}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the webhook preferences of an account, whoever made them. Secrets are not among what is read. " +
			"Nothing is documented about the length of the list: of a very large account Wingspan may not show everything.",
		Attributes: map[string]schema.Attribute{
			"user_id": schema.StringAttribute{
				MarkdownDescription: describeDataSourceUserID,
				Optional:            true,
				Validators:          []validator.String{userIDValidator{}},
			},
			"preferences": schema.ListNestedAttribute{
				MarkdownDescription: "The webhook preferences, in the order of their creation, and of their ids where they were created at the same time.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

func (d *preferencesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := dataFrom(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

func (d *preferencesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model preferencesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}

	account := d.data.account(model.UserID)
	found, err := d.data.webhooks.List(ctx, account)
	if err != nil {
		resp.Diagnostics.Append(d.data.diagnose(listing(account), err)...)

		return
	}
	preferences := found.Preferences
	sortByCreation(preferences)
	model.Preferences = make([]readableModel, len(preferences))
	for i := range preferences {
		model.Preferences[i] = readable(&preferences[i])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func listing(account string) operation {
	return operation{verb: "list", object: "the webhook preferences", account: account}
}

// sortByCreation compares times as times: the API promises no fixed number of digits. What has no time comes first.
func sortByCreation(list []wingspan.Preference) {
	at := func(p wingspan.Preference) time.Time {
		t, err := time.Parse(time.RFC3339, p.CreatedAt)
		if err != nil {
			return time.Time{}
		}

		return t
	}
	slices.SortFunc(list, func(a, b wingspan.Preference) int {
		return cmp.Or(at(a).Compare(at(b)), strings.Compare(a.ID, b.ID))
	})
}
