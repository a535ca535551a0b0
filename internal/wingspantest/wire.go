package wingspantest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"slices"
)

// timeLayout is the API's: always UTC, always three digits of milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// addedLater stands in every answer, because clients must ignore fields that they do not know.
const addedLater = "a field that no documentation mentions"

// wirePreference leaves out a nil SharedSecret and a nil SubscribedEvents; a pointer to a nil slice is null.
type wirePreference struct {
	PreferenceID     string            `json:"preferenceId"`
	UserID           string            `json:"userId"`
	URL              string            `json:"url"`
	SharedSecret     *string           `json:"sharedSecret,omitempty"`
	SubscribedEvents *[]string         `json:"subscribedEvents,omitempty"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	Labels           map[string]string `json:"labels"`
	EventActors      map[string]string `json:"eventActors"`
	UserRoles        wireRoles         `json:"userRoles"`
	AddedLater       string            `json:"addedLater"`
}

type wireRoles struct {
	OwnerIDs  []string `json:"ownerIds"`
	ViewerIDs []string `json:"viewerIds"`
}

type wireEventName struct {
	EventName  string `json:"eventName"`
	UserID     string `json:"userId"`
	AddedLater string `json:"addedLater"`
}

type writing struct {
	form form
	json []byte
}

// write returns the record's JSON, which the caller must not change. It is kept with the record:
// a list of 100,000 is then copied together instead of being encoded anew.
func (r *record) write(f form) []byte {
	if w := r.written.Load(); w != nil && w.form == f {
		return w.json
	}
	body := encode(wirePreference{
		PreferenceID:     r.ID,
		UserID:           f.userID(r.Account),
		URL:              r.URL,
		SharedSecret:     f.secret(r.SharedSecret),
		SubscribedEvents: f.subscribed(r.SubscribedEvents),
		CreatedAt:        r.CreatedAt.Format(timeLayout),
		UpdatedAt:        r.UpdatedAt.Format(timeLayout),
		Labels:           r.Labels,
		EventActors:      r.EventActors,
		UserRoles:        wireRoles{OwnerIDs: r.OwnerIDs, ViewerIDs: r.ViewerIDs},
		AddedLater:       addedLater,
	})
	if f.events != Shuffled {
		r.written.Store(&writing{form: f, json: body})
	}
	return body
}

func writeList(records []*record, f form) []byte {
	parts := make([][]byte, len(records))
	size := len(records) + 2
	for i, r := range records {
		parts[i] = r.write(f)
		size += len(parts[i])
	}
	list := append(make([]byte, 0, size), '[')
	for i, part := range parts {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, part...)
	}
	return append(list, ']')
}

func writeEventNames(conf settings, account string) []byte {
	if conf.namesForm == Strings {
		return encode(append([]string{}, conf.eventNames...))
	}
	names := make([]wireEventName, len(conf.eventNames))
	for i, name := range conf.eventNames {
		names[i] = wireEventName{EventName: name, UserID: conf.form.userID(account), AddedLater: addedLater}
	}
	return encode(names)
}

func (f form) userID(account string) string {
	if f.answerAs != "" {
		return f.answerAs
	}
	return account
}

func (f form) secret(secret string) *string {
	switch f.secrets {
	case Mask:
		secret = "********"
	case Hash:
		sum := sha256.Sum256([]byte(secret))
		secret = hex.EncodeToString(sum[:])
	case Omit:
		return nil
	}
	return &secret
}

func (f form) subscribed(sent []string) *[]string {
	switch f.events {
	case Null:
		return new([]string)
	case Missing:
		return nil
	}
	events := append([]string{}, sent...)
	if f.events == Shuffled && len(events) > 1 {
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if slices.Equal(events, sent) {
			events = append(events[1:], events[0])
		}
	}
	return &events
}

// encode leaves & < > as they are, as servers that are not written in Go do. Only values of this
// package come here, and none of their types can fail to encode.
func encode(v any) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v)
	return bytes.TrimSuffix(body.Bytes(), []byte("\n"))
}
