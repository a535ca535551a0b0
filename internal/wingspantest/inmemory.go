package wingspantest

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"
)

// NewInMemory is New without a network: only Transport reaches the server. So a test can run in a bubble of testing/synctest,
// whose clock stands still while a network is waited for.
func NewInMemory(tb testing.TB) *Server {
	tb.Helper()
	pipes := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	s := serveOn(pipes, "http://in-memory.localhost")
	s.Transport = &http.Transport{DisableKeepAlives: true, DialContext: pipes.dial}
	tb.Cleanup(s.Close)
	return s
}

// pipeListener accepts what dial connects.
type pipeListener struct {
	net.Listener

	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	time.Sleep(time.Millisecond + rand.N(10*time.Millisecond)) // As over a network, requests of one time arrive in any order.
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.done)
	return nil
}
