package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestFieldsAreTheSchemas(t *testing.T) {
	t.Parallel()
	kinds := map[string]attr.Type{}
	for name, field := range new(preferenceModel).fields() {
		kinds[name] = field.kind
	}
	if got, want := (types.ObjectType{AttrTypes: kinds}), preferenceSchema().Type(); !want.Equal(got) {
		t.Errorf("the model has %s, and the schema %s", got, want)
	}
}

func TestAFieldTakesOnlyItsOwnType(t *testing.T) {
	t.Parallel()
	model := preferenceModel{ID: types.StringValue("before")}
	id := model.fields()["id"]
	if id.take(types.Int64Value(1)) || id.take(nil) || model.ID.ValueString() != "before" {
		t.Errorf("the id took a value of another type, and is %s", model.ID)
	}
	if !id.take(types.StringValue("after")) || model.ID.ValueString() != "after" {
		t.Errorf("the id did not take a text, and is %s", model.ID)
	}
}
