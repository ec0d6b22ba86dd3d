package config

import (
	"net/url"
	"slices"
	"strings"
)

// setOrigins takes a list of origins whose pages may call all APIs, or one for each API.
func setOrigins(c *Config, v any) (want string) {
	lists := map[string][]string{}
	var ok bool
	if _, byAPI := v.(map[string]any); byAPI {
		lists, ok = toMap(v, toList)
	} else {
		lists[""], ok = toList(v)
	}
	for _, list := range lists {
		ok = ok && !slices.ContainsFunc(list, func(o string) bool { return !isOrigin(o) })
	}
	if !ok {
		return `a list of origins such as ["https://example.com"], ["*"] for all, or to one for each API: {"orders": ["https://example.com"]}`
	}
	c.Origins = lists
	return ""
}

// isOrigin says whether a browser would call itself o, or API Gateway takes it for all:
// a scheme, a host and perhaps a port, and nothing behind them.
func isOrigin(o string) bool {
	switch o {
	case "*", "http://*", "https://*":
		return true
	}
	u, err := url.Parse(o)
	if err != nil || u.Host == "" || strings.ContainsRune(u.Host, '*') {
		return false
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Scheme+"://"+strings.ToLower(u.Host) == o
}
