package wingspan

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
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

// wirePreference is a preference before its fields are looked at one by one: encoding/json would give up on the whole
// object because of one field of an unexpected type.
type wirePreference struct {
	ID               json.RawMessage `json:"preferenceId"`
	UserID           json.RawMessage `json:"userId"`
	URL              json.RawMessage `json:"url"`
	SharedSecret     json.RawMessage `json:"sharedSecret"`
	SubscribedEvents json.RawMessage `json:"subscribedEvents"`
	CreatedAt        json.RawMessage `json:"createdAt"`
	UpdatedAt        json.RawMessage `json:"updatedAt"`
	Labels           json.RawMessage `json:"labels"`
	EventActors      json.RawMessage `json:"eventActors"`
}

// decodePreference reads a preference. The fields that decide something (preferenceId, url, userId, subscribedEvents) have
// to be of the documented type, and the first two have to be there; any other field of another type is treated as absent.
// On an error the result contains what could be read. Errors name a field and never a value, which may be a secret.
func decodePreference(data []byte) (Preference, error) {
	var wire wirePreference
	if err := json.Unmarshal(data, &wire); err != nil {
		return Preference{}, describeJSON(data, err)
	}

	var p Preference
	var problem error
	strict := func(name string, raw json.RawMessage, required bool) string {
		s, ok := jsonString(raw)
		switch {
		case problem != nil:
		case !ok && !isNull(raw):
			problem = fmt.Errorf("the field %s isn't a string", name)
		case required && s == "":
			problem = fmt.Errorf("the field %s is missing", name)
		}

		return s
	}
	p.ID = strict("preferenceId", wire.ID, true)
	p.URL = strict("url", wire.URL, true)
	p.UserID = strict("userId", wire.UserID, false)
	var err error
	p.SubscribedEvents, err = decodeEvents(wire.SubscribedEvents)
	if s, ok := jsonString(wire.SharedSecret); ok {
		secret := Secret(s)
		p.SharedSecret = &secret
	}
	p.CreatedAt, _ = jsonString(wire.CreatedAt)
	p.UpdatedAt, _ = jsonString(wire.UpdatedAt)
	p.Labels, p.EventActors = jsonStringMap(wire.Labels), jsonStringMap(wire.EventActors)

	return p, cmp.Or(problem, err)
}

// decodeEvents reads a JSON value that is known to be valid. It looks at the list's text, as a decoder of its own for each list and
// each string costs a hundred times the memory.
func decodeEvents(raw json.RawMessage) ([]string, error) {
	if isNull(raw) {
		return nil, nil
	}
	problem := fmt.Errorf("the field subscribedEvents isn't a list of at most %d strings", maxEvents)
	if raw[0] != '[' {
		return nil, problem
	}
	events := []string{}
	for rest := raw[1:]; ; {
		rest = bytes.TrimLeft(rest, ", \t\r\n")
		if rest[0] == ']' {
			return events, nil
		}
		if rest[0] != '"' || len(events) == maxEvents {
			return nil, problem
		}
		end := 1
		for ; rest[end] != '"'; end++ {
			if rest[end] == '\\' {
				end++
			}
		}
		name, ok := jsonString(rest[:end+1])
		if !ok {
			return nil, problem
		}
		events, rest = append(events, name), rest[end+1:]
	}
}
