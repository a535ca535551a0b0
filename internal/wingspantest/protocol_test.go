package wingspantest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// through sends by a given transport, unlike try, which takes a new connection for each request.
func through(transport *http.Transport, r *http.Request) (reply, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, response.ContentLength, string(body)}, err
}

// protocols are the ways to speak with a server, each by a client's one connection.
func protocols(t *testing.T, test func(t *testing.T, s *wingspantest.Server, transport *http.Transport, proto string)) {
	t.Helper()
	for name, start := range map[string]func(testing.TB) *wingspantest.Server{
		"HTTP/1.1": wingspantest.New, "HTTP/1.1 TLS": wingspantest.NewTLS, "HTTP/2.0": wingspantest.New, "HTTP/2.0 TLS": wingspantest.NewTLS,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			transport := s.Transport()
			t.Cleanup(transport.CloseIdleConnections)
			proto, _, _ := strings.Cut(name, " ")
			if proto == "HTTP/1.1" {
				transport.Protocols = new(http.Protocols)
				transport.Protocols.SetHTTP1(true)
			}
			test(t, s, transport, proto)
		})
	}
}

func TestProtocols(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, s *wingspantest.Server, transport *http.Transport, proto string) {
		t.Helper()
		for range 2 {
			got, err := through(transport, request(t, s, "POST", collection, validBody))
			if err != nil {
				t.Fatal(err)
			}
			decode[documented](t, wantStatus(t, got, 200))
		}
		for _, r := range s.Requests() {
			wantEqual(t, "recorded", fmt.Sprint(r.Proto, r.Conn), proto+"1")
		}
		wantEqual(t, "certificate", len(s.CertPEM()) > 0, strings.HasPrefix(s.URL(), "https://"))
	})
}

// The client must see an error each time, and the server must have carried out what the fault says.
func TestCuts(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, s *wingspantest.Server, transport *http.Transport, proto string) {
		t.Helper()
		for i, cut := range []wingspantest.Cut{wingspantest.CutConnection, wingspantest.CutBody, wingspantest.ResetStream, wingspantest.GoAway} {
			for _, commit := range []bool{false, true} {
				before := len(s.Preferences())
				s.Fail(wingspantest.Fault{Cut: cut, Commit: commit, Status: 200, Body: "12345678"})
				r := request(t, s, "POST", collection, validBody)
				r.GetBody = nil // Without it net/http repeats nothing.
				got, err := through(transport, r)
				if err == nil {
					t.Errorf("%d: status %d, body %q", i, got.status, got.body)
				}
				wantEqual(t, fmt.Sprint(i, " carried out"), len(s.Preferences())-before == 1, commit)
			}
		}
		// Of HTTP/2, what happens to one stream leaves the connection alone.
		s.ResetRequests()
		for range 2 {
			s.Fail(wingspantest.Fault{Cut: wingspantest.ResetStream})
			_, _ = through(transport, request(t, s, "GET", collection, ""))
			if _, err := through(transport, request(t, s, "GET", collection, "")); err != nil {
				t.Error(err)
			}
		}
		requests := s.Requests()
		wantEqual(t, "one connection", requests[0].Conn == requests[len(requests)-1].Conn, proto == "HTTP/2.0")
	})
}

// net/http repeats these POSTs by itself, because its request has GetBody: the faults are what they claim to be.
func TestHTTP2CodesReachTheClient(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault wingspantest.Fault
		posts int
	}{
		"INTERNAL_ERROR": {wingspantest.Fault{Cut: wingspantest.ResetStream}, 1},
		"CANCEL":         {wingspantest.Fault{Cut: wingspantest.ResetStream, Code: 8}, 1},
		"PROTOCOL_ERROR": {wingspantest.Fault{Cut: wingspantest.ResetStream, Code: 1}, 2},
		"REFUSED_STREAM": {wingspantest.Fault{Cut: wingspantest.ResetStream, Code: 7}, 2},
		"GOAWAY":         {wingspantest.Fault{Cut: wingspantest.GoAway}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wingspantest.NewTLS(t)
			transport := s.Transport()
			defer transport.CloseIdleConnections()
			tt.fault.Commit = true
			s.Fail(tt.fault)
			_, err := through(transport, request(t, s, "POST", collection, validBody))
			wantEqual(t, "posts", s.Count("POST", wingspantest.RouteCreate), tt.posts)
			wantEqual(t, "preferences", len(s.Preferences()), tt.posts)
			if tt.posts == 1 && (err == nil || !strings.Contains(err.Error(), name)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestConnectionCloseIsAGoAwayAfterTheResponse(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, s *wingspantest.Server, transport *http.Transport, _ string) {
		t.Helper()
		s.Fail(wingspantest.Fault{Header: http.Header{"Connection": {"close"}}})
		for range 2 {
			if _, err := through(transport, request(t, s, "GET", collection, "")); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, s *wingspantest.Server, transport *http.Transport, _ string) {
		t.Helper()
		s.Fail(wingspantest.Fault{Cut: wingspantest.Freeze, Commit: true})
		ctx, leave := context.WithCancel(t.Context())
		s.OnRequest(func(wingspantest.Request) { leave() })
		if _, err := through(transport, request(t, s, "POST", collection, validBody).WithContext(ctx)); err == nil {
			t.Error("it was answered")
		}
		wantEqual(t, "preferences", len(s.Preferences()), 1)
	})
	t.Run("pings", func(t *testing.T) {
		t.Parallel()
		s := wingspantest.NewTLS(t)
		transport := s.Transport()
		transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Millisecond, PingTimeout: 10 * time.Millisecond}
		defer transport.CloseIdleConnections()
		s.Fail(wingspantest.Fault{Cut: wingspantest.Freeze})
		if _, err := through(transport, request(t, s, "POST", collection, validBody)); err == nil {
			t.Error("it was answered")
		}
	})
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, s *wingspantest.Server, transport *http.Transport, _ string) {
		t.Helper()
		// The last connection's number, 0 if the request failed, as one can that is sent while the connection is closed.
		send := func() int {
			if _, err := through(transport, request(t, s, "GET", collection, "")); err != nil {
				return 0
			}
			requests := s.Requests()
			return requests[len(requests)-1].Conn
		}
		wantEqual(t, "first", send(), 1)
		wantEqual(t, "kept", send(), 1)
		eventually(t, "an idle connection is closed", func() bool { s.CloseIdle(); return send() > 1 })
		last := send()
		s.SetIdleTimeout(time.Nanosecond)
		eventually(t, "an idle connection is closed soon", func() bool { return send() > last })
	})
}

func TestTLSWithoutTheCertificateIsRejected(t *testing.T) {
	t.Parallel()
	s := wingspantest.NewTLS(t)
	transport := s.Transport()
	transport.TLSClientConfig = &tls.Config{RootCAs: wingspantest.New(t).CertPool()}
	if _, err := through(transport, request(t, s, "GET", collection, "")); err == nil {
		t.Error("it was trusted")
	}
}
