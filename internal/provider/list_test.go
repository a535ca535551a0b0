package provider

import (
	"fmt"
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
	typ := w.schemas.ListResourceSchemas[preferenceTypeName].ValueType()
	validated, err := server.ValidateListResourceConfig(w.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: preferenceTypeName, Config: w.encode(typ, config),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	stream, err := server.ListResource(w.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: preferenceTypeName, Config: w.encode(typ, config), Limit: limit, IncludeResource: include,
	})
	if err != nil {
		w.t.Fatal(err)
	}
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

// seedHooks makes n hooks in the account, the newest first.
func seedHooks(r *harness, account string, n int) {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		r.Put(wingspantest.Preference{
			ID: fmt.Sprintf("%s-%03d", account, n-i), Account: account, URL: hookURL(fmt.Sprintf("%03d", n-i)), SharedSecret: foreignSecret,
			CreatedAt: at.Add(-time.Duration(i) * time.Hour), UpdatedAt: at, SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"},
		})
	}
}

func names(results []listed) []string {
	got := []string{}
	for _, l := range results {
		got = append(got, l.name)
	}

	return got
}

func TestListHonoursLimitAndWishForResources(t *testing.T) {
	t.Parallel()
	for name, mode := range secretModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.Configure(func(c *wingspantest.Settings) { c.Secrets = mode })
			seedHooks(r, wingspantest.OwnAccount, 5)
			w := r.configured()
			for _, c := range []struct {
				limit int64
				want  []string
			}{
				{0, []string{hookURL("001"), hookURL("002"), hookURL("003"), hookURL("004"), hookURL("005")}},
				{2, []string{hookURL("001"), hookURL("002")}},
				{5, []string{hookURL("001"), hookURL("002"), hookURL("003"), hookURL("004"), hookURL("005")}},
				{100, []string{hookURL("001"), hookURL("002"), hookURL("003"), hookURL("004"), hookURL("005")}},
			} {
				for _, include := range []bool{false, true} {
					got, diags := w.list(values{}, c.limit, include, nil)
					diags.want(t)
					if diff := cmp.Diff(c.want, names(got)); diff != "" {
						t.Errorf("limit %d (-want +got):\n%s", c.limit, diff)
					}
					for _, l := range got {
						if (l.resource != nil) != include {
							t.Errorf("limit %d, include %t: resource %v", c.limit, include, l.resource)
						}
					}
				}
			}

			got, diags := w.list(values{}, 1, true, nil)
			diags.want(t)
			want := []listed{{
				name:     hookURL("001"),
				identity: values{"id": wingspantest.OwnAccount + "-001", "user_id": wingspantest.OwnAccount},
				resource: values{
					"id": wingspantest.OwnAccount + "-001", "user_id": wingspantest.OwnAccount, "url": hookURL("001"),
					"subscribed_events": []any{"Invoice.Paid", "Invoice.Sent"}, "allow_duplicate": false,
					"created_at": "2023-12-31T20:00:00.000Z", "updated_at": "2024-01-01T00:00:00.000Z",
					"labels": map[string]any{}, "event_actors": map[string]any{},
					"shared_secret": nil, "shared_secret_wo": nil, "shared_secret_wo_version": nil,
				},
			}}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(listed{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListIsPerAccount(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA, childB)
	seedHooks(r, wingspantest.OwnAccount, 1)
	seedHooks(r, childA, 2)
	seedHooks(r, childB, 3)
	for name, c := range map[string]struct {
		block, config values
		want          int
	}{
		"the token's account":     {values{}, values{}, 1},
		"its own":                 {values{}, values{"user_id": childA}, 2},
		"the provider's":          {values{"user_id": childB}, values{}, 3},
		"its own, not provider's": {values{"user_id": childB}, values{"user_id": childA}, 2},
	} {
		got, diags := r.configured(c.block).list(c.config, 0, true, nil)
		diags.want(t)
		if len(got) != c.want {
			t.Errorf("%s: %d results, want %d", name, len(got), c.want)
		}
	}
	for _, req := range r.Requests() {
		if req.Route != wingspantest.RouteList {
			t.Errorf("%s %s is more than a list", req.Method, req.Path)
		}
	}
}

func TestListStopsWhenNoMoreIsRequested(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	seedHooks(r, wingspantest.OwnAccount, 5)
	got, diags := r.configured().list(values{}, 0, false, func(l listed) bool { return l.name == hookURL("002") })
	diags.want(t)
	if len(got) != 2 {
		t.Errorf("%d results, want 2", len(got))
	}
}

func TestListErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   values
		setUp    func(*harness)
		want     string
		contains []string
	}{
		"empty account": {values{"user_id": " "}, nil, "error at user_id: Invalid user_id", []string{"must not be empty"}},
		"another account": {
			values{"user_id": childA}, func(r *harness) {
				r.AddAccounts(childA)
				seedHooks(r, childA, 1)
				r.Configure(func(c *wingspantest.Settings) { c.AnswerAs = childB })
			},
			"error at user_id: Unexpected account in response", []string{childA, childB},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			w := r.configured()
			if c.setUp != nil {
				c.setUp(r)
			}
			got, diags := w.list(c.config, 0, true, nil)
			diags.want(t, c.want)
			for _, part := range c.contains {
				if !strings.Contains(diags.text(), part) {
					t.Errorf("the error doesn't contain %q:\n%s", part, diags.text())
				}
			}
			if len(got) > 0 {
				t.Errorf("%d results in spite of the error", len(got))
			}
		})
	}
}

// What is listed can be read as it stands: the configuration that is generated from it, arguments only, plans no change.
func TestGeneratedConfigurationValidatesAndPlansNothing(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.AddAccounts(childA)
	seedHooks(r, childA, 2)
	w := r.configured()
	results, diags := w.list(values{"user_id": childA}, 0, true, nil)
	diags.want(t)
	for _, l := range results {
		config := values{}
		for _, a := range w.schemas.ResourceSchemas[preferenceTypeName].Block.Attributes {
			if a.Optional || a.Required {
				config[a.Name] = l.resource[a.Name]
			}
		}
		w.validate(config).want(t)
		h, diags := w.importIdentity(l.identity)
		diags.want(t)
		if diff := cmp.Diff(l.resource, w.values(h)); diff != "" {
			t.Errorf("the import reads something else than the list (-list +import):\n%s", diff)
		}
		planned, diags := w.plan(h, config)
		diags.want(t)
		if diff := cmp.Diff(w.values(h), w.values(planned.instance)); diff != "" {
			t.Errorf("the plan is not empty (-want +got):\n%s", diff)
		}
	}
	r.wantWrites()
}
