package awsapi

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/less-go/less/internal/loopback"
)

// Guard returns a handler that keeps web pages away from next. Whether a page
// points a domain of its own at this machine, or posts to localhost as AWS's
// clients do (a form is sent to any address without asking it first), a browser
// says so: in Host, or in Origin or Sec-Fetch-Site, which no SDK sends.
func Guard(next http.Handler) http.Handler {
	return loopback.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		if r.Header.Get("Origin") != "" || site != "" && site != "none" {
			http.Error(w, "Requests from web pages are refused. Let the page call a route of your own API, which can publish.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// Limits on a request.
const (
	// MaxBody is the longest body read. The largest message, 1 MiB, grows to a
	// little more than three times that in a form.
	MaxBody = 10 << 20
	// MaxFields is how many fields a form may have. The largest request of AWS's,
	// a batch of 10 messages with 10 attributes each, has about 450.
	MaxFields = 2000

	maxHeader     = 10 << 10
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	// writeTimeout is how long an answer may take to be written. It counts from the
	// end of the action, and from the header where there is none.
	writeTimeout = 90 * time.Second
)

// NewServer returns a server for h, behind [Guard], with limits and timeouts
// that a client cannot stretch. When ctx ends the running long polls do, so that
// Shutdown need not wait for them.
func NewServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           Guard(h),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: headerTimeout,
		// No ReadTimeout: it would end the context of a long poll. The handler
		// limits the time a body may take instead.
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeader,
	}
}
