package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// productionData is a provider that is configured for production.
func productionData() *providerData {
	return &providerData{run: newRun(""), settings: settings{environment: environmentProduction, baseURL: wingspan.ProductionURL, webURL: wingspan.ProductionWebURL}}
}

func errorResponse(status int, message string) *wingspan.APIError {
	return &wingspan.APIError{Method: "PATCH", Path: "/p/abc", Status: status, Message: message, Documented: true, Attempts: 1}
}

// reported is what the framework makes of diagnostics, which are about no more than an attribute as a whole.
func reported(diags diag.Diagnostics) diagnostics {
	var all diagnostics
	for _, d := range diags {
		one := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverity(d.Severity()), Summary: d.Summary(), Detail: d.Detail()}
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			one.Attribute = tftypes.NewAttributePath().WithAttributeName(at.Path().String())
		}
		all = append(all, one)
	}

	return all
}

// TestDiagnostics: in each situation the cause comes first, and everything that matters is in it.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	reading, updating, listing := preferenceOp("read", "abc", "usr1"), preferenceOp("update", "abc", ""), listOp("")
	creating := operation{verb: "create", object: "a webhook preference"}
	account := errorResponse(403, "Session expired")
	account.Account, account.RequestID = "usr1", "req-7"
	conflict := errorResponse(409, "Exists")
	conflict.Method = http.MethodPost
	uncertain := errorResponse(429, "Too many requests")
	uncertain.Attempts, uncertain.Elapsed, uncertain.Uncertain = 5, 61400*time.Millisecond, true
	cause := &wingspan.TransportError{Method: "POST", Path: "/p", Attempts: 1, Uncertain: true, Err: errors.New("EOF")}
	ambiguous := func(outcome wingspan.AmbiguousOutcome, candidates ...wingspan.Preference) error {
		return &wingspan.AmbiguousCreateError{Err: cause, Outcome: outcome, Account: "usr1", URL: "https://u:p@hooks.example.com/a?k=v", Candidates: candidates, ListErr: errors.New("down")}
	}
	unlistable := func(listErr error) error {
		return &wingspan.AmbiguousCreateError{Err: cause, Outcome: wingspan.Unlistable, Account: "usr1", URL: "https://u:p@hooks.example.com/a?k=v", ListErr: listErr}
	}
	undecodable := &wingspan.ResponseError{Method: "GET", Path: "/p", Status: 200, Size: 72, ContentType: "text/html", Reason: "not JSON"}
	page, hidden := errorResponse(404, "the response was HTML, not JSON"), errorResponse(400, "an error message of 9 bytes, which isn't shown")
	page.Documented, hidden.Documented = false, false
	replacing, readingData := creating, operation{verb: "read", object: preferenceLabel("abc")}
	replacing.accepted = []string{"abc"}
	missing := func(reason wingspan.MissingReason) error {
		return &wingspan.MissingError{
			Reason: reason, Target: wingspan.Target{ID: "abc", Owner: "usr2", Server: "https://old.example.com"}, Server: "https://new.example.com",
			Err: errorResponse(404, "nothing"), Cause: errors.New("403"),
		}
	}

	for _, test := range []struct {
		name     string
		op       operation
		err      error
		line     string
		contains []string
		neither  string
	}{
		{"403 for an account", updating, account, "error: Account access denied",
			[]string{`Wingspan responded with 403 Forbidden: "Session expired" (request ID: req-7).`, `account "usr1"`, `Could not update webhook preference "abc".`, "the production environment (https://api.wingspan.app)"}, ""},
		{"403", reading, errorResponse(403, "Session expired"), "error: API token rejected", []string{"https://my.wingspan.app", "the production environment"}, "changed"},
		{"a page", listing, page, "error: API endpoint not found", []string{"Wingspan responded with 404 Not Found: the response was HTML, not JSON."}, `"`},
		{"400 without a message", updating, hidden, "error: Request rejected",
			[]string{"400 Bad Request: an error message of 9 bytes, which isn't shown.", "Check the configuration, base_url, and any proxy. If they are correct, report this issue: " + issuesURL}, "describes"},
		{"404 for an endpoint", listing, errorResponse(404, "nothing here"), "error: API endpoint not found", []string{"https://api.wingspan.app doesn't serve the Wingspan API"}, "changed"},
		{"400 about events", updating, errorResponse(400, "subscribedEvents: unknown name"), "error at subscribed_events: Invalid subscribed_events", nil, ""},
		{"422 about the secret", updating, errorResponse(422, "sharedSecret is too short"), "error: Invalid shared secret", nil, ""},
		{"400 about the url", updating, errorResponse(400, "The URL is not reachable"), "error: Invalid url", nil, ""},
		{"400 that prevents something", updating, errorResponse(400, "prevented by a rule"), "error: Request rejected", nil, ""},
		{"409 for a create", updating, conflict, "error: Request rejected", []string{"may exist already", "import it"}, issuesURL},
		{"400 on a read", listing, errorResponse(400, "the url is odd"), "error: Request rejected", nil, ""},
		{"409", updating, errorResponse(409, "conflict"), "error: Request rejected", []string{issuesURL}, ""},
		{"429 that may have succeeded before", updating, uncertain, "error: Rate limit exceeded", []string{"PATCH failed after 5 attempts (1m1s)", "An earlier attempt may have succeeded"}, ""},
		{"503 on a read", reading, errorResponse(503, "down"), "error: Wingspan API unavailable", []string{"Try again when the API is reachable."}, "changed"},
		{"500 on an update", updating, errorResponse(500, "down"), "error: Wingspan API unavailable", []string{"The change may have been applied."}, ""},
		{"500 on a create", creating, errorResponse(500, "down"), "error: Wingspan API unavailable", []string{"The change may have been applied."}, ""},
		{"500 on a delete", preferenceOp("delete", "abc", ""), errorResponse(500, "down"), "error: Wingspan API unavailable", []string{"The change may have been applied."}, ""},
		{"redirect", updating, errorResponse(307, "a redirect"), "error: Unexpected redirect", []string{"Set base_url"}, ""},
		{"network, may have been sent", updating, &wingspan.TransportError{Method: "PATCH", Attempts: 3, Uncertain: true, Err: errors.New("reset")}, "error: Could not reach Wingspan", []string{"https://api.wingspan.app", "may have been applied"}, ""},
		{"network, not sent", updating, &wingspan.TransportError{Method: "PATCH", Attempts: 1, Err: errors.New("refused")}, "error: Could not reach Wingspan", []string{"No request was sent"}, ""},
		{"an outage", updating, &wingspan.OutageError{Method: "PATCH", Err: errorResponse(503, "down")}, "error: Wingspan API unavailable", []string{"PATCH wasn't attempted", "503 Service Unavailable: down", "No request was sent"}, "may have"},
		{"limits for too long", updating, &wingspan.OutageError{Method: "PATCH", Err: errorResponse(429, "slow")}, "error: Rate limit exceeded", []string{"No request was sent"}, "may have"},
		{"an outage of the network", reading, &wingspan.OutageError{Method: "GET", Err: &wingspan.TransportError{Method: "GET", Path: "/p", Err: errors.New("refused")}}, "error: Could not reach Wingspan", []string{"GET wasn't attempted", "refused"}, ""},
		{"undecodable 200", updating, &wingspan.ResponseError{Method: "PATCH", Status: 200, Size: 72, ContentType: "text/html", Reason: "not JSON"}, "error: Unexpected API response", []string{"invalid body (text/html, 72 bytes): not JSON."}, ""},
		{"undecodable 200 to a read", reading, undecodable, "error: Unexpected API response", []string{"check base_url and any proxy"}, "reachable"},
		{"an invalid ID", reading, &wingspan.IDError{ID: ".."}, "error at id: Invalid webhook preference ID", nil, ""},
		{"another account", updating, &wingspan.AccountError{Asked: "usr1", Got: "usr2", ID: "abc"}, "error at user_id: Unexpected account in response", []string{`"usr1"`, `"usr2"`, "The change was made"}, ""},
		{"another account's", creating, &wingspan.AccountError{Asked: "usr1", Got: "usr2", ID: "abc"}, "error at user_id: Unexpected account in response", []string{`"usr1"`, `"usr2"`,
			`It isn't saved in the state, because this request may not have created it. Look for it in account "usr2" in Wingspan, and delete it there if nothing needs it.`}, ""},
		{"canceled", updating, context.Canceled, "error: Could not update the webhook preference", []string{"No request was sent"}, ""},
		{"duplicate", updating, &wingspan.DuplicateError{ID: "abc", Account: "usr1", URL: "https://u:p@hooks.example.com/a?k=v", SharedEvents: []string{"Invoice.Paid"}}, "error: Duplicate webhook preference",
			[]string{`"Invoice.Paid"`, "https://hooks.example.com/a ", "id = \"usr1/abc\"", "moved block", "allow_duplicate"}, "k=v"},
		{"duplicate of this run", creating, &wingspan.DuplicateError{ID: "abc", URL: "https://hooks.example.com/a?k=v", SharedEvents: []string{"Invoice.Paid"}, Written: true}, "error: Duplicate webhook preference",
			[]string{`Another resource in this configuration has the URL https://hooks.example.com/a and these events: "Invoice.Paid".`, "Remove the events from one of the resources."}, "import"},
		{"existed before, and is managed", replacing, &wingspan.ExistingError{ID: "abc"}, "error: Webhook preference already exists",
			[]string{"Nothing was saved in the state. Wingspan keeps one webhook preference for each URL, and this configuration already manages this one, so it can't be replaced before it is deleted. " +
				"Remove create_before_destroy from the lifecycle block. To rename the resource, use a moved block."}, "import"},
		{"existed before", updating, &wingspan.ExistingError{ID: "abc"}, "error: Webhook preference already exists", []string{"id = \"abc\""}, ""},
		{"retained", updating, ambiguous(wingspan.Retained, wingspan.Preference{ID: "abc"}), "error: Could not reach Wingspan", []string{"tainted", "https://hooks.example.com/a "}, "k=v"},
		{"undecidable", updating, ambiguous(wingspan.Undecidable, wingspan.Preference{ID: "abc", SubscribedEvents: []string{"Payee.Created"}}, wingspan.Preference{ID: "def"}),
			"error: Could not reach Wingspan", []string{`"abc" (subscribes to: "Payee.Created"), "def" with this URL or a similar one, and`, "another resource manages it", "id = \"usr1/abc\""}, "k=v"},
		{"many candidates", updating, ambiguous(wingspan.Undecidable, preferences("c1", "c2", "c3", "c4", "c5", "c6", "c7")...), "error: Could not reach Wingspan", []string{`"c5", and 2 more`}, "c6"},
		{"unlistable", updating, unlistable(errors.New("down")), "error: Could not reach Wingspan", []string{"could not list the account: down.", "Apply again when the API is reachable"}, "import {"},
		{"a list that can't be decoded", updating, unlistable(undecodable), "error: Could not reach Wingspan",
			[]string{"could not list the account: GET /p: 200 with 72 bytes", "Look for the URL https://hooks.example.com/a in Wingspan, in its web app or through its support, before you apply again: " +
				"each apply may create another webhook preference. If it exists, delete it, or import it if no other resource manages it:", `id = "usr1/ID"`}, "reachable"},
		{"a list that is refused", updating, unlistable(errorResponse(403, "no")), "error: Could not reach Wingspan", []string{"before you apply again", `id = "usr1/ID"`}, "reachable"},
		{"not listed", updating, ambiguous(wingspan.NotListed), "error: Could not reach Wingspan", []string{"most likely not created", "may be incomplete"}, ""},
		{"not in a complete list", updating, ambiguous(wingspan.NotListedComplete), "error: Could not reach Wingspan", []string{"most likely not created"}, "may be incomplete"},
		{"incomplete", updating, ambiguous(wingspan.Incomplete), "error: Could not reach Wingspan", []string{"The list is missing other webhook preferences that are known to exist, or has entries that can't be decoded, so its result is inconclusive.", "usr1/ID"}, ""},
		{"gone at update", updating, missing(wingspan.Gone), "error: Webhook preference no longer exists", []string{"terraform plan"}, ""},
		{"gone at read", reading, missing(wingspan.Gone), "error: Webhook preference not found", nil, ""},
		{"another server", reading, missing(wingspan.OtherServer), "error: Webhook preference registered at another server", []string{"https://old.example.com", "https://new.example.com", "terraform state rm"}, ""},
		{"no access to the owner", reading, missing(wingspan.OwnerDenied), "error: Account access denied", []string{`"usr2"`, "terraform state rm"}, ""},
		{"still listed", reading, missing(wingspan.StillListed), "error: Contradictory responses", []string{"terraform state rm"}, ""},
		{"no list", reading, missing(wingspan.ListFailed), "error: Unconfirmed 404 response",
			[]string{"The list of the account doesn't prove that the webhook preference was deleted: 403.", "terraform state rm"}, ""},
		{"no list, in no state", readingData, missing(wingspan.ListFailed), "error: Unconfirmed 404 response", []string{"and any proxy, and try again."}, "state rm"},
		{"still listed, in no state", readingData, missing(wingspan.StillListed), "error: Contradictory responses", nil, "state rm"},
		{"no access to the owner, in no state", readingData, missing(wingspan.OwnerDenied), "error: Account access denied", nil, "state rm"},
		{"another server, in no state", readingData, missing(wingspan.OtherServer), "error: Webhook preference registered at another server", nil, "state rm"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			diags := reported(productionData().diagnose(test.op, test.err))
			diags.want(t, test.line)
			diags.wantText(t, test.contains...)
			if test.neither != "" && strings.Contains(diags.text(), test.neither) {
				t.Errorf("it contains %q:\n%s", test.neither, diags.text())
			}
		})
	}
}

func preferences(ids ...string) []wingspan.Preference {
	list := make([]wingspan.Preference, len(ids))
	for i, id := range ids {
		list[i].ID = id
	}

	return list
}

// TestRepeatedDiagnosticsAreShort: what many webhooks have in common is explained once.
func TestRepeatedDiagnosticsAreShort(t *testing.T) {
	t.Parallel()
	d := productionData()
	first := d.diagnose(preferenceOp("read", "abc", ""), errorResponse(401, "no"))[0]
	second := d.diagnose(preferenceOp("read", "def", ""), errorResponse(401, "no"))[0]
	if !strings.Contains(first.Detail(), "Developer") || strings.Contains(second.Detail(), "Developer") ||
		!strings.Contains(second.Detail(), `"def"`) || !strings.HasSuffix(second.Detail(), `Same error as: Could not read webhook preference "abc".`) {
		t.Errorf("first:\n%s\nsecond:\n%s", first.Detail(), second.Detail())
	}
	third := d.diagnose(preferenceOp("read", "abc", ""), errorResponse(401, "no"))[0]
	if !strings.HasSuffix(third.Detail(), "\n\nSame error as another one of this run, which explains what to do.") {
		t.Errorf("the same text:\n%s", third.Detail())
	}
}

// TestUnknownArgumentsAreToBeRemoved: an environment variable doesn't help as long as its argument is in the provider block.
func TestUnknownArgumentsAreToBeRemoved(t *testing.T) {
	t.Parallel()
	d := productionData()
	d.settings.unknown = []string{"api_token", "user_id"}
	reported(d.diagnose(listOp(""), wingspan.ErrNoToken)).wantText(t, "Apply the dependency first with -target, use a static value, "+
		"or remove api_token, user_id from the provider configuration and set WINGSPAN_API_TOKEN, WINGSPAN_USER_ID in the environment instead.")
}

// TestAChangedURLIsShown, and where the difference would show credentials, it is said that there is one.
func TestAChangedURLIsShown(t *testing.T) {
	t.Parallel()
	const sent = "https://h.example.com/a"
	for shown, want := range map[string]string{
		sent + "/": `Wingspan keeps the URL of webhook preference "abc" as https://h.example.com/a/ instead of https://h.example.com/a, and sends events there.`,
		sent + "?": `Wingspan keeps the URL of webhook preference "abc" as https://h.example.com/a, with a difference in a part that isn't shown (query, fragment, or credentials), and sends events there.`,
	} {
		reported(warnOfURL("abc", origin{Sent: form{URL: sent}, Shown: form{URL: shown}})).wantText(t, want)
	}
}

// TestOneOutageIsExplainedOnce: of creates that fail together, each reports its own outcome, and refers to the first by name, as Terraform
// may show that later.
func TestOneOutageIsExplainedOnce(t *testing.T) {
	t.Parallel()
	for _, outcome := range []wingspan.AmbiguousOutcome{wingspan.NotListed, wingspan.NotListedComplete, wingspan.Undecidable, wingspan.Incomplete, wingspan.Unlistable, wingspan.Retained} {
		d := productionData()
		var details []string
		for _, url := range []string{"https://hooks.example.com/a", "https://hooks.example.com/b"} {
			op := operation{verb: "create", object: "a webhook preference for " + url}
			details = append(details, d.diagnose(op, &wingspan.AmbiguousCreateError{
				Err: errorResponse(503, "down"), Outcome: outcome, URL: url, Candidates: []wingspan.Preference{{ID: url}}, ListErr: errors.New("refused"),
			})[0].Detail())
		}
		const same = "Same error as: Could not create a webhook preference for https://hooks.example.com/a."
		if !strings.Contains(details[0], "503 Service Unavailable") || strings.Contains(details[0], "Same error") || strings.Contains(details[1], "503") || !strings.Contains(details[1], same) ||
			!strings.Contains(details[1], "Could not create a webhook preference for https://hooks.example.com/b.") {
			t.Errorf("outcome %d:\n%s\n\n%s", outcome, details[0], details[1])
		}
		// What it wraps was not explained, so that nothing refers to it.
		if other := d.diagnose(listOp(""), errorResponse(503, "down"))[0].Detail(); strings.Contains(other, "Same error") {
			t.Errorf("outcome %d: %s", outcome, other)
		}
	}
}

// TestARepeatedErrorSaysWhatBecameOfItsOwnRequest: a write that may have been carried out is no reference to one that was not sent.
func TestARepeatedErrorSaysWhatBecameOfItsOwnRequest(t *testing.T) {
	t.Parallel()
	d, op := productionData(), preferenceOp("update", "abc", "")
	d.diagnose(op, &wingspan.TransportError{Method: "PATCH", Attempts: 1, Err: errors.New("connection refused")})
	for uncertain, want := range map[bool]string{true: "The change may have been applied.", false: "No request was sent and nothing changed."} {
		detail := d.diagnose(op, &wingspan.TransportError{Method: "PATCH", Attempts: 1, Uncertain: uncertain, Err: errors.New("closed")})[0].Detail()
		if !strings.Contains(detail, "Same error as") || !strings.Contains(detail, want) {
			t.Errorf("uncertain %t: %s", uncertain, detail)
		}
	}
}
