package wingspan

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestEachEndpointSendsExactlyTheDocumentedRequest(t *testing.T) {
	t.Parallel()

	const item = collectionPath + "/id1"
	url, secret := "https://hooks.example.com/b?x=1&y=<2>", Secret(`fake "quoted" secret`)
	unsorted := []string{"Invoice.Sent", "Invoice.Paid"}
	tests := []struct {
		response, method, uri, body string
		send                        func(context.Context, *Client, string) error
	}{
		{`[]`, "GET", "/integrations/webhooks/eventnames", "", calls["names"]},
		{`[]`, "GET", collectionPath, "", calls["list"]},
		{documentedJSON("id1"), "GET", item, "", calls["GET"]},
		{documentedJSON("id1"), "DELETE", item, "", calls["DELETE"]},
		{
			documentedJSON("id1"), "POST", collectionPath,
			`{"url":"https://hooks.example.com/wingspan","sharedSecret":"fake-secret-0123456789abcdef","subscribedEvents":["Invoice.Paid","Invoice.Sent"]}`,
			creates(CreatePreferenceRequest{URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: unsorted}),
		},
		{
			documentedJSON("id1"), "POST", collectionPath, `{"url":"https://hooks.example.com/wingspan","sharedSecret":"fake-secret-0123456789abcdef"}`,
			creates(CreatePreferenceRequest{URL: hookURL, SharedSecret: fakeSecret}),
		},
		{documentedJSON("id1"), "PATCH", item, `{"url":"https://hooks.example.com/b?x=1\u0026y=\u003c2\u003e"}`, updates(UpdatePreferenceRequest{URL: &url})},
		{documentedJSON("id1"), "PATCH", item, `{"sharedSecret":"fake \"quoted\" secret"}`, updates(UpdatePreferenceRequest{SharedSecret: &secret})},
		{documentedJSON("id1"), "PATCH", item, `{"subscribedEvents":["Invoice.Paid","Invoice.Sent"]}`, updates(UpdatePreferenceRequest{SubscribedEvents: unsorted})},
	}
	for _, test := range tests {
		for _, account := range []string{"", childAccount} {
			var got *http.Request
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				_, _ = io.WriteString(w, test.response)
			}))
			config := quick(server.URL)
			config.UserAgent = "terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)"
			wantNoError(t, test.send(t.Context(), newTestClient(t, config), account))
			server.Close()

			wantEqual(t, "request", []string{got.Method, got.RequestURI, string(body)}, []string{test.method, test.uri, test.body})
			want := http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Authorization": {"Bearer " + fakeToken},
				"User-Agent": {"terraform-provider-wingspan/1.2.3 (+Terraform/1.11.4)"},
			}
			if test.body != "" {
				want.Set("Content-Type", "application/json")
			}
			if test.method == http.MethodPost {
				want.Set("Connection", "close")
			}
			if account != "" {
				want.Set("X-WINGSPAN-USER", account)
			}
			got.Header.Del("Content-Length")
			wantEqual(t, "headers", got.Header, want)
		}
	}
	wantEqual(t, "the caller's events", unsorted, []string{"Invoice.Sent", "Invoice.Paid"})
}

func TestIDsAreOneEscapedSegmentOfThePath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for id, segment := range map[string]string{
			"AbCd0123456789": "AbCd0123456789", "a/b": "a%2Fb", "../eventnames": "..%2Feventnames", "/": "%2F", "...": "...", " ": "%20", "a?b#c": "a%3Fb%23c",
			"a%2Fb": "a%252Fb", "%2e%2e": "%252e%252e", "käse/日本": "k%C3%A4se%2F%E6%97%A5%E6%9C%AC", "a\r\nX-Evil: 1": "a%0D%0AX-Evil:%201", "\x00\xff": "%00%FF",
		} {
			for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
				webhooks, server := serverStore(t)
				webhooks.known.started = time.Time{} // Nothing is fresh.
				_ = operations[method](t.Context(), webhooks, Target{ID: id})
				wantEqual(t, "path", server.Requests()[0].Path, collectionPath+"/"+segment)
			}
		}
		for _, id := range []string{"", ".", ".."} { // They would be another path.
			for method, send := range operations {
				webhooks, server := serverStore(t)
				err := send(t.Context(), webhooks, Target{ID: id})
				wantEqual(t, method+" of", wantError[*IDError](t, err).ID, id)
				wantEqual(t, "requests", len(server.Requests()), 0)
			}
		}
	})
}

func TestABasePathIsKept(t *testing.T) {
	t.Parallel()

	for base, want := range map[string]string{
		"": "", "/": "", "/proxy/": "/proxy", "/pro%2Fxy/v1//": "/pro%2Fxy/v1", "/pro%20xy": "/pro%20xy", "/käse": "/k%C3%A4se",
	} {
		s := &script{steps: []step{{body: documentedJSON("a/b")}}}
		c := newTestClient(t, quick("http://localhost"+base))
		c.setTransport(s)
		_, err := c.GetPreference(t.Context(), "", "a/b")
		wantNoError(t, err)
		wantEqual(t, "path under "+base, s.requests[0].URL.EscapedPath(), want+collectionPath+"/a%2Fb")
	}
}

// TestAnUpdateWhoseResponseSaysOnlyPartsIsRead: it was carried out, and would be sent again at each apply.
func TestAnUpdateWhoseResponseSaysOnlyPartsIsRead(t *testing.T) {
	t.Parallel()

	for body, status := range map[string]int{
		"": 204, " \r\n": 200, `{"preferenceId":"id1","updatedAt":"2022-09-04T19:46:40.748Z"}`: 200, `{"preferenceId":"id1","url":7}`: 200,
	} {
		s := &script{steps: []step{{status: status, body: body}, {body: documentedJSON("id1")}}}
		p, err := scripted(t, s).updatePreference(t.Context(), "acc", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"A"}})
		wantNoError(t, err)
		wantEqual(t, "read", []string{p.ID, p.URL}, []string{"id1", hookURL})
		wantEqual(t, "second request", []string{s.requests[1].Method, s.requests[1].Header.Get("X-WINGSPAN-USER")}, []string{http.MethodGet, "acc"})
	}
	c := scripted(t, &script{steps: []step{{body: `{"preferenceId":"another"}`}, {body: documentedJSON("id1")}}})
	_, err := c.updatePreference(t.Context(), "", "id1", UpdatePreferenceRequest{SubscribedEvents: []string{"Invoice.Paid"}})
	wantError[*ResponseError](t, err)
}
