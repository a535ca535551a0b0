package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

const issuesURL = "https://github.com/" + namespace + "/terraform-provider-wingspan/issues"

// operation is what was being done, as an error tells it.
type operation struct {
	// verb and object finish "Could not …": "update", `webhook preference "abc"`.
	verb, object string
	// account is the one that was asked for, or empty.
	account string
	// item: the object is one preference, which a 404 says is not there. Otherwise a 404 says that the server is another one.
	item bool
	// write: a failure leaves open whether anything changed.
	write bool
	// secret is the attribute that a complaint about the secret belongs to; the zero path means that none does.
	secret path.Path
}

func onPreference(verb, id, account string) operation {
	return operation{verb: verb, object: preferenceNamed(id), account: account, item: true}
}

func preferenceNamed(id string) string { return fmt.Sprintf("webhook preference %q", id) }

// diagnose turns a client's error into what a person needs: what we were doing, what came back, what to do now.
func (d *providerData) diagnose(op operation, err error) diag.Diagnostics {
	var (
		apiErr    *wingspan.APIError
		transport *wingspan.TransportError
		answerErr *wingspan.ResponseError
		account   *wingspan.AccountError
		duplicate *wingspan.DuplicateError
		unclear   *wingspan.AmbiguousCreateError
		badID     *wingspan.IDError
		missing   *wingspan.MissingError
		existing  *wingspan.ExistingError
	)

	switch {
	case errors.Is(err, wingspan.ErrNoToken):
		return d.diagnoseNoToken(op)
	case errors.As(err, &duplicate):
		return one(path.Empty(), "Webhook would be delivered twice", diagnoseDuplicate(duplicate))
	case errors.As(err, &missing):
		return d.diagnoseMissing(op, missing)
	case errors.As(err, &existing):
		return one(path.Empty(), "Webhook preference already exists", paragraphs(op.couldNot(),
			fmt.Sprintf("Wingspan responded with webhook preference %q, which existed before this request, instead of creating one. It may have changed its events and its secret.", existing.ID),
			"Nothing was saved in the state. If no other resource manages it, import it:\n\n"+importBlock(existing.Account, existing.ID)))
	case errors.As(err, &unclear):
		return d.diagnoseUnclear(op, unclear)
	case errors.As(err, &account):
		return one(path.Root("user_id"), "Wingspan answered for another account", diagnoseAccount(op, account))
	case errors.As(err, &apiErr):
		return d.diagnoseAPI(op, apiErr)
	case errors.As(err, &transport):
		return one(path.Empty(), "Could not reach Wingspan", paragraphs(
			op.couldNot(), fmt.Sprintf("%s: %s.", tried(transport.Method, transport.Attempts, transport.Elapsed), transport.Err), op.afterFailure(transport.Uncertain)))
	case errors.As(err, &answerErr):
		return one(path.Empty(), "Unexpected answer from Wingspan", paragraphs(op.couldNot(),
			fmt.Sprintf("%s was answered with status %d and %d bytes of %q, which cannot be used: %s.",
				answerErr.Method, answerErr.Status, answerErr.Size, answerErr.ContentType, answerErr.Reason),
			op.afterFailure(true)+" If it happens again, check that base_url is the API and that no proxy answers in its place; otherwise please report it: "+issuesURL))
	case errors.As(err, &badID):
		return one(path.Root("id"), "Invalid webhook preference id", paragraphs(op.couldNot(), fmt.Sprintf("%q cannot be the id of a webhook preference.", badID.ID),
			"List the preferences of the account with the data source wingspan_webhook_preferences."))
	default:
		return one(path.Empty(), "Could not "+op.verb+" the webhook preference", paragraphs(op.couldNot(), err.Error()+".", op.afterFailure(wingspan.MayHaveSucceeded(err))))
	}
}

func (d *providerData) diagnoseAPI(op operation, e *wingspan.APIError) diag.Diagnostics {
	came := fmt.Sprintf("Wingspan answered %d %s: %s", e.Status, http.StatusText(e.Status), quoted(e.Message))
	if e.RequestID != "" {
		came += fmt.Sprintf(" (request %s)", e.RequestID)
	}

	unchanged := "Nothing was changed."
	if op.write && e.Uncertain {
		unchanged = "An earlier attempt of the same call may have been carried out all the same. It is safe to apply again: the next plan reads what is there."
	}

	switch {
	case wingspan.IsUnauthorized(e):
		return one(path.Empty(), "Wingspan refused the API token", paragraphs(op.couldNot(), came, d.adviceOnRefusal(e)+" "+unchanged))
	case wingspan.IsNotFound(e) && !op.item:
		return one(path.Empty(), "Wingspan's API is not at this address", paragraphs(op.couldNot(), came,
			fmt.Sprintf("The server at %s has no such endpoint. Check base_url and environment. %s", d.settings.baseURL, unchanged)))
	case wingspan.IsNotFound(e) && op.write:
		return one(path.Empty(), "Webhook preference no longer exists", paragraphs(op.couldNot(), came,
			"Somebody deleted it since it was last read. Run `terraform plan` again: it will offer to create it anew."))
	case wingspan.IsNotFound(e):
		return one(path.Empty(), "Webhook preference not found", paragraphs(op.couldNot(), came,
			"Check the id, the environment that the token belongs to, and user_id if another account owns it."))
	case wingspan.IsBadRequest(e):
		at, summary, advice := op.fieldOf(e.Message)

		return one(at, summary, paragraphs(op.couldNot(), came, unchanged+" "+advice))
	case wingspan.IsRateLimited(e):
		return one(path.Empty(), "Wingspan is limiting requests", paragraphs(op.couldNot(), fmt.Sprintf("%s. %s.", came, tried(e.Method, e.Attempts, e.Elapsed)),
			unchanged+" Wait a minute and run the same command again, or lower `-parallelism`. Other programs that use the account count as well."))
	case e.Status >= http.StatusInternalServerError:
		return one(path.Empty(), "Could not reach Wingspan", paragraphs(op.couldNot(), fmt.Sprintf("%s. %s.", came, tried(e.Method, e.Attempts, e.Elapsed)), op.afterFailure(true)))
	case e.Status >= 300 && e.Status < 400:
		return one(path.Empty(), "Wingspan's address redirects", paragraphs(op.couldNot(), came,
			"Set base_url to the address of the API itself. "+unchanged))
	default:
		return one(path.Empty(), "Wingspan refused the request", paragraphs(op.couldNot(), came,
			unchanged+" Correct the configuration if the answer says how; otherwise please report it: "+issuesURL))
	}
}

func (d *providerData) adviceOnRefusal(e *wingspan.APIError) string {
	advice := fmt.Sprintf("Check that the token is complete, has not expired and is of this environment. "+
		"An administrator makes a new one at %s under Data & Integrations > Developer.", d.settings.webURL)
	if e.Account != "" {
		advice += fmt.Sprintf(" The call was made for the account user_id = %q: the token's user must have access to it.", e.Account)
	}

	return advice
}

// fieldOf finds the attribute that a 400 or 422 is about. The field names are the API's own. A call without a body is about none.
func (op operation) fieldOf(message string) (path.Path, string, string) {
	lower := strings.ToLower(message)

	switch {
	case !op.write:
		return path.Empty(), "Wingspan refused the request", "Correct the configuration as the answer says, and run the same command again."
	case strings.Contains(lower, "subscribedevents"), strings.HasPrefix(lower, "event"), strings.Contains(lower, " event"):
		return path.Root("subscribed_events"), "Invalid subscribed_events",
			"The data source wingspan_event_names lists the names that the account can subscribe to."
	case strings.Contains(lower, "sharedsecret"), strings.Contains(lower, "secret"):
		return op.secret, "Invalid shared secret", "Set another secret, for example the output of `openssl rand -hex 32`."
	case strings.Contains(lower, "url"):
		return path.Root("url"), "Invalid url", "Set a URL that Wingspan can reach from the internet."
	default:
		return path.Empty(), "Wingspan refused the request", "Correct the configuration as the answer says, and apply again."
	}
}

func (d *providerData) diagnoseNoToken(op operation) diag.Diagnostics {
	if len(d.settings.unknown) > 0 {
		names := strings.Join(d.settings.unknown, ", ")
		summary := "Wingspan provider settings are not known yet"
		if names == "api_token" {
			summary = "Wingspan API token is not known yet"
		}

		return one(path.Empty(), summary, paragraphs(op.couldNot(),
			fmt.Sprintf("The provider block takes %s from something that is only known after it was applied.", names),
			fmt.Sprintf("Either apply its source first (`terraform apply -target=…`), or use a value that is known at plan, or remove the argument and export %s.", environmentNames(d.settings.unknown))))
	}

	missing := "There is no API token: neither api_token in the provider block nor the environment variable WINGSPAN_API_TOKEN is set."
	if d.settings.emptyToken {
		missing = "There is no API token: api_token in the provider block is empty, and it hides the environment variable WINGSPAN_API_TOKEN."
	}

	return one(path.Empty(), "Missing Wingspan API token", paragraphs(op.couldNot(), missing,
		fmt.Sprintf("Set api_token in the provider block, best from a sensitive variable, or export WINGSPAN_API_TOKEN. "+
			"An administrator makes a token at %s under Data & Integrations > Developer.", d.settings.webURL)))
}

func environmentNames(arguments []string) string {
	names := make([]string, len(arguments))
	for i, a := range arguments {
		names[i] = "WINGSPAN_" + strings.ToUpper(a)
	}

	return strings.Join(names, ", ")
}

func (d *providerData) diagnoseUnclear(op operation, e *wingspan.AmbiguousCreateError) diag.Diagnostics {
	cause := d.diagnose(operation{}, e.Err)
	came := fmt.Sprintf("The request was sent, and then: %s.", strings.TrimSuffix(e.Err.Error(), "."))

	var state, advice string
	switch e.Outcome {
	case wingspan.Retained:
		state = fmt.Sprintf("A retry created webhook preference %q, but the provider could not determine whether the first request also created one, and could not delete %q. "+
			"It is saved in the state as tainted.", e.Candidates[0], e.Candidates[0])
		advice = fmt.Sprintf("Check Wingspan for another webhook preference with the URL %s and delete it if it exists; otherwise events are delivered twice.", e.URL)
	case wingspan.Undecidable:
		state = "The account's list doesn't show with certainty which webhook preference this request created."
		advice = fmt.Sprintf("Check Wingspan for a webhook preference with the URL %s before you apply again. If there is one, import it.", e.URL)
		if len(e.Candidates) > 0 {
			state = fmt.Sprintf("The account's list shows %s, and the provider can't determine whether this request created it.", preferencesNamed(e.Candidates))
			advice = "If it is this webhook, import it and apply again. Otherwise set allow_duplicate = true and apply again:\n\n" + importBlock(e.Account, e.Candidates[0])
		}
	case wingspan.Unlistable:
		state = fmt.Sprintf("The provider could not determine whether the webhook preference was created because it could not list the account: %s.", strings.TrimSuffix(e.ListErr.Error(), "."))
		advice = fmt.Sprintf("It may exist, with the URL %s. Apply again when the API is reachable: the provider then searches for it and shows how to import it.", e.URL)
	case wingspan.NotListed:
		state = fmt.Sprintf("The webhook preference did not appear within %s and was most likely not created. The list may be incomplete for accounts with many webhook preferences.",
			e.Searched.Round(100*time.Millisecond))
		advice = fmt.Sprintf("Apply again. In an account with many webhook preferences, check Wingspan for the URL %s first.", e.URL)
	case wingspan.NotListedComplete:
		state = fmt.Sprintf("The webhook preference did not appear in the account's list within %s and was most likely not created.", e.Searched.Round(100*time.Millisecond))
		advice = "Apply again. If it appears later, the next apply finds it, creates nothing, and shows how to import it."
	case wingspan.Incomplete:
		state = "The list is missing other webhook preferences that are known to exist, so its result is inconclusive."
		advice = fmt.Sprintf("Check Wingspan for the URL %s before you apply again. If it exists, import it:\n\n%s", e.URL, importBlock(e.Account, "ID"))
	}

	return one(path.Empty(), cause[0].Summary(), paragraphs(op.couldNot(), came, state, advice))
}

// diagnoseMissing explains a 404 for one webhook preference.
func (d *providerData) diagnoseMissing(op operation, e *wingspan.MissingError) diag.Diagnostics {
	var apiErr *wingspan.APIError
	came := ""
	if errors.As(e.Err, &apiErr) {
		came = fmt.Sprintf("%s responded with %d %s: %s", e.Server, apiErr.Status, http.StatusText(apiErr.Status), quoted(apiErr.Message))
	}
	byHand := "If the webhook preference no longer exists, remove it from the state with `terraform state rm`."

	switch e.Reason {
	case wingspan.Gone:
		if op.write {
			return one(path.Empty(), "Webhook preference no longer exists", paragraphs(op.couldNot(), came,
				"It was deleted after Terraform last read it. Run `terraform plan` to re-create it."))
		}

		return one(path.Empty(), "Webhook preference not found", paragraphs(op.couldNot(), came,
			"Check the ID, the environment that the token belongs to, and user_id if another account owns it."))
	case wingspan.OtherServer:
		return one(path.Empty(), "Webhook preference registered at another server", paragraphs(op.couldNot(), came,
			fmt.Sprintf("The webhook preference was registered at %s, and the provider is now configured for %s. A response from there doesn't show that it was deleted.", e.Target.Server, e.Server),
			"Check environment and base_url. "+byHand))
	case wingspan.OwnerDenied:
		return one(path.Empty(), "Account access denied", paragraphs(op.couldNot(), came,
			fmt.Sprintf("It belongs to account %q, to which the token has no access: %s.", e.Target.Owner, strings.TrimSuffix(e.Cause.Error(), ".")),
			"Use a token with access to that account: with this one the provider can't determine whether the webhook preference exists. "+byHand))
	case wingspan.StillListed:
		return one(path.Empty(), "Contradictory responses", paragraphs(op.couldNot(), came,
			"The list of the account still shows the webhook preference, so something in front of the API may have responded instead of it.",
			"Check base_url and any proxy or firewall, and try again. "+byHand))
	case wingspan.ListFailed:
		return one(path.Empty(), "Unconfirmed 404 response", paragraphs(op.couldNot(), came,
			fmt.Sprintf("The same server doesn't list the account, so the response doesn't show that the webhook preference was deleted: %s.", strings.TrimSuffix(e.Cause.Error(), ".")),
			"Check base_url, environment and any proxy, and try again. "+byHand))
	}

	return nil
}

func preferencesNamed(ids []string) string {
	if len(ids) == 1 {
		return "one preference (" + ids[0] + ")"
	}

	return fmt.Sprintf("%d preferences (%s)", len(ids), strings.Join(ids, ", "))
}

func diagnoseDuplicate(e *wingspan.DuplicateError) string {
	events, verb := "the event "+quoted(e.SharedEvents[0]), "is"
	if len(e.SharedEvents) > 1 {
		list := make([]string, len(e.SharedEvents))
		for i, n := range e.SharedEvents {
			list[i] = quoted(n)
		}
		events, verb = "the events "+strings.Join(list, ", "), "are"
	}

	return paragraphs(
		fmt.Sprintf("Did not create a webhook preference for %s.", e.URL),
		fmt.Sprintf("The webhook preference %q has the same URL, and %s %s subscribed to there already: each would be delivered twice. Nothing was created.", e.ID, events, verb),
		"To manage the existing one, import it with this block, where NAME is the name of this resource:\n\n"+importBlock(e.Account, e.ID)+
			"\n\nIf both are wanted, for example while a secret is rotated, set allow_duplicate = true.")
}

func importBlock(account, id string) string {
	if account != "" {
		id = account + "/" + id
	}

	return fmt.Sprintf("import {\n  to = wingspan_webhook_preference.NAME\n  id = %q\n}", id)
}

func diagnoseAccount(op operation, e *wingspan.AccountError) string {
	came := fmt.Sprintf("The call was made for the account %q, and the answer is about webhook preference %q of the account %q.", e.Asked, e.ID, e.Got)
	advice := "Check user_id, in the resource and in the provider block. Nothing was changed."
	switch {
	case e.Created:
		advice = "It is saved in the state as tainted, and the next apply deletes it. Check user_id in the resource and in the provider configuration."
	case op.write:
		advice = "The change was made to that webhook preference. Check user_id, in the resource and in the provider block, and plan again."
	}

	return paragraphs(op.couldNot(), came, advice)
}

func (op operation) couldNot() string {
	if op.verb == "" {
		return ""
	}
	forAccount := ""
	if op.account != "" {
		forAccount = fmt.Sprintf(" for the account %q", op.account)
	}

	return fmt.Sprintf("Could not %s %s%s.", op.verb, op.object, forAccount)
}

// afterFailure says whether it is safe to try again. Everything but a create can be repeated without harm.
func (op operation) afterFailure(uncertain bool) string {
	switch {
	case !op.write:
		return "Nothing was changed. Run the same command again when Wingspan can be reached."
	case uncertain:
		return "The change may have been made all the same. It is safe to apply again: the next plan reads what is there."
	default:
		return "The request was not sent, so nothing was changed. Apply again when Wingspan can be reached."
	}
}

// tried leaves out a time under a second, which says nothing.
func tried(method string, attempts int, elapsed time.Duration) string {
	text := method + " was tried once"
	if attempts != 1 {
		text = fmt.Sprintf("%s was tried %d times", method, attempts)
	}
	if elapsed = elapsed.Round(time.Second); elapsed > 0 {
		text += fmt.Sprintf(", for %s in all", elapsed)
	}

	return text
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func paragraphs(p ...string) string {
	kept := make([]string, 0, len(p))
	for _, text := range p {
		if text != "" {
			kept = append(kept, text)
		}
	}

	return strings.Join(kept, "\n\n")
}

func one(at path.Path, summary, detail string) diag.Diagnostics {
	if at.Equal(path.Empty()) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, detail)}
	}

	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, summary, detail)}
}
