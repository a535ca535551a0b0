// Package wingspan is a client of Wingspan's webhook API. It knows nothing of Terraform.
//
// Each file uses only those that come before it:
//
//   - texts: redact, mask, events, url;
//   - one request: errors, describe, retry, limiter, backoff, breaker, transport, response, client, request;
//   - the API: moment, decode, preference, accounts, endpoints, eventnames;
//   - what this process knows: listing, known, pending, webhooks;
//   - what it does with one webhook: missing, read, write, duplicates;
//   - a create that happens once: creation, match, search, create.
package wingspan

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpguts"
)

const (
	// ProductionURL is the API of the production environment.
	ProductionURL = "https://api.wingspan.app"
	// StagingURL is the API of the staging environment.
	StagingURL = "https://stagingapi.wingspan.app"

	// ProductionWebURL and StagingWebURL are the web apps in which an administrator generates tokens.
	ProductionWebURL = "https://my.wingspan.app"
	// StagingWebURL is the web app of the staging environment.
	StagingWebURL = "https://staging-my.wingspan.app"

	// DefaultMaxRetries is how often a request is retried unless configured otherwise.
	DefaultMaxRetries = 4
	// DefaultRequestTimeout bounds one attempt, from its connection to the last byte of its response.
	DefaultRequestTimeout = 30 * time.Second

	// defaultSettleTime is how long a create whose response was lost is searched for.
	defaultSettleTime = 5 * time.Second
)

// Config configures a Client.
type Config struct {
	// BaseURL is the server, as ParseBaseURL accepts it.
	BaseURL string
	// Token is the bearer token. With an empty one every request fails with ErrNoToken.
	Token string
	// UserAgent is sent as it is.
	UserAgent string
	// MaxRetries is how often a request may be retried; 0 turns retries off.
	MaxRetries int
	// RequestTimeout bounds each attempt; 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// Log, when set, is called after every attempt.
	Log func(context.Context, Attempt)

	// BackoffBase and BackoffCap shape the waits between attempts; 0 means the policy's defaults. Tests shorten them.
	BackoffBase, BackoffCap time.Duration
	// SettleTime is how long a create whose response was lost is searched for in the list; 0 means the default. Tests shorten it.
	SettleTime time.Duration
}

// Client calls the API. It is safe for concurrent use, and one serves a whole process:
// its limits, its pauses after a 429, its outages and its list of secrets apply to all who share it.
type Client struct {
	base      *url.URL
	token     string
	agent     string
	log       func(context.Context, Attempt)
	transport *transport
	policy    policy
	limiter   *limiter
	breakers  *breakers
	redactor  redactor
	// settle bounds the search for a create whose response was lost.
	settle time.Duration
}

// NewClient checks the configuration and creates a client. It sends nothing.
func NewClient(c Config) (*Client, error) {
	base, err := ParseBaseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if !ValidHeaderValue(c.Token) {
		return nil, errors.New("the API token contains characters that aren't allowed in an HTTP header")
	}
	if !ValidHeaderValue(c.UserAgent) {
		return nil, errors.New("the user agent contains characters that aren't allowed in an HTTP header")
	}
	client := &Client{
		base: base, token: c.Token, agent: c.UserAgent, log: c.Log,
		transport: newTransport(base, cmp.Or(c.RequestTimeout, DefaultRequestTimeout), http.ProxyFromEnvironment),
		policy:    newPolicy(c.MaxRetries, c.BackoffBase, c.BackoffCap),
		limiter:   newLimiter(),
		breakers:  newBreakers(),
		settle:    cmp.Or(c.SettleTime, defaultSettleTime),
	}
	client.AddSecrets(c.Token)

	return client, nil
}

// AddSecrets makes sure that no error and no log of this client quotes any of the values.
func (c *Client) AddSecrets(secrets ...string) { c.redactor.add(secrets...) }

// Redact masks the secrets in s. Text that shows one in an encoding, or is longer than 4 KiB, is masked as a whole.
func (c *Client) Redact(s string) string { return c.redactor.mask(s) }

// BaseURL is the server that the client talks to.
func (c *Client) BaseURL() string { return c.base.String() }

// ValidHeaderValue reports whether the value can be sent in an HTTP header as it is.
func ValidHeaderValue(v string) bool { return httpguts.ValidHeaderFieldValue(v) }
