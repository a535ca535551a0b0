package wingspan

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Preference is a registered webhook: the SDK's WebhooksPreference. Fields that aren't here are ignored.
type Preference struct {
	ID string
	// UserID is the account that owns it, or empty where the response doesn't say.
	UserID string
	URL    string
	// SharedSecret is whatever the API chose to return: the secret itself, a mask, a hash, or nil for none.
	// It may be compared with a secret, never stored and never sent.
	SharedSecret *Secret
	// SubscribedEvents is nil when the response left it out or said null, which means no events.
	SubscribedEvents []string
	// CreatedAt and UpdatedAt are as the API wrote them; empty where it wrote no string.
	CreatedAt, UpdatedAt string
	// Labels and EventActors are nil where the API wrote anything but an object of strings.
	Labels, EventActors map[string]string

	// Account is the account that the request was made for; empty for the token's own.
	Account string
	// Created is when this process created the preference; zero for one that it didn't create.
	Created Moment
}

// List is an account's preferences, in the API's order.
type List struct {
	Preferences []Preference
	// Unreadable are the entries that are left out because they couldn't be decoded, with what could be: any field may be empty.
	Unreadable []Preference

	// date is the response's Date, zero where it can't be read.
	date time.Time
}

// CreatePreferenceRequest is the body of a create.
type CreatePreferenceRequest struct {
	URL              string   `json:"url"`
	SharedSecret     Secret   `json:"sharedSecret"`
	SubscribedEvents []string `json:"subscribedEvents,omitempty"`
}

// UpdatePreferenceRequest is the body of an update. What is nil isn't sent, and the API keeps it.
type UpdatePreferenceRequest struct {
	URL              *string  `json:"url,omitempty"`
	SharedSecret     *Secret  `json:"sharedSecret,omitempty"`
	SubscribedEvents []string `json:"subscribedEvents,omitempty"`
}

// Empty reports whether there is nothing to send.
func (r UpdatePreferenceRequest) Empty() bool {
	return r.URL == nil && r.SharedSecret == nil && r.SubscribedEvents == nil
}

// preferencePath is the collection; an id may follow.
func preferencePath(id ...string) []string {
	return append([]string{"integrations", "webhooks", "preference"}, id...)
}

// CreatePreference registers a webhook. When its error MayHaveSucceeded, it must not simply be sent again: see Webhooks.Create.
// A 2xx that has an id is a success, whatever else is wrong with it: the webhook exists.
func (c *Client) CreatePreference(ctx context.Context, account string, request CreatePreferenceRequest) (*Preference, error) {
	c.AddSecrets(string(request.SharedSecret))
	request.SubscribedEvents = slices.Sorted(slices.Values(request.SubscribedEvents))

	r, err := c.send(ctx, http.MethodPost, account, request, preferencePath()...)
	if err != nil {
		return nil, err
	}
	p, err := decodePreference(r.body)
	if p.ID == "" {
		return nil, r.unusable(err.Error())
	}
	if p.URL == "" {
		p.URL = request.URL
	}
	p.Account = account
	p.Created = Moment{API: r.date, Local: time.Now()}

	return &p, nil
}

// GetPreference reads one webhook.
func (c *Client) GetPreference(ctx context.Context, account, id string) (*Preference, error) {
	r, err := c.send(ctx, http.MethodGet, account, nil, preferencePath(id)...)
	if err != nil {
		return nil, err
	}

	return r.preference(account, id)
}

// ListPreferences reads the account's webhooks. Whether the list is complete isn't documented, so it proves what is there and
// never what isn't.
func (c *Client) ListPreferences(ctx context.Context, account string) (List, error) {
	r, err := c.send(ctx, http.MethodGet, account, nil, preferencePath()...)
	if err != nil {
		return List{}, err
	}

	list := List{date: r.date}
	err = eachElement(r.body, maxListEntries, func(element json.RawMessage) {
		p, err := decodePreference(element)
		p.Account = account
		if err == nil {
			list.Preferences = append(list.Preferences, p)
		} else {
			list.Unreadable = append(list.Unreadable, p)
		}
	})
	if err != nil {
		return List{}, r.unusable(err.Error())
	}

	return list, nil
}

// UpdatePreference sends one PATCH with what is set in the request. A response that is empty, or says only parts of the preference, is followed by a read.
func (c *Client) UpdatePreference(ctx context.Context, account, id string, request UpdatePreferenceRequest) (*Preference, error) {
	if request.SharedSecret != nil {
		c.AddSecrets(string(*request.SharedSecret))
	}
	if request.SubscribedEvents != nil {
		request.SubscribedEvents = slices.Sorted(slices.Values(request.SubscribedEvents))
	}

	r, err := c.send(ctx, http.MethodPatch, account, request, preferencePath(id)...)
	if err != nil {
		return nil, err
	}
	p, err := r.preference(account, id)
	if partial, _ := decodePreference(r.body); err != nil && (len(bytes.TrimSpace(r.body)) == 0 || partial.ID == id) {
		return c.GetPreference(ctx, account, id)
	}

	return p, err
}

// DeletePreference removes one webhook. It succeeds when the response is empty or is this preference, which is what the API is
// known to do; any other 2xx may come from something in front of the API and is a *ResponseError.
func (c *Client) DeletePreference(ctx context.Context, account, id string) error {
	r, err := c.send(ctx, http.MethodDelete, account, nil, preferencePath(id)...)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(r.body)) == 0 {
		return nil
	}
	if p, err := decodePreference(r.body); p.ID != id {
		if err == nil || p.ID != "" {
			return r.unusable("it is about another webhook preference")
		}

		return r.unusable(err.Error())
	}

	return nil
}

// preference decodes a single webhook, which has to be the one that was asked for.
func (r *response) preference(account, id string) (*Preference, error) {
	p, err := decodePreference(r.body)
	switch {
	case p.ID != "" && p.ID != id:
		return nil, r.unusable("it is about another webhook preference")
	case err != nil:
		return nil, r.unusable(err.Error())
	}
	p.Account = account

	return &p, nil
}
