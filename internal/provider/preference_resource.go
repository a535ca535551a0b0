package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

var (
	_ resource.ResourceWithConfigure      = (*preferenceResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*preferenceResource)(nil)
	_ resource.ResourceWithIdentity       = (*preferenceResource)(nil)
	_ resource.ResourceWithImportState    = (*preferenceResource)(nil)
	_ resource.ResourceWithValidateConfig = (*preferenceResource)(nil)
)

const preferenceTypeName = typeName + "_webhook_preference"

func newPreferenceResource() resource.Resource { return &preferenceResource{} }

// preferenceResource is wingspan_webhook_preference.
type preferenceResource struct{ resourceBase }

func (*preferenceResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = preferenceTypeName
}

func (*preferenceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = preferenceSchema()
}

func (r *preferenceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan preferenceModel
	resp.Diagnostics.Append(config.get(ctx, req.Config.Raw)...)
	resp.Diagnostics.Append(plan.get(ctx, req.Plan.Raw)...)
	decided, diags := loadDecision(ctx, plannedPrivateOf(ctx))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	account, secret := decided.Account, r.secretToSend(decided, config, plan)

	options := wingspan.CreateOptions{AllowDuplicate: plan.AllowDuplicate.ValueBool(), Accepted: decided.Accepted}
	created, err := r.data.webhooks.Create(ctx, account, plan.toCreateRequest(secret), options)
	r.data.run.replaced(err == nil, inPlaceOf(decided.Accepted, err)...)
	if err != nil {
		resp.Diagnostics.Append(r.data.diagnose(operation{
			verb: "create", object: "a webhook preference for " + wingspan.DisplayURL(plan.URL.ValueString()), account: account, accepted: decided.Accepted,
		}, err)...)
	}
	if created == nil {
		return
	}
	r.data.accepted.forget(decided.Accepted...)

	// From here on the webhook exists, and only the state keeps it from being forgotten.
	if err != nil && account != "" && created.UserID != "" {
		// It may be in another account than planned, and has to be removed where it is.
		created.Account = created.UserID
		plan.UserID = types.StringValue(created.UserID)
	}
	resp.Diagnostics.Append(r.afterWrite(ctx, resp.Private, decided, &plan, readableModel{}, &secret, origin{}, created)...)
	resp.Diagnostics.Append(plan.set(ctx, &resp.State.Raw)...)
	resp.Diagnostics.Append(plan.identity().set(ctx, &resp.Identity.Raw)...)
}

func (r *preferenceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state preferenceModel
	resp.Diagnostics.Append(state.get(ctx, req.State.Raw)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.addSecrets(state.secretModel)
	existing, from := r.data.target(ctx, state, req.Private)
	stored, _ := loadPrivate[secretState](ctx, req.Private, secretKey)
	importing := state.URL.IsNull()
	r.data.run.manages(existing.ID, state.AllowDuplicate.ValueBool(), true)

	var matches func(wingspan.Preference) bool
	if !importing {
		matches = func(p wingspan.Preference) bool {
			from.asSent(&p)
			_, drifted := stored.afterRead(state.SharedSecret, p.SharedSecret)

			return state.matchesAPI(&p) && !drifted && !(stored.Echoes && hidesSecret(p.SharedSecret))
		}
	}
	seen, err := r.data.webhooks.Get(ctx, existing, matches)
	if wingspan.IsGone(err) && !importing {
		// The framework wants an identity even for what is gone, and states written by other versions have none.
		resp.Diagnostics.Append(keepIdentity(ctx, resp.Identity, state)...)
		resp.Diagnostics.Append(warnGone(state, err)...)
		resp.State.RemoveResource(ctx)

		return
	}
	if err != nil {
		op := preferenceOp("read", existing.ID, existing.Account)
		if importing {
			op.verb, op.inState = "import", false
		}
		resp.Diagnostics.Append(explainMove(ctx, req.Private, r.data.diagnose(op, err))...)

		return
	}
	resp.Diagnostics.Append(deletePrivate(ctx, resp.Private, movedKey)...)
	if seen.Account != existing.Account || from.Server != r.data.webhooks.Client().BaseURL() {
		resp.Diagnostics.Append(r.data.saveOrigin(ctx, resp.Private, from, seen)...)
	}

	next, drifted := stored.afterRead(state.SharedSecret, seen.SharedSecret)
	if drifted {
		// Null makes a plan show that the secret has to be set again, without showing either of the two.
		state.SharedSecret = types.StringNull()
	}
	if next != stored {
		resp.Diagnostics.Append(savePrivate(ctx, resp.Private, secretKey, next)...)
	}
	if seen.SubscribedEvents == nil && from.EventsOmitted {
		seen.SubscribedEvents = eventNames(state.SubscribedEvents)
	}
	from.asSent(seen)
	state.setFromAPI(seen)
	if state.AllowDuplicate.IsNull() {
		state.AllowDuplicate = types.BoolValue(false)
	}
	resp.Diagnostics.Append(state.set(ctx, &resp.State.Raw)...)
	if importing {
		resp.Diagnostics.Append(state.identity().set(ctx, &resp.Identity.Raw)...)
	} else {
		resp.Diagnostics.Append(keepIdentity(ctx, resp.Identity, state)...)
	}
}

func (r *preferenceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state preferenceModel
	resp.Diagnostics.Append(config.get(ctx, req.Config.Raw)...)
	resp.Diagnostics.Append(plan.get(ctx, req.Plan.Raw)...)
	resp.Diagnostics.Append(state.get(ctx, req.State.Raw)...)
	decided, diags := loadDecision(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.addSecrets(state.secretModel)

	var secret *wingspan.Secret
	if decided.Secret != "" {
		value := r.secretToSend(decided, config, plan)
		secret = &value
	}
	existing, from := r.data.target(ctx, state, req.Private)
	newAccount := existing.Account != decided.Account
	existing.Account = decided.Account
	op := preferenceOp("update", existing.ID, existing.Account)
	change := plan.toUpdateRequest(state.readableModel, secret)
	if change.Empty() {
		if newAccount && state.UserID.IsNull() {
			// Wingspan doesn't return the owner. The next read would ask an account that may never have had it, and believe that it is gone.
			if _, err := r.data.webhooks.GetExact(ctx, existing); err != nil {
				resp.Diagnostics.Append(diagnoseUnconfirmedAccount(op, err)...)

				return
			}
		}
		plan.fillUnknown(state.readableModel)
		resp.Diagnostics.Append(savePrivate(ctx, resp.Private, accountKey, existing.Account)...)
	} else {
		updated, err := r.data.webhooks.Update(ctx, existing, change)
		r.data.run.replaced(err == nil, decided.Accepted...)
		if err != nil {
			resp.Diagnostics.Append(r.data.diagnose(op, err)...)

			return
		}
		resp.Diagnostics.Append(r.afterWrite(ctx, resp.Private, decided, &plan, state.readableModel, secret, from, updated)...)
	}

	resp.Diagnostics.Append(plan.set(ctx, &resp.State.Raw)...)
	resp.Diagnostics.Append(keepIdentity(ctx, resp.Identity, plan)...)
	resp.Diagnostics.Append(deletePrivate(ctx, resp.Private, planKey)...)
}

func (r *preferenceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state preferenceModel
	resp.Diagnostics.Append(state.get(ctx, req.State.Raw)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.addSecrets(state.secretModel)

	existing, _ := r.data.target(ctx, state, req.Private)
	op := preferenceOp("delete", existing.ID, existing.Account)
	if r.data.run.isUnreplaced(existing.ID) {
		resp.Diagnostics.Append(diagnoseUnreplaced(op, state)...)

		return
	}
	if err := r.data.webhooks.Delete(ctx, existing); err != nil {
		resp.Diagnostics.Append(r.data.diagnose(op, err)...)

		return
	}
	r.data.accepted.forget(existing.ID)
}

// secretToSend is the secret of the form that the plan decided on. The write-only one is never stored in the plan, so it comes from the configuration.
func (r *preferenceResource) secretToSend(decided decision, config, plan preferenceModel) wingspan.Secret {
	secrets := plan.secretModel
	secrets.SharedSecretWO = config.SharedSecretWO
	r.data.addSecrets(secrets)

	return secrets.value(decided.Secret)
}

// afterWrite completes the plan and private state with the response to a create or an update. before is the state, and empty for a create;
// secret is nil where none was sent.
func (r *preferenceResource) afterWrite(
	ctx context.Context, private privateWriter, decided decision, plan *preferenceModel, before readableModel, secret *wingspan.Secret, from origin, response *wingspan.Preference,
) diag.Diagnostics {
	var diags diag.Diagnostics
	sent := plan.toUpdateRequest(before, secret)
	if secret != nil {
		// With a version no one needs to know whether reads show it.
		compared := decided.Secret == plainSecret || plan.SharedSecretWOVersion.IsNull()
		stored := stateAfterWrite(decided.Secret, *secret, plan.SharedSecretWOVersion, compared && r.data.readsEcho(ctx, decided.Account, *secret, response))
		diags.Append(savePrivate(ctx, private, secretKey, stored)...)
	}
	if sent.SubscribedEvents != nil {
		from.EventsOmitted = response.SubscribedEvents == nil
	}
	if sent.URL != nil || sent.SubscribedEvents != nil {
		from.recordForms(plan.readableModel, response)
		diags.Append(warnOfURL(response.ID, from)...)
	}
	from.asSent(response)
	diags.Append(warnOfDifferences(plan, response)...)
	plan.fillUnknown(readable(response))

	return append(diags, r.data.saveOrigin(ctx, private, from, response)...)
}

// keepIdentity leaves an identity as it is: it must not change once it is set, not even when user_id becomes known later.
func keepIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, state preferenceModel) diag.Diagnostics {
	if !identity.Raw.IsFullyNull() {
		return nil
	}

	return state.identity().set(ctx, &identity.Raw)
}
