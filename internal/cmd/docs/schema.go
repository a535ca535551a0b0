package main

import (
	"context"
	"errors"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// schemaKey is one of the two keys that tfplugindocs looks for in a schema file.
const schemaKey = "wingspan"

// dumpSchemas is what a CLI of the newest kind prints for `providers schema -json`.
func dumpSchemas(ctx context.Context, server tfprotov6.ProviderServer) (*tfjson.ProviderSchemas, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	if len(schemas.Functions)+len(schemas.ActionSchemas)+len(schemas.StateStoreSchemas) > 0 {
		return nil, errors.New("the provider has functions, actions or state stores: this command has to learn them first")
	}

	c := converter{}
	dumped := &tfjson.ProviderSchema{
		ConfigSchema:             c.schema(schemas.Provider),
		ResourceSchemas:          c.schemas(schemas.ResourceSchemas),
		DataSourceSchemas:        c.schemas(schemas.DataSourceSchemas),
		EphemeralResourceSchemas: c.schemas(schemas.EphemeralResourceSchemas),
		ListResourceSchemas:      c.schemas(schemas.ListResourceSchemas),
		ResourceIdentitySchemas:  c.identities(identities.IdentitySchemas),
	}

	return &tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas:       map[string]*tfjson.ProviderSchema{schemaKey: dumped},
	}, c.err
}

// converter keeps the first error, so that the conversions can be read as what they are.
type converter struct{ err error }

func (c *converter) schemas(in map[string]*tfprotov6.Schema) map[string]*tfjson.Schema {
	out := make(map[string]*tfjson.Schema, len(in))
	for name, s := range in {
		out[name] = c.schema(s)
	}

	return out
}

func (c *converter) schema(s *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: unsigned(s.Version), Block: c.block(s.Block)}
}

func (c *converter) block(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	nested := make(map[string]*tfjson.SchemaBlockType, len(b.BlockTypes))
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: c.nesting(n.Nesting.String()),
			Block:       c.block(n.Block),
			MinItems:    unsigned(n.MinItems),
			MaxItems:    unsigned(n.MaxItems),
		}
	}

	return &tfjson.SchemaBlock{
		Attributes:      c.attributes(b.Attributes),
		NestedBlocks:    nested,
		Description:     b.Description,
		DescriptionKind: descriptionKind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func (c *converter) attributes(in []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	out := make(map[string]*tfjson.SchemaAttribute, len(in))
	for _, a := range in {
		converted := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: descriptionKind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			converted.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  c.attributes(a.NestedType.Attributes),
				NestingMode: c.nesting(a.NestedType.Nesting.String()),
			}
		} else {
			converted.AttributeType = c.typ(a.Type)
		}
		out[a.Name] = converted
	}

	return out
}

func (c *converter) identities(in map[string]*tfprotov6.ResourceIdentitySchema) map[string]*tfjson.IdentitySchema {
	out := make(map[string]*tfjson.IdentitySchema, len(in))
	for name, s := range in {
		attributes := make(map[string]*tfjson.IdentityAttribute, len(s.IdentityAttributes))
		for _, a := range s.IdentityAttributes {
			attributes[a.Name] = &tfjson.IdentityAttribute{
				IdentityType:      c.typ(a.Type),
				Description:       a.Description,
				RequiredForImport: a.RequiredForImport,
				OptionalForImport: a.OptionalForImport,
			}
		}
		out[name] = &tfjson.IdentitySchema{Version: unsigned(s.Version), Attributes: attributes}
	}

	return out
}

func (c *converter) typ(t tftypes.Type) cty.Type {
	switch t := t.(type) {
	case tftypes.List:
		return cty.List(c.typ(t.ElementType))
	case tftypes.Set:
		return cty.Set(c.typ(t.ElementType))
	case tftypes.Map:
		return cty.Map(c.typ(t.ElementType))
	case tftypes.Object:
		members := make(map[string]cty.Type, len(t.AttributeTypes))
		for name, member := range t.AttributeTypes {
			members[name] = c.typ(member)
		}

		return cty.Object(members)
	}

	switch {
	case t == nil:
	case t.Is(tftypes.String):
		return cty.String
	case t.Is(tftypes.Number):
		return cty.Number
	case t.Is(tftypes.Bool):
		return cty.Bool
	case t.Is(tftypes.DynamicPseudoType):
		return cty.DynamicPseudoType
	}
	c.fail(fmt.Errorf("the type %v has no translation yet", t))

	return cty.DynamicPseudoType
}

func (c *converter) nesting(mode string) tfjson.SchemaNestingMode {
	switch mode {
	case "SINGLE":
		return tfjson.SchemaNestingModeSingle
	case "LIST":
		return tfjson.SchemaNestingModeList
	case "SET":
		return tfjson.SchemaNestingModeSet
	case "MAP":
		return tfjson.SchemaNestingModeMap
	case "GROUP":
		return tfjson.SchemaNestingModeGroup
	}
	c.fail(fmt.Errorf("the nesting mode %q has no translation yet", mode))

	return ""
}

func (c *converter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func descriptionKind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if k == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}

	return tfjson.SchemaDescriptionKindPlain
}

// unsigned is for counts and versions, which are never negative.
func unsigned(n int64) uint64 { return uint64(max(n, 0)) }
