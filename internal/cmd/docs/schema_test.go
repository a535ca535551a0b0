package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

// dumped dumps this provider and reads the dump as tfplugindocs does.
func dumped(t *testing.T) *tfjson.ProviderSchemas {
	t.Helper()
	schemas, err := dumpSchemas(t.Context(), providerserver.NewProtocol6(provider.New("test", "none")())())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(schemas)
	if err != nil {
		t.Fatal(err)
	}
	var read tfjson.ProviderSchemas
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatalf("terraform-json cannot read the dump: %v", err)
	}

	return &read
}

func TestDumpHoldsWhatOldCLIsLeaveOut(t *testing.T) {
	t.Parallel()
	s := dumped(t).Schemas[schemaKey]
	const hook = "wingspan_webhook_preference"

	identity := s.ResourceIdentitySchemas[hook]
	if identity == nil || !identity.Attributes["id"].RequiredForImport || !identity.Attributes["user_id"].OptionalForImport {
		t.Errorf("the identity is %+v", identity)
	}
	if list := s.ListResourceSchemas[hook]; list == nil || !list.Block.Attributes["user_id"].Optional {
		t.Errorf("the list resource is %+v", list)
	}
	if secret := s.ResourceSchemas[hook].Block.Attributes["shared_secret_wo"]; !secret.WriteOnly || !secret.Sensitive {
		t.Errorf("shared_secret_wo is %+v", secret)
	}
	events := s.ResourceSchemas[hook].Block.Attributes["subscribed_events"].AttributeType
	if got := events.FriendlyName(); got != "set of string" {
		t.Errorf("subscribed_events is a %s", got)
	}
	nested := s.DataSourceSchemas[hook+"s"].Block.Attributes["preferences"].AttributeNestedType
	if nested.NestingMode != tfjson.SchemaNestingModeList || nested.Attributes["url"] == nil {
		t.Errorf("preferences is %+v", nested)
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for _, problem := range undescribed(dumped(t)) {
		t.Error(problem)
	}
}

func TestUndescribedNamesWhatSaysNothing(t *testing.T) {
	t.Parallel()
	schemas := dumped(t)
	s := schemas.Schemas[schemaKey]
	s.ConfigSchema.Block.Attributes["api_token"].Description = " "
	s.ResourceSchemas["wingspan_webhook_preference"].Block.Description = "No stop"
	s.DataSourceSchemas["wingspan_webhook_preferences"].Block.Attributes["preferences"].AttributeNestedType.Attributes["url"].Description = ""
	s.ResourceIdentitySchemas["wingspan_webhook_preference"].Attributes["id"].Description = ""

	want := []string{
		"api_token of the provider has no description",
		"the description of the resource wingspan_webhook_preference is no full sentence",
		"url of preferences of the data source wingspan_webhook_preferences has no description",
		"id of the identity of wingspan_webhook_preference has no description",
	}
	got := undescribed(schemas)
	for i := range got {
		got[i], _, _ = strings.Cut(strings.Split(got[i], ": ")[0], ", as ")
		got[i] = strings.TrimSpace(got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
