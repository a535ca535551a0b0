package provider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// diagnoseAPI explains an error response.
func (d *providerData) diagnoseAPI(op operation, e *wingspan.APIError) diag.Diagnostics {
	cause, outcome := responded("Wingspan", e), ""
	if op.writes() && e.Uncertain {
		outcome = "An earlier attempt may have succeeded. Run the same command again; it reads the current state first."
	}

	switch {
	case wingspan.IsUnauthorized(e):
		return d.diagnoseUnauthorized(op, e, outcome)
	case wingspan.IsNotFound(e):
		return d.once(op, "API endpoint not found", cause, outcome,
			fmt.Sprintf("%s doesn't serve the Wingspan API. Check base_url and environment.", wingspan.DisplayURL(d.settings.baseURL)))
	case wingspan.IsBadRequest(e) && e.Documented:
		at, summary, advice := op.attributeFor(e.Message)

		return errorDiag(at, summary, cause, op.couldNot(), advice, outcome)
	case wingspan.IsRateLimited(e):
		return d.once(op, "Rate limit exceeded", fmt.Sprintf("%s %s.", cause, attemptSummary(e.Method, e.Attempts, e.Elapsed)), outcome,
			"Wait a minute and try again, or lower `-parallelism`. Other clients of the same account share the limit.")
	case e.Status >= http.StatusInternalServerError:
		return d.once(op, "Wingspan API unavailable", fmt.Sprintf("%s %s, at %s.", cause, attemptSummary(e.Method, e.Attempts, e.Elapsed), d.settings.server()), op.afterFailure(true))
	case e.Status == http.StatusConflict && e.Method == http.MethodPost:
		return errorDiag(path.Empty(), "Request rejected", cause, op.couldNot(), outcome,
			"A webhook preference with this URL may exist already. Look for it with the wingspan_webhook_preferences data source, and import it, or use a different URL.")
	case e.Status >= 300 && e.Status < 400:
		return d.once(op, "Unexpected redirect", cause, outcome, "Set base_url to the address of the API itself.")
	case !e.Documented:
		return errorDiag(path.Empty(), "Request rejected", cause, op.couldNot(), outcome,
			"Check the configuration, base_url, and any proxy. If they are correct, report this issue: "+issuesURL)
	default:
		return errorDiag(path.Empty(), "Request rejected", cause, op.couldNot(), outcome,
			"If the response doesn't explain how to fix the configuration, report this issue: "+issuesURL)
	}
}

// responded puts in quotation marks what the API said, and not how the client describes another response.
func responded(server string, e *wingspan.APIError) string {
	message := e.Message
	if e.Documented {
		message = quoted(message)
	}
	cause := strings.TrimSpace(fmt.Sprintf("%s responded with %d %s", server, e.Status, http.StatusText(e.Status))) + ": " + message
	if e.RequestID != "" {
		cause += fmt.Sprintf(" (request ID: %s)", e.RequestID)
	}

	return cause + "."
}

// diagnoseUnauthorized begins with the account where the request was for one: a token that is fine may have no access to it.
func (d *providerData) diagnoseUnauthorized(op operation, e *wingspan.APIError, outcome string) diag.Diagnostics {
	token := fmt.Sprintf("Check that the token is complete, hasn't expired, and belongs to %s. "+
		"An administrator can generate a new token at %s under Data & Integrations > Developer.", d.settings.server(), d.settings.webURL)
	if e.Account != "" && e.Status == http.StatusForbidden {
		return d.once(op, "Account access denied",
			fmt.Sprintf("%s The request was made on behalf of account %s.", responded("Wingspan", e), quoted(e.Account)), outcome,
			"Check that the token's user has access to that account, and check user_id in the resource and in the provider configuration.", token)
	}

	return d.once(op, "API token rejected", responded("Wingspan", e), outcome, token)
}

// attributeFor finds the attribute that a 400 or 422 is about, by the API's own field names. A message about the secret is bound to
// none: Terraform would print the source line.
func (op operation) attributeFor(message string) (path.Path, string, string) {
	lower := strings.ToLower(message)

	switch {
	case !op.writes():
		return path.Empty(), "Request rejected", "Correct the configuration as the response describes, and try again."
	case strings.Contains(lower, "subscribedevents"), strings.HasPrefix(lower, "event"), strings.Contains(lower, " event"):
		return path.Root("subscribed_events"), "Invalid subscribed_events", "Use the wingspan_event_names data source to list available names."
	case strings.Contains(lower, "secret"):
		return path.Empty(), "Invalid shared secret", "Use a different secret, for example the output of `openssl rand -hex 32`."
	case strings.Contains(lower, "url"):
		return path.Empty(), "Invalid url", "The URL must be reachable from the internet."
	default:
		return path.Empty(), "Request rejected", "Correct the configuration as the response describes, and apply again."
	}
}

func (d *providerData) diagnoseNoToken(op operation) diag.Diagnostics {
	if len(d.settings.unknown) > 0 {
		unknown := d.settings.unknown
		names := strings.Join(unknown, ", ")
		summary := "Unknown provider configuration"
		if names == "api_token" {
			summary = "Unknown Wingspan API token"
		}

		return d.once(op, summary, fmt.Sprintf("The provider can't be configured because %s depends on values that are known only after apply.", names), "",
			fmt.Sprintf("Apply the dependency first with -target, use a static value, or remove %s from the provider configuration and set %s in the environment instead.",
				names, firstFew(len(unknown), unknown, variableOf)))
	}

	missing := "Set api_token in the provider configuration, preferably from a sensitive variable, or the WINGSPAN_API_TOKEN environment variable."
	if d.settings.emptyToken {
		missing = "api_token in the provider configuration is set to an empty string, which overrides WINGSPAN_API_TOKEN."
	}

	return d.once(op, "Missing Wingspan API token", missing, "",
		fmt.Sprintf("An administrator can generate a token at %s under Data & Integrations > Developer.", d.settings.webURL))
}

// diagnoseUnusable is for a 2xx response that is not what the API documents.
func diagnoseUnusable(op operation, e *wingspan.ResponseError) diag.Diagnostics {
	outcome := ""
	if op.writes() {
		outcome = op.afterFailure(true)
	}

	return errorDiag(path.Empty(), "Unexpected API response",
		fmt.Sprintf("%s returned status %d with an invalid body (%s, %d bytes): %s.", e.Method, e.Status, e.ContentType, e.Size, e.Reason),
		op.couldNot(), outcome, "If it happens again, check base_url and any proxy; otherwise report this issue: "+issuesURL)
}

// diagnoseOutage is short: the requests that failed before it have explained the outage.
func (d *providerData) diagnoseOutage(op operation, e *wingspan.OutageError) diag.Diagnostics {
	return errorDiag(path.Empty(), d.summaryOf(e.Err),
		fmt.Sprintf("%s wasn't attempted, because earlier requests failed and none has succeeded since: %s.", e.Method, e.Err), op.couldNot(), op.afterFailure(false))
}
