package awsapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A pipeListener is a network of one connection, in memory, so that time in a
// bubble can move while both ends wait.
type pipeListener struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// connect starts the server for send and returns a connection to it and what
// ends the server's context.
func connect(t *testing.T, send func(context.Context, *parcelInput) error) (net.Conn, context.CancelFunc) {
	t.Helper()
	return connectTo(t, parcels(send))
}

// connectTo does so for a service.
func connectTo(t *testing.T, service *awsapi.Service) (net.Conn, context.CancelFunc) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	server := awsapi.NewServer(ctx, awsapi.NewHandler(awsapi.Options{}, service))
	gone := make(chan struct{}) // the server's end of the connection
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(gone)
		}
	}
	l := &pipeListener{make(chan net.Conn, 1), make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	client, conn := net.Pipe()
	l.conn <- conn
	t.Cleanup(func() {
		stop()
		client.Close()
		server.Close()
		<-done
		<-gone
	})
	return client, stop
}

const sendHead = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"

func write(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, r io.Reader) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestBodyThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, accept)
		start := time.Now()
		write(t, client, sendHead+"Content-Length: 100\r\n\r\nAction=Send")
		if resp := answer(t, client); resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %s, want 408", resp.Status)
		}
		if waited := time.Since(start); waited > time.Minute {
			t.Errorf("waited %v for the rest of the body", waited)
		}
	})
}

func TestHeaderThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, accept)
		start := time.Now()
		write(t, client, sendHead)
		if _, err := io.Copy(io.Discard, client); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited > time.Minute {
			t.Errorf("waited %v for the rest of the header", waited)
		}
	})
}

func TestHeaderTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, accept)
		go io.WriteString(client, sendHead+"X: "+strings.Repeat("x", 20<<10)+"\r\n\r\n")
		if resp := answer(t, client); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status %s, want 431", resp.Status)
		}
	})
}

func TestLongPollOutlivesTheBodysTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, func(ctx context.Context, _ *parcelInput) error {
			select {
			case <-time.After(50 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		write(t, client, sendHead+"Content-Length: 11\r\n\r\nAction=Send")
		if resp := answer(t, client); resp.StatusCode != http.StatusOK {
			t.Errorf("status %s, want 200", resp.Status)
		}
	})
}

func TestClientThatGoesAwayEndsItsLongPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polling, ended bool
		client, _ := connect(t, func(ctx context.Context, _ *parcelInput) error {
			polling = true
			<-ctx.Done()
			ended = true
			return ctx.Err()
		})
		write(t, client, sendHead+"Content-Length: 11\r\n\r\nAction=Send")
		synctest.Wait()
		if !polling || ended {
			t.Fatalf("polling %t, ended %t before the client went", polling, ended)
		}
		client.Close()
		synctest.Wait()
		if !ended {
			t.Error("the long poll goes on without its client")
		}
	})
}

func TestStoppingEndsLongPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, stop := connect(t, func(ctx context.Context, _ *parcelInput) error {
			<-ctx.Done()
			return ctx.Err()
		})
		write(t, client, sendHead+"Content-Length: 11\r\n\r\nAction=Send")
		synctest.Wait()
		stop()
		if resp := answer(t, client); resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("status %s, want 503", resp.Status)
		}
	})
}
