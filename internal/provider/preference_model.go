package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// readableModel is what the API shows of a preference, in the resource and in the data sources. It has no secret, in whatever form
// the API shows it.
type readableModel struct {
	ID               types.String `tfsdk:"id"`
	UserID           types.String `tfsdk:"user_id"`
	URL              types.String `tfsdk:"url"`
	SubscribedEvents types.Set    `tfsdk:"subscribed_events"`
	CreatedAt        types.String `tfsdk:"created_at"`
	UpdatedAt        types.String `tfsdk:"updated_at"`
	Labels           types.Map    `tfsdk:"labels"`
	EventActors      types.Map    `tfsdk:"event_actors"`
}

// preferenceModel is the resource in configuration, plan and state.
type preferenceModel struct {
	readableModel
	secretModel

	AllowDuplicate types.Bool `tfsdk:"allow_duplicate"`
}

// secretModel is what is set for the secret. At most one of SharedSecret and SharedSecretWO is not null.
type secretModel struct {
	SharedSecret          types.String `tfsdk:"shared_secret"`
	SharedSecretWO        types.String `tfsdk:"shared_secret_wo"`
	SharedSecretWOVersion types.Number `tfsdk:"shared_secret_wo_version"`
}

// identityModel is the resource's identity.
type identityModel struct {
	ID     types.String `tfsdk:"id"`
	UserID types.String `tfsdk:"user_id"`
}

func (m *preferenceModel) identity() identityModel { return identityModel{ID: m.ID, UserID: m.UserID} }

// setFromAPI takes over what the API returns. An equivalent URL keeps its form, and a response without a userId the known account.
func (m *readableModel) setFromAPI(p *wingspan.Preference) {
	m.ID = types.StringValue(p.ID)
	if p.UserID != "" {
		m.UserID = types.StringValue(p.UserID)
	} else if m.UserID.IsUnknown() {
		m.UserID = types.StringNull()
	}
	if !wingspan.SameURL(m.URL.ValueString(), p.URL) {
		m.URL = types.StringValue(p.URL)
	}
	m.SubscribedEvents = eventSet(p.SubscribedEvents)
	m.CreatedAt = timeValue(p.CreatedAt)
	m.UpdatedAt = timeValue(p.UpdatedAt)
	m.Labels = stringMap(p.Labels)
	m.EventActors = stringMap(p.EventActors)
}

// readable is the model of a response.
func readable(p *wingspan.Preference) readableModel {
	var m readableModel
	m.setFromAPI(p)

	return m
}

// fillUnknown takes what the plan left unknown from other, and keeps what was planned: Terraform accepts nothing else after an
// apply. Where the API responded with something else, the next read shows it.
func (m *readableModel) fillUnknown(other readableModel) {
	m.ID = known(m.ID, other.ID)
	m.UserID = known(m.UserID, other.UserID)
	m.CreatedAt = known(m.CreatedAt, other.CreatedAt)
	m.UpdatedAt = known(m.UpdatedAt, other.UpdatedAt)
	m.Labels = known(m.Labels, other.Labels)
	m.EventActors = known(m.EventActors, other.EventActors)
}

func known[T attr.Value](planned, other T) T {
	if planned.IsUnknown() {
		return other
	}

	return planned
}

// matchesAPI reports whether a response has what the state has.
func (m *readableModel) matchesAPI(p *wingspan.Preference) bool {
	seen := *m
	seen.setFromAPI(p)

	return seen.URL.Equal(m.URL) && seen.SubscribedEvents.Equal(m.SubscribedEvents) &&
		seen.UpdatedAt.Equal(m.UpdatedAt) && seen.Labels.Equal(m.Labels) && seen.EventActors.Equal(m.EventActors)
}

// differences lists the attributes for which a response has other values than were sent. A missing list of events proves nothing.
func (m *readableModel) differences(p *wingspan.Preference) []string {
	var names []string
	if !wingspan.SameURL(m.URL.ValueString(), p.URL) {
		names = append(names, "url")
	}
	if p.SubscribedEvents != nil && !m.SubscribedEvents.Equal(eventSet(p.SubscribedEvents)) {
		names = append(names, "subscribed_events")
	}

	return names
}

// toCreateRequest is the body of the create.
func (m *readableModel) toCreateRequest(secret wingspan.Secret) wingspan.CreatePreferenceRequest {
	return wingspan.CreatePreferenceRequest{URL: m.URL.ValueString(), SharedSecret: secret, SubscribedEvents: eventNames(m.SubscribedEvents)}
}

// toUpdateRequest is the body of the update: only what differs from the state, and the secret unless it is nil.
func (m *readableModel) toUpdateRequest(state readableModel, secret *wingspan.Secret) wingspan.UpdatePreferenceRequest {
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

// eventNames are the known names, sorted.
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

// timeValue is what the API returns, to the last digit, and null for what is not an RFC 3339 time. It is a plain string: a type with
// a coarser equality of its own would keep the state's old time.
func timeValue(s string) types.String {
	if new(time.Time).UnmarshalText([]byte(s)) != nil {
		return types.StringNull()
	}

	return types.StringValue(s)
}
