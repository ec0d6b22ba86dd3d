package lambda

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A server is the Runtime API of one environment, on a port of its own.
type server struct {
	address  string // what AWS_LAMBDA_RUNTIME_API says
	http     *http.Server
	listener net.Listener
	accept   chan struct{}  // closed when nothing is accepted any more
	conns    sync.WaitGroup // one for each connection
}

// serve starts the Runtime API of e.
func serve(e *environment) (*server, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{address: l.Addr().String(), listener: l, accept: make(chan struct{})}
	s.http = &http.Server{
		Handler:           guard(s.address, e.routes()),
		ConnContext:       withConn,
		ConnState:         s.count,
		ReadHeaderTimeout: 10 * time.Second,
		// The cause of an error for X-Ray is a header of up to 1 MiB.
		MaxHeaderBytes: 1<<20 + 64<<10,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(s.accept)
		_ = s.http.Serve(listener{l}) // ends when the listener is closed
	}()
	return s, nil
}

func (s *server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed:
		s.conns.Done()
	}
}

// close ends the server after the process has: what the process had sent is
// handled first. It returns when no handler is running.
func (s *server) close() {
	s.listener.Close()
	<-s.accept
	closed := make(chan struct{})
	go func() {
		s.conns.Wait()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(connectionTime):
	}
	s.http.Close()
	<-closed
}

// guard refuses what cannot come from the function's process: a browser sends an
// Origin, and a name that was rebound to this address is another Host.
func guard(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != address || r.Header.Get("Origin") != "" {
			http.Error(w, "This is the Lambda Runtime API of one function, at "+address+". Only its process may call it.", http.StatusForbidden)
			return
		}
		connOf(r).event.Store(false)
		next.ServeHTTP(w, r)
	})
}
