package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// listed is a result of a list.
type listed struct {
	name               string
	identity, resource values
}

// list runs the list resource, and takes results until stop returns true; nil takes all.
func (w *providerServer) list(config values, limit int64, include bool, stop func(listed) bool) ([]listed, diagnostics) {
	w.t.Helper()
	server, ok := w.server.(tfprotov6.ListResourceServer)
	if !ok {
		w.t.Fatal("the provider has no list resources")
	}
	encoded := w.encode(w.schemas.ListResourceSchemas[preferenceTypeName].ValueType(), config)
	validated := call(w, server.ValidateListResourceConfig, &tfprotov6.ValidateListResourceConfigRequest{TypeName: preferenceTypeName, Config: encoded})
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	stream := call(w, server.ListResource, &tfprotov6.ListResourceRequest{TypeName: preferenceTypeName, Config: encoded, Limit: limit, IncludeResource: include})
	var (
		results []listed
		diags   diagnostics
	)
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
		if result.Identity == nil {
			continue
		}
		one := listed{name: result.DisplayName, identity: w.identityOf(result.Identity)}
		if result.Resource != nil {
			one.resource = w.decode(w.preferenceType(), result.Resource)
		}
		results = append(results, one)
		if stop != nil && stop(one) {
			break
		}
	}

	return results, diags
}

// seeded is a preference that someone made outside of Terraform, and what is read of it.
func seeded(r *harness, account string) (wingspantest.Preference, values) {
	p := r.Put(wingspantest.Preference{
		Account: account, URL: hookURL("a"), SharedSecret: foreignSecret, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
		Labels: map[string]string{"team": "billing"}, EventActors: map[string]string{"member": "usr1"},
		CreatedAt: time.Date(2022, 9, 3, 19, 46, 40, 748e6, time.UTC), UpdatedAt: time.Date(2023, 1, 2, 3, 4, 5, 0, time.UTC),
	})

	return p, values{
		"id": p.ID, "user_id": p.Account, "url": p.URL, "subscribed_events": []any{"Invoice.Paid", "Invoice.Sent"},
		"created_at": "2022-09-03T19:46:40.748Z", "updated_at": "2023-01-02T03:04:05.000Z",
		"labels": map[string]any{"team": "billing"}, "event_actors": map[string]any{"member": "usr1"},
	}
}

// TestReadersShowAllButTheSecret: the data sources and the list resource, of the account that they or else the provider name.
func TestReadersShowAllButTheSecret(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		for _, test := range []struct{ providers, own, account any }{
			{nil, nil, wingspantest.OwnAccount}, {nil, childA, childA}, {childA, nil, childA}, {childB, childA, childA},
		} {
			t.Run(fmt.Sprintf("%s, %v, %v", name, test.providers, test.own), func(t *testing.T) {
				t.Parallel()
				r := newHarness(t)
				r.AddAccounts(childA, childB)
				r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
				for _, account := range []string{wingspantest.OwnAccount, childA, childB} {
					p, want := seeded(r, account)
					if account != test.account {
						continue
					}
					w := r.configured(values{"user_id": test.providers})
					one, diags := w.data(preferenceTypeName, values{"id": p.ID, "user_id": test.own})
					diags.want(t)
					all, diags := w.data(preferenceTypeName+"s", values{"user_id": test.own})
					diags.want(t)
					queried, diags := w.list(values{"user_id": test.own}, 0, true, nil)
					diags.want(t)
					resource := with(want, values{"allow_duplicate": false, "shared_secret": nil, "shared_secret_wo": nil, "shared_secret_wo_version": nil})
					if diff := cmp.Diff([]any{
						want, values{"user_id": test.own, "preferences": []any{map[string]any(want)}},
						[]listed{{hookURL("a"), values{"id": p.ID, "user_id": account}, resource}},
					}, []any{one, all, queried}, cmp.AllowUnexported(listed{})); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				}
				for _, req := range r.Requests() {
					if child := test.account == childA; req.HasAccount != child || child && req.Account != childA {
						t.Errorf("%s %s: for %q, header %t", req.Method, req.Path, req.Account, req.HasAccount)
					}
				}
			})
		}
	}
}

// TestListsAreInTheOrderOfCreation, of times as times, then by ID. The list resource ends at the limit, or when no more is asked for.
func TestListsAreInTheOrderOfCreation(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	w := r.configured()
	got, diags := w.data(preferenceTypeName+"s", values{})
	diags.want(t)
	if diff := cmp.Diff(values{"user_id": nil, "preferences": []any{}}, got); diff != "" {
		t.Errorf("of an empty account (-want +got):\n%s", diff)
	}

	body := "["
	for _, entry := range [][2]string{
		{"d", "2024-01-01T00:00:00.5Z"}, {"e", "2024-01-01T02:00:00+01:00"}, {"c", "2024-01-01T00:00:00Z"}, {"b", "2024-01-01T00:00:00.000Z"}, {"a", "no time"},
	} {
		body += fmt.Sprintf(`{"preferenceId":%q,"url":%q,"subscribedEvents":["Invoice.Paid"],"createdAt":%q},`, entry[0], hookURL(entry[0]), entry[1])
	}
	r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteList, Times: -1, Body: body[:len(body)-1] + "]"})
	var want, urls []string
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		want = append(want, hookURL(id))
	}
	got, diags = w.data(preferenceTypeName+"s", values{})
	diags.want(t)
	for _, p := range got["preferences"].([]any) { // as in the schema
		urls = append(urls, fmt.Sprint(p.(map[string]any)["url"]))
	}
	if !slices.Equal(urls, want) {
		t.Errorf("the data source has %q", urls)
	}
	for _, test := range []struct {
		limit int64
		stop  string
		want  int
	}{{0, "", 5}, {2, "", 2}, {5, "", 5}, {100, "", 5}, {0, hookURL("b"), 2}} {
		for _, include := range []bool{false, true} {
			results, diags := w.list(values{}, test.limit, include, func(l listed) bool { return l.name == test.stop })
			diags.want(t)
			urls = nil
			for _, l := range results {
				if urls = append(urls, l.name); (l.resource != nil) != include {
					t.Errorf("limit %d, include %t: resource %v", test.limit, include, l.resource)
				}
			}
			if !slices.Equal(urls, want[:test.want]) {
				t.Errorf("limit %d, stop at %q: %q", test.limit, test.stop, urls)
			}
		}
	}
}

// TestEntriesThatCannotBeReadAreSaid, and before the results, of which Terraform may take no more than a limit.
func TestEntriesThatCannotBeReadAreSaid(t *testing.T) {
	t.Parallel()
	const line = "warning: Incomplete list of webhook preferences"
	const text = "2 of 3 entries in the list of webhook preferences could not be decoded. The result, and any bulk import from it, is incomplete.\n\n" +
		"Check Wingspan for webhook preferences that the result doesn't contain, and report this issue: " + issuesURL
	r := newHarness(t)
	entry := fmt.Sprintf(`{"preferenceId":"a","url":%q,"subscribedEvents":["Invoice.Paid"]}`, hookURL("a"))
	r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteList, Times: -1, Body: `[{"preferenceId":"b","url":{}},` + entry + `,42]`})
	w := r.configured()
	all, diags := w.data(preferenceTypeName+"s", values{})
	diags.want(t, line)
	diags.wantText(t, text)
	if found, _ := all["preferences"].([]any); len(found) != 1 {
		t.Errorf("the data source has %v", all)
	}
	for _, include := range []bool{false, true} {
		queried, diags := w.list(values{}, 1, include, func(listed) bool { return true })
		diags.want(t, line)
		diags.wantText(t, text)
		if len(queried) != 1 || queried[0].name != hookURL("a") {
			t.Errorf("the list resource has %v", queried)
		}
	}
}

func TestReadersRejectWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	own, _ := seeded(r, wingspantest.OwnAccount)
	w := r.configured()
	for name, test := range map[string]struct {
		config values
		want   string
		text   []string
	}{
		"unknown id":            {values{"id": "doesNotExist"}, "error: Webhook preference not found", []string{"doesNotExist", "Check the ID", "user_id"}},
		"of another account":    {values{"id": own.ID, "user_id": childA}, "error: Webhook preference not found", []string{own.ID, childA}},
		"an id that is a path":  {values{"id": ".."}, "error at id: Invalid webhook preference ID", []string{preferenceTypeName + "s"}},
		"an id with a slash":    {values{"id": "a/b"}, "error: Webhook preference not found", []string{"a/b"}},
		"a blank id":            {values{"id": " "}, "error at id: Invalid Attribute Value Match", []string{"Attribute id must not be empty. Use the wingspan_webhook_preferences data source to list the IDs of an account.\n"}},
		"a blank account":       {values{"id": own.ID, "user_id": ""}, "error at user_id: Invalid user_id", []string{"must not be empty"}},
		"an id with a question": {values{"id": own.ID + "?x=1"}, "error: Webhook preference not found", []string{"?x=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := w.data(preferenceTypeName, test.config)
			diags.want(t, test.want)
			diags.wantText(t, test.text...)
		})
	}
	for what, diags := range map[string]diagnostics{
		"all":   second(w.data(preferenceTypeName+"s", values{"user_id": " "})),
		"query": second(w.list(values{"user_id": " "}, 0, false, nil)),
		"names": second(w.data("wingspan_event_names", values{"user_id": " "})),
	} {
		if diags.want(t, "error at user_id: Invalid user_id"); t.Failed() {
			t.Error(what)
		}
	}
	r.wantWrites()
}

// TestOnlyWhatIsInTheStateIsRemovedFromIt: neither a data source nor an import has it there.
func TestOnlyWhatIsInTheStateIsRemovedFromIt(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	h := r.createdAnHourAgo()
	id := r.only().ID
	r.Remove(id)
	r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteList, Times: -1, Body: `[{"preferenceId": 7}]`})
	for what, test := range map[string]struct {
		diags diagnostics
		want  bool
	}{
		"resource":    {second(r.configured().read(h)), true},
		"data source": {second(r.configured().data(preferenceTypeName, values{"id": id})), false},
		"import":      {second(r.configured().importID(id)), false},
	} {
		test.diags.want(t, "error: Unconfirmed 404 response")
		test.diags.wantText(t, "The list of the account doesn't prove that the webhook preference was deleted: at least one entry of the list can't be decoded, and may be this webhook preference.")
		if strings.Contains(test.diags.text(), "terraform state rm") != test.want {
			t.Errorf("%s: %s", what, test.diags.text())
		}
	}
}

func TestAResponseWithoutAnAccountKeepsTheRequestedOne(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	p, _ := seeded(r, childA)
	r.Fail(wingspantest.Fault{Method: http.MethodGet, Route: wingspantest.RouteItem, Body: fmt.Sprintf(`{"preferenceId":%q,"url":"https://hooks.example.com/a"}`, p.ID)})
	got, diags := r.configured().data(preferenceTypeName, values{"id": p.ID, "user_id": childA})
	diags.want(t)
	if got["user_id"] != childA {
		t.Errorf("user_id is %v, want %q", got["user_id"], childA)
	}
}
