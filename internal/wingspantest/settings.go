package wingspantest

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// EventNamesForm is how the list of event names is written; its printed forms differ.
type EventNamesForm int

// The forms.
const (
	Objects EventNamesForm = iota // as documented: an array of objects
	Strings
)

// SecretMode is what responses contain of a shared secret.
type SecretMode int

// The modes of secrets.
const (
	Echo SecretMode = iota // the secret itself
	Mask                   // asterisks
	Hash                   // its SHA-256 in hexadecimal digits
	Omit                   // the key is left out
)

// EventsMode is how responses contain the subscribed events.
type EventsMode int

// The modes of events.
const (
	AsSent   EventsMode = iota // in the order of the request
	Shuffled                   // in another random order each time, never the one that was sent
	Null
	Missing // the key is left out
)

// DeleteAnswer is the response to a successful DELETE.
type DeleteAnswer int

// The responses.
const (
	DeletedBody DeleteAnswer = iota // 200 and the deleted preference
	NoContent                       // 204
)

// Lag is how many requests for a new preference return 404 before it exists for them. Each kind counts by itself.
type Lag struct {
	Reads  int // GETs by id
	Writes int // PATCHes and DELETEs by id
	Lists  int
}

// settings is copied when a request is carried out. Of a copy no one reads users, which is changed in place.
type settings struct {
	token       string
	users       map[string]user // by token
	eventNames  []string
	namesForm   EventNamesForm
	secrets     SecretMode
	events      EventsMode
	answerAs    string
	deletes     DeleteAnswer
	listLimit   int
	lag         Lag
	latency     time.Duration
	idleTimeout time.Duration
	clock       time.Duration
	date        func(time.Time) string
	times       func(time.Time) any
	rewrite     func(Request, map[string]any)
	normalize   func(*Preference)
	upsert      func(existing, sent Preference) bool
	observe     func(Request)
}

// user is whom a token belongs to.
type user struct {
	account string
	others  []string // on behalf of which it may act
}

func defaultSettings() settings {
	return settings{
		token: Token,
		users: map[string]user{Token: {account: OwnAccount}},
		times: func(t time.Time) any { return t.Format("2006-01-02T15:04:05.000Z") },
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

func (s *Server) set(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
}

// SetToken replaces the token of OwnAccount's user.
func (s *Server) SetToken(token string) {
	s.set(func(c *settings) {
		own := c.users[c.token]
		delete(c.users, c.token)
		c.token, c.users[token] = token, own
	})
}

// AddToken accepts a token of another user. It acts on behalf of that user's account, and for each of the others that
// X-WINGSPAN-USER names.
func (s *Server) AddToken(token, account string, others ...string) {
	s.set(func(c *settings) { c.users[token] = user{account, slices.Clone(others)} })
}

// AddAccounts makes child accounts of OwnAccount known, which X-WINGSPAN-USER may then name.
func (s *Server) AddAccounts(ids ...string) {
	s.set(func(c *settings) {
		own := c.users[c.token]
		own.others = append(own.others, ids...)
		c.users[c.token] = own
	})
}

// SetEventNames replaces the list of event names. Without names the list is empty and any name is accepted.
func (s *Server) SetEventNames(names ...string) {
	s.set(func(c *settings) { c.eventNames = slices.Clone(names) })
}

// SetEventNamesForm chooses how the list of event names is written.
func (s *Server) SetEventNamesForm(f EventNamesForm) { s.set(func(c *settings) { c.namesForm = f }) }

// SetSecrets chooses what responses contain of secrets.
func (s *Server) SetSecrets(m SecretMode) { s.set(func(c *settings) { c.secrets = m }) }

// SetEvents chooses how responses contain the subscribed events.
func (s *Server) SetEvents(m EventsMode) { s.set(func(c *settings) { c.events = m }) }

// SetDeleteAnswer chooses the response to a successful DELETE.
func (s *Server) SetDeleteAnswer(d DeleteAnswer) { s.set(func(c *settings) { c.deletes = d }) }

// SetListLimit cuts the list to its n oldest, or with n < 0 to its newest; 0 means no limit.
func (s *Server) SetListLimit(n int) { s.set(func(c *settings) { c.listLimit = n }) }

// SetLag hides each preference that a POST creates from now on. Lag{} also shows those that are hidden.
func (s *Server) SetLag(lag Lag) {
	s.set(func(c *settings) {
		c.lag = lag
		if lag == (Lag{}) {
			for _, r := range s.store.records {
				r.lag = lag
			}
		}
	})
}

// SetReadLag is SetLag with the same number of GETs by id and of lists.
func (s *Server) SetReadLag(n int) { s.SetLag(Lag{Reads: n, Lists: n}) }

// SetLatency delays each response, after the request was carried out.
func (s *Server) SetLatency(d time.Duration) { s.set(func(c *settings) { c.latency = d }) }

// SetIdleTimeout closes connections that no request uses for so long, without a word to their clients; 0 means never.
func (s *Server) SetIdleTimeout(d time.Duration) { s.set(func(c *settings) { c.idleTimeout = d }) }

// SetClock sets the server's clock so far ahead of this machine's: the Date header, createdAt and updatedAt from now on.
func (s *Server) SetClock(ahead time.Duration) { s.set(func(c *settings) { c.clock = ahead }) }

// SetDate chooses the Date header by the server's time; "" leaves it out. Nil chooses the usual one.
func (s *Server) SetDate(format func(now time.Time) string) {
	s.set(func(c *settings) { c.date = format })
}

// SetTimes chooses how createdAt and updatedAt are written, in UTC: a string, a number, anything; nil leaves the key out.
func (s *Server) SetTimes(format func(time.Time) any) { s.set(func(c *settings) { c.times = format }) }

// SetRewrite has change called with the JSON object of each preference that a response contains, also within lists, from
// several goroutines. It may change, add and delete keys.
func (s *Server) SetRewrite(change func(r Request, preference map[string]any)) {
	s.set(func(c *settings) { c.rewrite = change })
}

// SetNormalize has change called with each preference that a POST or PATCH is about to store, to bring it into the
// server's own form. It must not call the server.
func (s *Server) SetNormalize(change func(*Preference)) {
	s.set(func(c *settings) { c.normalize = change })
}

// SetUpsert has a POST change, and return, the oldest preference for which same holds (usually SameURL) instead of
// creating another. Nil ends it. It must not call the server.
func (s *Server) SetUpsert(same func(existing, sent Preference) bool) {
	s.set(func(c *settings) { c.upsert = same })
}

// SameURL reports whether both belong to one account and their URLs differ at most in the case of scheme and host, the
// default port, and the path / where the other has none.
func SameURL(a, b Preference) bool {
	return a.Account == b.Account && canonical(a.URL) == canonical(b.URL)
}

func canonical(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Host = strings.ToLower(u.Host)
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// AnswerAs puts the account into every response's userId; "" puts the right one.
func (s *Server) AnswerAs(account string) { s.set(func(c *settings) { c.answerAs = account }) }

// OnRequest has observe called with each request when its response is known and before it is sent,
// from several goroutines at a time.
func (s *Server) OnRequest(observe func(Request)) { s.set(func(c *settings) { c.observe = observe }) }
