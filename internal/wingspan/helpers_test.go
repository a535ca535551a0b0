package wingspan

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const (
	fakeToken   = "fake-token-of-these-tests"
	fakeSecret  = "fake-secret-0123456789abcdef"
	otherSecret = "fake-other-secret-0123456789"
	hookURL     = "https://hooks.example.com/wingspan"

	collectionPath = "/integrations/webhooks/preference"
)

// quick is a configuration with waits that a test can sit through.
func quick(base string) Config {
	return Config{
		BaseURL: base, Token: fakeToken, MaxRetries: DefaultMaxRetries,
		BackoffBase: time.Millisecond, BackoffCap: 5 * time.Millisecond, SettleTime: 60 * time.Millisecond,
	}
}

func newTestClient(t testing.TB, c Config) *Client {
	t.Helper()
	client, err := NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.transport.closeIdle)

	return client
}

// bubble runs a subtest beside the others, on a clock of its own.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// setTransport puts base below all that the client does with an attempt.
func (c *Client) setTransport(base http.RoundTripper) {
	c.transport.shared, c.transport.single = base, base
}

// step is what becomes of one attempt. Without an error and a status it is a 200.
type step struct {
	status int
	header http.Header
	body   string
	err    error
	// unsent: no connection comes about; unread: one does, and dies before the request's body was taken.
	unsent, unread bool
	delay          time.Duration
}

// script plays its steps in turn, the last one for ever, and keeps when each attempt came.
type script struct {
	steps []step
	// answer, when set, is asked instead of the steps.
	answer func(*http.Request) step

	mu       sync.Mutex
	times    []time.Time
	requests []*http.Request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.times = append(s.times, time.Now())
	s.requests = append(s.requests, r)
	now := step{}
	if len(s.steps) > 0 {
		now = s.steps[min(len(s.times), len(s.steps))-1]
	}
	s.mu.Unlock()
	if s.answer != nil {
		now = s.answer(r)
	}

	if trace := httptrace.ContextClientTrace(r.Context()); !now.unsent {
		trace.GotConn(httptrace.GotConnInfo{})
		if r.Body != nil && !now.unread {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}
	if now.delay > 0 {
		if err := sleep(r.Context(), now.delay); err != nil {
			return nil, err
		}
	}
	if now.err != nil {
		return nil, now.err
	}
	if now.status == 0 {
		now.status = http.StatusOK
	}
	header := now.header.Clone() // tests share theirs
	if header == nil {
		header = http.Header{"Content-Type": {"application/json"}}
	}

	return &http.Response{
		StatusCode: now.status, Header: header, ContentLength: -1, Request: r,
		Body: io.NopCloser(strings.NewReader(now.body)),
	}, nil
}

// play begins again with other steps, and forgets what came.
func (s *script) play(steps ...step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps, s.times, s.requests = steps, nil, nil
}

func (s *script) attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return len(s.times)
}

// scripted is a client with the policy's real waits, for a bubble of synctest. Each drawn wait is half of its ceiling.
func scripted(t testing.TB, s *script, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{BaseURL: ProductionURL, Token: fakeToken, MaxRetries: DefaultMaxRetries}
	for _, c := range change {
		c(&config)
	}
	client := newTestClient(t, config)
	client.setTransport(s)
	client.policy.rand = func() float64 { return 0.5 }

	return client
}

// oneAttempt is a client that retries nothing, and sends as much as it is asked to.
func oneAttempt(t testing.TB) (*Client, *script) {
	t.Helper()
	s := &script{}
	c := scripted(t, s, func(c *Config) { c.MaxRetries = 0 })
	c.limiter = newUnlimitedLimiter()

	return c, s
}

// calls are all requests of a client; those for one preference are about "id1".
var calls = map[string]func(ctx context.Context, c *Client, account string) error{
	"names": func(ctx context.Context, c *Client, account string) error {
		_, _, err := c.eventNames(ctx, account)

		return err
	},
	"list": func(ctx context.Context, c *Client, account string) error {
		_, err := c.listPreferences(ctx, account)

		return err
	},
	http.MethodGet: func(ctx context.Context, c *Client, account string) error {
		_, err := c.GetPreference(ctx, account, "id1")

		return err
	},
	http.MethodPost:  creates(newHook()),
	http.MethodPatch: updates(UpdatePreferenceRequest{SubscribedEvents: []string{"Invoice.Sent", "Invoice.Paid"}}),
	http.MethodDelete: func(ctx context.Context, c *Client, account string) error {
		return c.deletePreference(ctx, account, "id1")
	},
}

func creates(r CreatePreferenceRequest) func(context.Context, *Client, string) error {
	return func(ctx context.Context, c *Client, account string) error {
		_, err := c.createPreference(ctx, account, r)

		return err
	}
}

func updates(r UpdatePreferenceRequest) func(context.Context, *Client, string) error {
	return func(ctx context.Context, c *Client, account string) error {
		_, err := c.updatePreference(ctx, account, "id1", r)

		return err
	}
}

// callAs sends the request whose method is given.
func callAs(ctx context.Context, c *Client, method string) error { return calls[method](ctx, c, "") }

// inParallel does so many things at the same time, at most so many at a time unless that is 0, and returns when all are done.
func inParallel(count, atATime int, do func(int)) {
	if atATime == 0 {
		atATime = count
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, atATime)
	for i := range count {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			do(i)
		})
	}
	all.Wait()
}

var allMethods = []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}

func newHook() CreatePreferenceRequest {
	return CreatePreferenceRequest{URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid", "Invoice.Sent"}}
}

func hookAt(url string) CreatePreferenceRequest {
	hook := newHook()
	hook.URL = url

	return hook
}

// documentedJSON is a complete response about the preference, as the API documents it.
func documentedJSON(id string) string {
	body, err := json.Marshal(map[string]any{
		"preferenceId": id, "userId": wingspantest.OwnAccount, "url": hookURL, "sharedSecret": fakeSecret,
		"subscribedEvents": []string{"Invoice.Sent", "Invoice.Paid"},
		"createdAt":        "1999-09-03T19:46:40.748Z", "updatedAt": "1999-09-04T19:46:40.748Z",
		"labels": map[string]string{"team": "payments"}, "eventActors": map[string]string{"Invoice.Paid": "usr2"},
		"userRoles": map[string]any{"ownerIds": []string{"usr1"}, "viewerIds": []string{}},
	})
	if err != nil {
		panic(err)
	}

	return string(body)
}

func wantNoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// sameError compares errors by identity.
var sameError = cmp.Comparer(func(a, b error) bool { return a == b }) //nolint:errorlint // identity is what is asked

func wantEqual(t testing.TB, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	if len(options) == 0 && reflect.DeepEqual(want, got) {
		return // cmp takes a hundred times as long to say so
	}
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantError returns the error as its type.
func wantError[E error](t testing.TB, err error) E {
	t.Helper()
	var typed E
	if err == nil {
		t.Fatalf("no error, want a %T", typed)
	}
	typed, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("a %T (%v), want a %T", err, err, typed)
	}

	return typed
}

// newUnlimitedLimiter is for what measures something else than the limits.
func newUnlimitedLimiter() *limiter {
	return &limiter{reads: rate.NewLimiter(rate.Inf, 1), writes: rate.NewLimiter(rate.Inf, 1)}
}
