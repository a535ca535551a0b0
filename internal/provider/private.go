package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspan"
)

// The keys of private state. What a state of another version has under them has to stay readable.
const (
	// accountKey: the account that the webhook's requests name in X-WINGSPAN-USER, "" for none. user_id cannot express it, because
	// the token's own account has its id there as well.
	accountKey = "account"
	// originKey: an origin.
	originKey = "origin"
	// secretKey: a secretState.
	secretKey = "secret"
	// planKey: a decision. It exists in planned private data only.
	planKey = "plan"
)

// privateReader and privateWriter are what this package needs of the framework's private state, whose type is internal.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// loadPrivate returns the value of a key of private state, and whether it was there.
// What cannot be read is treated as missing: the provider then sends the secret once more, which is harmless.
func loadPrivate[T any](ctx context.Context, private privateReader, key string) (value T, found bool) {
	data, diags := private.GetKey(ctx, key)
	found = !diags.HasError() && len(data) > 0 && json.Unmarshal(data, &value) == nil

	return value, found
}

func savePrivate(ctx context.Context, private privateWriter, key string, v any) diag.Diagnostics {
	data, err := json.Marshal(v)
	if err != nil {
		return errorDiag(path.Empty(), "Could not save private state", err.Error()+". This is a bug in the provider.")
	}

	return private.SetKey(ctx, key, data)
}

func deletePrivate(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, nil)
}

// origin is what proves later that a 404 is about this webhook preference.
type origin struct {
	// Server is the base URL that responded last.
	Server string `json:"server,omitempty"`
	// EventsOmitted: the response to the last write that sent the events did not repeat them, so that a read without them proves nothing.
	EventsOmitted bool `json:"events_omitted,omitempty"`
	// Created is set for what this provider created.
	Created wingspan.Moment `json:"created,omitzero"`
	// Sent is what was sent last, and Shown what the API made of it, where it has a form of its own for the same. Without this, the
	// difference would be planned as an update forever.
	Sent  form `json:"sent,omitzero"`
	Shown form `json:"shown,omitzero"`
}

// form is how a URL and events are written. Either is empty where Wingspan returns what was sent.
type form struct {
	URL    string   `json:"url,omitempty"`
	Events []string `json:"events,omitempty"`
}

// recordForms takes note of the API's own form in the response to a write that sent what was planned. It may be what was there before the write,
// as after an import: the next write would get the same response. The cost is that a change of nothing but the form, if the API ignored it,
// isn't sent again.
func (o *origin) recordForms(planned readableModel, response *wingspan.Preference) {
	o.Sent, o.Shown = form{}, form{}
	url, events := planned.URL.ValueString(), eventNames(planned.SubscribedEvents)
	if !wingspan.SameURL(url, response.URL) && wingspan.IsFormOfURL(url, response.URL) {
		o.Sent.URL, o.Shown.URL = url, response.URL
	}
	if shown := eventSet(response.SubscribedEvents); !shown.Equal(planned.SubscribedEvents) && wingspan.AreFormsOfEvents(events, response.SubscribedEvents) {
		o.Sent.Events, o.Shown.Events = events, eventNames(shown)
	}
}

// asSent puts what was sent in place of the API's form of it.
func (o *origin) asSent(p *wingspan.Preference) {
	if o.Shown.URL != "" && p.URL == o.Shown.URL {
		p.URL = o.Sent.URL
	}
	if len(o.Shown.Events) > 0 && eventSet(p.SubscribedEvents).Equal(eventSet(o.Shown.Events)) {
		p.SubscribedEvents = o.Sent.Events
	}
}

// target is the webhook preference of the state, with what private state knows of it.
func (d *providerData) target(ctx context.Context, state preferenceModel, private privateReader) (wingspan.Target, origin) {
	from, _ := loadPrivate[origin](ctx, private, originKey)
	account := existingWebhook(ctx, state.UserID, private).account(d.settings.userID)

	return wingspan.Target{
		ID: state.ID.ValueString(), Account: account, Owner: state.UserID.ValueString(),
		Server: from.Server, CreatedAt: state.CreatedAt.ValueString(), Created: from.Created,
	}, from
}

// saveOrigin keeps the server and the account that have responded.
func (d *providerData) saveOrigin(ctx context.Context, private privateWriter, from origin, p *wingspan.Preference) diag.Diagnostics {
	from.Server = d.webhooks.Client().BaseURL()
	if !p.Created.Local.IsZero() {
		from.Created = p.Created
	}

	return append(savePrivate(ctx, private, originKey, from), savePrivate(ctx, private, accountKey, p.Account)...)
}
