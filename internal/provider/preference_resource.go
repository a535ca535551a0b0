package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var (
	_ resource.ResourceWithConfigure   = (*preferenceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*preferenceResource)(nil)
	_ resource.ResourceWithIdentity    = (*preferenceResource)(nil)
	_ resource.ResourceWithImportState = (*preferenceResource)(nil)
)

const preferenceTypeName = typeName + "_webhook_preference"

func newPreferenceResource() resource.Resource { return &preferenceResource{} }

// preferenceResource is wingspan_webhook_preference.
type preferenceResource struct{ data *providerData }

func (*preferenceResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = preferenceTypeName
}

func (*preferenceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = preferenceSchema()
}

func (r *preferenceResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := dataFrom(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

func (r *preferenceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan preferenceModel
	resp.Diagnostics.Append(config.read(ctx, req.Config)...)
	resp.Diagnostics.Append(plan.read(ctx, req.Plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	secrets := config.secrets()
	r.data.conceal(secrets)
	account := r.data.account(config.UserID)

	options := wingspan.CreateOptions{AllowDuplicate: plan.AllowDuplicate.ValueBool()}
	created, err := r.data.webhooks.Create(ctx, account, plan.toNew(secrets.value()), options)
	if err != nil {
		resp.Diagnostics.Append(r.data.diagnose(operation{
			verb: "create", object: "a webhook preference for " + plan.URL.ValueString(), account: account, write: true, secret: secrets.attribute(),
		}, err)...)
	}
	if created == nil {
		return
	}

	// From here on the webhook exists, and only the state keeps it from being forgotten.
	if err != nil && account != "" && created.UserID != "" {
		// It may be in another account than planned, and has to be removed where it is.
		created.Account = created.UserID
		plan.UserID = types.StringValue(created.UserID)
	}
	resp.Diagnostics.Append(warnOfDifferences(plan, created)...)
	plan.fillUnknown(created)
	resp.Diagnostics.Append(plan.write(ctx, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, secretKey, secrets.sent(created))...)
	resp.Diagnostics.Append(r.rememberOrigin(ctx, resp.Private, origin{}, created)...)
}

func (r *preferenceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state preferenceModel
	resp.Diagnostics.Append(state.read(ctx, req.State)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.conceal(state.secrets())
	account := r.accountOf(ctx, state.UserID, req.Private)
	var memory secretMemory
	recall(ctx, req.Private, secretKey, &memory)
	importing := state.URL.IsNull()

	var matches func(wingspan.Preference) bool
	if !importing {
		matches = func(p wingspan.Preference) bool {
			return state.looksLike(&p) && !memory.drifted(state.SharedSecret, p.SharedSecret) && (!memory.Echoes || !blind(p.SharedSecret))
		}
	}
	target, from := r.target(ctx, state, account, req.Private)
	seen, err := r.data.webhooks.Get(ctx, target, matches)
	op := onPreference("read", state.ID.ValueString(), account)
	switch {
	case wingspan.IsGone(err) && importing:
		op.verb = "import"
		resp.Diagnostics.Append(explainMove(ctx, req.Private, r.data.diagnose(op, err))...)

		return
	case wingspan.IsGone(err):
		// The framework wants an identity even for what is gone, and states written by other versions have none.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		resp.Diagnostics.Append(warnGone(state, err)...)
		resp.State.RemoveResource(ctx)

		return
	case err != nil:
		resp.Diagnostics.Append(explainMove(ctx, req.Private, r.data.diagnose(op, err))...)

		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, movedKey, nil)...)
	if seen.Account != account || from.Server != r.data.webhooks.Client().BaseURL() {
		resp.Diagnostics.Append(r.rememberOrigin(ctx, resp.Private, from, seen)...)
	}

	switch {
	case memory.Echoes && blind(seen.SharedSecret):
		// It echoes a secret when it is written, and hides it from those who read.
		memory.Echoes = false
		resp.Diagnostics.Append(remember(ctx, resp.Private, secretKey, memory)...)
	case memory.drifted(state.SharedSecret, seen.SharedSecret):
		// Null is what makes a plan show that the secret has to be set again, without showing either of the two.
		state.SharedSecret = types.StringNull()
		memory.Fingerprint, memory.Drifted = nil, true
		resp.Diagnostics.Append(remember(ctx, resp.Private, secretKey, memory)...)
	}
	state.observe(seen)
	resp.Diagnostics.Append(state.write(ctx, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

func (r *preferenceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state preferenceModel
	resp.Diagnostics.Append(config.read(ctx, req.Config)...)
	resp.Diagnostics.Append(plan.read(ctx, req.Plan)...)
	resp.Diagnostics.Append(state.read(ctx, req.State)...)
	if resp.Diagnostics.HasError() {
		return
	}
	secrets := config.secrets()
	r.data.conceal(secrets)
	r.data.conceal(state.secrets())
	account := r.plannedAccount(ctx, config, &state, req.Private)
	var memory secretMemory
	recall(ctx, req.Private, secretKey, &memory)

	var secret *wingspan.Secret
	if secrets.due(state.SharedSecret, state.SharedSecretWOVersion, memory) {
		value := secrets.value()
		secret = &value
	}
	change := plan.toChange(state, secret)
	if change.Empty() {
		plan.fillUnknownFrom(state)
	} else {
		op := onPreference("update", state.ID.ValueString(), account)
		op.write, op.secret = true, secrets.attribute()
		target, from := r.target(ctx, state, account, req.Private)
		updated, err := r.data.webhooks.Update(ctx, target, change)
		if err != nil {
			resp.Diagnostics.Append(r.data.diagnose(op, err)...)

			return
		}
		if secret != nil {
			memory = r.learn(ctx, target, secrets, memory, updated)
			resp.Diagnostics.Append(remember(ctx, resp.Private, secretKey, memory)...)
		}
		resp.Diagnostics.Append(warnOfDifferences(plan, updated)...)
		resp.Diagnostics.Append(r.rememberOrigin(ctx, resp.Private, from, updated)...)
		plan.fillUnknown(updated)
	}

	resp.Diagnostics.Append(plan.write(ctx, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *preferenceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state preferenceModel
	resp.Diagnostics.Append(state.read(ctx, req.State)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.conceal(state.secrets())
	account := r.accountOf(ctx, state.UserID, req.Private)

	target, _ := r.target(ctx, state, account, req.Private)
	if err := r.data.webhooks.Delete(ctx, target); err != nil {
		op := onPreference("delete", state.ID.ValueString(), account)
		op.write = true
		resp.Diagnostics.Append(r.data.diagnose(op, err)...)
	}
}

// learn is what to remember after the secret was sent. An API may echo a secret when it is written and show something else
// when it is read. That would be mended for ever, so that after the first mending a read decides.
func (r *preferenceResource) learn(ctx context.Context, target wingspan.Target, secrets secretForms, before secretMemory, updated *wingspan.Preference) secretMemory {
	memory := secrets.sent(updated)
	if !before.Drifted || !memory.Echoes {
		return memory
	}
	read, err := r.data.webhooks.GetExact(ctx, target)
	memory.Echoes = err == nil && read.SharedSecret != nil && *read.SharedSecret == secrets.value()

	return memory
}

// conceal keeps the secrets out of every error and log from now on.
func (d *providerData) conceal(s secretForms) {
	d.webhooks.Client().AddSecrets(s.plain.ValueString(), s.writeOnly.ValueString())
}

func warnOfDifferences(plan preferenceModel, p *wingspan.Preference) diag.Diagnostics {
	names := plan.differences(p)
	if len(names) == 0 {
		return nil
	}

	return diag.Diagnostics{diag.NewWarningDiagnostic("Wingspan answered with other values",
		paragraphs(fmt.Sprintf("Wingspan accepted %s, and answered with another value for %s than was sent.", preferenceNamed(p.ID), strings.Join(names, " and ")),
			"Run `terraform plan`: it reads what is registered and shows the difference, if there still is one."))}
}

func warnGone(state preferenceModel, err error) diag.Diagnostics {
	var apiErr *wingspan.APIError
	came := ""
	if errors.As(err, &apiErr) {
		came = fmt.Sprintf("Wingspan answered %d: %s", apiErr.Status, quoted(apiErr.Message))
	}

	return diag.Diagnostics{diag.NewWarningDiagnostic("Webhook preference is gone",
		paragraphs(fmt.Sprintf("The %s for %s was deleted outside of Terraform, so it is removed from the state.", preferenceNamed(state.ID.ValueString()), state.URL.ValueString()),
			came, "As long as the configuration has it, the next apply creates it anew. Events of the meantime were not delivered to it."))}
}
