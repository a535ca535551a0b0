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
	p.SubscribedEvents, p.ViewerIDs = append([]string{}, p.SubscribedEvents...), append([]string{}, p.ViewerIDs...)
	p.Labels, p.EventActors = copied(p.Labels), copied(p.EventActors)

	return p
}

func copied(m map[string]string) map[string]string {
	c := map[string]string{}
	maps.Copy(c, m)

	return c
}

// changed returns a copy with the change and with what every response contains. Only the ID stays as it is. UpdatedAt moves strictly
// forward, also within one millisecond, unless the change sets it. Times get the precision of responses, so that both compare.
func (s *Server) changed(p Preference, change func(*Preference)) Preference {
	id, before := p.ID, p.UpdatedAt
	p = p.clone()
	change(&p)
	p = p.clone() // The change may keep what it put in.
	now := s.settings.now()
	p.ID, p.Account = id, cmp.Or(p.Account, OwnAccount)
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	if p.UpdatedAt.IsZero() || p.UpdatedAt.Equal(before) {
		p.UpdatedAt = now
		if earliest := before.Add(time.Millisecond); now.Before(earliest) {
			p.UpdatedAt = earliest
		}
	}
	p.CreatedAt, p.UpdatedAt = p.CreatedAt.UTC().Truncate(time.Millisecond), p.UpdatedAt.UTC().Truncate(time.Millisecond)

	return p
}

// addedLater is in every object, because clients must ignore fields that they do not know.
const addedLater = "a field that no documentation mentions"

// object is the preference as a response contains it.
func (s *Server) object(r *Request, p Preference) map[string]any {
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
		object["subscribedEvents"] = slices.Clone(p.SubscribedEvents)
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
		s.rewrite(*r, object)
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
	if len(sent) < 2 {
		return slices.Clone(sent)
	}
	first := 1 + rand.IntN(len(sent)-1)

	return slices.Concat(sent[first:], sent[:first])
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
