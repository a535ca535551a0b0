package wingspan

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// seen is a request as it stood on the wire.
type seen struct {
	method, uri, body string
	header            http.Header
}

// answering is a server that answers every request alike and keeps the last one.
func answering(t testing.TB, status int, contentType, body string) (*Client, func() seen) {
	t.Helper()
	requests := make(chan seen, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		requests <- seen{method: r.Method, uri: r.RequestURI, body: string(sent), header: r.Header}
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	config := quick(server.URL)
	config.UserAgent = "terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)"
	config.MaxRetries = 0
	client := newTestClient(t, config)

	return client, func() seen {
		t.Helper()
		select {
		case r := <-requests:
			return r
		default:
			t.Fatal("no request arrived")

			return seen{}
		}
	}
}

func TestEachEndpointSendsExactlyTheDocumentedRequest(t *testing.T) {
	t.Parallel()

	const item = collectionPath + "/id1"
	url, secret := "https://hooks.example.com/b?x=1&y=<2>", Secret(`fake "quoted" secret`)
	tests := []struct {
		name, answer, method, uri, body string
		call                            func(context.Context, *Client, string) error
	}{
		{
			"event names", `[]`, "GET", "/integrations/webhooks/eventnames", "",
			func(ctx context.Context, c *Client, account string) error {
				_, _, err := c.EventNames(ctx, account)

				return err
			},
		},
		{
			"list", `[]`, "GET", collectionPath, "",
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.ListPreferences(ctx, account)

				return err
			},
		},
		{
			"get", documentedJSON("id1"), "GET", item, "",
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.GetPreference(ctx, account, "id1")

				return err
			},
		},
		{
			"create, its events sorted", documentedJSON("id1"), "POST", collectionPath,
			`{"url":"https://hooks.example.com/wingspan","sharedSecret":"fake-secret-0123456789abcdef","subscribedEvents":["Invoice.Paid","Invoice.Sent"]}`,
			func(ctx context.Context, c *Client, account string) error {
				p := newHook()
				p.SubscribedEvents = []string{"Invoice.Sent", "Invoice.Paid"}
				_, err := c.CreatePreference(ctx, account, p)
				wantEqual(t, "the caller's events", p.SubscribedEvents, []string{"Invoice.Sent", "Invoice.Paid"})

				return err
			},
		},
		{
			"create without events", documentedJSON("id1"), "POST", collectionPath,
			`{"url":"https://hooks.example.com/wingspan","sharedSecret":"fake-secret-0123456789abcdef"}`,
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.CreatePreference(ctx, account, CreatePreferenceRequest{URL: hookURL, SharedSecret: fakeSecret})

				return err
			},
		},
		{
			"update the url", documentedJSON("id1"), "PATCH", item, `{"url":"https://hooks.example.com/b?x=1\u0026y=\u003c2\u003e"}`,
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.UpdatePreference(ctx, account, "id1", UpdatePreferenceRequest{URL: &url})

				return err
			},
		},
		{
			"update the secret", documentedJSON("id1"), "PATCH", item, `{"sharedSecret":"fake \"quoted\" secret"}`,
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.UpdatePreference(ctx, account, "id1", UpdatePreferenceRequest{SharedSecret: &secret})

				return err
			},
		},
		{
			"update the events, sorted", documentedJSON("id1"), "PATCH", item, `{"subscribedEvents":["A","B"]}`,
			func(ctx context.Context, c *Client, account string) error {
				_, err := c.UpdatePreference(ctx, account, "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"B", "A"}})

				return err
			},
		},
		{
			"delete", documentedJSON("id1"), "DELETE", item, "",
			func(ctx context.Context, c *Client, account string) error {
				return c.DeletePreference(ctx, account, "id1")
			},
		},
	}
	for _, test := range tests {
		for _, account := range []string{"", "usrChild00000000000001"} {
			t.Run(test.name+" for account "+account, func(t *testing.T) {
				t.Parallel()
				c, last := answering(t, http.StatusOK, "application/json", test.answer)
				wantNoError(t, test.call(t.Context(), c, account))

				got := last()
				wantEqual(t, "method", got.method, test.method)
				wantEqual(t, "path", got.uri, test.uri)
				wantEqual(t, "body", got.body, test.body)
				want := http.Header{
					"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Authorization": {"Bearer " + fakeToken},
					"User-Agent": {"terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)"},
				}
				if test.body != "" {
					want.Set("Content-Type", "application/json")
				}
				if account != "" {
					want.Set("X-WINGSPAN-USER", account)
				}
				if test.method == http.MethodPost {
					want.Set("Connection", "close")
				}
				got.header.Del("Content-Length")
				wantEqual(t, "headers", got.header, want)
			})
		}
	}
}

func TestIDsAreOneEscapedSegmentOfThePath(t *testing.T) {
	t.Parallel()

	tests := []struct{ id, segment string }{
		{"AbCd0123456789", "AbCd0123456789"},
		{"a/b", "a%2Fb"},
		{"a/../b", "a%2F..%2Fb"},
		{"../eventnames", "..%2Feventnames"},
		{"/", "%2F"},
		{"a.b", "a.b"},
		{"...", "..."},
		{"a b", "a%20b"},
		{" ", "%20"},
		{"a?b#c", "a%3Fb%23c"},
		{"a%2Fb", "a%252Fb"},
		{"%2e%2e", "%252e%252e"},
		{"käse/日本", "k%C3%A4se%2F%E6%97%A5%E6%9C%AC"},
		{"a;b,c", "a%3Bb%2Cc"},
		{"a\r\nX-Evil: 1", "a%0D%0AX-Evil:%201"},
		{"\x00\xff", "%00%FF"},
	}
	for _, test := range tests {
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			t.Run(method+" "+test.segment, func(t *testing.T) {
				t.Parallel()
				c, last := answering(t, http.StatusForbidden, "application/json", `{"error":"no"}`)
				var err error
				switch method {
				case http.MethodGet:
					_, err = c.GetPreference(t.Context(), "", test.id)
				case http.MethodPatch:
					_, err = c.UpdatePreference(t.Context(), "", test.id, UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
				default:
					err = c.DeletePreference(t.Context(), "", test.id)
				}
				wantEqual(t, "path", last().uri, collectionPath+"/"+test.segment)
				// As it was sent: an id may hold what would break a log's or a terminal's lines.
				wantEqual(t, "path in the error", wantError[*APIError](t, err).Path, collectionPath+"/"+test.segment)
			})
		}
	}
}

func TestIDsThatWouldBeAnotherPathAreRefusedUnsent(t *testing.T) {
	t.Parallel()

	for _, id := range []string{"", ".", ".."} {
		s := &script{}
		c := scripted(t, s)
		_, getErr := c.GetPreference(t.Context(), "", id)
		_, patchErr := c.UpdatePreference(t.Context(), "", id, UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
		for _, err := range []error{getErr, patchErr, c.DeletePreference(t.Context(), "", id)} {
			wantEqual(t, "id in the error", wantError[*IDError](t, err).ID, id)
			wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
		}
		wantEqual(t, "requests", s.attempts(), 0)
	}
}

func TestABasePathIsKept(t *testing.T) {
	t.Parallel()

	for base, want := range map[string]string{
		"":               collectionPath + "/a%2Fb",
		"/":              collectionPath + "/a%2Fb",
		"/proxy/":        "/proxy" + collectionPath + "/a%2Fb",
		"/pro%2Fxy/v1//": "/pro%2Fxy/v1" + collectionPath + "/a%2Fb",
		"/pro%20xy":      "/pro%20xy" + collectionPath + "/a%2Fb",
		"/käse":          "/k%C3%A4se" + collectionPath + "/a%2Fb",
	} {
		s := &script{steps: []step{{body: documentedJSON("a/b")}}}
		c := newTestClient(t, quick("http://localhost"+base))
		c.setTransport(s)
		_, err := c.GetPreference(t.Context(), "", "a/b")
		wantNoError(t, err)
		wantEqual(t, "path under "+base, s.requests[0].URL.EscapedPath(), want)
		wantEqual(t, "host", s.requests[0].URL.Host, "localhost")
	}
}

func TestAnUpdateAnsweredWithoutABodyIsReadAgain(t *testing.T) {
	t.Parallel()

	for _, empty := range []step{{status: 204}, {status: 200}, {status: 200, body: " \r\n"}} {
		s := &script{steps: []step{empty, {body: documentedJSON("id1")}}}
		c := scripted(t, s)
		p, err := c.UpdatePreference(t.Context(), "acc", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
		wantNoError(t, err)
		wantEqual(t, "id", p.ID, "id1")
		wantEqual(t, "second request", s.requests[1].Method, http.MethodGet)
		wantEqual(t, "its account", s.requests[1].Header.Get("X-WINGSPAN-USER"), "acc")
	}
}

func TestAChangeKnowsWhetherItIsEmpty(t *testing.T) {
	t.Parallel()

	url, secret := hookURL, Secret(fakeSecret)
	wantEqual(t, "nothing", UpdatePreferenceRequest{}.Empty(), true)
	wantEqual(t, "url", UpdatePreferenceRequest{URL: &url}.Empty(), false)
	wantEqual(t, "secret", UpdatePreferenceRequest{SharedSecret: &secret}.Empty(), false)
	wantEqual(t, "events", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}}.Empty(), false)
}
