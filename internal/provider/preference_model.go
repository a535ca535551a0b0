package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// preferenceModel is the resource in configuration, plan and state.
type preferenceModel struct {
	ID                    types.String `tfsdk:"id"`
	UserID                types.String `tfsdk:"user_id"`
	URL                   urlValue     `tfsdk:"url"`
	SubscribedEvents      types.Set    `tfsdk:"subscribed_events"`
	SharedSecret          types.String `tfsdk:"shared_secret"`
	SharedSecretWO        types.String `tfsdk:"shared_secret_wo"`
	SharedSecretWOVersion types.Int64  `tfsdk:"shared_secret_wo_version"`
	AllowDuplicate        types.Bool   `tfsdk:"allow_duplicate"`
	CreatedAt             types.String `tfsdk:"created_at"`
	UpdatedAt             types.String `tfsdk:"updated_at"`
	Labels                types.Map    `tfsdk:"labels"`
	EventActors           types.Map    `tfsdk:"event_actors"`
}

// identityModel is the resource's identity.
type identityModel struct {
	ID     types.String `tfsdk:"id"`
	UserID types.String `tfsdk:"user_id"`
}

func (m preferenceModel) identity() identityModel { return identityModel{ID: m.ID, UserID: m.UserID} }

// secrets takes the secret's forms from the configuration, the only place that has the write-only one.
func (m preferenceModel) secrets() secretForms {
	return secretForms{plain: m.SharedSecret, writeOnly: m.SharedSecretWO, version: m.SharedSecretWOVersion}
}

// observe takes over everything that the API says, but for the secret: that is compared, never stored.
func (m *preferenceModel) observe(p *wingspan.Preference) {
	m.ID = types.StringValue(p.ID)
	if p.UserID != "" {
		m.UserID = types.StringValue(p.UserID)
	} else if m.UserID.IsUnknown() {
		m.UserID = types.StringNull()
	}
	m.URL = newURL(p.URL)
	m.SubscribedEvents = eventSet(p.SubscribedEvents)
	m.CreatedAt = timeValue(p.CreatedAt)
	m.UpdatedAt = timeValue(p.UpdatedAt)
	m.Labels = stringMap(p.Labels)
	m.EventActors = stringMap(p.EventActors)
	if m.AllowDuplicate.IsNull() || m.AllowDuplicate.IsUnknown() {
		m.AllowDuplicate = types.BoolValue(false)
	}
}

// fillUnknown takes from the API what the plan left open, and keeps what was planned: Terraform accepts nothing else after
// an apply. What the API made of it otherwise, the next read shows.
func (m *preferenceModel) fillUnknown(p *wingspan.Preference) {
	seen := *m
	seen.observe(p)

	if m.ID.IsUnknown() {
		m.ID = seen.ID
	}
	if m.UserID.IsUnknown() {
		m.UserID = seen.UserID
	}
	if m.CreatedAt.IsUnknown() {
		m.CreatedAt = seen.CreatedAt
	}
	if m.UpdatedAt.IsUnknown() {
		m.UpdatedAt = seen.UpdatedAt
	}
	if m.Labels.IsUnknown() {
		m.Labels = seen.Labels
	}
	if m.EventActors.IsUnknown() {
		m.EventActors = seen.EventActors
	}
}

// differences names what the API answered otherwise than it was sent. A missing list of events says nothing.
func (m preferenceModel) differences(p *wingspan.Preference) []string {
	var names []string
	if !wingspan.SameURL(m.URL.ValueString(), p.URL) {
		names = append(names, "url")
	}
	if p.SubscribedEvents != nil && !m.SubscribedEvents.Equal(eventSet(p.SubscribedEvents)) {
		names = append(names, "subscribed_events")
	}

	return names
}

// toNew is the body of the create.
func (m preferenceModel) toNew(secret wingspan.Secret) wingspan.CreatePreferenceRequest {
	return wingspan.CreatePreferenceRequest{URL: m.URL.ValueString(), SharedSecret: secret, SubscribedEvents: eventNames(m.SubscribedEvents)}
}

// toChange is the body of the update: only what differs from the state. The secret is its own decision.
func (m preferenceModel) toChange(state preferenceModel, secret *wingspan.Secret) wingspan.UpdatePreferenceRequest {
	change := wingspan.UpdatePreferenceRequest{SharedSecret: secret}
	if !wingspan.SameURL(m.URL.ValueString(), state.URL.ValueString()) {
		u := m.URL.ValueString()
		change.URL = &u
	}
	if !m.SubscribedEvents.Equal(state.SubscribedEvents) {
		change.SubscribedEvents = eventNames(m.SubscribedEvents)
	}

	return change
}

// looksLike tells whether an answer holds what the state holds, but for the secret.
func (m preferenceModel) looksLike(p *wingspan.Preference) bool {
	seen := m
	seen.observe(p)

	return wingspan.SameURL(m.URL.ValueString(), p.URL) && seen.SubscribedEvents.Equal(m.SubscribedEvents) &&
		seen.UpdatedAt.Equal(m.UpdatedAt) && seen.Labels.Equal(m.Labels) && seen.EventActors.Equal(m.EventActors)
}

func eventNames(set types.Set) []string {
	names := make([]string, 0, len(set.Elements()))
	for _, e := range set.Elements() {
		if s, ok := e.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			names = append(names, s.ValueString())
		}
	}
	slices.Sort(names)

	return names
}

func eventSet(names []string) types.Set {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	elements := make([]attr.Value, len(names))
	for i, n := range names {
		elements[i] = types.StringValue(n)
	}

	return types.SetValueMust(types.StringType, elements)
}

func stringMap(in map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(in))
	for k, v := range in {
		elements[k] = types.StringValue(v)
	}

	return types.MapValueMust(types.StringType, elements)
}

// timeValue is what the API says, to the last digit, and null for what is not an RFC 3339 time. It is a plain string: a type with
// a coarser equality of its own would keep the state's old time.
func timeValue(s string) types.String {
	if new(time.Time).UnmarshalText([]byte(s)) != nil {
		return types.StringNull()
	}

	return types.StringValue(s)
}

// fillUnknownFrom closes what the plan left open for an update that turned out to need no request.
func (m *preferenceModel) fillUnknownFrom(state preferenceModel) {
	if m.UserID.IsUnknown() {
		m.UserID = state.UserID
	}
	if m.UpdatedAt.IsUnknown() {
		m.UpdatedAt = state.UpdatedAt
	}
}
