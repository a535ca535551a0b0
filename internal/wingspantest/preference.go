package wingspantest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Preference is what the server keeps, the real secret included, whatever responses contain of it.
type Preference struct {
	ID               string
	Account          string
	URL              string
	SharedSecret     string
	SubscribedEvents []string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Labels           map[string]string
	EventActors      map[string]string
	ViewerIDs        []string // accounts that may read it, and whose lists contain it
}

func (p Preference) clone() Preference {
	p.SubscribedEvents = slices.Clone(p.SubscribedEvents)
	p.Labels = maps.Clone(p.Labels)
	p.EventActors = maps.Clone(p.EventActors)
	p.ViewerIDs = slices.Clone(p.ViewerIDs)
	return p
}

// complete fills what every response contains. UpdatedAt moves strictly forward from before, also within one millisecond,
// unless it was set meanwhile. Times get the precision of responses, so that both compare.
func (p *Preference) complete(now, before time.Time) {
	now = now.Truncate(time.Millisecond)
	p.Account = cmp.Or(p.Account, OwnAccount)
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	switch {
	case p.UpdatedAt.IsZero() || p.UpdatedAt.Equal(before) && now.After(before):
		p.UpdatedAt = now
	case p.UpdatedAt.Equal(before):
		p.UpdatedAt = before.Add(time.Millisecond)
	}
	p.CreatedAt, p.UpdatedAt = p.CreatedAt.UTC().Truncate(time.Millisecond), p.UpdatedAt.UTC().Truncate(time.Millisecond)
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	if p.EventActors == nil {
		p.EventActors = map[string]string{}
	}
	if p.ViewerIDs == nil {
		p.ViewerIDs = []string{}
	}
}

// addedLater is in every object, because clients must ignore fields that they do not know.
const addedLater = "a field that no documentation mentions"

// object is the preference as a response contains it.
func (s *Server) object(in *incoming, p Preference) map[string]any {
	conf := s.settings
	object := map[string]any{
		"preferenceId": p.ID,
		"userId":       cmp.Or(conf.AnswerAs, p.Account),
		"url":          p.URL,
		"labels":       p.Labels,
		"eventActors":  p.EventActors,
		"userRoles":    map[string]any{"ownerIds": []string{p.Account}, "viewerIds": p.ViewerIDs},
		"addedLater":   addedLater,
	}
	switch conf.Secrets {
	case Echo:
		object["sharedSecret"] = p.SharedSecret
	case Mask:
		object["sharedSecret"] = "********"
	case Hash:
		object["sharedSecret"] = fmt.Sprintf("%x", sha256.Sum256([]byte(p.SharedSecret)))
	}
	switch conf.Events {
	case AsSent:
		object["subscribedEvents"] = append([]string{}, p.SubscribedEvents...)
	case Shuffled:
		object["subscribedEvents"] = shuffled(p.SubscribedEvents)
	case Null:
		object["subscribedEvents"] = nil
	}
	for name, t := range map[string]time.Time{"createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt} {
		if written := conf.Times(t); written != nil {
			object[name] = written
		}
	}
	if s.rewrite != nil {
		s.rewrite(*in.Request, object)
	}
	return object
}

func (conf Settings) eventNames(account string) any {
	names := make([]map[string]string, len(conf.EventNames))
	for i, name := range conf.EventNames {
		names[i] = map[string]string{"eventName": name, "userId": cmp.Or(conf.AnswerAs, account), "addedLater": addedLater}
	}
	return names
}

func shuffled(sent []string) []string {
	events := append([]string{}, sent...)
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	if len(events) > 1 && slices.Equal(events, sent) {
		events = append(events[1:], events[0])
	}
	return events
}

// encode leaves & < > as they are, as servers that are not written in Go do. It panics when SetRewrite or Settings.Times put
// something into an object that has no JSON.
func encode(v any) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n"))
}
