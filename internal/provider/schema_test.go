package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// blocks are all schemas that the provider serves, by kind and name.
func (w *providerServer) blocks() map[string]*tfprotov6.SchemaBlock {
	blocks := map[string]*tfprotov6.SchemaBlock{"provider": w.schemas.Provider.Block}
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"resource": w.schemas.ResourceSchemas, "data": w.schemas.DataSourceSchemas, "list": w.schemas.ListResourceSchemas,
	} {
		for name, s := range all {
			blocks[kind+" "+name] = s.Block
		}
	}

	return blocks
}

// TestEverythingIsDescribed keeps the documentation without gaps: it is generated from these.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for name, block := range newHarness(t).unconfigured().blocks() {
		if block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		wantDescribed(t, name, block.Attributes)
	}
}

func wantDescribed(t *testing.T, where string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		if a.Description == "" || a.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s %s has no description in Markdown", where, a.Name)
		}
		if a.NestedType != nil {
			wantDescribed(t, where+" "+a.Name, a.NestedType.Attributes)
		}
	}
}

// TestSchemas, and each argument is of its kind: changing a row breaks people's configurations.
func TestSchemas(t *testing.T) {
	t.Parallel()
	w := newHarness(t).unconfigured()
	const required, optional, computed, both = "required", "optional", "computed", "optional computed"
	want := map[string]map[string]string{
		"provider": {
			"api_token": "optional sensitive", "environment": optional, "base_url": optional, "user_id": optional,
			"max_retries": optional, "request_timeout": optional, "event_name_validation": optional,
		},
		"resource wingspan_webhook_preference": {
			"url": required, "subscribed_events": required, "user_id": both, "allow_duplicate": both,
			"shared_secret": "optional sensitive", "shared_secret_wo": "optional sensitive write-only", "shared_secret_wo_version": optional,
			"id": computed, "created_at": computed, "updated_at": computed, "labels": computed, "event_actors": computed,
		},
		"data wingspan_webhook_preference": {
			"id": required, "user_id": both, "url": computed, "subscribed_events": computed,
			"created_at": computed, "updated_at": computed, "labels": computed, "event_actors": computed,
		},
		"data wingspan_webhook_preferences": {"user_id": optional, "preferences": computed},
		"data wingspan_event_names":         {"user_id": optional, "names": computed},
		"list wingspan_webhook_preference":  {"user_id": optional},
		"identity":                          {"id": required, "user_id": optional},
	}
	got := map[string]map[string]string{"identity": {}}
	for name, block := range w.blocks() {
		got[name] = map[string]string{}
		for _, a := range block.Attributes {
			got[name][a.Name] = kind(a)
		}
	}
	identities := call(w, w.server.GetResourceIdentitySchemas, &tfprotov6.GetResourceIdentitySchemasRequest{})
	diagnostics(identities.Diagnostics).want(t)
	for _, a := range identities.IdentitySchemas[preferenceTypeName].IdentityAttributes {
		got["identity"][a.Name] = kind(&tfprotov6.SchemaAttribute{Required: a.RequiredForImport, Optional: a.OptionalForImport})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func kind(a *tfprotov6.SchemaAttribute) string {
	kind := "computed"
	switch {
	case a.Required:
		kind = "required"
	case a.Optional && a.Computed:
		kind = "optional computed"
	case a.Optional:
		kind = "optional"
	}
	if a.Sensitive {
		kind += " sensitive"
	}
	if a.WriteOnly {
		kind += " write-only"
	}

	return kind
}

func TestNewServesTheVersion(t *testing.T) {
	t.Parallel()
	if p, ok := New("1.2.3", "abcdef0")().(*wingspanProvider); !ok || p.version != "1.2.3" || p.commit != "abcdef0" || p.getenv == nil {
		t.Errorf("New makes %+v", p)
	}
}
