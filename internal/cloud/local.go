package cloud

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/loopback"
)

// A local is an HTTP client for one server on this machine, the engine: plain
// HTTP/1.1 to a loopback address. Where a publication takes fractions of a
// millisecond, net/http's client is a good part of them, for it hands every
// request and response from goroutine to goroutine. This one writes and reads
// where it is called.
type local struct {
	address string

	mu   sync.Mutex
	idle []*localConn // the last used last
}

// A localConn is a connection, for one request at a time.
type localConn struct {
	net.Conn
	reader *bufio.Reader
	text   []byte    // of the request, kept for the next one's
	since  time.Time // idle since then
}

const (
	// localIdle is how long a connection may be idle and still be used. It is
	// shorter than any server's patience, so that no request meets a server that is
	// closing; where one does, the SDK tries again.
	localIdle    = 4 * time.Second
	localTimeout = 30 * time.Second // to connect, as the SDK's
	keptText     = 16 << 10         // the largest request whose memory is kept
)

// newLocal returns a client for endpoint, or nil where that is not plain HTTP on
// this machine.
func newLocal(endpoint string) *local {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" || !loopback.AllowedHost(u.Host) {
		return nil
	}
	return &local{address: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))}
}

// Do sends req and returns its response, whose body has been read. It follows no
// redirects.
func (l *local) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	// A deadline that has passed wakes whoever reads or writes.
	over := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	resp, err := c.exchange(req)
	if !over() || err != nil || resp.Close || c.reader.Buffered() > 0 {
		_ = c.Close()
	} else {
		l.release(c)
	}
	return resp, err
}

// connect returns a connection that was idle for a moment only, or a new one.
func (l *local) connect(ctx context.Context) (*localConn, error) {
	if c := l.reuse(); c != nil {
		return c, nil
	}
	c, err := (&net.Dialer{Timeout: localTimeout}).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return nil, err
	}
	return &localConn{Conn: c, reader: bufio.NewReader(c)}, nil
}

func (l *local) reuse() *localConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.idle)
	if n == 0 {
		return nil
	}
	c := l.idle[n-1]
	l.idle = l.idle[:n-1]
	if c.stale() {
		_ = c.Close()
		return nil
	}
	return c
}

func (l *local) release(c *localConn) {
	c.since = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.idle) > 0 && l.idle[0].stale() {
		_ = l.idle[0].Close()
		l.idle = l.idle[1:]
	}
	l.idle = append(l.idle, c)
}

func (c *localConn) stale() bool { return time.Since(c.since) >= localIdle }

// exchange writes one request and reads its response, with all of its body.
func (c *localConn) exchange(req *http.Request) (*http.Response, error) {
	text, err := appendRequest(c.text[:0], req)
	if err != nil {
		return nil, err
	}
	if c.text = nil; cap(text) <= keptText {
		c.text = text
	}
	if _, err := c.Write(text); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(c.reader, req)
	for err == nil && resp.StatusCode < http.StatusOK {
		resp, err = http.ReadResponse(c.reader, req) // that was not the final one
	}
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

var errHeader = errors.New("a header of the request has a character that HTTP does not allow")

// appendRequest adds what of req goes over the wire.
func appendRequest(b []byte, req *http.Request) ([]byte, error) {
	if req.ContentLength < 0 {
		return nil, errors.New("a request of unknown length")
	}
	b = append(b, req.Method...)
	b = append(b, ' ')
	b = append(b, req.URL.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, cmp.Or(req.Host, req.URL.Host)...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, req.ContentLength, 10)
	for name, values := range req.Header {
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n\x00") {
				return nil, errHeader
			}
			b = append(b, "\r\n"...)
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, value...)
		}
	}
	b = append(b, "\r\n\r\n"...)
	if req.ContentLength == 0 {
		return b, nil
	}
	head, size := len(b), int(req.ContentLength)
	b = slices.Grow(b, size)[:head+size]
	_, err := io.ReadFull(req.Body, b[head:])
	return b, err
}
