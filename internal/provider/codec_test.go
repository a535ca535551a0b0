package provider

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestTheCodecIsTheFrameworks compares both directions with the framework's own, which refuses a model that has not all of the
// schema's attributes, or others.
func TestTheCodecIsTheFrameworks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	texts := map[string]any{"a": "1", "b": nil}
	for name, object := range map[string]values{
		"nothing is set": {},
		"everything is known": {
			"id": "p1", "user_id": "u1", "url": "https://hooks.example.com/a", "subscribed_events": []string{"Invoice.Sent", "Invoice.Paid"},
			"shared_secret": "s", "shared_secret_wo": "w", "shared_secret_wo_version": 3, "allow_duplicate": true,
			"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:06Z", "labels": texts, "event_actors": map[string]any{},
		},
		"everything is unknown": {
			"id": unknown{}, "user_id": unknown{}, "url": unknown{}, "subscribed_events": unknown{},
			"shared_secret": unknown{}, "shared_secret_wo": unknown{}, "shared_secret_wo_version": unknown{}, "allow_duplicate": unknown{},
			"created_at": unknown{}, "updated_at": unknown{}, "labels": unknown{}, "event_actors": unknown{},
		},
		"an element is unknown": {"subscribed_events": []any{"Invoice.Paid", unknown{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := tfsdk.State{Schema: preferenceSchema()}
			state.Raw = encodeValue(state.Schema.Type().TerraformType(ctx), object)
			var want, got preferenceModel
			diagnostics := append(state.Get(ctx, &want), got.get(ctx, state.Raw)...)
			if diagnostics.HasError() || !reflect.DeepEqual(want, got) {
				t.Errorf("get: %v\ngot  %v\nwant %v", diagnostics, got, want)
			}
			raw := state.Raw
			if diagnostics := append(state.Set(ctx, &want), got.set(ctx, &raw)...); diagnostics.HasError() || !raw.Equal(state.Raw) {
				t.Errorf("set: %v\ngot  %s\nwant %s", diagnostics, raw, state.Raw)
			}
		})
	}
}

func TestTheCodecOfTheIdentityIsTheFrameworks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var resp resource.IdentitySchemaResponse
	(&preferenceResource{}).IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &resp)
	for _, model := range []identityModel{{}, {ID: types.StringValue("p1"), UserID: types.StringValue("u1")}} {
		want := tfsdk.ResourceIdentity{Schema: resp.IdentitySchema}
		var got tftypes.Value
		if diagnostics := append(want.Set(ctx, model), model.set(ctx, &got)...); diagnostics.HasError() || !got.Equal(want.Raw) {
			t.Errorf("%v\ngot  %s\nwant %s", diagnostics, got, want.Raw)
		}
	}
}

// TestTheCodecWantsAnObject: a model of nothing would be taken for a webhook.
func TestTheCodecWantsAnObject(t *testing.T) {
	t.Parallel()
	var model preferenceModel
	if diagnostics := model.get(context.Background(), tftypes.NewValue(preferenceCodec().object, nil)); !diagnostics.HasError() {
		t.Error("a null object is read as a model")
	}
}
