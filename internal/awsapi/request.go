package awsapi

import (
	"context"
	"net/http"
)

// A Request is what an action may know about the request besides its input.
type Request struct {
	// ID is in the header X-Amzn-RequestId of the answer.
	ID string
	// Principal is who calls.
	Principal Principal
	// Signed says that the request has a signature.
	Signed bool
	// Region is the signature's, or [DefaultRegion].
	Region string
	// URL is the scheme and host by which the client reached the engine.
	URL string
	// Query says that the request came in the query protocol.
	Query bool
	// TraceHeader is the X-Ray trace that the request belongs to, or "".
	TraceHeader string
}

type requestKey struct{}

// RequestFrom returns the request that ctx belongs to. For a call that came by
// no request it is the administrator's, in the default region.
func RequestFrom(ctx context.Context) Request {
	if req, ok := ctx.Value(requestKey{}).(Request); ok {
		return req
	}
	return Request{Region: DefaultRegion, URL: "http://localhost:4566"}
}

// WithRequest returns a context that belongs to req.
func WithRequest(ctx context.Context, req Request) context.Context {
	return context.WithValue(ctx, requestKey{}, req)
}

func newRequest(r *http.Request, id string, s scope, p Principal) Request {
	req := Request{
		ID:          id,
		Principal:   p,
		Signed:      s.accessKey != "",
		Region:      s.region,
		URL:         "http://" + r.Host,
		TraceHeader: r.Header.Get("X-Amzn-Trace-Id"),
	}
	if r.TLS != nil {
		req.URL = "https://" + r.Host
	}
	if req.Region == "" {
		req.Region = DefaultRegion
	}
	return req
}
