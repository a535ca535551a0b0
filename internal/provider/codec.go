package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// codec moves a model, a struct with tfsdk tags, to and from the raw value of a configuration, plan, state or identity. The framework's
// Get and Set do the same, but look at the tags every time, and compile a regular expression for each: a third of what a large plan
// allocates. TestTheCodecIsTheFrameworks holds it to their results.
type codec[T any] struct {
	object tftypes.Object
	fields []codecField
}

type codecField struct {
	name  string
	typ   attr.Type
	index []int
}

// newCodec is for a model that has every attribute of an object, and nothing else.
func newCodec[T any](object attr.TypeWithAttributeTypes) codec[T] {
	ctx := context.Background()
	c := codec[T]{object: tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}}
	types := object.AttributeTypes()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if name, tagged := f.Tag.Lookup("tfsdk"); tagged {
			c.fields = append(c.fields, codecField{name, types[name], f.Index})
			c.object.AttributeTypes[name] = types[name].TerraformType(ctx)
		}
	}

	return c
}

func (c codec[T]) get(ctx context.Context, raw tftypes.Value, model *T) diag.Diagnostics {
	var values map[string]tftypes.Value
	err := raw.As(&values)
	if raw.IsNull() {
		err = errors.New("there is no object")
	}
	target := reflect.ValueOf(model).Elem()
	for i := 0; i < len(c.fields) && err == nil; i++ {
		var value attr.Value
		if value, err = c.fields[i].typ.ValueFromTerraform(ctx, values[c.fields[i].name]); err == nil {
			target.FieldByIndex(c.fields[i].index).Set(reflect.ValueOf(value))
		}
	}

	return codecProblem(err)
}

func (c codec[T]) set(ctx context.Context, raw *tftypes.Value, model *T) diag.Diagnostics {
	values := make(map[string]tftypes.Value, len(c.fields))
	source := reflect.ValueOf(model).Elem()
	for _, f := range c.fields {
		value, err := source.FieldByIndex(f.index).Interface().(attr.Value).ToTerraformValue(ctx)
		if err != nil {
			return codecProblem(err)
		}
		values[f.name] = value
	}
	*raw = tftypes.NewValue(c.object, values)

	return nil
}

func codecProblem(err error) diag.Diagnostics {
	if err == nil {
		return nil
	}

	return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected provider data",
		fmt.Sprintf("Could not convert a value: %s. This is a bug in the provider. Report this issue: %s", err, issuesURL))}
}

var preferenceCodec = sync.OnceValue(func() codec[preferenceModel] {
	return newCodec[preferenceModel](preferenceSchema().Type().(attr.TypeWithAttributeTypes))
})

var identityCodec = sync.OnceValue(func() codec[identityModel] {
	var resp resource.IdentitySchemaResponse
	(*preferenceResource)(nil).IdentitySchema(context.Background(), resource.IdentitySchemaRequest{}, &resp)

	return newCodec[identityModel](resp.IdentitySchema.Type().(attr.TypeWithAttributeTypes))
})

func (m *preferenceModel) get(ctx context.Context, raw tftypes.Value) diag.Diagnostics {
	return preferenceCodec().get(ctx, raw, m)
}

func (m *preferenceModel) set(ctx context.Context, raw *tftypes.Value) diag.Diagnostics {
	return preferenceCodec().set(ctx, raw, m)
}

func (m identityModel) set(ctx context.Context, raw *tftypes.Value) diag.Diagnostics {
	return identityCodec().set(ctx, raw, &m)
}
