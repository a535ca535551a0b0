package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/numbervalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// preferenceSchema leaves user_id to ModifyPlan, which knows the provider's, and what a PATCH may set, because ModifyPlan alone
// knows whether one is due.
func preferenceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages a Wingspan webhook preference. Wingspan sends the subscribed events to the URL and signs each one with the shared secret (HMAC-SHA256). " +
			"All arguments except `user_id` are updated in place.\n\n" +
			"Set `shared_secret_wo` or `shared_secret` when you create a webhook preference. Neither is required for an imported webhook preference, which keeps its existing secret.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				MarkdownDescription: "URL that receives the events. Must be an absolute `http` or `https` URL. Equivalent URLs (RFC 3986: case of the scheme, host, and percent-encoding, " +
					"dot segments, default port, empty path, punycode) don't produce a diff. URLs that use `http` or contain credentials produce a warning.",
				Required:   true,
				Validators: []validator.String{urlValidator()},
			},
			"subscribed_events": schema.SetAttribute{
				MarkdownDescription: "Names of the events to send. Must contain at least one name, unless you import a webhook preference without events. Names are case-sensitive. " +
					"Use the `wingspan_event_names` data source to list available names. Names that aren't in the state yet are validated during planning " +
					"(refer to `event_name_validation` in the provider configuration).",
				Required:    true,
				ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtMost(maxEvents),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(notEmpty("Use the wingspan_event_names data source to list available names.")),
				},
			},
			"shared_secret": schema.StringAttribute{
				MarkdownDescription: "Secret that signs the events. Stored in the state in plain text; use `shared_secret_wo` instead with Terraform or OpenTofu 1.11 and later. " +
					"Should be at least 16 characters. Conflicts with `shared_secret_wo`.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{secretValidator()},
			},
			"shared_secret_wo": schema.StringAttribute{
				MarkdownDescription: "Write-only secret that signs the events. Never stored in the plan or state. Requires Terraform or OpenTofu 1.11 or later. " +
					"Should be at least 16 characters. Without `shared_secret_wo_version`, the provider detects changes with a salted fingerprint in private state. Conflicts with `shared_secret`.",
				Optional:   true,
				Sensitive:  true,
				WriteOnly:  true,
				Validators: []validator.String{secretValidator()},
			},
			"shared_secret_wo_version": schema.NumberAttribute{
				MarkdownDescription: "Version of `shared_secret_wo`. Change this value to send the secret again. While it stays the same, the provider doesn't detect changes to the secret. " +
					"Use it with ephemeral values that change on every run. Requires `shared_secret_wo`.",
				Optional:   true,
				Validators: []validator.Number{numbervalidator.AlsoRequires(path.MatchRoot("shared_secret_wo"))},
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "ID of the account the webhook preference belongs to, for example a child account. Defaults to the provider's `user_id`, or the token's own account. " +
					"Changing this forces a new resource. Removing it doesn't move the webhook preference back.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{userIDValidator()},
			},
			"allow_duplicate": schema.BoolAttribute{
				MarkdownDescription: "Whether to create this webhook preference even if another one in the account has the same URL and at least one of the same events. " +
					"Wingspan delivers each shared event twice. Useful when you rotate secrets with two webhook preferences. Changing it makes no request. Defaults to `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the webhook preference.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Creation time in RFC 3339 format, for example `2026-01-02T03:04:05.678Z`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"updated_at": schema.StringAttribute{
				MarkdownDescription: "Time of the last update in RFC 3339 format, for example `2026-01-02T03:04:05.678Z`.",
				Computed:            true,
			},
			"labels": schema.MapAttribute{
				MarkdownDescription: "Labels assigned by Wingspan.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"event_actors": schema.MapAttribute{
				MarkdownDescription: "Event actors recorded by Wingspan.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (*preferenceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "ID of the webhook preference.",
				RequiredForImport: true,
			},
			"user_id": identityschema.StringAttribute{
				Description:       "ID of the account the webhook preference belongs to. Defaults to the provider's account.",
				OptionalForImport: true,
			},
		},
	}
}
