package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// removeFromState is advice that follows other advice, for what is in the state.
func (op operation) removeFromState() string {
	if !op.inState {
		return ""
	}

	return " If the webhook preference no longer exists, remove it from the state with `terraform state rm`."
}

// diagnoseAmbiguous explains the outcome once: when several creates fail together, the others explain only what is their own.
func (d *providerData) diagnoseAmbiguous(op operation, e *wingspan.AmbiguousCreateError) diag.Diagnostics {
	summary, url := d.summaryOf(e.Err), wingspan.DisplayURL(e.URL)
	cause := fmt.Sprintf("The request was sent, and then: %s.", sentence(e.Err))
	_, undecodable := errors.AsType[*wingspan.ResponseError](e.ListErr)
	reachable := undecodable || wingspan.IsUnauthorized(e.ListErr)
	same := d.sameAs(op, fmt.Sprintf("%s, ambiguous, %d, %t", summary, e.Outcome, reachable))

	var found, advice string
	switch e.Outcome {
	case wingspan.Retained:
		found = fmt.Sprintf("A retry created %s, but the provider could not determine whether the first request also created one, and could not delete it. "+
			"It is saved in the state as tainted.", preferenceLabel(e.Candidates[0].ID))
		advice = fmt.Sprintf("Check Wingspan for another webhook preference with the URL %s and delete it if it exists; otherwise events are delivered twice.", url)
	case wingspan.Undecidable:
		found = fmt.Sprintf("The account's list shows %s with this URL or a similar one, and the provider can't determine whether this request created it.", describeAll(e.Candidates))
		advice = "If it is a different webhook, or another resource manages it, apply again, with allow_duplicate = true if both subscribe to the same event. " +
			"Otherwise import it and apply again:\n\n" + importBlock(e.Account, e.Candidates[0].ID)
	case wingspan.Incomplete:
		found = "The list is missing other webhook preferences that are known to exist, or has entries that can't be decoded, so its result is inconclusive."
		advice = fmt.Sprintf("Check Wingspan for the URL %s before you apply again. If it exists, and no other resource manages it, import it:\n\n%s", url, importBlock(e.Account, "ID"))
	case wingspan.Unlistable:
		found = "The webhook preference may exist."
		if same == "" {
			found = fmt.Sprintf("The provider could not determine whether the webhook preference was created because it could not list the account: %s.", sentence(e.ListErr))
			advice = fmt.Sprintf("It may exist, with the URL %s. Apply again when the API is reachable: the provider then searches for it and shows how to import it.", url)
		}
		if reachable {
			advice = fmt.Sprintf("Look for the URL %s in Wingspan, in its web app or through its support, before you apply again: each apply may create another webhook preference. "+
				"If it exists, delete it, or import it if no other resource manages it:\n\n%s", url, importBlock(e.Account, "ID"))
		}
	case wingspan.NotListed, wingspan.NotListedComplete:
		found = "The webhook preference did not appear in the account's list and was most likely not created."
		if same == "" {
			found = fmt.Sprintf("The webhook preference did not appear in the account's list within %s and was most likely not created.", e.Searched.Round(100*time.Millisecond))
			advice = "Apply again. If it appears later, the next plan finds it, and shows how to import it."
		}
		if same == "" && e.Outcome == wingspan.NotListed {
			advice += fmt.Sprintf(" The list may be incomplete for accounts with many webhook preferences: there, check Wingspan for the URL %s first.", url)
		}
	}
	if same != "" {
		cause = ""
	}

	return errorDiag(path.Empty(), summary, cause, op.couldNot(), found, same, advice)
}

// describeAll lists the first few, with what distinguishes them.
func describeAll(candidates []wingspan.Preference) string {
	return firstFew(5, candidates, func(p wingspan.Preference) string {
		if len(p.SubscribedEvents) == 0 {
			return quoted(p.ID)
		}

		return quoted(p.ID) + " (subscribes to: " + quotedList(p.SubscribedEvents) + ")"
	})
}

// diagnoseMissing explains a 404 for one webhook preference.
func (d *providerData) diagnoseMissing(op operation, e *wingspan.MissingError) diag.Diagnostics {
	cause := notFound(e)

	switch e.Reason {
	case wingspan.Gone:
		if op.writes() {
			return errorDiag(path.Empty(), "Webhook preference no longer exists", cause, op.couldNot(),
				"It was deleted after Terraform last read it. Run `terraform plan` to re-create it.")
		}

		return errorDiag(path.Empty(), "Webhook preference not found", cause, op.couldNot(),
			fmt.Sprintf("Check the ID, whether it belongs to %s, and user_id if it belongs to a different account.", d.settings.server()))
	case wingspan.OtherServer:
		return d.once(op, "Webhook preference registered at another server",
			fmt.Sprintf("The webhook preference was registered at %s, and the provider is now configured for %s. A 404 response from there doesn't show that it was deleted.",
				wingspan.DisplayURL(e.Target.Server), wingspan.DisplayURL(e.Server)), "",
			cause, "Check environment and base_url."+op.removeFromState())
	case wingspan.OwnerDenied:
		return d.once(op, "Account access denied",
			fmt.Sprintf("The webhook preference belongs to account %s, to which the token has no access: %s.", quoted(e.Target.Owner), sentence(e.Cause)), "",
			cause, "Use a token with access to that account: with this one the provider can't determine whether the webhook preference exists."+op.removeFromState())
	case wingspan.StillListed:
		return errorDiag(path.Empty(), "Contradictory responses", cause,
			"The list of the account still shows the webhook preference, so something in front of the API may have responded instead of it.", op.couldNot(),
			"Check base_url and any proxy or firewall, and try again."+op.removeFromState())
	default: // wingspan.ListFailed
		return d.once(op, "Unconfirmed 404 response", cause, "",
			fmt.Sprintf("The list of the account doesn't prove that the webhook preference was deleted: %s.", sentence(e.Cause)),
			"Check base_url, environment, and any proxy, and try again."+op.removeFromState())
	}
}

// notFound is the 404 behind a MissingError, with the server and the account that were asked, or another error.
func notFound(err error) string {
	missing, isMissing := errors.AsType[*wingspan.MissingError](err)
	apiErr, isResponse := errors.AsType[*wingspan.APIError](err)
	if !isMissing || !isResponse {
		return sentence(err) + "."
	}
	cause := responded(wingspan.DisplayURL(missing.Server), apiErr)
	if apiErr.Account != "" {
		cause += fmt.Sprintf(" The request was made on behalf of account %s.", quoted(apiErr.Account))
	}

	return cause
}

// warnGone is for a webhook that is proven not to exist.
func warnGone(state preferenceModel, err error) diag.Diagnostics {
	return warningDiag(path.Empty(), "Webhook preference not found, removing from state",
		fmt.Sprintf("The %s for %s was deleted outside of Terraform.", preferenceLabel(state.ID.ValueString()), wingspan.DisplayURL(state.URL.ValueString())),
		notFound(err), "The next apply re-creates it. Events in the meantime weren't delivered.")
}

func warnOfDifferences(plan *preferenceModel, p *wingspan.Preference) diag.Diagnostics {
	names := plan.differences(p)
	if len(names) == 0 {
		return nil
	}

	return warningDiag(path.Empty(), "Wingspan returned different values",
		fmt.Sprintf("Wingspan accepted %s but returned a different %s. Run `terraform plan` to see the difference.", preferenceLabel(p.ID), strings.Join(names, " and ")))
}

// warnOfURL is for a URL that Wingspan keeps in a form that isn't equivalent by RFC 3986: a receiver may not take the two for the same, and
// later plans don't show the difference.
func warnOfURL(id string, from origin) diag.Diagnostics {
	if from.Shown.URL == "" {
		return nil
	}

	shown, sent := wingspan.DisplayURL(from.Shown.URL), wingspan.DisplayURL(from.Sent.URL)
	difference := " instead of " + sent
	if shown == sent {
		difference = ", with a difference in a part that isn't shown (query, fragment, or credentials)"
	}

	return warningDiag(path.Empty(), "Wingspan changed the URL", fmt.Sprintf(
		"Wingspan keeps the URL of %s as %s%s, and sends events there. If the receiver doesn't accept requests at that URL, set url to one that Wingspan keeps unchanged. "+
			"Later plans don't show this difference.", preferenceLabel(id), shown, difference))
}

// diagnoseDuplicate adds what applies where the state was not read: that a saved plan may be about to replace the existing one.
func diagnoseDuplicate(e *wingspan.DuplicateError, refreshed bool) diag.Diagnostics {
	if e.Written {
		return diagnoseDuplicateInConfiguration(e.URL, e.SharedEvents)
	}

	saved := ""
	if !refreshed {
		saved = "If you are applying a saved plan that replaces or renames the existing webhook preference, don't import it: run `terraform apply` without a saved plan, or set allow_duplicate = true for this change."
	}

	adopt := ""
	if e.ID != "" {
		adopt = "To manage the existing webhook preference, if no other resource manages it yet, import it. Replace the to address with this resource's address:\n\n" + importBlock(e.Account, e.ID) +
			"\n\nIf Terraform manages it under another address, use a moved block instead."
	}

	return errorDiag(path.Empty(), "Duplicate webhook preference",
		describeOverlap(e.ID, " already uses", e.URL, e.SharedEvents)+" With another one, events that both subscribe to would be delivered twice.",
		adopt, "To create both, for example during secret rotation, set allow_duplicate = true.", saved)
}

// diagnoseDuplicateInConfiguration is for two resources of one configuration.
func diagnoseDuplicateInConfiguration(url string, shared []string) diag.Diagnostics {
	return errorDiag(path.Empty(), "Duplicate webhook preference",
		fmt.Sprintf("Another resource in this configuration has the URL %s and these events: %s. They would be delivered twice.", wingspan.DisplayURL(url), quotedList(shared)),
		"Remove the events from one of the resources. To create both, for example during secret rotation, set allow_duplicate = true in one of them.")
}

// describeOverlap says what a webhook preference has in common with a planned one. The API may show neither its ID nor its events.
func describeOverlap(id, uses, url string, shared []string) string {
	who := "A webhook preference whose ID could not be decoded"
	if id != "" {
		who = "Webhook preference " + quoted(id)
	}
	overlap := who + uses + " the URL " + wingspan.DisplayURL(url)
	if len(shared) == 0 {
		return overlap + ". Its events could not be decoded."
	}

	return overlap + " and subscribes to: " + quotedList(shared) + "."
}

// diagnoseUnreplaced is for a webhook that a plan replaces or renames in an order that Terraform leaves open.
func diagnoseUnreplaced(op operation, state preferenceModel) diag.Diagnostics {
	return errorDiag(path.Empty(), "Webhook preference not deleted",
		fmt.Sprintf("Another webhook preference with the URL %s could not be created, so deleting this one would stop its events.", wingspan.DisplayURL(state.URL.ValueString())),
		op.couldNot(), "Nothing was changed. Resolve the other error, and run `terraform apply` again without a saved plan.")
}

// diagnoseUnconfirmedAccount is for a user_id that can't be confirmed where Wingspan doesn't return the owner.
func diagnoseUnconfirmedAccount(op operation, err error) diag.Diagnostics {
	return errorDiag(path.Root("user_id"), "Webhook preference not found in the account", notFound(err), op.couldNot(),
		"Nothing was changed. Correct user_id, or move the webhook preference to that account with the -replace option of `terraform apply`.")
}

func diagnoseExisting(op operation, e *wingspan.ExistingError) diag.Diagnostics {
	advice := "If no other resource manages it, including those created in this run, import it:\n\n" + importBlock(e.Account, e.ID)
	if slices.Contains(op.accepted, e.ID) {
		advice = "Wingspan keeps one webhook preference for each URL, and this configuration already manages this one, so it can't be replaced before it is deleted. " +
			"Remove create_before_destroy from the lifecycle block. To rename the resource, use a moved block."
	}

	return errorDiag(path.Empty(), "Webhook preference already exists",
		fmt.Sprintf("Wingspan responded with %s, which existed before this request, instead of creating one. Wingspan may have changed its events and its secret.", preferenceLabel(e.ID)),
		op.couldNot(), "Nothing was saved in the state. "+advice)
}

func diagnoseAccount(op operation, e *wingspan.AccountError) diag.Diagnostics {
	advice := ""
	switch {
	case e.Created:
		advice = "It is saved in the state as tainted, and the next apply deletes it."
	case op.verb == "create":
		advice = fmt.Sprintf("It isn't saved in the state, because this request may not have created it. Look for it in account %s in Wingspan, and delete it there if nothing needs it.",
			quoted(e.Got))
	case op.writes():
		advice = "The change was made to that webhook preference. Run `terraform plan` to see its current state."
	}

	return errorDiag(path.Root("user_id"), "Unexpected account in response",
		fmt.Sprintf("The request was for account %s, but Wingspan returned %s of account %s.", quoted(e.Asked), preferenceLabel(e.ID), quoted(e.Got)),
		op.couldNot(), strings.TrimSpace(advice+" Check user_id in the resource and in the provider configuration."))
}

// sentence is an error's text without the full stop that the message around it has.
func sentence(err error) string {
	if err == nil {
		return "unknown"
	}

	return strings.TrimSuffix(err.Error(), ".")
}
