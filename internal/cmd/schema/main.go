// Command schema prints the provider's schema in the format of `terraform providers schema -json`, for tfplugindocs.
//
// It asks the provider in this process, because Terraform before 1.14 leaves out list resources, and before 1.12
// identities.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/provider"
)

// object is a JSON object. tftypes marshals types the way that Terraform does.
type object map[string]any

func main() {
	dump, err := dumpSchema(context.Background(), providerserver.NewProtocol6(provider.New("docs", "none")())())
	if err == nil {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(dump)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func dumpSchema(ctx context.Context, server tfprotov6.ProviderServer) (object, error) {
	s, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(s.Diagnostics, identities.Diagnostics...) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	if n := len(s.Functions) + len(s.ActionSchemas) + len(s.EphemeralResourceSchemas); n > 0 {
		return nil, fmt.Errorf("%d functions, actions and ephemeral resources would be left out of the documentation", n)
	}
	dump := object{
		"provider":                  schema(s.Provider),
		"resource_schemas":          each(s.ResourceSchemas, schema),
		"data_source_schemas":       each(s.DataSourceSchemas, schema),
		"list_resource_schemas":     each(s.ListResourceSchemas, schema),
		"resource_identity_schemas": each(identities.IdentitySchemas, identity),
	}

	// tfplugindocs looks the provider up by its bare name.
	return object{"format_version": "1.0", "provider_schemas": object{"wingspan": dump}}, nil
}

func each[T any](in map[string]T, convert func(T) object) object {
	out := object{}
	for name, v := range in {
		out[name] = convert(v)
	}

	return out
}

func schema(s *tfprotov6.Schema) object { return object{"version": s.Version, "block": block(s.Block)} }

func block(b *tfprotov6.SchemaBlock) object {
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{
			"nesting_mode": strings.ToLower(n.Nesting.String()), "block": block(n.Block), "min_items": n.MinItems, "max_items": n.MaxItems,
		}
	}

	return object{
		"attributes": attributes(b.Attributes), "block_types": nested, "deprecated": b.Deprecated,
		"description": b.Description, "description_kind": strings.ToLower(b.DescriptionKind.String()),
	}
}

func attributes(in []*tfprotov6.SchemaAttribute) object {
	out := object{}
	for _, a := range in {
		converted := object{
			"description": a.Description, "description_kind": strings.ToLower(a.DescriptionKind.String()), "deprecated": a.Deprecated,
			"required": a.Required, "optional": a.Optional, "computed": a.Computed, "sensitive": a.Sensitive, "write_only": a.WriteOnly,
		}
		if a.NestedType == nil {
			converted["type"] = a.Type
		} else {
			converted["nested_type"] = object{
				"attributes": attributes(a.NestedType.Attributes), "nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		out[a.Name] = converted
	}

	return out
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	attributes := object{}
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = object{
			"type": a.Type, "description": a.Description, "required_for_import": a.RequiredForImport, "optional_for_import": a.OptionalForImport,
		}
	}

	return object{"version": s.Version, "attributes": attributes}
}
