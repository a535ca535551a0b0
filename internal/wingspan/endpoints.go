package wingspan

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

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

// createPreference registers a webhook. When its error MayHaveSucceeded, it must not simply be sent again: see Webhooks.Create.
// A 2xx that has an id is a success, whatever else is wrong with it: the webhook exists.
func (c *Client) createPreference(ctx context.Context, account string, request CreatePreferenceRequest) (*Preference, error) {
	c.AddSecrets(string(request.SharedSecret))
	request.SubscribedEvents = slices.Sorted(slices.Values(request.SubscribedEvents))

	r, err := c.send(ctx, http.MethodPost, account, request, preferencePath()...)
	if err != nil {
		return nil, err
	}
	p, err := r.preference(account, "")
	if p.ID == "" {
		return nil, err
	}
	if p.URL == "" {
		p.URL = request.URL
	}
	p.Created = Moment{API: r.date(), Local: time.Now()}

	return &p, nil
}

// GetPreference reads one webhook.
func (c *Client) GetPreference(ctx context.Context, account, id string) (*Preference, error) {
	r, err := c.send(ctx, http.MethodGet, account, nil, preferencePath(id)...)
	if err != nil {
		return nil, err
	}

	p, err := r.preference(account, id)
	if err != nil {
		return nil, err
	}

	return &p, nil
}

// listPreferences reads the account's webhooks. Whether the list is complete isn't documented, so it proves what is there and
// never what isn't.
func (c *Client) listPreferences(ctx context.Context, account string) (List, error) {
	r, err := c.send(ctx, http.MethodGet, account, nil, preferencePath()...)
	if err != nil {
		return List{}, err
	}

	list := List{date: r.date()}
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

// updatePreference sends one PATCH with what is set in the request. A response that is empty, or says only parts of the preference, is followed by a read.
func (c *Client) updatePreference(ctx context.Context, account, id string, request UpdatePreferenceRequest) (*Preference, error) {
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
	switch {
	case err == nil:
		return &p, nil
	case r.isEmpty() || p.ID == id:
		return c.GetPreference(ctx, account, id)
	default:
		return nil, err
	}
}

// deletePreference removes one webhook. It succeeds when the response is empty or is this preference, which is what the API is
// known to do; any other 2xx may come from something in front of the API and is a *ResponseError.
func (c *Client) deletePreference(ctx context.Context, account, id string) error {
	r, err := c.send(ctx, http.MethodDelete, account, nil, preferencePath(id)...)
	if err != nil {
		return err
	}
	p, err := r.preference(account, id)
	if r.isEmpty() || p.ID == id {
		return nil
	}

	return err
}

// preference decodes a webhook, which has to be the one with the id if that isn't empty. With an error the result contains what could be
// read of it.
func (r *response) preference(account, id string) (Preference, error) {
	p, err := decodePreference(r.body)
	p.Account = account
	switch {
	case id != "" && p.ID != "" && p.ID != id:
		return Preference{}, r.unusable("it is about another webhook preference")
	case err != nil:
		return p, r.unusable(err.Error())
	default:
		return p, nil
	}
}

func (r *response) isEmpty() bool { return len(bytes.TrimSpace(r.body)) == 0 }
