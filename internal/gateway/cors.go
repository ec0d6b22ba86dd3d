package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CORS is what a gateway says to browsers. It then answers preflight requests
// itself, also where there is a route for them, and what functions say is dropped.
type CORS struct {
	Credentials                              bool
	Origins, Methods, Headers, ExposeHeaders []string
	// MaxAge is how long a browser may remember that, in seconds; nil is not said.
	MaxAge *int
}

const allowPrefix = "Access-Control-"

// isPreflight says that a browser asks what it may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight is the answer to a browser. One of an origin that is not allowed is told
// nothing, which is what refuses it.
func (c *CORS) preflight(r *http.Request) response {
	out := response{status: http.StatusNoContent, header: http.Header{}}
	if !c.origin(out.header, r) {
		return out
	}
	list := func(name string, values []string) {
		if len(values) > 0 {
			out.header.Set(name, strings.Join(values, ","))
		}
	}
	list("Access-Control-Allow-Methods", c.Methods)
	list("Access-Control-Allow-Headers", c.Headers)
	if c.MaxAge != nil {
		out.header.Set("Access-Control-Max-Age", strconv.Itoa(*c.MaxAge))
	}
	return out
}

// apply adds to the answer to a request what a browser is to know.
func (c *CORS) apply(header http.Header, r *http.Request) {
	for name := range header {
		if strings.HasPrefix(name, allowPrefix) {
			delete(header, name)
		}
	}
	if c.origin(header, r) && len(c.ExposeHeaders) > 0 {
		header.Set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ","))
	}
}

// origin says in header that the origin of r is allowed, if it is.
func (c *CORS) origin(header http.Header, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return false
	case slices.Contains(c.Origins, "*"):
		header.Set("Access-Control-Allow-Origin", "*")
	case slices.ContainsFunc(c.Origins, func(allowed string) bool { return strings.EqualFold(allowed, origin) }),
		slices.ContainsFunc(c.Origins, func(allowed string) bool { return underScheme(allowed, origin) }):
		header.Set("Access-Control-Allow-Origin", origin)
		header.Add("Vary", "Origin")
	default:
		return false
	}
	if c.Credentials {
		header.Set("Access-Control-Allow-Credentials", "true")
	}
	return true
}

// underScheme says that allowed is every origin of a scheme: https://*.
func underScheme(allowed, origin string) bool {
	scheme, all := strings.CutSuffix(allowed, "*")
	return all && strings.HasSuffix(scheme, "://") && strings.HasPrefix(origin, scheme)
}
