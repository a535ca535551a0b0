package wingspan

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

// serverStore is a store over a server of its own, for a bubble of synctest: nothing depends on how fast the machine is.
func serverStore(t testing.TB) (*Webhooks, *wingspantest.Server) {
	t.Helper()
	server, transport := serverInMemory(t)

	return storeOf(t, server, transport), server
}

// serverInMemory returns a server without a network, which would stop a bubble's clock, and the only way to it.
func serverInMemory(t testing.TB) (*wingspantest.Server, http.RoundTripper) {
	t.Helper()
	listener := newPipes()
	server := wingspantest.Serve(listener)
	t.Cleanup(server.Close)

	return server, &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		time.Sleep(time.Millisecond + rand.N(10*time.Millisecond)) // As over a network, requests of one time arrive in any order.
		client, server := net.Pipe()

		return client, listener.connect(ctx, server)
	}}
}

// storeOf is a store of a process of its own.
func storeOf(t testing.TB, server *wingspantest.Server, transport http.RoundTripper) *Webhooks {
	t.Helper()
	client := newTestClient(t, Config{BaseURL: server.URL(), Token: wingspantest.Token, MaxRetries: DefaultMaxRetries})
	client.setTransport(delayed{transport})
	t.Cleanup(func() { time.Sleep(time.Hour) }) // Lists run on a context of their own, and end by the bubble's clock.

	return NewWebhooks(client)
}

// pipes is a listener of connections in memory.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    func()
}

func newPipes() *pipes {
	p := &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })

	return p
}

func (p *pipes) connect(ctx context.Context, server net.Conn) error {
	select {
	case p.accepted <- server:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()

	return nil
}

func (*pipes) Addr() net.Addr { return &net.UnixAddr{Name: "in-memory.localhost"} }

// delayed delivers responses after some milliseconds, so that others happen between a write and its response.
type delayed struct{ http.RoundTripper }

func (d delayed) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r)
	_ = sleep(r.Context(), rand.N(10*time.Millisecond))

	return resp, err
}
