package provider

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// completeResponse is a complete response of the API.
func completeResponse() *wingspan.Preference {
	echoed := wingspan.Secret(fakeSecret)

	return &wingspan.Preference{
		ID: "abc", UserID: "usr1", URL: "https://hooks.example.com/a", SharedSecret: &echoed,
		SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid", "Invoice.Sent"},
		CreatedAt:        "2022-09-03T19:46:40.748Z", UpdatedAt: "2022-09-04T19:46:40.748Z",
		Labels: map[string]string{"team": "pay"}, EventActors: map[string]string{"a": "b"},
	}
}

// modelOf is the state after completeResponse was read.
func modelOf() preferenceModel {
	return preferenceModel{AllowDuplicate: types.BoolValue(false), readableModel: readableModel{
		ID: types.StringValue("abc"), UserID: types.StringValue("usr1"), URL: types.StringValue("https://hooks.example.com/a"),
		SubscribedEvents: eventSet([]string{"Invoice.Paid", "Invoice.Sent"}),
		CreatedAt:        types.StringValue("2022-09-03T19:46:40.748Z"), UpdatedAt: types.StringValue("2022-09-04T19:46:40.748Z"),
		Labels: stringMap(map[string]string{"team": "pay"}), EventActors: stringMap(map[string]string{"a": "b"}),
	}}
}

// TestAResponseInTheModel: nothing of the secret, and no more than what the response has.
func TestAResponseInTheModel(t *testing.T) {
	t.Parallel()
	null, unknown := types.StringNull(), types.StringUnknown()
	noEvents, none := types.SetValueMust(types.StringType, nil), types.MapValueMust(types.StringType, nil)
	for _, test := range []struct {
		name string
		// before is what is in the model already, change what is different in the response, and want what is different in the model then.
		before func(*preferenceModel)
		change func(*wingspan.Preference)
		want   func(*preferenceModel)
	}{
		{"everything, and never the secret", nil, nil, nil},
		{"what Terraform alone knows is kept", func(m *preferenceModel) {
			m.SharedSecret, m.AllowDuplicate, m.SharedSecretWOVersion = types.StringValue(otherSecret), types.BoolValue(true), types.NumberValue(big.NewFloat(3))
		}, nil, func(m *preferenceModel) {
			m.SharedSecret, m.AllowDuplicate, m.SharedSecretWOVersion = types.StringValue(otherSecret), types.BoolValue(true), types.NumberValue(big.NewFloat(3))
		}},
		{
			"a response without an account keeps the known one", func(m *preferenceModel) { m.UserID = types.StringValue("usr2") },
			func(p *wingspan.Preference) { p.UserID = "" }, func(m *preferenceModel) { m.UserID = types.StringValue("usr2") },
		},
		{
			"a response without an account, and none is known", func(m *preferenceModel) { m.UserID = unknown },
			func(p *wingspan.Preference) { p.UserID = "" }, func(m *preferenceModel) { m.UserID = null },
		},
		{
			"an equivalent URL keeps its form", func(m *preferenceModel) { m.URL = types.StringValue("HTTPS://HOOKS.example.com:443/a") },
			nil, func(m *preferenceModel) { m.URL = types.StringValue("HTTPS://HOOKS.example.com:443/a") },
		},
		{
			"null or missing events are no events", nil,
			func(p *wingspan.Preference) { p.SubscribedEvents = nil }, func(m *preferenceModel) { m.SubscribedEvents = noEvents },
		},
		{
			"an empty list of events", nil,
			func(p *wingspan.Preference) { p.SubscribedEvents = []string{} }, func(m *preferenceModel) { m.SubscribedEvents = noEvents },
		},
		{
			"missing maps are empty", nil,
			func(p *wingspan.Preference) { p.Labels, p.EventActors = nil, nil },
			func(m *preferenceModel) { m.Labels, m.EventActors = none, none },
		},
		{
			"times that are none are null", nil,
			func(p *wingspan.Preference) { p.CreatedAt, p.UpdatedAt = "", "yesterday" }, func(m *preferenceModel) { m.CreatedAt, m.UpdatedAt = null, null },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, p, want := preferenceModel{AllowDuplicate: types.BoolValue(false)}, completeResponse(), modelOf()
			if test.before != nil {
				test.before(&m)
			}
			if test.change != nil {
				test.change(p)
			}
			if test.want != nil {
				test.want(&want)
			}
			m.setFromAPI(p)
			wantModel(t, m, want)
		})
	}
}

func wantModel(t *testing.T, got, want preferenceModel) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(preferenceModel{})); diff != "" {
		t.Errorf("model (-want +got):\n%s", diff)
	}
}

func TestFillUnknownKeepsWhatWasPlanned(t *testing.T) {
	t.Parallel()
	m := modelOf()
	m.URL, m.SubscribedEvents = types.StringValue("https://planned.example.com"), eventSet([]string{"Planned"})
	want := m
	m.fillUnknown(readable(completeResponse()))
	wantModel(t, m, want)

	m.ID, m.UserID, m.CreatedAt, m.UpdatedAt = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Labels, m.EventActors = types.MapUnknown(types.StringType), types.MapUnknown(types.StringType)
	m.fillUnknown(readable(completeResponse()))
	wantModel(t, m, want)
}

func TestResponseComparedWithModel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(*wingspan.Preference)
		matches bool
		differs []string
	}{
		{"same", func(*wingspan.Preference) {}, true, nil},
		{"order and duplicates of events", func(p *wingspan.Preference) {
			p.SubscribedEvents = []string{"Invoice.Paid", "Invoice.Paid", "Invoice.Sent"}
		}, true, nil},
		{"equivalent url", func(p *wingspan.Preference) { p.URL = "HTTPS://hooks.example.com:443/a" }, true, nil},
		{"url", func(p *wingspan.Preference) { p.URL = "https://other.example.com" }, false, []string{"url"}},
		{"events", func(p *wingspan.Preference) { p.SubscribedEvents = []string{"Invoice.Paid"} }, false, []string{"subscribed_events"}},
		{"no events", func(p *wingspan.Preference) { p.SubscribedEvents = []string{} }, false, []string{"subscribed_events"}},
		{"missing events say nothing of what was sent", func(p *wingspan.Preference) { p.SubscribedEvents = nil }, false, nil},
		{"both", func(p *wingspan.Preference) { p.URL, p.SubscribedEvents = "https://b.example.com", []string{"x"} }, false, []string{"url", "subscribed_events"}},
		{"updated_at", func(p *wingspan.Preference) { p.UpdatedAt = "2023-01-01T00:00:00Z" }, false, nil},
		{"labels", func(p *wingspan.Preference) { p.Labels = nil }, false, nil},
		{"event_actors", func(p *wingspan.Preference) { p.EventActors = map[string]string{"a": "c"} }, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := completeResponse()
			test.change(p)
			state := modelOf()
			if got := state.matchesAPI(p); got != test.matches {
				t.Errorf("matchesAPI is %t", got)
			}
			if diff := cmp.Diff(test.differs, state.differences(p)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventNamesOfSet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		in   types.Set
		want []string
	}{
		{"null", types.SetNull(types.StringType), []string{}},
		{"unknown", types.SetUnknown(types.StringType), []string{}},
		{"empty", types.SetValueMust(types.StringType, nil), []string{}},
		{"sorted", types.SetValueMust(types.StringType, []attr.Value{types.StringValue("b"), types.StringValue("a")}), []string{"a", "b"}},
		{"what has no value is left out", types.SetValueMust(types.StringType, []attr.Value{basetypes.NewStringUnknown(), types.StringNull(), types.StringValue("a")}), []string{"a"}},
	} {
		if diff := cmp.Diff(test.want, eventNames(test.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
