// Package provider is the Terraform provider: it turns configuration into calls of package wingspan,
// and their answers into state.
package provider

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
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
	return func() provider.Provider {
		return &wingspanProvider{version: version, commit: commit, getenv: os.Getenv}
	}
}

type wingspanProvider struct {
	version, commit string
	getenv          func(string) string
	// tune lets tests of this package shorten waits.
	tune func(*wingspan.Config)
}

// providerData is what Configure hands to every resource and data source.
type providerData struct {
	webhooks *wingspan.Webhooks
	events   *eventCatalog
	settings settings
}

func (p *wingspanProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (*wingspanProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the webhooks of [Wingspan](https://www.wingspan.app), a payroll platform for contractors: " +
			"which payment and invoice events go to which URL, signed with which secret. " +
			"Every argument can come from an environment variable instead; an argument in the block wins over its variable.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				MarkdownDescription: "The API token that authorizes every call. An administrator makes one in the Wingspan web app under " +
					"**Data & Integrations > Developer**; production and staging have tokens of their own. " +
					"Blanks around it are removed. It is in no state. Environment variable: `WINGSPAN_API_TOKEN`.",
				Optional:  true,
				Sensitive: true,
			},
			"environment": schema.StringAttribute{
				MarkdownDescription: "The Wingspan environment to talk to: `production`, which is the default, or `staging`. " +
					"It cannot stand in one block with `base_url`. Environment variable: `WINGSPAN_ENVIRONMENT`.",
				Optional: true,
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "The address of another server with the same API, for example a test server. It wins over `environment`. " +
					"It must use `https`, except for a loopback host such as `http://127.0.0.1:8080`. Environment variable: `WINGSPAN_BASE_URL`.",
				Optional: true,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "The id of the account to act for wherever a resource or data source names none, for example a child account " +
					"of your organization. The default is the token's own account. Environment variable: `WINGSPAN_USER_ID`.",
				Optional: true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a call that failed for a passing reason (no connection, or status 429, 500, 502, 503 or 504) is repeated, at most: from 0, which turns retries off, to 100. " +
					"The pauses between grow, and honour `Retry-After`. " +
					"The default is 4. Environment variable: `WINGSPAN_MAX_RETRIES`.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of a call may take, as a duration such as `30s` (the default) or `1m30s`. " +
					"Each repetition has that long again. Environment variable: `WINGSPAN_REQUEST_TIMEOUT`.",
				Optional: true,
			},
			"event_name_validation": schema.StringAttribute{
				MarkdownDescription: "What a plan does about an event name that Wingspan's live list does not have: `error`, which is the default, " +
					"`warning`, or `off`, which does not ask for the list. Environment variable: `WINGSPAN_EVENT_NAME_VALIDATION`.",
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

	_, diags := decideSettings(block, func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
}

func (p *wingspanProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	if resp.Diagnostics.HasError() {
		return
	}

	s, diags := decideSettings(block, p.getenv)
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
	var client *wingspan.Client
	// main switches the logs off when nobody asked for any, and then there is nothing to format either.
	if p.getenv("TF_LOG_PROVIDER_WINGSPAN") != "OFF" {
		config.Log = func(ctx context.Context, a wingspan.Attempt) { logAttempt(ctx, client, a) }
	}
	if p.tune != nil {
		p.tune(&config)
	}
	client, err := wingspan.NewClient(config)
	if err != nil {
		resp.Diagnostics.AddError("Invalid provider configuration", "The API client could not be made: "+err.Error()+".")

		return
	}
	tflog.Info(ctx, "configured the Wingspan provider", map[string]any{
		"version": p.version, "commit": p.commit, "base_url": client.BaseURL(),
	})

	webhooks := wingspan.NewWebhooks(client)
	data := &providerData{webhooks: webhooks, events: newEventCatalog(webhooks.EventNames), settings: s}
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
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected provider data",
			fmt.Sprintf("Expected *provider.providerData, got %T. This is always a bug in the provider: please report it to its developers.", handed))}
	}

	return data, nil
}

// account is the account to act for when an object names none of its own, or "" for the token's own.
func (d *providerData) account(userID interface {
	IsNull() bool
	ValueString() string
}) string {
	if !userID.IsNull() {
		return userID.ValueString()
	}

	return d.settings.userID
}

// logAttempt says nothing of headers and bodies. Masking is the second net under that rule.
func logAttempt(ctx context.Context, client *wingspan.Client, a wingspan.Attempt) {
	fields := map[string]any{
		"method": a.Method, "path": a.Path, "status": a.Status,
		"duration_ms": a.Duration.Milliseconds(), "attempt": a.Number,
	}
	if a.Err != nil {
		fields["error"] = a.Err.Error()
	}
	ctx = tflog.MaskLogStrings(ctx, client.Secrets()...)
	tflog.Debug(ctx, "called the Wingspan API", fields)
}
