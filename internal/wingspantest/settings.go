package wingspantest

import (
	"net/http"
	"slices"
	"time"
)

const (
	// Token is the one bearer token that a new server accepts.
	Token = "test-token-not-a-real-one"
	// OwnAccount is the account of the user that Token belongs to.
	OwnAccount = "usrOwn0000000000000001"
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

// Lag is how many requests for a new preference return 404 before it exists for them. Each kind counts by itself.
type Lag struct {
	Reads  int // GETs by id
	Writes int // PATCHes and DELETEs by id
	Lists  int
}

// Settings are how the server behaves where the API's documentation leaves it open. A new server has the documented
// behavior. The functions must not call the server.
type Settings struct {
	EventNames []string // while there are none, any name is accepted

	Secrets  SecretMode
	Events   EventsMode
	Times    func(time.Time) any // writes createdAt and updatedAt, in UTC, as anything; nil leaves the key out
	AnswerAs string              // the userId of every response, unless it is empty

	// Normalize brings what a POST or PATCH is about to store into the server's own form.
	Normalize func(*Preference)
	// Upsert has a POST change, and return, the account's oldest preference with an equivalent URL, if there is one: the case
	// of scheme and host, the default port, and the path / where the other has none make no difference.
	Upsert          bool
	DeleteNoContent bool // a DELETE gets a 204 without the deleted preference

	ListLimit int // cuts lists to their n oldest, or with n < 0 to their newest; 0 means no limit
	// Lag hides each preference that a POST creates from now on. Lag{} also shows those that are hidden.
	Lag Lag

	Latency   time.Duration          // delays each response, after the request was carried out
	CloseIdle bool                   // connections are closed after each response, without a word to their clients
	Clock     time.Duration          // how far the server's clock is ahead of this machine's from now on
	Date      func(time.Time) string // the Date header by that clock; "" leaves it out
}

func defaultSettings() Settings {
	return Settings{
		Times: func(t time.Time) any { return t.Format("2006-01-02T15:04:05.000Z") },
		Date:  func(now time.Time) string { return now.Format(http.TimeFormat) },
		EventNames: []string{
			"Document.Completed", "Invoice.Accepted", "Invoice.Cancelled", "Invoice.Created", "Invoice.Paid", "Invoice.PaymentFailed",
			"Invoice.Sent", "MemberClient.Active", "MemberClient.Inactive", "Payee.Created", "Payee.Updated", "Payout.Failed",
		},
	}
}

func (conf Settings) now() time.Time { return time.Now().Add(conf.Clock).UTC() }

// Configure has change called once with the settings, which then hold for every request that is carried out.
func (s *Server) Configure(change func(*Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
	s.settings.EventNames = slices.Clone(s.settings.EventNames)
	if s.settings.Lag == (Lag{}) {
		for _, r := range s.records {
			r.lag = Lag{}
		}
	}
}

// SetToken replaces the token of OwnAccount's user.
func (s *Server) SetToken(token string) {
	s.locked(func() {
		accounts := s.accounts[s.token]
		delete(s.accounts, s.token)
		s.token, s.accounts[token] = token, accounts
	})
}

// AddToken accepts a token of another user. It acts on behalf of that user's account, and for each of the others that
// X-WINGSPAN-USER names.
func (s *Server) AddToken(token, account string, others ...string) {
	s.locked(func() { s.accounts[token] = append([]string{account}, others...) })
}

// AddAccounts makes child accounts of OwnAccount known, which X-WINGSPAN-USER may then name.
func (s *Server) AddAccounts(ids ...string) {
	s.locked(func() { s.accounts[s.token] = append(s.accounts[s.token], ids...) })
}

// SetRewrite has change called with the JSON object of each preference that a response contains, also within lists. It may
// change, add and delete keys, and must not call the server.
func (s *Server) SetRewrite(change func(r Request, preference map[string]any)) {
	s.locked(func() { s.rewrite = change })
}

// OnRequest has observe called with each request when its response is known and before it is sent,
// from several goroutines at a time.
func (s *Server) OnRequest(observe func(Request)) { s.locked(func() { s.observe = observe }) }
