package provider

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// TestDiagnosticsAreBoundedAndPrintable drives every diagnostic of this package with what a server or a configuration may say at worst.
func TestDiagnosticsAreBoundedAndPrintable(t *testing.T) {
	t.Parallel()
	client, err := wingspan.NewClient(wingspan.Config{BaseURL: wingspan.ProductionURL, Token: oddToken})
	if err != nil {
		t.Fatal(err)
	}
	client.AddSecrets(oddWO)
	layer := newProvider("dev", "none")
	layer.configured.Store(&providerData{webhooks: wingspan.NewWebhooks(client)})
	var mu sync.Mutex
	seen := map[string]bool{}
	for name, hostile := range map[string]string{
		"8 KiB": strings.Repeat("x", 8<<10), "4 KiB of two bytes each": strings.Repeat("é", 2<<10), "whitespace": strings.Repeat(" ", 8<<10),
		"control characters": "\x1b[2J\x1b]0;title\x07\r\b\x00", "invisible and invalid": "a\u202eb\u200b\u2066c\ufeff\xff\xfe\xc3",
		"line breaks": "a\r\n\nError: b\u2028c\u0085", "templates": "${file(\"/etc/passwd\")}%{if true}$${x}%%{y}\"\\", "heredoc": "<<EOT\n${x}\nEOT\n",
		"the token": oddToken, "a secret": "x" + oddWO + "x", "a secret in base64": base64.StdEncoding.EncodeToString([]byte(oddWO)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range everyDiagnostic(t, hostile) {
				mu.Lock()
				seen[d.Summary] = true
				mu.Unlock()
				layer.clean([]*tfprotov6.Diagnostic{d})
				text := d.Summary + "\n" + d.Detail
				if len(text) > maxDetail+200 || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
					t.Errorf("%d bytes: %.300q", len(text), text)
				}
				if found := find([]byte(text), oddToken, oddWO); found != "" {
					t.Error(found)
				}
				wantHCL(t, hostile, d.Detail)
			}
		})
	}
	t.Cleanup(func() {
		for _, summary := range summariesIn(t) {
			// These are about bugs: nothing that comes from outside is in them.
			if !seen[summary] && !slices.Contains([]string{
				"Unexpected provider data", "Missing planned private data", "Could not save private state", "Invalid provider configuration",
			}, summary) {
				t.Errorf("%q is not among the diagnostics that this test drives", summary)
			}
		}
	})
}

// everyDiagnostic has the text wherever a diagnostic repeats something.
func everyDiagnostic(t *testing.T, hostile string) []*tfprotov6.Diagnostic {
	t.Helper()
	var diags diag.Diagnostics
	op := preferenceOp("update", hostile, hostile)
	ops := []operation{{verb: "create", object: "a webhook preference for " + wingspan.DisplayURL("https://h/"+hostile), account: hostile}, listOp(hostile)}
	api := func(status int) *wingspan.APIError {
		return &wingspan.APIError{Method: "PATCH", Path: "/p", Account: hostile, Status: status, Message: hostile, RequestID: hostile, Documented: true, Uncertain: true, Attempts: 2}
	}
	transport := &wingspan.TransportError{Method: "PATCH", Path: "/p", Attempts: 1, Uncertain: true, Err: errors.New(hostile)}
	failures := []error{
		transport, errors.New(hostile), wingspan.ErrNoToken, &wingspan.ResponseError{Method: "GET", Path: "/p", ContentType: hostile, Reason: hostile, Status: 200, Size: len(hostile)},
		&wingspan.IDError{ID: hostile}, &wingspan.IDError{ID: hostile, Created: true}, &wingspan.ExistingError{ID: hostile, Account: hostile, URL: hostile},
		&wingspan.AccountError{Asked: hostile, Got: hostile, ID: hostile}, &wingspan.AccountError{Asked: hostile, Got: hostile, ID: hostile, Created: true},
		&wingspan.DuplicateError{ID: hostile, Account: hostile, URL: "https://h/" + hostile, SharedEvents: []string{hostile, hostile, hostile}},
		&wingspan.DuplicateError{ID: hostile, URL: "https://h/" + hostile, SharedEvents: []string{hostile}, Written: true},
		&wingspan.OutageError{Method: "GET", Err: api(503)}, &wingspan.OutageError{Method: "GET", Err: transport}, &wingspan.OutageError{Method: "GET", Err: api(429)},
	}
	for _, status := range []int{307, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502} {
		failures = append(failures, api(status))
	}
	for outcome := wingspan.NotListed; outcome <= wingspan.Retained; outcome++ {
		failures = append(failures, &wingspan.AmbiguousCreateError{
			Err: api(502), Outcome: outcome, URL: "https://h/" + hostile, Account: hostile, Candidates: []wingspan.Preference{{ID: hostile, URL: hostile, SubscribedEvents: []string{hostile, hostile}}, {ID: hostile}}, ListErr: api(500),
		})
	}
	for reason := wingspan.Gone; reason <= wingspan.ListFailed; reason++ {
		failures = append(failures, &wingspan.MissingError{
			Reason: reason, Server: "https://h/" + hostile, Err: api(404), Cause: api(403), Target: wingspan.Target{ID: hostile, Owner: hostile, Account: hostile, Server: "https://h/" + hostile},
		})
	}
	client, err := wingspan.NewClient(wingspan.Config{BaseURL: wingspan.ProductionURL}) // Without a token it sends nothing.
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range failures {
		d := productionData()
		d.settings.baseURL, d.settings.environment, d.settings.unknown = "https://h/"+hostile, "", nil
		for range 2 { // The second one refers to the first.
			diags.Append(d.diagnose(op, err)...)
		}
		d = productionData()
		d.settings.unknown, d.webhooks = []string{"api_token"}, wingspan.NewWebhooks(client)
		d.events = newEventCatalog(func(context.Context, string) ([]string, error) { return nil, err })
		diags.Append(d.diagnose(op, err)...)
		diags.Append(d.eventsUnchecked(hostile, err)...)
		diags.Append(d.duplicatesUnchecked(t.Context(), &wanted{account: hostile}, err)...)
	}
	for _, op := range ops {
		diags.Append(productionData().diagnose(op, transport)...)
	}
	missing := &wingspan.MissingError{Server: "https://h/" + hostile, Err: api(404)}
	diags.Append(warningsAbout(t, hostile, missing)...)
	diags.Append(inputErrors(t, hostile)...)

	return append(reported(diags), frameworkErrors(t, hostile)...)
}

func warningsAbout(t *testing.T, hostile string, missing error) diag.Diagnostics {
	t.Helper()
	var diags diag.Diagnostics
	webhook := wingspan.Preference{ID: hostile, URL: "https://h/" + hostile, UserID: hostile, SubscribedEvents: []string{hostile}}
	state := modelOf()
	state.ID, state.URL = types.StringValue(hostile), types.StringValue("https://h/"+hostile)
	w := &wanted{account: hostile, url: "https://h/" + hostile, events: []string{hostile, hostile}}
	diags.Append(warnGone(state, missing)...)
	diags.Append(diagnoseUnreplaced(preferenceOp("delete", hostile, hostile), state)...)
	diags.Append(diagnoseUnconfirmedAccount(preferenceOp("update", hostile, hostile), missing)...)
	diags.Append(warnOfDifferences(&state, &webhook)...)
	diags.Append(warnOfURL(hostile, origin{Sent: form{URL: "https://h/" + hostile}, Shown: form{URL: "https://H/" + hostile}})...)
	diags.Append(warnOfManaged(webhook, w, w.events)...)
	diags.Append(warnOfAccepted(webhook, w, w.events)...)
	diags.Append(warnOfSimilar(slices.Repeat([]wingspan.Preference{webhook}, 7), w, true)...)
	diags.Append(productionData().warnOfUnreadable(wingspan.List{Unreadable: []wingspan.Preference{webhook}})...)
	diags.Append(warnOfIncomplete(wingspan.List{Unreadable: []wingspan.Preference{webhook}})...)
	d := productionData()
	d.run.gain(w, func(string) bool { return true })
	_, twin := d.checkDuplicates(t.Context(), w)
	diags.Append(twin...)
	for _, mode := range []eventNameMode{eventNamesError, eventNamesWarning} {
		for _, planned := range []string{hostile, "*" + hostile, "Invoice.Paid"} {
			d := productionData()
			d.settings.eventNames = mode
			d.events = newEventCatalog(nil)
			done := make(chan struct{})
			close(done)
			d.events.accounts[hostile] = &catalogEntry{done: done, names: []string{hostile + "a", hostile + "b", hostile + "c", "Invoice.paid"}}
			diags.Append(d.checkEvents(t.Context(), hostile, types.SetValueMust(types.StringType, []attr.Value{types.StringValue(planned)}), types.SetNull(types.StringType))...)
		}
	}

	return diags
}

func inputErrors(t *testing.T, hostile string) diag.Diagnostics {
	t.Helper()
	ctx := t.Context()
	var diags diag.Diagnostics
	for _, block := range []providerModel{
		{APIToken: types.StringValue(hostile)}, {APIToken: types.StringValue("\"" + hostile)}, {BaseURL: types.StringValue(hostile)}, {BaseURL: types.StringValue("http://" + hostile)},
		{BaseURL: types.StringValue("http://h.example.com/" + hostile)}, {Environment: types.StringValue(hostile)}, {Environment: types.StringValue(hostile), BaseURL: types.StringValue(hostile)},
		{UserID: types.StringValue(hostile)}, {UserID: types.StringValue(hostile + " ")}, {RequestTimeout: types.StringValue(hostile)}, {EventNameValidation: types.StringValue(hostile)},
	} {
		_, problems := resolveSettings(block, func(string) string { return hostile })
		diags.Append(problems...)
	}
	for _, value := range []string{hostile, "https://" + hostile, "http://u:p@h.example.com/" + hostile, "https://h:" + hostile, " ", "a", " long enough to be a secret"} {
		req := validator.StringRequest{Path: path.Root("x"), ConfigValue: types.StringValue(value)}
		for _, v := range []validator.String{urlValidator(), secretValidator(), userIDValidator()} {
			var resp validator.StringResponse
			v.ValidateString(ctx, req, &resp)
			diags.Append(resp.Diagnostics...)
		}
	}
	diags.Append(checkCreate(&preferenceModel{readableModel: readableModel{SubscribedEvents: types.SetNull(types.StringType)}}, secretModel{})...)
	for _, object := range []restapiObject{{ID: hostile, Path: hostile}, {ID: hostile, Path: "/integrations/webhooks/preference"}, {ID: "a", Path: "/integrations/webhooks/preference", CreateResponse: `{"preferenceId":` + spelledJSON(hostile) + `}`}} {
		state, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, provider := range []string{"registry.terraform.io/mastercard/restapi", hostile} {
			resp := resource.MoveStateResponse{}
			req := resource.MoveStateRequest{SourceTypeName: restapiType, SourceProviderAddress: provider, SourceRawState: &tfprotov6.RawState{JSON: state}}
			if _, problem := object.preference(); problem != "" || provider == hostile {
				moveFromRestapi(ctx, req, &resp)
			}
			diags.Append(resp.Diagnostics...)
		}
	}
	moved := plannedPrivate{movedKey: []byte(`"restapi_object"`)}
	diags.Append(explainMove(ctx, moved, errorDiag(path.Empty(), "Webhook preference not found", hostile))...)

	return diags
}

// frameworkErrors are those of which the framework writes a part.
func frameworkErrors(t *testing.T, hostile string) []*tfprotov6.Diagnostic {
	t.Helper()
	w := newHarness(t).configured()
	var all []*tfprotov6.Diagnostic
	for _, change := range []values{
		{"subscribed_events": []any{strings.Repeat(" ", len(hostile)), nil}}, {"shared_secret": hostile, "shared_secret_wo": hostile}, {"shared_secret_wo_version": 1.5}, {"shared_secret_wo_version": 1},
	} {
		all = append(all, w.validate(hookValues(change))...)
	}
	for _, id := range []string{hostile, hostile + " ", "/", "a/" + hostile + "/b"} {
		if _, problem := parseImportID(id); problem != "" && id != "" {
			_, diags := w.importID(id)
			all = append(all, diags...)
		}
	}
	for _, identity := range []values{{"id": ""}, {"id": "a", "user_id": hostile + " "}} {
		_, diags := w.importIdentity(identity)
		all = append(all, diags...)
	}

	return all
}

// wantHCL parses the blocks that a message has for pasting. None of what stands in them is a template.
func wantHCL(t *testing.T, hostile, detail string) {
	t.Helper()
	for _, begin := range []string{"import {", "removed {"} {
		at := strings.Index(detail, begin)
		if at < 0 {
			continue
		}
		block, _, ended := strings.Cut(detail[at:], "\n}")
		file, problems := hclsyntax.ParseConfig([]byte(block+"\n}\n"), "main.tf", hcl.InitialPos)
		if !ended || problems.HasErrors() {
			t.Errorf("%v in\n%s", problems, block)

			continue
		}
		id := file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes["id"]
		if id == nil {
			continue
		}
		value, problems := id.Expr.Value(nil)
		if problems.HasErrors() {
			t.Errorf("%v in\n%s", problems, block)
		} else if strings.Contains(hostile, "${") && !strings.Contains(value.AsString(), hostile) && value.AsString() != "ID" && value.AsString() != hostile+"/ID" {
			t.Errorf("%q became %q", hostile, value.AsString())
		}
	}
}

// literalSummary finds where a diagnostic of this package gets a summary that is a literal.
var literalSummary = regexp.MustCompile(`\b(?:errorDiag|warningDiag|once|unchecked|warnOnce|(?:New|Add)(?:Attribute)?(?:Error|Warning)(?:Diagnostic)?)\((?:.*?, )?"([^"]+)",`)

// summariesIn returns the summaries that this package gives its diagnostics as literals.
func summariesIn(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range literalSummary.FindAllSubmatch(content, -1) {
			all = append(all, string(match[1]))
		}
	}
	if len(all) < 30 {
		t.Errorf("found %d summaries only", len(all))
	}

	return all
}
