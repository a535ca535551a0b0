package wingspantest

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

type connKey struct{}

type listener struct {
	net.Listener
	accepted int
}

func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.accepted++
	return &conn{Conn: inner, number: l.accepted}, nil
}

// conn is a client's connection.
type conn struct {
	net.Conn
	number int

	dead atomic.Bool // requests that still arrive are not carried out
	mute atomic.Bool // nothing is sent any more

	begun, http2 bool

	turn    int                    // of being idle and not; Server.mu guards it
	written atomic.Pointer[func()] // called after the next Write

	mu      sync.Mutex // guards what follows
	frames  []byte     // written by net/http, not sent yet
	endings []Fault    // how streams end that net/http is about to reset
}

func (c *conn) kill() {
	c.dead.Store(true)
	_ = c.Close()
}

// Read finds out by the first bytes which protocol the client speaks.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if !c.begun && n > 0 {
		c.begun, c.http2 = true, bytes.HasPrefix(p[:n], []byte("PRI * HTTP/2"))
	}
	return n, err
}

// Write sends HTTP/2 by complete frames, so that those that end a stream can be exchanged.
func (c *conn) Write(p []byte) (int, error) {
	switch {
	case c.mute.Load():
		return len(p), nil
	case !c.http2:
		return c.Conn.Write(p)
	}
	if err := c.writeFrames(p); err != nil {
		return 0, err
	}
	if then := c.written.Swap(nil); then != nil {
		(*then)()
	}
	return len(p), nil
}

func (c *conn) writeFrames(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, p...)
	var out []byte
	for len(c.frames) >= frameHeader {
		size := frameHeader + int(c.frames[0])<<16 + int(binary.BigEndian.Uint16(c.frames[1:]))
		if len(c.frames) < size {
			break
		}
		out = append(out, c.exchange(c.frames[:size])...)
		c.frames = c.frames[size:]
	}
	_, err := c.Conn.Write(out)
	return err
}

// Of RFC 9113, sections 4.1, 6.4, 6.8 and 7.
const (
	frameHeader   = 9
	frameReset    = 3
	frameGoAway   = 7
	internalError = 2
)

// exchange replaces the RST_STREAM frame with which net/http ends the stream of a handler that panicked.
func (c *conn) exchange(frame []byte) []byte {
	if frame[3] != frameReset || binary.BigEndian.Uint32(frame[frameHeader:]) != internalError || len(c.endings) == 0 {
		return frame
	}
	fault := c.endings[0]
	c.endings = c.endings[1:]
	if fault.Cut == GoAway {
		stream := binary.BigEndian.Uint32(frame[5:])
		frame = []byte{0, 0, 8, frameGoAway, 0, 0, 0, 0, 0}
		// The streams before this one may still get a response; this one and later ones were never looked at.
		frame = binary.BigEndian.AppendUint32(frame, stream-1)
		return binary.BigEndian.AppendUint32(frame, fault.Code)
	}
	if fault.Code != 0 {
		binary.BigEndian.PutUint32(frame[frameHeader:], fault.Code)
	}
	return frame
}

func (s *Server) connState(nc net.Conn, state http.ConnState) {
	c, ok := nc.(*conn)
	if !ok {
		return
	}
	s.mu.Lock()
	c.turn++
	turn := c.turn
	delete(s.idle, c)
	s.mu.Unlock()
	if state != http.StateIdle {
		return
	}
	idle := func() { s.becomesIdle(c, turn) }
	if c.http2 {
		// The end of the last response is still in net/http's buffer.
		c.written.Store(&idle)
		return
	}
	idle()
}

func (s *Server) becomesIdle(c *conn, turn int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.turn != turn {
		return
	}
	s.idle[c] = true
	if s.settings.idleTimeout > 0 {
		time.AfterFunc(s.settings.idleTimeout, func() {
			s.closeIdle(func(other *conn) bool { return other == c && c.turn == turn })
		})
	}
}

// CloseIdle closes the connections that no request uses at this moment, without a word to their clients.
func (s *Server) CloseIdle() { s.closeIdle(func(*conn) bool { return true }) }

func (s *Server) closeIdle(which func(*conn) bool) {
	var closing []*conn
	s.mu.Lock()
	for c := range s.idle {
		if which(c) {
			// Under the lock: a request that has arrived meanwhile is not carried out.
			c.dead.Store(true)
			closing = append(closing, c)
		}
	}
	s.mu.Unlock()
	for _, c := range closing {
		c.kill()
	}
}
