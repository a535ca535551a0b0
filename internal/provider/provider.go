// Package provider is the Terraform provider: it turns configuration into requests of package wingspan,
// and their responses into state.
package provider

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const (
	// Address is where the registries know this provider. An owner who moves it changes the namespace here and
	// NAMESPACE in the GNUmakefile.
	Address = "registry.terraform.io/" + namespace + "/wingspan"

	namespace = "wingspanhq"
	typeName  = "wingspan"
)

var (
	_ provider.Provider                   = (*wingspanProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*wingspanProvider)(nil)
	_ provider.ProviderWithListResources  = (*wingspanProvider)(nil)
)

// New returns the provider's constructor. The version goes into the user agent, the commit into the log.
func New(version, commit string) func() provider.Provider {
	return func() provider.Provider { return newProvider(version, commit) }
}

func newProvider(version, commit string) *wingspanProvider {
	cacheDir, _ := os.UserCacheDir() // Without one, nothing is kept there.

	return &wingspanProvider{version: version, commit: commit, getenv: os.Getenv, cacheDir: cacheDir}
}

type wingspanProvider struct {
	version, commit, cacheDir string
	getenv                    func(string) string
	// configOverride lets tests of this package shorten waits.
	configOverride func(*wingspan.Config)

	// configured is what Configure made last, and nil before. A debugged process serves several runs, and is configured for each.
	configured atomic.Pointer[providerData]
}

// providerData is what Configure hands to every resource and data source.
type providerData struct {
	settings settings
	webhooks *wingspan.Webhooks
	events   *eventCatalog
	echo     echoProbe
	run      *run
	accepted acceptedDuplicates
	// explained is what messages of this run have explained, with the operation that it was explained for.
	explained sync.Map
	// access has a func() bool for each account whose list was refused: whether the token has access to the account.
	access sync.Map
}

func (p *wingspanProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (*wingspanProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Use the Wingspan provider to manage webhook preferences in [Wingspan](https://www.wingspan.app), a payroll platform for contractors. " +
			"A webhook preference registers the URL that receives payment and invoice events and the shared secret that signs them. " +
			"Every argument can also be set with an environment variable; a value in the provider block takes precedence.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Wingspan API token. An administrator generates tokens under **Data & Integrations > Developer**; production and staging use separate tokens. " +
					"Leading and trailing whitespace is removed. Never stored in state. Can also be set with the `WINGSPAN_API_TOKEN` environment variable.",
				Optional:  true,
				Sensitive: true,
			},
			"environment": schema.StringAttribute{
				MarkdownDescription: "Wingspan environment. Valid values are `production` and `staging`. Defaults to `production`. Conflicts with `base_url`, wherever each of them is set. " +
					"Can also be set with the `WINGSPAN_ENVIRONMENT` environment variable.",
				Optional: true,
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Base URL of the Wingspan API, for example of a test server. Conflicts with `environment`, wherever each of them is set. " +
					"Must use `https`, except for loopback addresses such as `http://127.0.0.1:8080`. Can also be set with the `WINGSPAN_BASE_URL` environment variable.",
				Optional: true,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "Default account ID for resources and data sources that don't set `user_id`, for example a child account of your organization. " +
					"Defaults to the token's own account. Can also be set with the `WINGSPAN_USER_ID` environment variable.",
				Optional: true,
			},
			"max_retries": schema.NumberAttribute{
				MarkdownDescription: "Maximum number of retries for requests that fail with a transient error (connection errors and HTTP 429, 500, 502, 503, and 504). " +
					"Must be between `0` (disables retries) and `100`. Defaults to `4`. Can also be set with the `WINGSPAN_MAX_RETRIES` environment variable.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout for each request attempt, as a duration string such as `30s` or `1m30s`. Each retry has its own timeout. Defaults to `30s`. " +
					"Can also be set with the `WINGSPAN_REQUEST_TIMEOUT` environment variable.",
				Optional: true,
			},
			"event_name_validation": schema.StringAttribute{
				MarkdownDescription: "How to report event names that aren't in Wingspan's current list. Valid values are `error`, `warning`, and `off` (skips the lookup). Defaults to `error`. " +
					"Can also be set with the `WINGSPAN_EVENT_NAME_VALIDATION` environment variable.",
				Optional: true,
			},
		},
	}
}

// ValidateConfig finds what is wrong in the block by itself, so that `validate` sees it without any environment.
func (*wingspanProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var block providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	if resp.Diagnostics.HasError() {
		return
	}

	_, diags := resolveSettings(block, func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
}

func (p *wingspanProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	if resp.Diagnostics.HasError() {
		return
	}

	s, diags := resolveSettings(block, p.getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	config := wingspan.Config{
		BaseURL:        s.baseURL,
		Token:          s.token,
		UserAgent:      fmt.Sprintf("terraform-provider-wingspan/%s (+Terraform/%s)", p.version, req.TerraformVersion),
		MaxRetries:     s.maxRetries,
		RequestTimeout: s.requestTimeout,
	}
	// main switches the logs off when no one asked for any, and then there is nothing to format either.
	if p.getenv("TF_LOG_PROVIDER_WINGSPAN") != "OFF" {
		config.Log = logAttempt
	}
	if p.configOverride != nil {
		p.configOverride(&config)
	}
	client, err := wingspan.NewClient(config)
	if err != nil {
		resp.Diagnostics.AddError("Invalid provider configuration", "Could not create the API client: "+err.Error()+".")

		return
	}
	tflog.Info(ctx, "Configured Wingspan provider", map[string]any{
		"version": p.version, "commit": p.commit, "base_url": client.BaseURL(),
	})

	webhooks := wingspan.NewWebhooks(client)
	data := &providerData{
		settings: s, webhooks: webhooks, events: newEventCatalog(webhooks.EventNames),
		run: newRun(req.TerraformVersion), accepted: newAcceptedDuplicates(client.BaseURL(), p.cacheDir, terraformDataDir(p.getenv)),
	}
	p.configured.Store(data)
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
}

func (*wingspanProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newPreferenceResource}
}

func (*wingspanProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newEventNamesDataSource, newPreferenceDataSource, newPreferencesDataSource}
}

func (*wingspanProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newPreferenceListResource}
}

// dataFrom takes what Configure handed out. It is nil in the validate walk, where nothing is configured.
func dataFrom(handed any) (*providerData, diag.Diagnostics) {
	if handed == nil {
		return nil, nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		return nil, errorDiag(path.Empty(), "Unexpected provider data",
			fmt.Sprintf("Expected *provider.providerData, got %T. This is always a bug in the provider: please report it to its developers.", handed))
	}

	return data, nil
}

// resourceBase is the part of a resource or list resource that takes what Configure handed out.
type resourceBase struct{ data *providerData }

func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.data, resp.Diagnostics = dataFrom(req.ProviderData)
}

// dataSourceBase is the same part of a data source.
type dataSourceBase struct{ data *providerData }

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.data, resp.Diagnostics = dataFrom(req.ProviderData)
}

// addSecrets keeps the secrets out of every error and log from now on.
func (d *providerData) addSecrets(s secretModel) {
	d.webhooks.Client().AddSecrets(s.SharedSecret.ValueString(), s.SharedSecretWO.ValueString())
}

// logAttempt logs neither headers nor bodies. The path and the error are the client's own words.
func logAttempt(ctx context.Context, a wingspan.Attempt) {
	fields := map[string]any{
		"method": a.Method, "path": a.Path, "status": a.Status,
		"duration_ms": a.Duration.Milliseconds(), "attempt": a.Number,
	}
	if a.Err != nil {
		fields["error"] = a.Err.Error()
	}
	tflog.Debug(ctx, "Wingspan API request", fields)
}
