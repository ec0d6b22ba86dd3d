package gateway

import (
	"net/http"
	"time"

	"github.com/less-go/less/internal/loopback"
)

// NewServer returns a server for h with limits that a client cannot stretch. It
// serves requests for this machine's own names, and hosts, only; a page of
// another origin may send requests, because what pages may do is the API's own business.
func NewServer(h http.Handler, hosts ...string) *http.Server {
	return &http.Server{
		Handler:           loopback.Guard(h, hosts...),
		ReadHeaderTimeout: 10 * time.Second,
		// Both count from the request's beginning. The second covers a slow body,
		// a function that takes all its time, and a slow answer.
		ReadTimeout:  time.Minute,
		WriteTimeout: time.Minute + IntegrationTimeout + time.Minute,
		IdleTimeout:  2 * time.Minute,
		// Far above maxHeader, so that the gateway itself can answer in AWS's words.
		MaxHeaderBytes: 64 << 10,
	}
}
