package wingspan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Bounds on what one response may contain. The API documents none; these are far above what an account needs, and
// keep a hostile response from costing time and memory: the framework compares sets in quadratic time.
const (
	maxListEntries = 20_000
	maxEventNames  = 10_000
	maxMapEntries  = 1_000
	// MaxEvents is the largest number of events that one webhook preference may subscribe to.
	MaxEvents = 1_000
)

// errNoList is a JSON null where an array is documented.
var errNoList = errors.New("null isn't a list")

// eachElement calls visit with every element of a JSON array of at most limit elements. The element is valid only
// during the call. Its errors quote nothing of the body.
func eachElement(body []byte, limit int, visit func(json.RawMessage)) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return errNoList
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	opening, err := decoder.Token()
	if err != nil {
		return errors.New("the response isn't JSON")
	}
	if opening != json.Delim('[') {
		return errors.New("the JSON isn't a list")
	}
	var element json.RawMessage
	for n := 0; decoder.More(); n++ {
		if n == limit {
			return fmt.Errorf("the list has more than %d entries", limit)
		}
		element = element[:0]
		if err := decoder.Decode(&element); err != nil {
			return errors.New("the response isn't JSON")
		}
		visit(element)
	}
	if _, err := decoder.Token(); err != nil {
		return errors.New("the response isn't JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the response continues after the list")
	}

	return nil
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
	var problems []error
	strict := func(name string, raw json.RawMessage, required bool) string {
		s, ok := jsonString(raw)
		switch {
		case !ok && !isNull(raw):
			problems = append(problems, fmt.Errorf("the field %s isn't a string", name))
		case required && s == "":
			problems = append(problems, fmt.Errorf("the field %s is missing", name))
		}

		return s
	}
	p.ID = strict("preferenceId", wire.ID, true)
	p.URL = strict("url", wire.URL, true)
	p.UserID = strict("userId", wire.UserID, false)
	events, err := decodeEvents(wire.SubscribedEvents)
	if err != nil {
		problems = append(problems, err)
	}
	p.SubscribedEvents = events

	if s, ok := jsonString(wire.SharedSecret); ok {
		secret := Secret(s)
		p.SharedSecret = &secret
	}
	p.CreatedAt, _ = jsonString(wire.CreatedAt)
	p.UpdatedAt, _ = jsonString(wire.UpdatedAt)
	p.Labels, p.EventActors = jsonStringMap(wire.Labels), jsonStringMap(wire.EventActors)
	if len(problems) > 0 {
		return p, problems[0]
	}

	return p, nil
}

// decodeEvents reads a JSON value that is known to be valid. It looks at the list's text, as a decoder of its own for each list and
// each string costs a hundred times the memory.
func decodeEvents(raw json.RawMessage) ([]string, error) {
	if isNull(raw) {
		return nil, nil
	}
	problem := fmt.Errorf("the field subscribedEvents isn't a list of at most %d strings", MaxEvents)
	if raw[0] != '[' {
		return nil, problem
	}
	events := []string{}
	for rest := raw[1:]; ; {
		rest = bytes.TrimLeft(rest, ", \t\r\n")
		if rest[0] == ']' {
			return events, nil
		}
		if rest[0] != '"' || len(events) == MaxEvents {
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

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

// jsonString returns the text of a JSON string; of any other valid JSON, null included, it returns false.
func jsonString(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), true
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", false
	}

	return s, true
}

// jsonStringMap is nil for anything but an object of at most maxMapEntries strings.
func jsonStringMap(raw json.RawMessage) map[string]string {
	var m map[string]string
	if json.Unmarshal(raw, &m) != nil || len(m) > maxMapEntries {
		return nil
	}

	return m
}

// describeJSON explains why a body isn't the object that was expected.
func describeJSON(body []byte, err error) error {
	var syntax *json.SyntaxError

	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return errors.New("empty response body")
	case errors.As(err, &syntax):
		return errors.New("the response isn't JSON")
	default:
		return errors.New("unexpected JSON type")
	}
}
