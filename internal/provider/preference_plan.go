package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan decides what is known of the outcome, and checks what only a plan can check. It runs again at apply,
// with everything known and before anything is written.
func (r *preferenceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}

	var config, plan preferenceModel
	resp.Diagnostics.Append(config.read(ctx, req.Config)...)
	resp.Diagnostics.Append(plan.read(ctx, req.Plan)...)
	var state *preferenceModel
	if !req.State.Raw.IsNull() {
		state = &preferenceModel{}
		resp.Diagnostics.Append(state.read(ctx, req.State)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.conceal(config.secrets())

	r.planAccount(config, &plan, state)
	inState := types.SetNull(types.StringType)
	if state == nil {
		resp.Diagnostics.Append(checkSecretGiven(config.secrets())...)
	} else {
		inState = state.SubscribedEvents
		var memory secretMemory
		recall(ctx, req.Private, secretKey, &memory)
		planUpdate(config, &plan, *state, memory)
		if !plan.UserID.Equal(state.UserID) {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("user_id"))
		}
	}

	// The account's list of names is asked for when the account is known.
	if !plan.UserID.IsUnknown() || config.UserID.IsNull() {
		resp.Diagnostics.Append(r.data.checkEvents(ctx, r.plannedAccount(ctx, config, state, req.Private), plan.SubscribedEvents, inState)...)
	}
	resp.Diagnostics.Append(plan.write(ctx, &resp.Plan)...)
}

// planAccount gives user_id its default: the provider's account, or else whichever account answers.
func (r *preferenceResource) planAccount(config preferenceModel, plan *preferenceModel, state *preferenceModel) {
	if !config.UserID.IsNull() {
		return
	}

	switch {
	case r.data.settings.userID != "":
		plan.UserID = types.StringValue(r.data.settings.userID)
	case state != nil:
		plan.UserID = state.UserID
	default:
		plan.UserID = types.StringUnknown()
	}
}

// plannedAccount is the account that the calls for this plan are for.
func (r *preferenceResource) plannedAccount(ctx context.Context, config preferenceModel, state *preferenceModel, private privateReader) string {
	if account := r.data.account(config.UserID); account != "" || state == nil {
		return account
	}

	return r.accountOf(ctx, state.UserID, private)
}

// planUpdate leaves updated_at open when a request is due, or may be due at apply, and keeps everything else that the configuration does not set.
func planUpdate(config preferenceModel, plan *preferenceModel, state preferenceModel, memory secretMemory) {
	plan.ID, plan.CreatedAt = state.ID, state.CreatedAt
	plan.Labels, plan.EventActors = state.Labels, state.EventActors
	plan.UpdatedAt = state.UpdatedAt

	secrets := config.secrets()
	due := secrets.due(state.SharedSecret, state.SharedSecretWOVersion, memory) ||
		!plan.URL.Equal(state.URL) || !plan.SubscribedEvents.Equal(state.SubscribedEvents)
	// An ephemeral source may give another secret at apply, which then has to be sent. Without any change there is no apply.
	fickle := !secrets.writeOnly.IsNull() && secrets.version.IsNull() && !plan.AllowDuplicate.Equal(state.AllowDuplicate)
	if due || fickle {
		plan.UpdatedAt = types.StringUnknown()
	}
}

func checkSecretGiven(secrets secretForms) diag.Diagnostics {
	if secrets.given() {
		return nil
	}

	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("shared_secret_wo"), "Missing shared secret",
		"A webhook preference cannot be created without a secret: Wingspan signs the events with it.\n\n"+
			"Set shared_secret_wo (Terraform or OpenTofu 1.11 or later; it never enters the state), or shared_secret. "+
			"If the webhook exists already, import it instead: an imported one keeps its secret.")}
}
