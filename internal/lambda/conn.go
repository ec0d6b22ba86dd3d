package lambda

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
)

// A conn is a connection from a process, which knows whether the process died
// before it had read an event: the kernel resets a connection that is closed
// with bytes unread, and one that is written to after it was closed.
type conn struct {
	net.Conn
	event atomic.Bool // the last thing sent was an event
	reset atomic.Bool
}

// broken says that the event sent last has not been read. It is settled once the
// process has ended and its connections are closed.
func (c *conn) broken() bool { return c.event.Load() && c.reset.Load() }

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.note(err)
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.note(err)
	return n, err
}

func (c *conn) note(err error) {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		c.reset.Store(true)
	}
}

// Close looks for a reset that nobody has read of.
func (c *conn) Close() error {
	if raw, err := c.Conn.(syscall.Conn).SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if pending, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR); err == nil && pending != 0 {
				c.reset.Store(true)
			}
		})
	}
	return c.Conn.Close()
}

// A listener makes conns.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// connOf is the connection that r came over.
func connOf(r *http.Request) *conn { return r.Context().Value(connKey{}).(*conn) }
