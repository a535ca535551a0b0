package wingspan

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// eventName is an element of the eventnames list: the SDK's EventName object, or plain text.
type eventName string

// UnmarshalJSON accepts both forms.
func (n *eventName) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(n))
	}
	var object struct {
		EventName string `json:"eventName"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*n = eventName(object.EventName)

	return nil
}

// EventNames asks which events the account can subscribe to. They come sorted, each once. A name is opaque.
func (c *Client) EventNames(ctx context.Context, account string) ([]string, error) {
	a, err := c.send(ctx, http.MethodGet, account, nil, "integrations", "webhooks", "eventnames")
	if err != nil {
		return nil, err
	}

	var list []eventName
	if err := a.decode(c, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, a.unusable(c, "null is not a list")
	}
	names := make([]string, 0, len(list))
	for _, n := range list {
		if n != "" {
			names = append(names, string(n))
		}
	}
	slices.Sort(names)

	return slices.Compact(names), nil
}
