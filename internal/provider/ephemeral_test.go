package provider

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// secretsProvider is a provider of ephemeral secrets, in place of random or of a vault: `ephemeral "secrets_value"` gives
// its argument `fixed`, or else a new value each time that it is opened.
type secretsProvider struct{ opened atomic.Int64 }

var _ provider.ProviderWithEphemeralResources = (*secretsProvider)(nil)

// with adds the provider to the rig's.
func (p *secretsProvider) with(factories map[string]func() (tfprotov6.ProviderServer, error)) map[string]func() (tfprotov6.ProviderServer, error) {
	factories["secrets"] = providerserver.NewProtocol6WithError(p)

	return factories
}

// last is the newest value that was made up.
func (p *secretsProvider) last() string { return madeUp(p.opened.Load()) }

func madeUp(n int64) string { return fmt.Sprintf("fake-ephemeral-secret-%04d", n) }

func (*secretsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "secrets"
}

func (*secretsProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*secretsProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (*secretsProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (*secretsProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *secretsProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return &ephemeralSecret{provider: p} }}
}

type ephemeralSecret struct{ provider *secretsProvider }

type ephemeralSecretModel struct {
	Fixed types.String `tfsdk:"fixed"`
	Value types.String `tfsdk:"value"`
}

func (*ephemeralSecret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "secrets_value"
}

func (*ephemeralSecret) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"fixed": schema.StringAttribute{Optional: true},
		"value": schema.StringAttribute{Computed: true, Sensitive: true},
	}}
}

func (s *ephemeralSecret) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model ephemeralSecretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	model.Value = model.Fixed
	if model.Fixed.IsNull() {
		model.Value = types.StringValue(madeUp(s.provider.opened.Add(1)))
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
