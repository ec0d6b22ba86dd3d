package config

import (
	"net/url"
	"strings"
)

// setOrigins takes the web pages that may call the APIs.
func setOrigins(c *Config, v any) (want string) {
	list, ok := toList(v)
	if !ok || !allOrigins(list) {
		return `a list of origins such as ["https://example.com"], or ["*"] for all`
	}
	c.Deploy.Origins = list
	return ""
}

func allOrigins(list []string) bool {
	for _, o := range list {
		if !isOrigin(o) {
			return false
		}
	}
	return true
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
