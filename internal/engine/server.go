package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
)

// A PortError says that somebody else listens on a port the engine was to use.
type PortError struct {
	Port int
	// For is what the port was wanted for: "the API orders", "the AWS services".
	For string
}

// Error names the port and its use; which flag moves it is the caller's to say.
func (e *PortError) Error() string {
	return fmt.Sprintf("port %d, for %s, is taken by another process", e.Port, e.For)
}

// A server is an HTTP server on the loopback addresses.
type server struct {
	http      *http.Server
	listeners []net.Listener
	running   sync.WaitGroup
}

// listenAndServe binds port and serves until stop. What fails while it serves
// goes to failed.
func listenAndServe(s *http.Server, port int, purpose string, failed func(error)) (*server, error) {
	listeners, err := listen(port, purpose)
	if err != nil {
		return nil, err
	}
	out := &server{http: s, listeners: listeners}
	for _, l := range listeners {
		out.running.Go(func() {
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed(fmt.Errorf("%s: %w", purpose, err))
			}
		})
	}
	return out, nil
}

// stop lets running requests end, until ctx does.
func (s *server) stop(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	s.running.Wait()
}

// url is where the server is reached by the name host.
func (s *server) url(host string) string {
	return "http://" + net.JoinHostPort(host, strconv.Itoa(portOf(s.listeners[0])))
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// listen binds port on the loopback addresses and nowhere else: 127.0.0.1, and
// ::1 where the machine has IPv6. Port 0 is any that is free.
func listen(port int, purpose string) ([]net.Listener, error) {
	v4, err := listenOn("tcp4", "127.0.0.1", port, purpose)
	if err != nil {
		return nil, err
	}
	v6, err := listenOn("tcp6", "::1", portOf(v4), purpose)
	switch {
	case err == nil:
		return []net.Listener{v4, v6}, nil
	case port != 0 && errors.As(err, new(*PortError)):
		v4.Close()
		return nil, err
	}
	return []net.Listener{v4}, nil // a machine without IPv6
}

func listenOn(network, host string, port int, purpose string) (net.Listener, error) {
	l, err := net.Listen(network, net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &PortError{Port: port, For: purpose}
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", purpose, err)
	}
	return l, nil
}
