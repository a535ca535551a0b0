package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What these say is said of the same attributes in the data sources.
const (
	describeID          = "The id that Wingspan gave the webhook preference. It stays the same as long as the webhook exists."
	describeCreatedAt   = "When the webhook preference was created, as an RFC 3339 time such as `2026-01-02T03:04:05.678Z`."
	describeUpdatedAt   = "When the webhook preference was last changed, as an RFC 3339 time such as `2026-01-02T03:04:05.678Z`."
	describeLabels      = "Labels that Wingspan keeps with the webhook preference. They cannot be set through this API."
	describeEventActors = "The event actors that Wingspan keeps with the webhook preference. They cannot be set through this API."
)

// preferenceSchema leaves user_id, the times and the maps to ModifyPlan, which alone knows whether a request is due.
func preferenceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Registers a webhook: Wingspan sends the subscribed events to the URL and signs each with the shared secret (HMAC-SHA256). " +
			"Everything but `user_id` is changed in place, with one request that carries only what changed.\n\n" +
			"Creating a webhook preference needs `shared_secret` or `shared_secret_wo`. An imported one needs neither: its secret is then left as it is.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				MarkdownDescription: "Where Wingspan sends the events: an absolute `https` or `http` URL with a host. Other spellings of the same URL " +
					"(the case of scheme and host, the default port, an empty path) are no change. A URL with `http`, except to a loopback host, " +
					"and one with a user name in it, give a warning. A change is sent in place.",
				Required:      true,
				CustomType:    urlType{},
				Validators:    []validator.String{urlValidator{}},
				PlanModifiers: []planmodifier.String{keepURLSpelling{}},
			},
			"subscribed_events": schema.SetAttribute{
				MarkdownDescription: "The names of the events to send, at least one, in any order. The data source `wingspan_event_names` lists the names that there are. " +
					"Names are opaque: their spelling counts, capital letters too. At plan, names that are not in the state yet are checked against Wingspan's live list (see `event_name_validation` of the provider). A change is sent in place.",
				Required:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{eventsValidator{}},
			},
			"shared_secret": schema.StringAttribute{
				MarkdownDescription: "The secret that signs the events. It is kept in the state in plain text, so prefer `shared_secret_wo` where the CLI has write-only arguments. " +
					"Fewer than 16 characters give a warning. A change is sent in place.",
				Optional:  true,
				Sensitive: true,
				Validators: []validator.String{
					secretValidator{},
					stringvalidator.ConflictsWith(path.MatchRoot("shared_secret_wo")),
				},
			},
			"shared_secret_wo": schema.StringAttribute{
				MarkdownDescription: "The secret that signs the events, as a write-only argument: it is in no plan and in no state. It needs Terraform or OpenTofu 1.11 or later. " +
					"Fewer than 16 characters give a warning. Without `shared_secret_wo_version` a changed secret is noticed by a salted fingerprint, which the state keeps in its private part; " +
					"with it only the version counts. A change is sent in place.",
				Optional:  true,
				Sensitive: true,
				WriteOnly: true,
				Validators: []validator.String{
					secretValidator{},
					stringvalidator.ConflictsWith(path.MatchRoot("shared_secret")),
				},
			},
			"shared_secret_wo_version": schema.Int64Attribute{
				MarkdownDescription: "A number of your choice. The write-only secret is sent again when it changes, and only then: " +
					"neither a changed secret nor one that was changed outside of Terraform is noticed while it stays. " +
					"Set it when the secret comes from an ephemeral source that differs in each run. It needs `shared_secret_wo`, and with that Terraform or OpenTofu 1.11 or later.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("shared_secret_wo"))},
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "The id of the account that owns the webhook, for example a child account of your organization. " +
					"The default is the provider's `user_id`, or else the token's own account. Changing it deletes the webhook and creates it anew in the other account, and with another `id`.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{userIDValidator{}},
			},
			"allow_duplicate": schema.BoolAttribute{
				MarkdownDescription: "Whether this webhook may be created although another preference of the account has the same URL and shares an event, so that each shared event is delivered twice. " +
					"The default is `false`. It is useful while a secret is rotated with two preferences side by side. Changing it makes no request.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: describeID,
				Computed:            true,
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
		},
	}
}

func (*preferenceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       describeID,
				RequiredForImport: true,
			},
			"user_id": identityschema.StringAttribute{
				Description:       "The id of the account that owns the webhook preference. Without it the provider's account is asked.",
				OptionalForImport: true,
			},
		},
	}
}
