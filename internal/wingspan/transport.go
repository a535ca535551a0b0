package wingspan

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// maxBody is the largest body that is read, in bytes. A list of about 15,000 preferences fits.
	maxBody = 8 << 20
	// maxHeader bounds the response's headers, in bytes.
	maxHeader = 64 << 10
	// parallelRequests is Terraform's default parallelism: that many connections are kept alive.
	parallelRequests = 10
	// A connection on which nothing came for pingAfter is asked for a sign of life, and is dead pingTimeout later.
	pingAfter, pingTimeout = 5 * time.Second, 5 * time.Second
)

// Attempt is what a log may contain of one attempt: no headers, no bodies, no secrets.
type Attempt struct {
	Method, Path string
	// Number counts from 1.
	Number   int
	Duration time.Duration
	// Status is 0 when no complete response came.
	Status int
	Err    error
}

// request is one API request, which may take several attempts. It is not changed by them.
type request struct {
	method string
	// account is the one to act on behalf of; empty is the token's own.
	account string
	// path is for errors and logs.
	path   string
	url    *url.URL
	header http.Header
	// body is nil if there is none.
	body []byte
}

// transport sends one attempt. A POST over HTTP/1.1, and each retry after a lost connection, has a connection of its own: on one that was
// kept alive, a request can cross with the server's closing it, which leaves open whether the request arrived. Over HTTP/2 the server reports it.
type transport struct {
	shared, single http.RoundTripper
	timeout        time.Duration
	// http2: the last response came over HTTP/2.
	http2 atomic.Bool
}

func newTransport(base *url.URL, timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *transport {
	shared := http.DefaultTransport.(*http.Transport).Clone() // net/http documents the type
	shared.MaxIdleConnsPerHost = parallelRequests
	shared.MaxResponseHeaderBytes = maxHeader
	shared.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout}
	shared.Proxy = func(r *http.Request) (*url.URL, error) {
		if IsLoopback(r.URL.Hostname()) {
			return nil, nil
		}
		p, err := proxy(r)
		if err != nil {
			return nil, errProxyURL
		}

		return p, nil
	}
	shared.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode == http.StatusOK {
			return nil
		}

		return &describedError{
			text:  fmt.Sprintf("the proxy %s refused the connection with status %d", printable(proxy.Host, maxHost), resp.StatusCode),
			fatal: !isTransient(resp.StatusCode),
		}
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	if base.Scheme == "http" {
		dialer.Control = loopbackOnly
	}
	shared.DialContext = dialer.DialContext
	single := shared.Clone()
	single.DisableKeepAlives = true

	return &transport{shared: shared, single: single, timeout: timeout}
}

// loopbackOnly refuses to dial any other machine, whatever a name resolves to.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	if host, _, err := net.SplitHostPort(address); err != nil || !IsLoopback(host) {
		return errNotLoopback
	}

	return nil
}

// attempt sends the request once and reads the complete response, within the timeout.
func (t *transport) attempt(caller context.Context, r *request, fresh bool) result {
	ctx, cancel := context.WithTimeout(caller, t.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req := (&http.Request{Method: r.method, URL: r.url, Host: r.url.Host, Header: r.header.Clone()}).WithContext(ctx)
	var sent *sentBody
	if r.body != nil {
		// Without GetBody, net/http repeats no request whose body it has begun to send.
		sent = &sentBody{rest: bytes.NewReader(r.body)}
		req.Body, req.ContentLength = sent, int64(len(r.body))
	}
	via := t.shared
	if fresh || (r.method == http.MethodPost && !t.http2.Load()) {
		via = t.single
	}

	resp, err := via.RoundTrip(req)
	if err == nil {
		t.http2.Store(resp.ProtoMajor == 2)
		var body []byte
		if body, err = readBody(resp); err == nil {
			return result{outcome: responded, received: true, status: resp.StatusCode, header: resp.Header, body: body}
		}
	}
	received := resp != nil || (connected.Load() && (sent == nil || sent.stop()) && !isUnprocessed(err))

	res := result{outcome: ambiguous, received: received, err: describe(err)}
	switch {
	case caller.Err() != nil:
		res.outcome = canceled
		res.err = describeEnd(caller.Err())
	case isFatal(err):
		res.outcome = fatal
	case !received:
		res.outcome = notSent
	}
	if caller.Err() == nil && ctx.Err() != nil {
		// The cause isn't the context's, whose deadline was not the caller's.
		res.err = &describedError{text: fmt.Sprintf("timed out after %s", t.timeout), cause: os.ErrDeadlineExceeded}
	}
	if res.outcome == ambiguous || res.outcome == notSent {
		t.closeIdle()
	}

	return res
}

// closeIdle keeps later attempts from connections that may have died with the last one.
func (t *transport) closeIdle() {
	(&http.Client{Transport: t.shared}).CloseIdleConnections()
	(&http.Client{Transport: t.single}).CloseIdleConnections()
}

// sentBody proves that a server cannot have a complete request: it has not been read to its end, and never will be.
type sentBody struct {
	mu      sync.Mutex
	rest    *bytes.Reader
	stopped bool
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.stopped {
		return 0, io.ErrClosedPipe
	}

	return b.rest.Read(p)
}

func (*sentBody) Close() error { return nil }

// stop ends the reading, and reports whether it had come to the end.
func (b *sentBody) stop() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true

	return b.rest.Len() == 0
}

// unprocessed are HTTP/2's promises that a request was not processed (RFC 9113, section 8.7), in net/http's words.
var unprocessed = regexp.MustCompile(`^http2: Transport: cannot retry err \[` +
	`(http2: Transport received Server's graceful shutdown GOAWAY|stream error: stream ID \d+; REFUSED_STREAM; received from peer)\] `)

func isUnprocessed(err error) bool {
	// In TLS 1.3 the server rejects a client without a certificate only after the client has sent its request.
	return isAlert(err, alertCertificateRequired, alertBadCertificate) || unprocessed.MatchString(err.Error())
}

// readBody returns the complete body, or fails with errTooLarge or the network's error.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()

	if resp.ContentLength > maxBody {
		return nil, errTooLarge
	}
	var body bytes.Buffer
	body.Grow(int(max(resp.ContentLength, 0)) + bytes.MinRead)
	// One byte more than there may be, to see that there is more.
	n, err := body.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	if n > maxBody {
		return nil, errTooLarge
	}

	return body.Bytes(), err
}
