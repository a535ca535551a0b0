package wingspan

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Server responds to streams as configured, over connections in memory.
type http2Server struct {
	certificate tls.Certificate
	// answer writes what a request gets, or false from where on its connection is dead: it takes everything and says nothing.
	answer func(method string, n int, f *http2.Framer, stream uint32) bool

	mu       sync.Mutex
	dials    int
	requests map[string]int
}

// newHTTP2Client is a client with the policy's real waits, for a bubble of synctest.
func newHTTP2Client(t *testing.T, s *http2Server) *Client {
	t.Helper()
	c := newTestClient(t, Config{BaseURL: ProductionURL, Token: fakeToken, MaxRetries: DefaultMaxRetries})
	c.transport.each(func(tr *http.Transport) {
		tr.Proxy, tr.TLSClientConfig.InsecureSkipVerify = nil, true
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			s.mu.Lock()
			s.dials++
			s.mu.Unlock()
			go s.serve(server)

			return client, nil
		}
	})

	return c
}

// bufferedConn writes without waiting for the reader, as a network does and net.Pipe does not.
type bufferedConn struct {
	net.Conn

	out chan []byte
}

func newBufferedConn(conn net.Conn) bufferedConn {
	b := bufferedConn{conn, make(chan []byte, 1000)}
	go func() {
		for p := range b.out {
			_, _ = conn.Write(p)
		}
		_ = conn.Close()
	}()

	return b
}

func (b bufferedConn) Write(p []byte) (int, error) {
	b.out <- bytes.Clone(p)

	return len(p), nil
}

func (s *http2Server) serve(pipe net.Conn) {
	conn := newBufferedConn(pipe)
	defer close(conn.out)
	secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	if _, err := io.CopyN(io.Discard, secure, int64(len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(secure, secure)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = f.WriteSettings()
	methods, alive := map[uint32]string{}, true
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		ended := false
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() && alive {
				_ = f.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() && alive {
				_ = f.WritePing(true, frame.Data)
			}
		case *http2.MetaHeadersFrame:
			methods[frame.StreamID], ended = frame.PseudoValue("method"), frame.StreamEnded()
		case *http2.DataFrame:
			ended = frame.StreamEnded()
		}
		if stream := frame.Header().StreamID; ended && alive {
			s.mu.Lock()
			method := methods[stream]
			s.requests[method]++
			n := s.requests[method]
			s.mu.Unlock()
			alive = s.answer(method, n, f, stream)
		}
	}
}

func answerHTTP2(f *http2.Framer, stream uint32) bool {
	var head bytes.Buffer
	_ = hpack.NewEncoder(&head).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: head.Bytes(), EndHeaders: true})
	_ = f.WriteData(stream, true, []byte(documentedJSON("id1")))

	return true
}

func testCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)

	return server.TLS.Certificates[0]
}

func TestACreateIsRetriedOnlyWhereHTTP2SaysThatItWasNotProcessed(t *testing.T) {
	t.Parallel()

	certificate := testCertificate(t)
	tests := []struct {
		name    string
		fail    func(f *http2.Framer, stream uint32) bool
		retried bool
	}{
		{"refused", func(f *http2.Framer, stream uint32) bool {
			return f.WriteRSTStream(stream, http2.ErrCodeRefusedStream) == nil
		}, true},
		{"shut down gracefully", func(f *http2.Framer, stream uint32) bool { return f.WriteGoAway(stream-1, http2.ErrCodeNo, nil) == nil }, true},
		{"shut down after the request", func(f *http2.Framer, stream uint32) bool {
			_ = f.WriteGoAway(stream, http2.ErrCodeNo, nil)

			return f.WriteRSTStream(stream, http2.ErrCodeInternal) == nil
		}, false},
		{"a protocol error", func(f *http2.Framer, stream uint32) bool {
			return f.WriteRSTStream(stream, http2.ErrCodeProtocol) == nil
		}, false},
		{"an internal error", func(f *http2.Framer, stream uint32) bool {
			return f.WriteRSTStream(stream, http2.ErrCodeInternal) == nil
		}, false},
	}
	for _, test := range tests {
		for _, warm := range []bool{false, true} {
			bubble(t, test.name, func(t *testing.T) {
				s := &http2Server{certificate: certificate, requests: map[string]int{}}
				s.answer = func(method string, n int, f *http2.Framer, stream uint32) bool {
					if method == http.MethodPost && n == 1 {
						return test.fail(f, stream)
					}

					return answerHTTP2(f, stream)
				}
				c := newHTTP2Client(t, s)
				if warm { // The create then uses the connection of the read, and is not its first stream.
					wantNoError(t, callAs(t.Context(), c, http.MethodGet))
				}
				err := callAs(t.Context(), c, http.MethodPost)
				if test.retried {
					wantNoError(t, err)
					wantEqual(t, "requests", s.requests[http.MethodPost], 2)

					return
				}
				e := wantError[*TransportError](t, err)
				wantEqual(t, "may have succeeded", e.Uncertain, true)
				wantEqual(t, "cause", e.Err.Error(), "the HTTP/2 stream or connection failed")
				wantEqual(t, "requests", s.requests[http.MethodPost], 1)
			})
		}
	}
}

func TestTheWordsOfAServerProveNothing(t *testing.T) {
	t.Parallel()

	const refused = "http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] after Request.Body was written"
	wantEqual(t, "net/http's own", isUnprocessed(errors.New(refused)), true)
	wantEqual(t, "quoted", isUnprocessed(fmt.Errorf("http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=INTERNAL_ERROR, debug=%q", refused)), false)
}

func TestADeadHTTP2ConnectionCostsOneAttempt(t *testing.T) {
	t.Parallel()

	certificate := testCertificate(t)
	for _, timeout := range []time.Duration{DefaultRequestTimeout, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := &http2Server{certificate: certificate, requests: map[string]int{}}
			s.answer = func(_ string, n int, f *http2.Framer, stream uint32) bool {
				return n != 2 && answerHTTP2(f, stream)
			}
			c := newHTTP2Client(t, s)
			c.transport.timeout = timeout
			wantNoError(t, callAs(t.Context(), c, http.MethodGet))
			start := time.Now()
			inParallel(parallelRequests, 0, func(int) { wantNoError(t, callAs(t.Context(), c, http.MethodGet)) })
			if took := time.Since(start); took > min(timeout, pingAfter+pingTimeout)+time.Second {
				t.Errorf("it took %s to find another connection", took)
			}
			if s.dials > 1+parallelRequests {
				t.Errorf("%d connections", s.dials)
			}
		})
	}
}
