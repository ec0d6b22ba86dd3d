// Package loopback is what a server on this machine's loopback address must
// refuse. Listening on 127.0.0.1 keeps other machines out, but not the web pages
// in this machine's browser: a page whose own domain is made to resolve to
// 127.0.0.1 reaches the server as if it were its own, and reads the answers. Such
// a request gives itself away by its Host.
package loopback

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// AllowedHost reports whether host, a request's Host with or without a port,
// names this machine and nothing that somebody else can point at it: localhost,
// a name below .localhost, 127.0.0.1, [::1], or one of more.
func AllowedHost(host string, more ...string) bool {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if _, err := strconv.ParseUint(host[i+1:], 10, 16); err != nil {
			return false
		}
		name = host[:i]
	}
	name = strings.ToLower(name)
	switch name {
	case "localhost", "127.0.0.1", "[::1]":
		return true
	}
	if below, found := strings.CutSuffix(name, ".localhost"); found {
		return isName(below)
	}
	return slices.ContainsFunc(more, func(m string) bool { return m != "" && strings.EqualFold(m, name) })
}

// isName reports whether s, in lower case, is one or more labels of a host name.
func isName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// Guard passes to next only requests for an allowed host, as [AllowedHost] has
// it. Others are answered 403 with the way out.
func Guard(next http.Handler, more ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !AllowedHost(r.Host, more...) {
			http.Error(w, fmt.Sprintf("%q is not a name of this machine. Ask for localhost instead.", r.Host), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
