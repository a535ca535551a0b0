package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// decision is what the plan decides about the requests of the apply and planned values cannot express. The apply must not decide it
// again: Terraform applies ignore_changes to the configuration of the plan request only.
type decision struct {
	// Account is what to send as X-WINGSPAN-USER, "" for nothing.
	Account string `json:"account"`
	// Secret is where the secret to send comes from, "" when none is sent.
	Secret secretForm `json:"secret,omitempty"`
	// Accepted are the webhooks that the new one may be a duplicate of, because the state manages them.
	Accepted []string `json:"accepted,omitempty"`
	// ID is the webhook of the state that the plan is for. If it has to be replaced, Terraform plans once more without a prior state,
	// and with this decision as private data.
	ID string `json:"id,omitempty"`
}

// loadDecision reads what ModifyPlan decided. It ran in this very process, just before the change is applied.
func loadDecision(ctx context.Context, private privateReader) (decision, diag.Diagnostics) {
	decided, found := loadPrivate[decision](ctx, private, planKey)
	if found {
		return decided, nil
	}

	return decided, errorDiag(path.Empty(), "Missing planned private data",
		"Nothing changed, because the plan does not contain what to send. This is a bug in the provider, or in the program that runs it. Report this issue: "+issuesURL)
}

// ModifyPlan decides what is known of the outcome, and checks what only a plan can check. It runs again when applying,
// with everything known and before anything is written: the decision that reaches Create and Update is that one's.
func (r *preferenceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		var state preferenceModel
		resp.Diagnostics.Append(state.get(ctx, req.State.Raw)...)
		r.data.run.plans(state.ID.ValueString(), nil)

		return
	}

	var config, plan preferenceModel
	var state *preferenceModel
	resp.Diagnostics.Append(config.get(ctx, req.Config.Raw)...)
	resp.Diagnostics.Append(plan.get(ctx, req.Plan.Raw)...)
	if !req.State.Raw.IsNull() {
		state = &preferenceModel{}
		resp.Diagnostics.Append(state.get(ctx, req.State.Raw)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.addSecrets(config.secretModel)
	if state != nil && !plan.URL.IsUnknown() && wingspan.SameURL(plan.URL.ValueString(), state.URL.ValueString()) {
		plan.URL = state.URL // The configuration's form of it makes no difference.
	}
	defer r.data.run.beginPlan(&plan, state)()

	decided, diags := r.decide(ctx, config, &plan, state, req.Private)
	resp.Diagnostics.Append(diags...)
	if movesAccount(&plan, state) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("user_id"))
	}
	resp.Diagnostics.Append(plan.set(ctx, &resp.Plan.Raw)...)
	resp.Diagnostics.Append(savePrivate(ctx, resp.Private, planKey, decided)...)
}

func (r *preferenceResource) decide(
	ctx context.Context, config preferenceModel, plan, state *preferenceModel, private privateReader,
) (decision, diag.Diagnostics) {
	var decided, before decision
	var diags diag.Diagnostics
	var sources accountSources
	inState := types.SetNull(types.StringType)

	plan.UserID = planUserID(config.UserID, state, r.data.settings.userID)
	if state == nil {
		diags.Append(checkCreate(plan, config.secretModel)...)
		decided.Secret = config.form()
		before, _ = loadPrivate[decision](ctx, private, planKey)
	} else {
		decided.ID = state.ID.ValueString()
		sources = existingWebhook(ctx, state.UserID, private)
		inState = state.SubscribedEvents
		diags.Append(checkEventsLeft(plan.SubscribedEvents, inState)...)

		stored, _ := loadPrivate[secretState](ctx, private, secretKey)
		if config.needsUpdate(state.secretModel, stored) {
			decided.Secret = config.form()
		}
		planComputed(plan, *state, decided.Secret != "" || mayChangeWhenApplying(config.secretModel, plan, *state))
	}
	sources.configured = config.UserID
	decided.Account = sources.account(r.data.settings.userID)

	// The account's lists are requested when the account is known.
	if config.UserID.IsUnknown() {
		return decided, diags
	}
	gains := gained(plan, state, decided.Account)
	if gains != nil && !diags.HasError() {
		gains.replaces = before.ID
		r.data.webhooks.Prefetch(ctx, decided.Account) // while the event names are checked
	}
	diags.Append(r.data.checkEvents(ctx, decided.Account, plan.SubscribedEvents, inState)...)
	if diags.HasError() {
		return decided, diags
	}
	r.recordPlan(plan, state)
	if gains != nil {
		var more diag.Diagnostics
		decided.Accepted, more = r.data.checkDuplicates(ctx, gains)
		diags.Append(more...)
	}

	return decided, diags
}

// movesAccount reports whether a webhook of the state has to be replaced by one in another account.
func movesAccount(plan, state *preferenceModel) bool {
	return state != nil && !state.UserID.IsNull() && !plan.UserID.Equal(state.UserID)
}

// recordPlan records for the run what a webhook of the state is planned to be.
func (r *preferenceResource) recordPlan(plan, state *preferenceModel) {
	switch {
	case state == nil:
	case movesAccount(plan, state):
		r.data.run.plans(state.ID.ValueString(), nil)
	case !plan.URL.IsUnknown() && !plan.SubscribedEvents.IsUnknown():
		r.data.run.plans(state.ID.ValueString(), &wanted{url: plan.URL.ValueString(), events: eventNames(plan.SubscribedEvents)})
	}
}

// planComputed leaves unknown what the server may set with a PATCH, if one is due, and keeps it otherwise. The framework cannot: it
// neither sees a changed write-only secret nor knows that allow_duplicate makes no request.
func planComputed(plan *preferenceModel, state preferenceModel, secretDue bool) {
	plan.UpdatedAt, plan.Labels, plan.EventActors = state.UpdatedAt, state.Labels, state.EventActors
	if secretDue || !plan.URL.Equal(state.URL) || !plan.SubscribedEvents.Equal(state.SubscribedEvents) {
		plan.UpdatedAt = types.StringUnknown()
		plan.Labels, plan.EventActors = types.MapUnknown(types.StringType), types.MapUnknown(types.StringType)
	}
}

// mayChangeWhenApplying reports whether an update that needs no request may turn out to need one: an ephemeral source can give
// another secret by then. Where nothing else changes, nothing is applied.
func mayChangeWhenApplying(secrets secretModel, plan *preferenceModel, state preferenceModel) bool {
	return !secrets.SharedSecretWO.IsNull() && secrets.SharedSecretWOVersion.IsNull() &&
		!(plan.AllowDuplicate.Equal(state.AllowDuplicate) && plan.UserID.Equal(state.UserID))
}

func checkCreate(plan *preferenceModel, secrets secretModel) diag.Diagnostics {
	diags := checkEventsLeft(plan.SubscribedEvents, types.SetNull(types.StringType))
	if secrets.form() == "" {
		diags.Append(errorDiag(path.Empty(), "Missing shared secret",
			"shared_secret_wo or shared_secret is required to create a webhook preference: Wingspan signs the events with it.",
			"Set shared_secret_wo (Terraform or OpenTofu 1.11 or later; never stored in the state), or shared_secret. "+
				"If the webhook preference already exists, import it instead: imported webhook preferences keep their secret.")...)
	}

	return diags
}

// checkEventsLeft accepts a webhook without events only where there is one already, as after an import.
func checkEventsLeft(planned, inState types.Set) diag.Diagnostics {
	if planned.IsUnknown() || len(planned.Elements()) > 0 || (!inState.IsNull() && len(inState.Elements()) == 0) {
		return nil
	}

	return errorDiag(path.Root("subscribed_events"), "No subscribed events",
		"Specify at least one event: Wingspan never calls a webhook without events. "+
			"Use the wingspan_event_names data source to list available names. To stop all events, remove the resource.")
}
