package wingspan

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Preference is a registered webhook: the SDK's WebhooksPreference. Fields that are not here are ignored.
type Preference struct {
	ID     string `json:"preferenceId"`
	UserID string `json:"userId"`
	URL    string `json:"url"`
	// SharedSecret is whatever the API chose to answer: the secret itself, a mask, a hash, or nil for none.
	// It may be compared with a secret, never stored and never sent.
	SharedSecret *Secret `json:"sharedSecret"`
	// SubscribedEvents is nil when the API left it out or said null, which means no events.
	SubscribedEvents []string          `json:"subscribedEvents"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	Labels           map[string]string `json:"labels"`
	EventActors      map[string]string `json:"eventActors"`
	UserRoles        UserRoles         `json:"userRoles"`
}

// UserRoles says who may do what with a preference.
type UserRoles struct {
	OwnerIDs  []string `json:"ownerIds"`
	ViewerIDs []string `json:"viewerIds"`
}

// clone shares nothing with p.
func (p Preference) clone() *Preference {
	if p.SharedSecret != nil {
		secret := *p.SharedSecret
		p.SharedSecret = &secret
	}
	p.SubscribedEvents = slices.Clone(p.SubscribedEvents)
	p.Labels, p.EventActors = maps.Clone(p.Labels), maps.Clone(p.EventActors)
	p.UserRoles = UserRoles{OwnerIDs: slices.Clone(p.UserRoles.OwnerIDs), ViewerIDs: slices.Clone(p.UserRoles.ViewerIDs)}

	return &p
}

// NewPreference is the body of a create.
type NewPreference struct {
	URL              string   `json:"url"`
	SharedSecret     Secret   `json:"sharedSecret"`
	SubscribedEvents []string `json:"subscribedEvents,omitempty"`
}

// PreferenceChange is the body of an update. What is nil is not sent, and the API keeps it.
type PreferenceChange struct {
	URL              *string  `json:"url,omitempty"`
	SharedSecret     *Secret  `json:"sharedSecret,omitempty"`
	SubscribedEvents []string `json:"subscribedEvents,omitempty"`
}

// Empty tells whether there is nothing to send.
func (c PreferenceChange) Empty() bool {
	return c.URL == nil && c.SharedSecret == nil && c.SubscribedEvents == nil
}

// preferencePath is the collection; an id may follow.
func preferencePath(id ...string) []string {
	return append([]string{"integrations", "webhooks", "preference"}, id...)
}

// CreatePreference registers a webhook. When its error MayHaveHappened, it must not simply be called again: see Creator.
func (c *Client) CreatePreference(ctx context.Context, account string, p NewPreference) (*Preference, error) {
	c.Conceal(string(p.SharedSecret))
	p.SubscribedEvents = slices.Sorted(slices.Values(p.SubscribedEvents))

	a, err := c.send(ctx, http.MethodPost, account, p, preferencePath()...)
	if err != nil {
		return nil, err
	}

	return a.preference(c, "")
}

// GetPreference reads one webhook.
func (c *Client) GetPreference(ctx context.Context, account, id string) (*Preference, error) {
	a, err := c.send(ctx, http.MethodGet, account, nil, preferencePath(id)...)
	if err != nil {
		return nil, err
	}

	return a.preference(c, id)
}

// ListPreferences reads the account's webhooks, in the API's order. Nobody outside Wingspan knows whether the
// list is whole, so that it proves what is there and never what is not.
func (c *Client) ListPreferences(ctx context.Context, account string) ([]Preference, error) {
	a, err := c.send(ctx, http.MethodGet, account, nil, preferencePath()...)
	if err != nil {
		return nil, err
	}

	var list []Preference
	if err := a.decode(c, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, a.unusable(c, "null is not a list")
	}

	return slices.DeleteFunc(list, func(p Preference) bool { return p.ID == "" }), nil
}

// UpdatePreference sends one PATCH with what is set in the change.
func (c *Client) UpdatePreference(ctx context.Context, account, id string, change PreferenceChange) (*Preference, error) {
	if change.SharedSecret != nil {
		c.Conceal(string(*change.SharedSecret))
	}
	if change.SubscribedEvents != nil {
		change.SubscribedEvents = slices.Sorted(slices.Values(change.SubscribedEvents))
	}

	a, err := c.send(ctx, http.MethodPatch, account, change, preferencePath(id)...)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(a.body)) == 0 {
		return c.GetPreference(ctx, account, id)
	}

	return a.preference(c, id)
}

// DeletePreference removes one webhook; one that is gone already answers with an error that IsNotFound. A 2xx that is not the
// API's may come from something before it, and the delete is then sent once more: only the API's own answer tells that the webhook is gone.
// To read it instead would be no proof, because a fresh one may answer 404 for a moment.
func (c *Client) DeletePreference(ctx context.Context, account, id string) error {
	var last *answer
	for range 2 {
		a, err := c.send(ctx, http.MethodDelete, account, nil, preferencePath(id)...)
		if err != nil && last != nil && !IsNotFound(err) {
			break
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(a.body)) == 0 || json.Valid(a.body) {
			return nil
		}
		last = a
	}

	return last.unusable(c, "the answer is not JSON")
}

// preference decodes a single webhook; id is the one that was asked for, or empty.
func (a *answer) preference(c *Client, id string) (*Preference, error) {
	var p Preference
	if err := a.decode(c, &p); err != nil {
		return nil, err
	}

	switch {
	case p.ID == "":
		return nil, a.unusable(c, "it holds no preferenceId")
	case id != "" && p.ID != id:
		return nil, a.unusable(c, "it is about another preference")
	case p.URL == "":
		return nil, a.unusable(c, "it holds no url")
	}

	return &p, nil
}
