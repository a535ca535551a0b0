package wingspan

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// eventNames reads which events the account can subscribe to, sorted and each once. A name is opaque. The second result is
// the account that the response names as theirs, or empty.
func (c *Client) eventNames(ctx context.Context, account string) ([]string, string, error) {
	r, err := c.send(ctx, http.MethodGet, account, nil, "integrations", "webhooks", "eventnames")
	if err != nil {
		return nil, "", err
	}

	names, owners, unreadable := []string{}, agreement{}, 0
	err = eachElement(r.body, maxEventNames, func(element json.RawMessage) {
		name, owner := decodeEventName(element)
		owners.add(owner)
		if name == "" {
			unreadable++

			return
		}
		names = append(names, name)
	})
	if err != nil {
		return nil, "", r.unusable(err.Error())
	}
	if len(names) == 0 && unreadable > 0 {
		return nil, "", r.unusable("no entry has an event name")
	}
	slices.Sort(names)

	return slices.Compact(names), owners.value(), nil
}

// decodeEventName reads an element of the list: the SDK's EventName object, or plain text. What it can't read is empty.
func decodeEventName(element json.RawMessage) (name, owner string) {
	if name, ok := jsonString(element); ok {
		return name, ""
	}
	var object struct {
		EventName json.RawMessage `json:"eventName"`
		UserID    json.RawMessage `json:"userId"`
	}
	if json.Unmarshal(element, &object) != nil {
		return "", ""
	}
	name, _ = jsonString(object.EventName)
	owner, _ = jsonString(object.UserID)

	return name, owner
}
