package provider

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	// restapi1 and restapi3 have the shape of the states that versions 1 and 3 of Mastercard/restapi write. ID, OWNER and SECRET stand for
	// what differs. Version 2 has the shape of version 1.
	restapi1 = `{"id":"ID","path":"/integrations/webhooks/preference","create_path":null,"read_path":null,"update_path":null,"destroy_path":null,
		"create_method":null,"read_method":null,"update_method":"PATCH","destroy_method":null,"id_attribute":"preferenceId","object_id":null,
		"data":"{\"sharedSecret\":\"SECRET\",\"url\":\"https://hooks.example.com/a\"}","debug":null,"read_search":{"search_key":"preferenceId","search_value":"ID"},
		"query_string":null,"force_new":null,"read_data":null,"update_data":null,"destroy_data":null,
		"api_data":{"preferenceId":"ID","sharedSecret":"SECRET","subscribedEvents":"[Invoice.Paid Invoice.Sent]","userId":"OWNER","url":"https://hooks.example.com/a"},
		"api_response":"{\"preferenceId\":\"ID\",\"userId\":\"OWNER\",\"sharedSecret\":\"SECRET\"}","create_response":"{\"preferenceId\":\"ID\",\"sharedSecret\":\"SECRET\"}"}`
	restapi3 = `{"id":"ID","path":"/integrations/webhooks/preference","create_path":null,"read_path":null,
		"data":"{\"preferenceId\":\"ID\",\"userId\":\"OWNER\",\"sharedSecret\":\"SECRET\"}","ignore_changes_to":["updatedAt"],"ignore_server_additions":true,
		"read_search":{"query_string":null,"results_key":null,"search_data":null,"search_key":"preferenceId","search_patch":null,"search_value":"{id}"},
		"api_data":{"preferenceId":"ID","userId":"OWNER","sharedSecret":"SECRET"},
		"api_response":"{\"preferenceId\":\"ID\",\"userId\":\"OWNER\",\"sharedSecret\":\"SECRET\"}","create_response":null}`
	restapiBare = `{"id":"ID","path":"/integrations/webhooks/preference","data":"{}"}`
)

// restapiState fills in a recorded state.
func restapiState(recorded, id, owner string) string {
	return strings.NewReplacer("ID", id, "OWNER", owner, "SECRET", otherSecret).Replace(recorded)
}

// move moves a resource of another provider here, and hands on what Terraform would keep. It does not read.
func (w *providerServer) move(provider, typeName, state string) (instance, diagnostics) {
	w.t.Helper()
	resp := call(w, w.server.MoveResourceState, &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: provider, SourceTypeName: typeName, SourceState: &tfprotov6.RawState{JSON: []byte(state)},
		SourcePrivate: []byte(`{"schema_version":"0"}`), TargetTypeName: preferenceTypeName,
	})
	for _, written := range []any{resp.Diagnostics, resp.TargetState, string(resp.TargetPrivate), resp.TargetIdentity} {
		if text, err := json.Marshal(written); err != nil || strings.Contains(string(text), otherSecret) {
			w.t.Errorf("the move writes the secret: %v", err)
		}
	}
	if diagnostics(resp.Diagnostics).failed() {
		return instance{}, resp.Diagnostics
	}

	return instance{state: resp.TargetState, private: resp.TargetPrivate, identity: resp.TargetIdentity}, resp.Diagnostics
}

// TestMoveFromRestapi moves what every version of restapi wrote, and wants what an import of the same webhook gives.
func TestMoveFromRestapi(t *testing.T) {
	t.Parallel()
	const address = "registry.terraform.io/mastercard/restapi"
	pathIs := func(path string) []string { return []string{"/integrations/webhooks/preference", path} }
	for _, test := range []struct {
		name, provider, state string
		account               string
		replace               []string
	}{
		{"version 1", address, restapi1, wingspantest.OwnAccount, nil},
		{"version 3", address, restapi3, wingspantest.OwnAccount, nil},
		{"a child account's", "registry.opentofu.org/mastercard/restapi", restapi3, childA, nil},
		{"a fork", "registry.example.com/someone/restapi", restapi1, childA, nil},
		{"the item's path", address, restapi1, wingspantest.OwnAccount, pathIs("/integrations/webhooks/preference/{id}?a=b")},
		{"the literal item's path", address, restapi1, wingspantest.OwnAccount, pathIs("integrations/webhooks/preference/ID/")},
		{"a part of the path in the uri", address, restapi1, wingspantest.OwnAccount, pathIs("/webhooks/preference")},
		{"a gateway's path", address, restapi1, wingspantest.OwnAccount, pathIs("/wingspan/integrations/webhooks/preference")},
		{"only create_path", address, restapi1, wingspantest.OwnAccount, []string{
			`"path":"/integrations/webhooks/preference","create_path":null`, `"path":"/","create_path":"/integrations/webhooks/preference"`,
		}},
		{"an owner in api_data only", address, restapi1, childA, []string{`{\"preferenceId\":\"ID\",\"userId\":\"OWNER\"`, `[`}},
		{"no owner", address, restapiBare, wingspantest.OwnAccount, nil},
		{"no owner, a child account's", address, restapiBare, childA, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.AddAccounts(childA)
			made := r.Put(wingspantest.Preference{
				Account: test.account, URL: "https://hooks.example.com/a", SharedSecret: otherSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"},
			})
			state := restapiState(strings.NewReplacer(test.replace...).Replace(test.state), made.ID, made.Account)
			block := values{}
			if !strings.Contains(test.state, "OWNER") {
				block["user_id"] = test.account // As an import by ID, it leaves the account to the provider.
			}

			// Terraform moves in a process that it never configures.
			moved, diags := r.unconfigured().move(test.provider, restapiType, state)
			diags.want(t)
			w := r.configured(block)
			moved = w.refreshed(moved)
			imported := w.imported(made.Account + "/" + made.ID)
			w.wantSame(imported, moved)
			w.wantIdentity(moved, w.identityOf(imported.identity))
			if strings.Contains(string(moved.private), movedKey) {
				t.Errorf("the move is remembered after the read: %s", moved.private)
			}
			w.applied(moved, hookValues(values{"shared_secret": fakeSecret}))
			r.wantWrites(patchSecret)
		})
	}
}

func TestMoveRejectsOtherSources(t *testing.T) {
	t.Parallel()
	const restapi = "registry.terraform.io/mastercard/restapi"
	good := restapiState(restapi1, exampleID, exampleAccount)
	for _, test := range []struct {
		name, provider, typeName, state string
		want                            string
	}{
		{"another type", "registry.terraform.io/hashicorp/aws", "aws_sns_topic", `{}`,
			"aws_sns_topic can't be moved to wingspan_webhook_preference. It belongs to the provider registry.terraform.io/hashicorp/aws. Only restapi_object"},
		{"another provider", "registry.terraform.io/someone/notrestapi", restapiType, good, "Only restapi_object of the provider Mastercard/restapi can be moved."},
		{"another type of restapi", restapi, "restapi_thing", good, "Only restapi_object"},
		{"no JSON", restapi, restapiType, otherSecret, "Its state can't be read."},
		{"another form", restapi, restapiType, `{"id":["` + otherSecret + `"]}`, "Its state can't be read."},
		{"event names", restapi, restapiType, strings.ReplaceAll(good, "webhooks/preference", "webhooks/eventnames?key="+otherSecret),
			`Its path is "/integrations/webhooks/eventnames". Webhook preferences have the path /integrations/webhooks/preference.`},
		{"another API with a similar path", restapi, restapiType, strings.ReplaceAll(good, "/integrations/webhooks", "/v1/webhooks"), `Its path is "/v1/webhooks/preference".`},
		{"below a preference", restapi, restapiType, strings.ReplaceAll(good, "webhooks/preference", "webhooks/preference/a/b"), `Its path is "/integrations/webhooks/preference/a/b".`},
		{"no path", restapi, restapiType, `{"id":"a"}`, "It has no path."},
		{"no id", restapi, restapiType, restapiState(restapi3, "", exampleAccount), "It has no id in the state, so it was never created or was deleted."},
		{"an id with a slash", restapi, restapiType, restapiState(restapi3, "a/b", exampleAccount), `Its id is "a/b", which isn't the ID of a webhook preference.`},
		{"an id with a line break", restapi, restapiType, restapiState(restapi3, `a\nb`, exampleAccount), `which isn't the ID of a webhook preference.`},
		{"another attribute as its id", restapi, restapiType, strings.Replace(good, `{"id":"`+exampleID, `{"id":"payments`, 1),
			`Its id is "payments", but the last API response in its state is for the webhook preference "` + exampleID + `".`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, diags := newHarness(t).unconfigured().move(test.provider, test.typeName, test.state)
			diags.want(t, "error: Could not move resource")
			diags.wantText(t, test.want, "Nothing changed.", "removed {\n  from = "+test.typeName+".NAME", "import {\n  to = wingspan_webhook_preference.NAME")
		})
	}
}

// TestReadAfterMoveExplains what an error means for a webhook that is being moved.
func TestReadAfterMoveExplains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		owner  string
		status int
		line   string
		seen   string
	}{
		"gone":                     {wingspantest.OwnAccount, 0, "error: Webhook preference not found", "404 Not Found"},
		"an account out of reach":  {"usrNobody0000000000001", 0, "error: Account access denied", "403"},
		"an API that does not run": {wingspantest.OwnAccount, http.StatusInternalServerError, apiUnavailable, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			if test.status != 0 {
				r.Fail(wingspantest.Fault{Method: http.MethodGet, Status: test.status, Times: -1})
			}
			moved, diags := r.unconfigured().move("registry.terraform.io/mastercard/restapi", restapiType, restapiState(restapi1, exampleID, test.owner))
			diags.want(t)
			_, diags = r.configured().read(moved)
			diags.want(t, test.line)
			diags.wantText(t, "could not be moved from restapi_object, which remains in the state", test.seen)
		})
	}
}
