package wingspan

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

func zipped(s string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = io.WriteString(w, s)
	_ = w.Close()

	return b.String()
}

// meter counts what a client's connections read.
type meter struct{ read atomic.Int64 }

type meteredConn struct {
	net.Conn

	meter *meter
}

func (c meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.meter.read.Add(int64(n))

	return n, err
}

func metered(c *Client) *meter {
	m := &meter{}
	transport := newTransport()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}

		return meteredConn{conn, m}, nil
	}
	c.setTransport(transport)

	return m
}

// wantTooLarge checks that the call failed after one attempt, and that its error says what is wrong.
func wantTooLarge(t *testing.T, err error) {
	t.Helper()
	e := wantError[*TransportError](t, err)
	wantEqual(t, "cause", e.Err, errTooLarge, sameError)
	wantEqual(t, "attempts", e.Attempts, 1)
	wantEqual(t, "may have happened", MayHaveSucceeded(err), true)
}

// This test does not run beside others, as it measures the process.
func TestThreeHundredMegabytesOfBlanksCostAFewMegabytes(t *testing.T) { //nolint:paralleltest // see above
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			store, server := serverStore(t)
			read := metered(store.client)
			server.Fail(wingspantest.Fault{Blanks: 300 << 20, Times: -1})

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := callAs(t.Context(), store.client, method)
			runtime.ReadMemStats(&after)

			wantTooLarge(t, err)
			if n := read.read.Load(); n < maxAnswer || n > maxAnswer+64<<10 {
				t.Errorf("%d bytes were read, want hardly more than the limit", n)
			}
			// All that was allocated on both sides, collected or not: a buffer that doubles comes to some four times what it holds.
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 64<<20 {
				t.Errorf("%d MiB were allocated", allocated>>20)
			}
		})
	}
}

func TestAPromisedLengthAboveTheLimitIsUnauthorizedUnread(t *testing.T) {
	t.Parallel()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "8388609")
		_, _ = w.Write(bytes.Repeat([]byte(" "), 8388609))
	}))
	t.Cleanup(server.Close)
	c := newTestClient(t, quick(server.URL))
	read := metered(c)
	wantTooLarge(t, callAs(t.Context(), c, http.MethodGet))
	if n := read.read.Load(); n > 1<<20 {
		t.Errorf("%d bytes were read of an answer that is too large by its own word", n)
	}
}

func TestTheLimitIsEightMebibytesWhetherPromisedOrNot(t *testing.T) {
	t.Parallel()

	blanks := bytes.Repeat([]byte(" "), maxAnswer+1)
	for _, size := range []int64{0, 1, maxAnswer - 1, maxAnswer, maxAnswer + 1} {
		for _, promised := range []int64{size, -1} {
			resp := &http.Response{ContentLength: promised, Body: io.NopCloser(bytes.NewReader(blanks[:size]))}
			err := buffer(resp)
			if size > maxAnswer {
				wantEqual(t, "error", err, errTooLarge, sameError)

				continue
			}
			wantNoError(t, err)
			n, err := io.Copy(io.Discard, resp.Body)
			wantNoError(t, err)
			wantEqual(t, "bytes", n, size)
		}
	}
}

func TestAGzipBombIsBoundedByWhatItUnpacksTo(t *testing.T) {
	t.Parallel()

	// Zipped streams can follow each other as one: 300 MiB in some MiB, for the work of one.
	bomb := bytes.Repeat([]byte(zipped(strings.Repeat(" ", 1<<20))), 300)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	}))
	t.Cleanup(server.Close)
	wantTooLarge(t, callAs(t.Context(), newTestClient(t, quick(server.URL)), http.MethodGet))
}

func TestAZippedAnswerIsRead(t *testing.T) {
	t.Parallel()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, zipped(documentedJSON("id1")))
	}))
	t.Cleanup(server.Close)
	wantNoError(t, callAs(t.Context(), newTestClient(t, quick(server.URL)), http.MethodGet))
}

func TestAHugeErrorIsBoundedToo(t *testing.T) {
	t.Parallel()

	for _, status := range []int{400, 500} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			chunk := bytes.Repeat([]byte("x"), 1<<20)
			for range 300 { // It ends when the client hangs up.
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}))
		t.Cleanup(server.Close)
		err := callAs(t.Context(), newTestClient(t, quick(server.URL)), http.MethodGet)
		wantTooLarge(t, err)
		if errors.Is(err, io.EOF) {
			t.Error("the error is about the connection")
		}
	}
}
