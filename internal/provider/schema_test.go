package provider

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSchemasAreSound runs what the framework itself checks of every schema, as the first call of any CLI does.
func TestSchemasAreSound(t *testing.T) {
	t.Parallel()
	w := newHarness(t).unconfigured()
	if got := keys(w.schemas.ResourceSchemas); !slices.Equal(got, []string{"wingspan_webhook_preference"}) {
		t.Errorf("resources: %q", got)
	}
	if got := keys(w.schemas.DataSourceSchemas); !slices.Equal(got, []string{"wingspan_event_names", "wingspan_webhook_preference", "wingspan_webhook_preferences"}) {
		t.Errorf("data sources: %q", got)
	}

	if diags := preferenceSchema().ValidateImplementation(t.Context()); diags.HasError() {
		t.Errorf("resource schema: %v", diags)
	}
	var identity resource.IdentitySchemaResponse
	(&preferenceResource{}).IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &identity)
	if diags := identity.IdentitySchema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Errorf("identity schema: %v", diags)
	}
	identities, err := w.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics(identities.Diagnostics).want(t)
	if got := keys(identities.IdentitySchemas); !slices.Equal(got, []string{"wingspan_webhook_preference"}) {
		t.Fatalf("identities: %q", got)
	}
	required := map[string]bool{}
	for _, a := range identities.IdentitySchemas[preferenceTypeName].IdentityAttributes {
		required[a.Name] = a.RequiredForImport && !a.OptionalForImport
	}
	if diff := cmp.Diff(map[string]bool{"id": true, "user_id": false}, required); diff != "" {
		t.Errorf("required for an import (-want +got):\n%s", diff)
	}
}

// TestEverythingIsDescribed keeps the documentation without gaps: it is generated from these.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	w := newHarness(t).unconfigured()
	blocks := map[string]*tfprotov6.SchemaBlock{"provider": w.schemas.Provider.Block}
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"resource": w.schemas.ResourceSchemas, "data": w.schemas.DataSourceSchemas, "list": w.schemas.ListResourceSchemas,
	} {
		for name, s := range all {
			blocks[kind+" "+name] = s.Block
		}
	}
	if len(blocks) != 6 {
		t.Errorf("%d schemas, want the provider's and five others", len(blocks))
	}
	for name, block := range blocks {
		if block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for _, a := range block.Attributes {
			wantDescribed(t, name, a)
		}
	}
}

func wantDescribed(t *testing.T, where string, a *tfprotov6.SchemaAttribute) {
	t.Helper()
	where += " " + a.Name
	if a.Description == "" || a.DescriptionKind != tfprotov6.StringKindMarkdown {
		t.Errorf("%s has no description in Markdown", where)
	}
	if a.NestedType == nil {
		return
	}
	for _, nested := range a.NestedType.Attributes {
		wantDescribed(t, where, nested)
	}
}

func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	w := newHarness(t).unconfigured()
	var sensitive, writeOnly []string
	note := func(where string, s *tfprotov6.Schema) {
		for _, a := range s.Block.Attributes {
			if a.Sensitive {
				sensitive = append(sensitive, where+a.Name)
			}
			if a.WriteOnly {
				writeOnly = append(writeOnly, where+a.Name)
			}
		}
	}
	note("provider.", w.schemas.Provider)
	for _, name := range keys(w.schemas.ResourceSchemas) {
		note(name+".", w.schemas.ResourceSchemas[name])
	}
	for _, name := range keys(w.schemas.DataSourceSchemas) {
		note("data."+name+".", w.schemas.DataSourceSchemas[name])
	}
	want := []string{"provider.api_token", "wingspan_webhook_preference.shared_secret", "wingspan_webhook_preference.shared_secret_wo"}
	if diff := cmp.Diff(want, sensitive); diff != "" {
		t.Errorf("sensitive (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[2:], writeOnly); diff != "" {
		t.Errorf("write-only (-want +got):\n%s", diff)
	}
}

// TestArgumentKinds is the contract: changing a row breaks people's configurations.
func TestArgumentKinds(t *testing.T) {
	t.Parallel()
	w := newHarness(t).unconfigured()
	got := map[string]string{}
	for _, a := range w.schemas.ResourceSchemas[preferenceTypeName].Block.Attributes {
		got[a.Name] = kind(a)
	}
	want := map[string]string{
		"url": "required", "subscribed_events": "required",
		"shared_secret": "optional", "shared_secret_wo": "optional", "shared_secret_wo_version": "optional",
		"user_id": "optional computed", "allow_duplicate": "optional computed",
		"id": "computed", "created_at": "computed", "updated_at": "computed", "labels": "computed", "event_actors": "computed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resource (-want +got):\n%s", diff)
	}

	got = map[string]string{}
	for _, a := range w.schemas.Provider.Block.Attributes {
		got[a.Name] = kind(a)
	}
	want = map[string]string{}
	for _, name := range []string{"api_token", "environment", "base_url", "user_id", "max_retries", "request_timeout", "event_name_validation"} {
		want[name] = "optional"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("provider (-want +got):\n%s", diff)
	}
}

func kind(a *tfprotov6.SchemaAttribute) string {
	switch {
	case a.Required:
		return "required"
	case a.Optional && a.Computed:
		return "optional computed"
	case a.Optional:
		return "optional"
	default:
		return "computed"
	}
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)

	return names
}

func TestNewServesTheVersion(t *testing.T) {
	t.Parallel()
	server := NewServer("1.2.3", "abcdef0")()
	metadata, err := server.GetMetadata(t.Context(), &tfprotov6.GetMetadataRequest{})
	if err != nil || len(metadata.Diagnostics) > 0 {
		t.Fatal(err, metadata.Diagnostics)
	}
	p, ok := New("1.2.3", "abcdef0")().(*wingspanProvider)
	if !ok || p.version != "1.2.3" || p.commit != "abcdef0" || p.getenv == nil {
		t.Errorf("New makes %+v", p)
	}
}
