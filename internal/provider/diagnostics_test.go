package provider

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// goldenData is a provider that is configured for production.
func goldenData() *providerData {
	return &providerData{settings: settings{baseURL: wingspan.ProductionURL, webURL: wingspan.ProductionWebURL}}
}

func updating() operation {
	op := onPreference("update", "abc", "")
	op.write, op.secret = true, path.Root("shared_secret_wo")

	return op
}

func creating() operation {
	return operation{
		verb: "create", object: "a webhook preference for https://hooks.example.com/a", account: "usr1", write: true, secret: path.Root("shared_secret"),
	}
}

func answeredWith(status int, message string) *wingspan.APIError {
	return &wingspan.APIError{Method: "PATCH", Path: "/p/abc", Status: status, Message: message, Documented: true, Attempts: 1}
}

// TestDiagnostics has what a person reads in each situation, whole: what was being done, what came back, what to do.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	const (
		update = "Could not update webhook preference \"abc\".\n\n"
		token  = "Check that the token is complete, has not expired and is of this environment. " +
			"An administrator makes a new one at https://my.wingspan.app under Data & Integrations > Developer. "
		mayBe = "The change may have been made all the same. It is safe to apply again: the next plan reads what is there."
		early = "An earlier attempt of the same call may have been carried out all the same. It is safe to apply again: the next plan reads what is there."
	)
	reading, listing := onPreference("read", "abc", "usr1"), operation{verb: "list", object: "the webhook preferences"}
	account := answeredWith(401, "no usable token")
	account.Account, account.RequestID = "usr1", "req-7"
	uncertain := answeredWith(429, "Too many requests")
	uncertain.Attempts, uncertain.Elapsed, uncertain.Uncertain = 5, 61400*time.Millisecond, true
	refusedLate := answeredWith(403, "Session expired")
	refusedLate.Attempts, refusedLate.Uncertain = 2, true

	for _, test := range []struct {
		name    string
		op      operation
		err     error
		at      path.Path
		summary string
		detail  string
	}{
		{
			"401 for an account", updating(), account, path.Empty(), "Wingspan refused the API token",
			update + "Wingspan answered 401 Unauthorized: \"no usable token\" (request req-7)\n\n" + token +
				"The call was made for the account user_id = \"usr1\": the token's user must have access to it. Nothing was changed.",
		},
		{
			"403", reading, answeredWith(403, "Session expired"), path.Empty(), "Wingspan refused the API token",
			"Could not read webhook preference \"abc\" for the account \"usr1\".\n\nWingspan answered 403 Forbidden: \"Session expired\"\n\n" + token + "Nothing was changed.",
		},
		{
			"403 after an attempt that may have been carried out", updating(), refusedLate, path.Empty(), "Wingspan refused the API token",
			update + "Wingspan answered 403 Forbidden: \"Session expired\"\n\n" + token + early,
		},
		{
			"404 on update", updating(), answeredWith(404, "no such preference"), path.Empty(), "Webhook preference no longer exists",
			update + "Wingspan answered 404 Not Found: \"no such preference\"\n\n" +
				"Somebody deleted it since it was last read. Run `terraform plan` again: it will offer to create it anew.",
		},
		{
			"404 on read", reading, answeredWith(404, "no such preference"), path.Empty(), "Webhook preference not found",
			"Could not read webhook preference \"abc\" for the account \"usr1\".\n\nWingspan answered 404 Not Found: \"no such preference\"\n\n" +
				"Check the id, the environment that the token belongs to, and user_id if another account owns it.",
		},
		{
			"404 for an endpoint", listing, answeredWith(404, "nothing here"), path.Empty(), "Wingspan's API is not at this address",
			"Could not list the webhook preferences.\n\nWingspan answered 404 Not Found: \"nothing here\"\n\n" +
				"The server at https://api.wingspan.app has no such endpoint. Check base_url and environment. Nothing was changed.",
		},
		{
			"400 about events", updating(), answeredWith(400, "subscribedEvents: unknown name"), path.Root("subscribed_events"), "Invalid subscribed_events",
			update + "Wingspan answered 400 Bad Request: \"subscribedEvents: unknown name\"\n\n" +
				"Nothing was changed. The data source wingspan_event_names lists the names that the account can subscribe to.",
		},
		{
			"422 about the secret", updating(), answeredWith(422, "sharedSecret is too short"), path.Root("shared_secret_wo"), "Invalid shared secret",
			update + "Wingspan answered 422 Unprocessable Entity: \"sharedSecret is too short\"\n\n" +
				"Nothing was changed. Set another secret, for example the output of `openssl rand -hex 32`.",
		},
		{
			"400 about the url", creating(), answeredWith(400, "The URL is not reachable"), path.Root("url"), "Invalid url",
			"Could not create a webhook preference for https://hooks.example.com/a for the account \"usr1\".\n\n" +
				"Wingspan answered 400 Bad Request: \"The URL is not reachable\"\n\nNothing was changed. Set a URL that Wingspan can reach from the internet.",
		},
		{
			"400 that prevents something", updating(), answeredWith(400, "prevented by a rule"), path.Empty(), "Wingspan refused the request",
			update + "Wingspan answered 400 Bad Request: \"prevented by a rule\"\n\nNothing was changed. Correct the configuration as the answer says, and apply again.",
		},
		{
			"400 on a read is about no argument", listing, answeredWith(400, "the url is odd"), path.Empty(), "Wingspan refused the request",
			"Could not list the webhook preferences.\n\nWingspan answered 400 Bad Request: \"the url is odd\"\n\n" +
				"Nothing was changed. Correct the configuration as the answer says, and run the same command again.",
		},
		{
			"409", updating(), answeredWith(409, "conflict"), path.Empty(), "Wingspan refused the request",
			update + "Wingspan answered 409 Conflict: \"conflict\"\n\nNothing was changed. Correct the configuration if the answer says how; " +
				"otherwise please report it: https://github.com/wingspanhq/terraform-provider-wingspan/issues",
		},
		{
			"429", updating(), answeredWith(429, "Too many requests"), path.Empty(), "Wingspan is limiting requests",
			update + "Wingspan answered 429 Too Many Requests: \"Too many requests\". PATCH was tried once.\n\n" +
				"Nothing was changed. Wait a minute and run the same command again, or lower `-parallelism`. Other programs that use the account count as well.",
		},
		{
			"429 for a minute, after an attempt that may have been carried out", updating(), uncertain, path.Empty(), "Wingspan is limiting requests",
			update + "Wingspan answered 429 Too Many Requests: \"Too many requests\". PATCH was tried 5 times, for 1m1s in all.\n\n" + early +
				" Wait a minute and run the same command again, or lower `-parallelism`. Other programs that use the account count as well.",
		},
		{
			"500", updating(), answeredWith(500, "the answer had no body"), path.Empty(), "Could not reach Wingspan",
			update + "Wingspan answered 500 Internal Server Error: \"the answer had no body\". PATCH was tried once.\n\n" + mayBe,
		},
		{
			"503 on a read", reading, answeredWith(503, "down"), path.Empty(), "Could not reach Wingspan",
			"Could not read webhook preference \"abc\" for the account \"usr1\".\n\nWingspan answered 503 Service Unavailable: \"down\". PATCH was tried once.\n\n" +
				"Nothing was changed. Run the same command again when Wingspan can be reached.",
		},
		{
			"redirect", updating(), answeredWith(307, "a redirect to https://elsewhere.example.com"), path.Empty(), "Wingspan's address redirects",
			update + "Wingspan answered 307 Temporary Redirect: \"a redirect to https://elsewhere.example.com\"\n\nSet base_url to the address of the API itself. Nothing was changed.",
		},
		{
			"network, may have been sent", updating(), &wingspan.TransportError{Method: "PATCH", Attempts: 3, Elapsed: 2 * time.Second, Uncertain: true, Err: errors.New("connection reset by peer")},
			path.Empty(), "Could not reach Wingspan", update + "PATCH was tried 3 times, for 2s in all: connection reset by peer.\n\n" + mayBe,
		},
		{
			"network, not sent", updating(), &wingspan.TransportError{Method: "PATCH", Attempts: 1, Err: errors.New("connection refused")},
			path.Empty(), "Could not reach Wingspan",
			update + "PATCH was tried once: connection refused.\n\nThe request was not sent, so nothing was changed. Apply again when Wingspan can be reached.",
		},
		{
			"undecodable 200", updating(), &wingspan.ResponseError{Method: "PATCH", Path: "/p/abc", Status: 200, Size: 72, ContentType: "text/html", Reason: "the answer is not JSON"},
			path.Empty(), "Unexpected answer from Wingspan",
			update + "PATCH was answered with status 200 and 72 bytes of \"text/html\", which cannot be used: the answer is not JSON.\n\n" + mayBe +
				" If it happens again, check that base_url is the API and that no proxy answers in its place; " +
				"otherwise please report it: https://github.com/wingspanhq/terraform-provider-wingspan/issues",
		},
		{
			"an id that cannot be one", reading, &wingspan.IDError{ID: ".."}, path.Root("id"), "Invalid webhook preference id",
			"Could not read webhook preference \"abc\" for the account \"usr1\".\n\n\"..\" cannot be the id of a webhook preference.\n\n" +
				"List the preferences of the account with the data source wingspan_webhook_preferences.",
		},
		{
			"another account on read", reading, &wingspan.AccountError{Asked: "usr1", Got: "usr2", ID: "abc"}, path.Root("user_id"), "Wingspan answered for another account",
			"Could not read webhook preference \"abc\" for the account \"usr1\".\n\n" +
				"The call was made for the account \"usr1\", and the answer is about webhook preference \"abc\" of the account \"usr2\".\n\n" +
				"Check user_id, in the resource and in the provider block. Nothing was changed.",
		},
		{
			"another account on update", updating(), &wingspan.AccountError{Asked: "usr1", Got: "usr2", ID: "abc"}, path.Root("user_id"), "Wingspan answered for another account",
			update + "The call was made for the account \"usr1\", and the answer is about webhook preference \"abc\" of the account \"usr2\".\n\n" +
				"The change was made to that webhook preference. Check user_id, in the resource and in the provider block, and plan again.",
		},
		{
			"given up before it began", updating(), context.Canceled, path.Empty(), "Could not update the webhook preference",
			update + "context canceled.\n\nThe request was not sent, so nothing was changed. Apply again when Wingspan can be reached.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantDiagnostic(t, goldenData().diagnose(test.op, test.err), test.at, test.summary, test.detail)
		})
	}
}

func wantDiagnostic(t *testing.T, diags diag.Diagnostics, at path.Path, summary, detail string) {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("%d diagnostics: %v", len(diags), diags)
	}
	got := path.Empty()
	if p, ok := diags[0].(diag.DiagnosticWithPath); ok {
		got = p.Path()
	}
	if !got.Equal(at) || diags[0].Summary() != summary || len(summary) > 60 {
		t.Errorf("at %q: %q, want at %q: %q, of 60 characters at most", got, diags[0].Summary(), at, summary)
	}
	if diags[0].Detail() != detail {
		t.Errorf("\n got %q\nwant %q", diags[0].Detail(), detail)
	}
}

// TestCreateDiagnostics has the texts about webhooks that exist, or may.
func TestCreateDiagnostics(t *testing.T) {
	t.Parallel()
	const (
		create   = "Could not create a webhook preference for https://hooks.example.com/a for the account \"usr1\".\n\n"
		sent     = "The request was sent, and then: POST /p: EOF.\n\n"
		block    = "import {\n  to = wingspan_webhook_preference.NAME\n  id = \"usr1/abc\"\n}"
		unreach  = "Could not reach Wingspan"
		answered = "The call was made for the account \"usr1\", and the answer is about webhook preference \"abc\" of the account \"usr2\".\n\n"
	)
	cause := &wingspan.TransportError{Method: "POST", Path: "/p", Attempts: 1, Uncertain: true, Err: errors.New("EOF")}
	unclear := func(e wingspan.AmbiguousCreateError) error {
		e.Err, e.Account, e.URL = cause, "usr1", "https://hooks.example.com/a"

		return &e
	}

	for _, test := range []struct {
		name    string
		err     error
		at      path.Path
		summary string
		detail  string
	}{
		{
			"duplicate in one event", &wingspan.DuplicateError{ID: "abc", URL: "https://hooks.example.com/a", SharedEvents: []string{"Invoice.Paid"}},
			path.Empty(), "Webhook would be delivered twice",
			"Did not create a webhook preference for https://hooks.example.com/a.\n\n" +
				"The webhook preference \"abc\" has the same URL, and the event \"Invoice.Paid\" is subscribed to there already: each would be delivered twice. Nothing was created.\n\n" +
				"To manage the existing one, import it with this block, where NAME is the name of this resource:\n\n" +
				"import {\n  to = wingspan_webhook_preference.NAME\n  id = \"abc\"\n}\n\n" +
				"If both are wanted, for example while a secret is rotated, set allow_duplicate = true.",
		},
		{
			"duplicate in two events, for an account", &wingspan.DuplicateError{ID: "abc", Account: "usr1", URL: "https://hooks.example.com/a", SharedEvents: []string{"Invoice.Paid", "Invoice.Sent"}},
			path.Empty(), "Webhook would be delivered twice",
			"Did not create a webhook preference for https://hooks.example.com/a.\n\n" +
				"The webhook preference \"abc\" has the same URL, and the events \"Invoice.Paid\", \"Invoice.Sent\" are subscribed to there already: each would be delivered twice. Nothing was created.\n\n" +
				"To manage the existing one, import it with this block, where NAME is the name of this resource:\n\n" + block + "\n\n" +
				"If both are wanted, for example while a secret is rotated, set allow_duplicate = true.",
		},
		{
			"one candidate", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.Undecidable, Candidates: []string{"abc"}}), path.Empty(), unreach,
			create + sent + "The account's list shows one preference (abc), and the provider can't determine whether this request created it.\n\n" +
				"If it is this webhook, import it and apply again. Otherwise set allow_duplicate = true and apply again:\n\n" + block,
		},
		{
			"no list", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.Unlistable, ListErr: errors.New("GET /p: EOF")}), path.Empty(), unreach,
			create + sent + "The provider could not determine whether the webhook preference was created because it could not list the account: GET /p: EOF.\n\n" +
				"It may exist, with the URL https://hooks.example.com/a. Apply again when the API is reachable: the provider then searches for it and shows how to import it.",
		},
		{
			"not in a list that could be cut", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.NotListed, Searched: 5049 * time.Millisecond}), path.Empty(), unreach,
			create + sent + "The webhook preference did not appear within 5s and was most likely not created. The list may be incomplete for accounts with many webhook preferences.\n\n" +
				"Apply again. In an account with many webhook preferences, check Wingspan for the URL https://hooks.example.com/a first.",
		},
		{
			"not in the list", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.NotListedComplete, Searched: 5049 * time.Millisecond}), path.Empty(), unreach,
			create + sent + "The webhook preference did not appear in the account's list within 5s and was most likely not created.\n\n" +
				"Apply again. If it appears later, the next apply finds it, creates nothing, and shows how to import it.",
		},
		{
			"a list that is cut", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.Incomplete}), path.Empty(), unreach,
			create + sent + "The list is missing other webhook preferences that are known to exist, so its result is inconclusive.\n\n" +
				"Check Wingspan for the URL https://hooks.example.com/a before you apply again. If it exists, import it:\n\n" +
				"import {\n  to = wingspan_webhook_preference.NAME\n  id = \"usr1/ID\"\n}",
		},
		{
			"a retry that could not be deleted", unclear(wingspan.AmbiguousCreateError{Outcome: wingspan.Retained, Candidates: []string{"abc"}}), path.Empty(), unreach,
			create + sent + "A retry created webhook preference \"abc\", but the provider could not determine whether the first request also created one, and could not delete \"abc\". " +
				"It is saved in the state as tainted.\n\n" +
				"Check Wingspan for another webhook preference with the URL https://hooks.example.com/a and delete it if it exists; otherwise events are delivered twice.",
		},
		{
			"answered with what existed", &wingspan.ExistingError{ID: "abc", Account: "usr1", URL: "https://hooks.example.com/a"}, path.Empty(), "Webhook preference already exists",
			create + "Wingspan responded with webhook preference \"abc\", which existed before this request, instead of creating one. It may have changed its events and its secret.\n\n" +
				"Nothing was saved in the state. If no other resource manages it, import it:\n\n" + block,
		},
		{
			"made in another account and kept", &wingspan.AccountError{Asked: "usr1", Got: "usr2", ID: "abc", Created: true},
			path.Root("user_id"), "Wingspan answered for another account",
			create + answered + "It is saved in the state as tainted, and the next apply deletes it. Check user_id in the resource and in the provider configuration.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantDiagnostic(t, goldenData().diagnose(creating(), test.err), test.at, test.summary, test.detail)
		})
	}
}
