// Package cors is what browsers are told about calls from other origins, as API
// Gateway's HTTP APIs tell them: the gateway answers preflights itself, and what it is
// configured to say replaces what a function says.
package cors

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Policy is what pages of other origins may do with an API.
type Policy struct {
	// Origins are "https://example.com", "https://*" and "http://*" for all of a scheme, or "*".
	Origins []string
	// Credentials lets pages send cookies.
	Credentials bool
	// Methods and Headers are those of requests, Expose are the headers of answers that
	// pages may read.
	Methods, Headers, Expose []string
	// MaxAge is how long a browser may remember what it was told; nil is not said.
	MaxAge *time.Duration
}

// The headers.
const (
	prefix           = "Access-Control-"
	AllowOrigin      = prefix + "Allow-Origin"
	AllowMethods     = prefix + "Allow-Methods"
	AllowHeaders     = prefix + "Allow-Headers"
	MaxAge           = prefix + "Max-Age"
	allowCredentials = prefix + "Allow-Credentials"
	exposeHeaders    = prefix + "Expose-Headers"
	requestMethod    = prefix + "Request-Method"
)

// IsPreflight says that with r a browser asks what it may send.
func IsPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get(requestMethod) != ""
}

// Preflight is the headers of the answer to a preflight of a page of origin. One of an
// origin that may not call is told nothing, which is what refuses it.
func (p Policy) Preflight(origin string) http.Header {
	h := http.Header{}
	if !p.allow(h, origin) {
		return h
	}
	setList(h, AllowMethods, p.Methods)
	setList(h, AllowHeaders, p.Headers)
	if p.MaxAge != nil {
		h.Set(MaxAge, strconv.Itoa(int(p.MaxAge.Seconds())))
	}
	return h
}

// Apply makes h, the headers of an answer to a page of origin, what p says: those of a
// function about other origins are dropped, whoever asks.
func (p Policy) Apply(h http.Header, origin string) {
	for name := range h {
		if strings.HasPrefix(http.CanonicalHeaderKey(name), prefix) {
			delete(h, name)
		}
	}
	if p.allow(h, origin) {
		setList(h, exposeHeaders, p.Expose)
	}
}

// allow says in h that pages of origin may call, if they may.
func (p Policy) allow(h http.Header, origin string) bool {
	switch {
	case origin == "":
		return false
	case slices.Contains(p.Origins, "*"):
		h.Set(AllowOrigin, "*")
	case slices.ContainsFunc(p.Origins, func(o string) bool { return strings.EqualFold(o, origin) || ofScheme(o, origin) }):
		h.Set(AllowOrigin, origin)
		h.Add("Vary", "Origin") // for caches; whether AWS says it was not seen
	default:
		return false
	}
	if p.Credentials {
		h.Set(allowCredentials, "true")
	}
	return true
}

// ofScheme says that allowed is every origin of origin's scheme: https://*.
func ofScheme(allowed, origin string) bool {
	scheme, all := strings.CutSuffix(allowed, "*")
	return all && strings.HasSuffix(scheme, "://") && strings.HasPrefix(origin, scheme)
}

func setList(h http.Header, name string, values []string) {
	if len(values) > 0 {
		h.Set(name, strings.Join(values, ","))
	}
}
