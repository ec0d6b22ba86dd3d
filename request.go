package less

import (
	"context"
	"net/http"
)

// A Request is what is known of the HTTP request being handled besides its body.
type Request struct {
	// ID is API Gateway's id of the request, as in its access log.
	ID string
	// Method and Path are the request's own: GET and /orders/17.
	Method, Path string
	// Route is the path of the route that matched: /orders/{order_id}.
	Route string
	// Header holds the request's headers. It is the request's own map: read it only.
	Header http.Header
	// SourceIP is the address the request came from, as API Gateway saw it.
	SourceIP string
	// CorrelationID is that of the request's X-Correlation-Id header, or else a
	// new one. It is in the answer's header of that name, and in every event that
	// is published with the request's context.
	CorrelationID string
}

// RequestFrom returns the request that ctx was made for, and the zero Request
// elsewhere, as in a subscriber.
func RequestFrom(ctx context.Context) Request {
	if s := scopeFrom(ctx); s != nil {
		return s.request
	}
	return Request{}
}

const correlationHeader = "X-Correlation-Id"

// correlationOf returns the correlation id that a client sent, or a new one
// where it sent none that is fit for headers, attributes and logs.
func correlationOf(h http.Header) string {
	id := h.Get(correlationHeader)
	if len(id) > 128 || !isCorrelationID(id) {
		return newID()
	}
	return id
}

func isCorrelationID(id string) bool {
	for _, c := range []byte(id) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=', c == '@':
		default:
			return false
		}
	}
	return id != ""
}
