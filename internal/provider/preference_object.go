package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The framework's own way between an object and a struct compiles a regular expression for each field, every time: a sixth of all
// the work of a large plan. Going by types.Object, as here, it compiles none.

// modelSource is a configuration, a plan or a state, and modelTarget a plan or a state.
type modelSource interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

type modelTarget interface {
	Set(ctx context.Context, value any) diag.Diagnostics
}

// read takes the model from a resource's configuration, plan or state.
func (m *preferenceModel) read(ctx context.Context, from modelSource) diag.Diagnostics {
	var object types.Object
	if diags := from.Get(ctx, &object); diags.HasError() {
		return diags
	}
	attributes := object.Attributes()
	for name, field := range m.fields() {
		if !field.take(attributes[name]) {
			return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected provider data",
				fmt.Sprintf("The attribute %s came as %T. This is always a bug in the provider: please report it to its developers.", name, attributes[name]))}
		}
	}

	return nil
}

// write puts the model into a resource's plan or state.
func (m *preferenceModel) write(ctx context.Context, to modelTarget) diag.Diagnostics {
	fields := m.fields()
	attributes, kinds := make(map[string]attr.Value, len(fields)), make(map[string]attr.Type, len(fields))
	for name, field := range fields {
		attributes[name], kinds[name] = field.give(), field.kind
	}
	object, diags := types.ObjectValue(kinds, attributes)
	if diags.HasError() {
		return diags
	}

	return append(diags, to.Set(ctx, object)...)
}

// field is one field of a model.
type field struct {
	kind attr.Type
	take func(attr.Value) bool
	give func() attr.Value
}

func fieldOf[T attr.Value](f *T, kind attr.Type) field {
	return field{
		kind: kind,
		take: func(v attr.Value) bool {
			value, ok := v.(T)
			if ok {
				*f = value
			}

			return ok
		},
		give: func() attr.Value { return *f },
	}
}

// fields are the same as the struct's tags, which TestFieldsAreTheSchemas holds to the schema.
func (m *preferenceModel) fields() map[string]field {
	text, texts := types.StringType, types.MapType{ElemType: types.StringType}

	return map[string]field{
		"id":                       fieldOf(&m.ID, text),
		"user_id":                  fieldOf(&m.UserID, text),
		"url":                      fieldOf(&m.URL, urlType{}),
		"subscribed_events":        fieldOf(&m.SubscribedEvents, types.SetType{ElemType: types.StringType}),
		"shared_secret":            fieldOf(&m.SharedSecret, text),
		"shared_secret_wo":         fieldOf(&m.SharedSecretWO, text),
		"shared_secret_wo_version": fieldOf(&m.SharedSecretWOVersion, types.Int64Type),
		"allow_duplicate":          fieldOf(&m.AllowDuplicate, types.BoolType),
		"created_at":               fieldOf(&m.CreatedAt, text),
		"updated_at":               fieldOf(&m.UpdatedAt, text),
		"labels":                   fieldOf(&m.Labels, texts),
		"event_actors":             fieldOf(&m.EventActors, texts),
	}
}
