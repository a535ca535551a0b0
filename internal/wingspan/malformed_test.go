package wingspan

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// raw is a server that writes what it likes into each connection once a request has come.
func raw(t testing.TB, write func(net.Conn)) string {
	t.Helper()

	return rawServer(t, func(conn net.Conn, request func() bool) {
		if request() {
			write(conn)
		}
	})
}

// rawServer serves each connection; request reads the next request, and reports whether there is one.
func rawServer(t testing.TB, serve func(conn net.Conn, request func() bool)) string {
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
				in := bufio.NewReader(conn)
				serve(conn, func() bool {
					r, err := http.ReadRequest(in)
					if err == nil && r.Method != http.MethodConnect {
						_, err = io.Copy(io.Discard, r.Body)
					}

					return err == nil
				})
			}()
		}
	}()

	return "http://" + listener.Addr().String()
}

func TestNoByteOfAMalformedResponseIsQuoted(t *testing.T) {
	t.Parallel()

	const ok, leak = "HTTP/1.1 200 OK\r\n", `{"sharedSecret":"leak"}`
	var (
		cut   = "connection closed before the response was complete"
		bad   = "the response is not valid HTTP"
		other = "the request failed ("
	)
	tests := []struct{ name, bytes, want string }{
		{"nothing", "", cut},
		{"another protocol", "SSH-2.0-leak\r\n", bad},
		{"the secret", leak + "\r\n\r\n", bad},
		{"a status", "HTTP/1.1 " + leak + " OK\r\n\r\n", bad},
		{"a version", "HTTP/leak 200 OK\r\n\r\n", bad},
		{"a long first line", "HTTP/1.1 " + strings.Repeat("leak", 15<<10) + "\r\n\r\n", bad},
		{"huge headers", ok + "X-Huge: " + strings.Repeat("leak", 256<<10) + "\r\n\r\n", other},
		{"endless headers", ok + strings.Repeat("X-Leak: leak\r\n", 1<<16), other},
		{"a header that is none", ok + leak + "\x00\r\n\r\n", bad},
		{"a length", ok + "Content-Length: " + leak + "\r\n\r\n", other},
		{"two lengths", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", other},
		{"fewer bytes than promised", ok + "Content-Length: 5000\r\n\r\n" + leak, cut},
		{"an encoding", ok + "Transfer-Encoding: leak\r\n\r\n", other},
		{"an unfinished chunk", ok + "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + leak, cut},
		{"a chunk size", ok + "Transfer-Encoding: chunked\r\n\r\n" + leak + "\r\n", bad},
		{"a trailer", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + leak + "\r\n\r\n", bad},
		{"gzip that is none", ok + "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\nleakleakleak", other},
		{"gzip cut in the middle", ok + "Content-Encoding: gzip\r\n\r\n" + zipped(leak)[:20], cut},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nleak", bad},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := quick(raw(t, func(conn net.Conn) { _, _ = io.WriteString(conn, test.bytes) }))
			config.MaxRetries = 1
			var logged []Attempt
			config.Log = func(_ context.Context, a Attempt) { logged = append(logged, a) }
			c := newTestClient(t, config)
			for _, method := range allMethods {
				logged = nil
				err := callAs(t.Context(), c, method)
				e := wantError[*TransportError](t, err)
				wantEqual(t, "may have succeeded", MayHaveSucceeded(err), true)
				// The end of the connection may be noticed first.
				if text := e.Err.Error(); !strings.HasPrefix(text, test.want) && text != cut && !errors.Is(e.Err, syscall.ECONNRESET) && !errors.Is(e.Err, syscall.EPIPE) {
					t.Errorf("%q, want %q", text, test.want)
				}
				if want := map[bool]int{true: 1, false: 2}[method == http.MethodPost]; e.Attempts != want || len(logged) != want {
					t.Errorf("%s: %d attempts, %d logged", method, e.Attempts, len(logged))
				}
				for _, text := range append([]string{err.Error()}, fmt.Sprintf("%v %+v", logged[0], logged[0].Err)) {
					if len(text) > 500 || strings.Contains(strings.ToLower(text), "leak") {
						t.Errorf("%.600q", text)
					}
				}
			}
		})
	}
}

func TestABodyAfterA204DoesNotReachTheNextRequestsError(t *testing.T) {
	t.Parallel()

	config := quick(rawServer(t, func(conn net.Conn, request func() bool) {
		for request() {
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			if request() { // It goes out before its response seems to come.
				_, _ = io.WriteString(conn, `{"preferenceId":"id1","sharedSecret":"leak"}`+"\r\n")
			}
		}
	}))
	config.MaxRetries = 0
	c := newTestClient(t, config)
	for range 3 {
		wantNoError(t, callAs(t.Context(), c, http.MethodDelete))
		e := wantError[*TransportError](t, callAs(t.Context(), c, http.MethodDelete))
		wantEqual(t, "cause", e.Err.Error(), "the response is not valid HTTP")
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = io.WriteString(w, s)
	_ = w.Close()

	return b.String()
}

func TestTheLargestBodyHasEightMebibytes(t *testing.T) {
	t.Parallel()

	blanks := bytes.Repeat([]byte(" "), maxBody+1)
	for _, size := range []int64{maxBody, maxBody + 1} {
		for _, promised := range []int64{size, -1} {
			body, err := readBody(&http.Response{ContentLength: promised, Body: io.NopCloser(bytes.NewReader(blanks[:size]))})
			if size > maxBody {
				wantEqual(t, "error", err, error(errTooLarge), sameError)
			} else {
				wantNoError(t, err)
				wantEqual(t, "bytes", int64(len(body)), size)
			}
		}
	}
}

func TestALargerBodyIsGivenUpAtOnce(t *testing.T) {
	t.Parallel()

	// Zipped streams can follow each other as one: 300 MiB in some MiB, for the work of one.
	bomb := bytes.Repeat([]byte(zipped(strings.Repeat(" ", 1<<20))), 300)
	for name, write := range map[string]func(http.ResponseWriter){
		"an endless error": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusInternalServerError)
			for range 300 { // It ends when the client hangs up.
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		},
		"promised": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "8388609") },
		"zipped": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { write(w) }, nil)
			err := callAs(t.Context(), newTestClient(t, quick(url)), http.MethodGet)
			e := wantError[*TransportError](t, err)
			wantEqual(t, "cause", e.Err, error(errTooLarge), sameError)
			wantEqual(t, "attempts", e.Attempts, 1)
			wantEqual(t, "may have succeeded", MayHaveSucceeded(err), true)
		})
	}
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, zipped(documentedJSON("id1")))
	}, nil)
	wantNoError(t, callAs(t.Context(), newTestClient(t, quick(url)), http.MethodGet))
}
