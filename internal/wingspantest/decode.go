package wingspantest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// change is the body of a POST or PATCH; nil means not sent.
type change struct {
	url    *string
	secret *string
	events *[]string
}

// apply replaces what was sent and keeps the rest.
func (c change) apply(p *Preference) {
	if c.url != nil {
		p.URL = *c.url
	}
	if c.secret != nil {
		p.SharedSecret = *c.secret
	}
	if c.events != nil {
		p.SubscribedEvents = *c.events
	}
}

// decodeChange works by tokens because encoding/json accepts keys in another case and repeated ones.
func decodeChange(body []byte, known []string) (change, *answer) {
	var c change
	if !utf8.Valid(body) {
		return c, refuse(http.StatusBadRequest, "the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return c, refuse(http.StatusBadRequest, "the body must be a JSON object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return c, refuse(http.StatusBadRequest, "the body is not valid JSON")
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return c, refuse(http.StatusBadRequest, "the body is not valid JSON")
		}
		name, _ := key.(string)
		if refused := c.take(name, value, known); refused != nil {
			return c, refused
		}
	}
	if _, err := decoder.Token(); err != nil {
		return c, refuse(http.StatusBadRequest, "the body is not valid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return c, refuse(http.StatusBadRequest, "the body goes on after the JSON object")
	}
	return c, nil
}

func (c *change) take(name string, value json.RawMessage, known []string) *answer {
	switch {
	case name != "url" && name != "sharedSecret" && name != "subscribedEvents":
		return refuse(http.StatusBadRequest, "unknown field %q", name)
	case name == "url" && c.url != nil, name == "sharedSecret" && c.secret != nil, name == "subscribedEvents" && c.events != nil:
		return refuse(http.StatusBadRequest, "%s is given twice", name)
	case string(value) == "null":
		return refuse(http.StatusBadRequest, "%s must not be null", name)
	case name == "subscribedEvents":
		return c.takeEvents(value, known)
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return refuse(http.StatusBadRequest, "%s must be a string", name)
	}
	if strings.TrimSpace(text) == "" {
		return refuse(http.StatusBadRequest, "%s must not be blank", name)
	}
	if name == "sharedSecret" {
		c.secret = &text
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return refuse(http.StatusBadRequest, "url must be an absolute http or https URL with a host")
	}
	c.url = &text
	return nil
}

func (c *change) takeEvents(value json.RawMessage, known []string) *answer {
	// Pointers, because a null would otherwise pass as an empty string.
	var sent []*string
	if json.Unmarshal(value, &sent) != nil {
		return refuse(http.StatusBadRequest, "subscribedEvents must be an array of strings")
	}
	events := make([]string, 0, len(sent))
	seen := make(map[string]bool, len(sent))
	for i, event := range sent {
		switch {
		case event == nil:
			return refuse(http.StatusBadRequest, "subscribedEvents[%d] must not be null", i)
		case strings.TrimSpace(*event) == "":
			return refuse(http.StatusBadRequest, "subscribedEvents[%d] must not be blank", i)
		case seen[*event]:
			return refuse(http.StatusBadRequest, "subscribedEvents names %q twice", *event)
		case len(known) > 0 && !slices.Contains(known, *event):
			return refuse(http.StatusBadRequest, "subscribedEvents names the unknown event %q", *event)
		}
		seen[*event] = true
		events = append(events, *event)
	}
	c.events = &events
	return nil
}
