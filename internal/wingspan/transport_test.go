package wingspan

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// serve starts a server and returns its URL. Every request is counted by its method.
func serve(t *testing.T, handler http.HandlerFunc, setUp func(*httptest.Server)) (string, *counts) {
	t.Helper()
	n := &counts{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.add(r.Method)
		handler(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) { n.add(state.String()) }
	if setUp == nil {
		server.Start()
	} else {
		setUp(server)
	}
	t.Cleanup(server.Close)

	return server.URL, n
}

type counts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counts) add(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[what]++

	return c.of[what]
}

func (c *counts) get(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.of[what]
}

func respond(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	_, _ = io.WriteString(w, documentedJSON("id1"))
}

// each calls f for both of the client's transports.
func (t *transport) each(f func(*http.Transport)) {
	f(t.shared.(*http.Transport))
	f(t.single.(*http.Transport))
}

// namedConn is a connection from an address of its own.
type namedConn struct {
	net.Conn

	number int
}

func (c namedConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv6loopback, Port: c.number} }

// servePipes starts a server in a bubble and returns a client of it, with the policy's real waits.
func servePipes(t *testing.T, handler http.HandlerFunc) (*Client, *counts) {
	t.Helper()
	n, listener := &counts{}, newPipes()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		time.Sleep(time.Hour) // Handlers end.
	})
	c := newTestClient(t, Config{BaseURL: "http://localhost", Token: fakeToken, MaxRetries: DefaultMaxRetries})
	c.limiter = newUnlimitedLimiter()
	c.transport.each(func(tr *http.Transport) {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			client, server := net.Pipe()

			return client, listener.connect(ctx, namedConn{server, n.add("dialed")})
		}
	})

	return c, n
}

func TestReadsKeepTheirConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, n := servePipes(t, respond)
		for range 5 {
			inParallel(parallelRequests, 0, func(int) { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
			synctest.Wait() // The connections are free again.
		}
		if opened := n.get("dialed"); opened > parallelRequests {
			t.Errorf("%d connections for %d requests at a time", opened, parallelRequests)
		}
	})
}

// TestNoRequestIsLostOnAConnectionThatTheServerCloses: a request on a connection that was kept alive crosses with the end of that.
func TestNoRequestIsLostOnAConnectionThatTheServerCloses(t *testing.T) {
	t.Parallel()

	for _, method := range allMethods {
		bubble(t, method, func(t *testing.T) {
			var mu sync.Mutex
			used, answered := map[string]bool{}, 0
			c, _ := servePipes(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if used[r.RemoteAddr] {
					panic(http.ErrAbortHandler)
				}
				used[r.RemoteAddr] = true
				answered++
				respond(w, r)
			})
			c.policy.maxRetries = 1
			for _, method := range []string{http.MethodGet, method} {
				inParallel(5*parallelRequests, 0, func(i int) { // Each leaves a connection that looks alive.
					time.Sleep(time.Duration(i%5) * time.Millisecond)
					if err := callAs(t.Context(), c, method); err != nil {
						t.Error(err)
					}
				})
			}
			wantEqual(t, "requests that were answered", answered, 2*5*parallelRequests)
		})
	}
}

func TestASlowResponseEndsWithTheAttemptOrTheCaller(t *testing.T) {
	t.Parallel()

	drip := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		bubble(t, method, func(t *testing.T) {
			c, _ := servePipes(t, drip)
			c.policy.maxRetries = 0
			start := time.Now()
			err := callAs(t.Context(), c, method)
			wantEqual(t, "text", wantError[*TransportError](t, err).Err.Error(), "timed out after 30s")
			wantEqual(t, "may have succeeded", MayHaveSucceeded(err), true)
			wantEqual(t, "time", time.Since(start), DefaultRequestTimeout)

			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			e := wantError[*TransportError](t, callAs(ctx, c, method))
			wantEqual(t, "the caller's end", errors.Is(e.Err, context.Canceled), true)
			wantEqual(t, "text", e.Err.Error(), "the run was interrupted")
			wantEqual(t, "time", time.Since(start), DefaultRequestTimeout+3*time.Second)
		})
	}
}

func TestNothingBelowTheClientRetriesACreate(t *testing.T) {
	t.Parallel()

	for name, setUp := range map[string]func(*httptest.Server){
		"HTTP/1.1": func(s *httptest.Server) { s.Start() },
		"HTTP/2":   func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var aborts atomic.Bool
			url, n := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost && aborts.Load() {
					_, _ = io.Copy(io.Discard, r.Body)
					panic(http.ErrAbortHandler)
				}
				respond(w, r)
			}, setUp)
			c := newTestClient(t, quick(url))
			c.transport.each(func(tr *http.Transport) { tr.TLSClientConfig.InsecureSkipVerify = true })
			for range 5 {
				wantNoError(t, callAs(t.Context(), c, http.MethodGet))
				wantNoError(t, callAs(t.Context(), c, http.MethodPost))
			}
			// Over HTTP/1.1 each create has its own, and a read may come before that of the last read is free again.
			if opened := n.get("new"); opened < 6 && name == "HTTP/1.1" || opened != 1 && name == "HTTP/2" {
				t.Errorf("%d connections over %s", opened, name)
			}
			aborts.Store(true)
			for range 5 {
				wantNoError(t, callAs(t.Context(), c, http.MethodGet)) // leaves a connection that can be used again
				wantEqual(t, "may have succeeded", MayHaveSucceeded(callAs(t.Context(), c, http.MethodPost)), true)
			}
			wantEqual(t, "creates", n.get(http.MethodPost), 10)
		})
	}
}

func TestPlainHTTPReachesThisMachineOnly(t *testing.T) {
	t.Parallel()

	for raw, refused := range map[string]bool{"http://api.localhost": true, ProductionURL: false} {
		base, err := ParseBaseURL(raw)
		wantNoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		newTransport(base, time.Second, nil).each(func(tr *http.Transport) {
			// TEST-NET-1 stands for what a name may resolve to. A canceled dial comes no further than to its address.
			for _, address := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "169.254.169.254:80"} {
				_, err := (&net.Dialer{Control: loopbackOnly}).DialContext(t.Context(), "tcp", address)
				wantEqual(t, address, errors.Is(err, errNotLoopback), true)
				if refused {
					_, err = tr.DialContext(t.Context(), "tcp", address)
					wantEqual(t, raw+" at "+address, errors.Is(err, errNotLoopback), true)
				} else {
					_, err = tr.DialContext(ctx, "tcp", address)
					wantEqual(t, raw+" at "+address, errors.Is(err, errNotLoopback), false)
				}
			}
		})
	}
	for address, allowed := range map[string]bool{"127.0.0.1:80": true, "127.8.9.1:80": true, "[::1]:80": true, "0.0.0.0:80": false, "10.0.0.1:80": false, "": false} {
		wantEqual(t, address, loopbackOnly("tcp", address, nil) == nil, allowed)
	}
}

func TestLoopbackIsReachedWithoutAProxy(t *testing.T) {
	t.Parallel()

	proxy := &url.URL{Scheme: "http", Host: "proxy.example.com"}
	for raw, want := range map[string]*url.URL{
		"http://localhost": nil, "http://LOCALHOST.:80": nil, "http://a.localhost": nil, "https://localhost": nil, "http://127.8.9.1": nil, "http://[::1]:8080": nil,
		ProductionURL: proxy, "https://localhost.example.com": proxy,
	} {
		base, err := ParseBaseURL(raw)
		wantNoError(t, err)
		newTransport(base, time.Second, http.ProxyURL(proxy)).each(func(tr *http.Transport) {
			got, err := tr.Proxy(&http.Request{URL: base})
			wantNoError(t, err)
			wantEqual(t, raw, got, want)
		})
	}
}

// failure sends one request to the base URL, by way of a proxy if there is one, and returns its error.
func failure(t *testing.T, base string, proxy *url.URL, retries int) *TransportError {
	t.Helper()
	config := quick(base)
	config.MaxRetries = retries
	c := newTestClient(t, config)
	parsed, err := ParseBaseURL(base)
	wantNoError(t, err)
	c.transport = newTransport(parsed, 10*time.Second, http.ProxyURL(proxy))

	return wantError[*TransportError](t, callAs(t.Context(), c, http.MethodPost))
}

func TestAProxyThatRefusesIsNamed(t *testing.T) {
	t.Parallel()

	for status, attempts := range map[int]int{403: 1, 407: 1, 503: 2} {
		address := raw(t, func(conn net.Conn) {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d leak\r\nContent-Length: 4\r\n\r\nleak", status)
		})
		proxy, err := url.Parse(strings.Replace(address, "http://", "http://bob:leak@", 1))
		wantNoError(t, err)
		e := failure(t, "https://api.example.com", proxy, 1)
		wantEqual(t, "cause", e.Err.Error(), fmt.Sprintf("the proxy %s refused the connection with status %d", proxy.Host, status))
		wantEqual(t, "attempts", e.Attempts, attempts)
		wantEqual(t, "may have succeeded", e.Uncertain, false)
	}
	gone := raw(t, func(net.Conn) {})
	e := failure(t, "https://api.example.com", &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, 0)
	wantEqual(t, "cause", e.Err.Error(), "could not connect to the proxy: connection refused")
	parsed, err := url.Parse(gone)
	wantNoError(t, err)
	wantEqual(t, "cause", failure(t, "https://api.example.com", parsed, 0).Err.Error(), "connection closed before the response was complete")
}

func TestWhatIsWrongWithTLSIsExplained(t *testing.T) {
	t.Parallel()

	trusted := func(c *Client, s *httptest.Server) {
		pool := x509.NewCertPool()
		pool.AddCert(s.Certificate())
		c.transport.each(func(tr *http.Transport) {
			tr.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		})
	}
	tests := []struct {
		name    string
		setUp   func(*httptest.Server)
		trust   bool
		address func(string) string
		want    string
		sent    int
	}{
		{"a private authority", (*httptest.Server).StartTLS, false, nil, "the server's certificate is not trusted; if a private certificate authority issued it, " +
			"add it to the system's trust store, or set SSL_CERT_FILE to its file (not on Windows or macOS)", 1},
		{"another host", (*httptest.Server).StartTLS, true, func(u string) string { return strings.Replace(u, "127.0.0.1", "localhost", 1) }, "the server's certificate is for another host", 1},
		// With TLS 1.3 the server's alert races with the end of its connection, so that no one text is certain.
		{"a client certificate, TLS 1.2", func(s *httptest.Server) {
			s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
			s.StartTLS()
		}, true, nil, "the server rejected the TLS handshake; it may require a client certificate, which this provider doesn't support", 2},
		{"no TLS", (*httptest.Server).Start, false, func(u string) string { return strings.Replace(u, "http:", "https:", 1) }, "the server does not speak TLS at this address", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			url, n := serve(t, respond, func(s *httptest.Server) { test.setUp(s); server = s })
			if test.address != nil {
				url = test.address(url)
			}
			config := quick(url)
			config.MaxRetries = 1
			c := newTestClient(t, config)
			if test.trust {
				trusted(c, server)
			}
			e := wantError[*TransportError](t, callAs(t.Context(), c, http.MethodPost))
			wantEqual(t, "cause", e.Err.Error(), test.want)
			wantEqual(t, "attempts", e.Attempts, test.sent)
			wantEqual(t, "may have succeeded", e.Uncertain, false)
			wantEqual(t, "requests", n.get(http.MethodPost), 0)
		})
	}
}
