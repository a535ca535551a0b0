// Package wingspan is a client of Wingspan's webhook API. It knows nothing of Terraform.
package wingspan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/net/http/httpguts"
)

const (
	// ProductionURL is the API of the production environment.
	ProductionURL = "https://api.wingspan.app"
	// StagingURL is the API of the staging environment.
	StagingURL = "https://stagingapi.wingspan.app"

	// ProductionWebURL and StagingWebURL are the web apps in which an administrator makes tokens.
	ProductionWebURL = "https://my.wingspan.app"
	// StagingWebURL is the web app of the staging environment.
	StagingWebURL = "https://staging-my.wingspan.app"

	// DefaultMaxRetries is how often a call is repeated unless told otherwise.
	DefaultMaxRetries = 4
	// DefaultRequestTimeout bounds one attempt, from its connection to the last byte of its answer.
	DefaultRequestTimeout = 30 * time.Second
)

// parallelCalls is the CLI's default parallelism: that many connections are kept alive.
const parallelCalls = 10

// Config is what a Client is made of.
type Config struct {
	// BaseURL is the server, as ParseBaseURL accepts it.
	BaseURL string
	// Token is the bearer token. With an empty one every call fails with ErrNoToken.
	Token string
	// UserAgent is sent as it is.
	UserAgent string
	// MaxRetries is how often a call may be repeated after its first attempt; 0 turns retries off.
	MaxRetries int
	// RequestTimeout bounds each attempt; 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// Log, when set, is told of every attempt.
	Log func(context.Context, Attempt)

	// BackoffBase and BackoffCap shape the waits between attempts; 0 means the policy's defaults. Tests shorten them.
	BackoffBase, BackoffCap time.Duration
	// SettleTime is how long a create whose answer was lost is looked for in the list; 0 means the default. Tests shorten it.
	SettleTime time.Duration
}

// Client calls the API. It is safe for concurrent use, and one serves a whole process:
// its limits, its pauses after a 429 and its list of secrets hold for all who share it.
type Client struct {
	base     *url.URL
	token    string
	agent    string
	http     *retryablehttp.Client
	policy   policy
	pace     *pace
	settle   time.Duration
	timeout  time.Duration
	redactor redactor
}

// NewClient checks the configuration and makes a client. It sends nothing.
func NewClient(c Config) (*Client, error) {
	base, err := ParseBaseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if !ValidHeaderValue(c.Token) {
		return nil, errors.New("the API token holds characters that an HTTP header cannot carry")
	}
	if !ValidHeaderValue(c.UserAgent) {
		return nil, errors.New("the user agent holds characters that an HTTP header cannot carry")
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if c.SettleTime == 0 {
		c.SettleTime = defaultSettleTime
	}

	client := &Client{
		base:    base,
		token:   c.Token,
		agent:   c.UserAgent,
		policy:  newPolicy(c.MaxRetries, c.BackoffBase, c.BackoffCap),
		pace:    newPace(),
		settle:  c.SettleTime,
		timeout: c.RequestTimeout,
	}
	client.AddSecrets(c.Token)
	client.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &attempts{base: newTransport(), log: c.Log, redact: client.Redact},
			Timeout:   c.RequestTimeout,
			// A redirect may lead to another host, which must never see the token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     c.MaxRetries,
		CheckRetry:   client.checkRetry,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 },
		PrepareRetry: client.prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}

	return client, nil
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone() // net/http documents the type
	t.MaxIdleConnsPerHost = parallelCalls
	t.MaxResponseHeaderBytes = 64 << 10

	return t
}

// Conceal makes sure that no error and no log of this client quotes any of the values.
func (c *Client) AddSecrets(secrets ...string) { c.redactor.add(secrets...) }

// Redact replaces every concealed value in s.
func (c *Client) Redact(s string) string { return c.redactor.redact(s) }

// Concealed lists the values that Redact replaces, for a logger that masks on its own.
func (c *Client) Concealed() []string { return c.redactor.list() }

// BaseURL is the server that the client talks to.
func (c *Client) BaseURL() string { return c.base.String() }

// ParseBaseURL checks the address of an API server: https, or http to a loopback host, with
// nothing but a host, a port and a path. Its errors finish the sentence "base_url …".
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the whole input, and somebody may have pasted a token into it.
		return nil, errors.New("is not a URL")
	}

	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("must name a host")
	case u.User != nil:
		return nil, errors.New("must not hold a user name or password: the token goes into api_token")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("must not hold a query or a fragment")
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("must use https: over plain http to %q anybody on the way could read the token and the secrets (http is for loopback hosts only)", u.Hostname())
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")

	return u, nil
}

// IsLoopback tells whether the host is this machine, by its name or its address.
func IsLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}

// ValidHeaderValue tells whether the value can be sent in an HTTP header as it is.
func ValidHeaderValue(v string) bool { return httpguts.ValidHeaderFieldValue(v) }

const defaultSettleTime = 5 * time.Second

func (c *Client) maxRetries() int { return c.policy.maxRetries }
