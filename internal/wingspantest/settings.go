package wingspantest

import (
	"maps"
	"slices"
	"time"
)

// EventNamesForm is how the list of event names is written; its printed forms differ.
type EventNamesForm int

// SecretMode is what answers tell about a shared secret.
type SecretMode int

// EventsMode is how answers hold the subscribed events.
type EventsMode int

// DeleteAnswer is what a successful DELETE answers.
type DeleteAnswer int

const (
	// Objects writes event names as documented: an array of objects.
	Objects EventNamesForm = iota
	// Strings writes event names as an array of strings.
	Strings
)

const (
	// Echo answers the secret itself.
	Echo SecretMode = iota
	// Mask answers asterisks.
	Mask
	// Hash answers the SHA-256 of the secret in hexadecimal digits.
	Hash
	// Omit leaves the key out.
	Omit
)

const (
	// AsSent keeps the order of the request.
	AsSent EventsMode = iota
	// Shuffled answers another random order each time, never the one that was sent.
	Shuffled
	// Null answers null.
	Null
	// Missing leaves the key out.
	Missing
)

const (
	// DeletedBody answers 200 and the deleted preference.
	DeletedBody DeleteAnswer = iota
	// NoContent answers 204.
	NoContent
)

// settings is copied for each request. Setters replace its maps and slices and never change them.
type settings struct {
	token      string
	accounts   map[string]bool
	eventNames []string
	namesForm  EventNamesForm
	form       form
	deletes    DeleteAnswer
	listLimit  int
	readLag    int
	latency    time.Duration
	observe    func(Request)
}

// form is all that decides how a preference is written.
type form struct {
	secrets  SecretMode
	events   EventsMode
	answerAs string
}

func defaultSettings() settings {
	return settings{
		token:    Token,
		accounts: map[string]bool{OwnAccount: true},
		eventNames: []string{
			"Document.Completed",
			"Invoice.Accepted",
			"Invoice.Cancelled",
			"Invoice.Created",
			"Invoice.Paid",
			"Invoice.PaymentFailed",
			"Invoice.Sent",
			"MemberClient.Active",
			"MemberClient.Inactive",
			"Payee.Created",
			"Payee.Updated",
			"Payout.Failed",
		},
	}
}

func (s *Server) snapshot() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

func (s *Server) set(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
}

// SetToken replaces the one accepted token.
func (s *Server) SetToken(token string) { s.set(func(c *settings) { c.token = token }) }

// AddAccounts makes child accounts known, which X-WINGSPAN-USER may then name.
func (s *Server) AddAccounts(ids ...string) {
	s.set(func(c *settings) {
		c.accounts = maps.Clone(c.accounts)
		for _, id := range ids {
			c.accounts[id] = true
		}
	})
}

// SetEventNames replaces the list of event names. Without names the list is empty and any name is accepted.
func (s *Server) SetEventNames(names ...string) {
	s.set(func(c *settings) { c.eventNames = slices.Clone(names) })
}

// SetEventNamesForm chooses how the list of event names is written.
func (s *Server) SetEventNamesForm(f EventNamesForm) { s.set(func(c *settings) { c.namesForm = f }) }

// SetSecrets chooses what answers tell about secrets.
func (s *Server) SetSecrets(m SecretMode) { s.set(func(c *settings) { c.form.secrets = m }) }

// SetEvents chooses how answers hold the subscribed events.
func (s *Server) SetEvents(m EventsMode) { s.set(func(c *settings) { c.form.events = m }) }

// SetDeleteAnswer chooses what a successful DELETE answers.
func (s *Server) SetDeleteAnswer(d DeleteAnswer) { s.set(func(c *settings) { c.deletes = d }) }

// SetListLimit cuts the list to its n oldest, or with n < 0 to its newest; 0 means no limit.
func (s *Server) SetListLimit(n int) { s.set(func(c *settings) { c.listLimit = n }) }

// SetReadLag hides each preference that is created from now on from its first reads by id, which
// answer 404, and from as many lists, for 45 seconds at most.
func (s *Server) SetReadLag(reads int) { s.set(func(c *settings) { c.readLag = reads }) }

// SetLatency delays each answer, after the request was carried out.
func (s *Server) SetLatency(d time.Duration) { s.set(func(c *settings) { c.latency = d }) }

// AnswerAs puts the account into every answer's userId; "" puts the right one.
func (s *Server) AnswerAs(account string) { s.set(func(c *settings) { c.form.answerAs = account }) }

// OnRequest has observe called with each request when its answer is known and before it is sent,
// from several goroutines at a time.
func (s *Server) OnRequest(observe func(Request)) { s.set(func(c *settings) { c.observe = observe }) }
