package wingspan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// countingServer answers each GET with a preference and counts its connections.
type countingServer struct {
	*httptest.Server

	opened, requests atomic.Int64
}

func newCountingServer(t testing.TB) *countingServer {
	t.Helper()
	s := &countingServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.requests.Add(1)
		_, _ = io.WriteString(w, documentedJSON("id1"))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)

	return s
}

// raw is a server that writes what it likes into each connection once a request's head was read.
func raw(t testing.TB, write func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	wantNoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := http.ReadRequest(newReader(conn)); err == nil {
					write(conn)
				}
			}()
		}
	}()

	return "http://" + listener.Addr().String()
}

func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()

	other := newCountingServer(t)
	targets := map[string]func(self string) string{
		"another host":          func(string) string { return other.URL + collectionPath },
		"another host's secret": func(string) string { return "http://user:pass@" + other.Listener.Addr().String() + "/steal" },
		"no scheme":             func(string) string { return "//" + other.Listener.Addr().String() + "/steal" },
		"the same host":         func(self string) string { return self + "/elsewhere" },
		"a path":                func(string) string { return "/elsewhere" },
		"something unreadable":  func(string) string { return "http://%zz" },
		"a script":              func(string) string { return "javascript:alert(1)" },
	}
	for name, target := range targets {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s %d", name, status), func(t *testing.T) {
				t.Parallel()
				store, server := serverStore(t)
				fault := wingspantest.Redirect(target(server.URL()))
				fault.Status, fault.Times = status, -1
				server.Fail(fault)
				for _, method := range allMethods {
					err := callAs(t.Context(), store.client, method)
					e := wantError[*APIError](t, err)
					wantEqual(t, "status", e.Status, status)
					wantEqual(t, "may have happened", MayHaveSucceeded(err), false)
					if !strings.HasPrefix(e.Message, "a redirect to ") || !strings.Contains(e.Message, "not followed") {
						t.Errorf("message %q does not tell of the redirect", e.Message)
					}
					if strings.Contains(e.Message, "pass") || strings.Contains(e.Message, "steal") {
						t.Errorf("message %q holds more than the host", e.Message)
					}
				}
				wantEqual(t, "requests", len(server.Requests()), len(allMethods))
			})
		}
	}
	t.Cleanup(func() { wantEqual(t, "requests to the other host", other.requests.Load(), int64(0)) })
}

func TestARedirectWithoutALocationIsAnError(t *testing.T) {
	t.Parallel()

	for _, status := range []int{300, 301, 304, 307} {
		c, _ := answering(t, status, "application/json", "")
		e := wantError[*APIError](t, callAs(t.Context(), c, http.MethodGet))
		wantEqual(t, "message", e.Message, "the answer had no body")
	}
}

func TestGarbageInsteadOfHTTPIsABoundedErrorWithoutSecrets(t *testing.T) {
	t.Parallel()

	const ok = "HTTP/1.1 200 OK\r\n"
	body := documentedJSON("id1")
	tests := []struct{ name, bytes string }{
		{"nothing", ""},
		{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n"},
		{"the token, back", "Bearer " + fakeToken + " " + fakeSecret + "\r\n\r\n"},
		{"the token as a status", "HTTP/1.1 " + fakeToken + " OK\r\n\r\n"},
		{"a long first line", "HTTP/1.1 " + strings.Repeat("x", 60<<10) + "\r\n\r\n"},
		{"huge headers", ok + "X-Huge: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"},
		{"endless headers", ok + strings.Repeat("X-A: b\r\n", 1<<17)},
		{"a header that is none", ok + fakeToken + "\x00\r\n\r\n"},
		{"a length that is none", ok + "Content-Length: " + fakeToken + "\r\n\r\n"},
		{"a negative length", ok + "Content-Length: -1\r\n\r\n"},
		{"two lengths", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
		{"fewer bytes than promised", ok + "Content-Length: 5000\r\n\r\n" + body},
		{"an unfinished chunk", ok + "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + body},
		{"a chunk size that is none", ok + "Transfer-Encoding: chunked\r\n\r\n" + fakeToken + "\r\n"},
		{"gzip that is none", ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde"},
		{"gzip cut in the middle", ok + "Content-Encoding: gzip\r\n\r\n" + zipped(body)[:40]},
	}
	for _, test := range tests {
		for _, method := range allMethods {
			t.Run(test.name+" "+method, func(t *testing.T) {
				t.Parallel()
				config := quick(raw(t, func(conn net.Conn) { _, _ = io.WriteString(conn, test.bytes) }))
				config.MaxRetries = 1
				err := callAs(t.Context(), newTestClient(t, config), method)
				e := wantError[*TransportError](t, err)
				wantEqual(t, "may have happened", MayHaveSucceeded(err), true)
				if method == http.MethodPost {
					wantEqual(t, "attempts", e.Attempts, 1)
				}
				if len(err.Error()) > 1000 {
					t.Errorf("an error of %d bytes: %.200s", len(err.Error()), err)
				}
				for _, secret := range []string{fakeToken, fakeSecret} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("error %q quotes a secret", err)
					}
				}
			})
		}
	}
}

func TestAnAnswerInAnotherProtocolIsAnError(t *testing.T) {
	t.Parallel()

	url := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	})
	e := wantError[*APIError](t, callAs(t.Context(), newTestClient(t, quick(url)), http.MethodGet))
	wantEqual(t, "status", e.Status, http.StatusSwitchingProtocols)
}

func TestInterimAnswersAreSkipped(t *testing.T) {
	t.Parallel()

	body := documentedJSON("id1")
	url := raw(t, func(conn net.Conn) {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	})
	wantNoError(t, callAs(t.Context(), newTestClient(t, quick(url)), http.MethodGet))
}

func TestASlowDripEndsWithTheAttempt(t *testing.T) {
	t.Parallel()

	for _, method := range allMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			server := wingspantest.New(t)
			server.Put(wingspantest.Preference{ID: "id1", URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
			server.Fail(wingspantest.Fault{Drip: 30 * time.Millisecond, Times: -1})
			config := quick(server.URL())
			config.Token, config.MaxRetries, config.RequestTimeout = wingspantest.Token, 0, 150*time.Millisecond
			err := callAs(t.Context(), newTestClient(t, config), method)
			e := wantError[*TransportError](t, err)
			wantEqual(t, "timeout", e.Timeout(), true)
			wantEqual(t, "cause", e.Err.Error(), "no whole answer within 150ms")
			wantEqual(t, "may have happened", MayHaveSucceeded(err), true)
		})
	}
}

func TestADripThatIsCancelledIsTheCallersEnd(t *testing.T) {
	t.Parallel()

	store, server := serverStore(t)
	server.Put(wingspantest.Preference{ID: "id1", URL: hookURL, SharedSecret: fakeSecret, SubscribedEvents: []string{"Invoice.Paid"}})
	ctx, cancel := context.WithCancel(t.Context())
	server.Fail(wingspantest.Fault{Drip: 5 * time.Millisecond, Times: -1})
	server.OnRequest(func(wingspantest.Request) { cancel() })
	e := wantError[*TransportError](t, callAs(ctx, store.client, http.MethodGet))
	wantEqual(t, "the caller's end", errors.Is(e.Err, context.Canceled), true)
	wantEqual(t, "requests", len(server.Requests()), 1)
}
