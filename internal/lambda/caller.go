package lambda

import (
	"cmp"
	"context"

	"github.com/google/uuid"
)

// What a caller may say of an invocation, besides the function and its payload.
type (
	traceKey         struct{}
	requestIDKey     struct{}
	clientContextKey struct{}
)

// WithTrace returns a context whose invocations carry the X-Ray trace header.
func WithTrace(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, traceKey{}, header)
}

// WithRequestID returns a context whose invocations have this id, and not one of
// their own. On AWS it is that of the request which invokes the function, and the
// attempts at one event share it.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// WithClientContext returns a context whose invocations tell the function this of
// the client, a JSON object on one line.
func WithClientContext(ctx context.Context, object string) context.Context {
	return context.WithValue(ctx, clientContextKey{}, object)
}

// RequestIDFrom returns the id of [WithRequestID], or "".
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// ClientContextFrom returns the object of [WithClientContext], or "".
func ClientContextFrom(ctx context.Context) string {
	object, _ := ctx.Value(clientContextKey{}).(string)
	return object
}

// newInvocation is one as ctx has it.
func newInvocation(ctx context.Context, payload []byte) *invocation {
	trace, _ := ctx.Value(traceKey{}).(string)
	return &invocation{
		id:            cmp.Or(RequestIDFrom(ctx), uuid.NewString()),
		nonce:         uuid.NewString(),
		trace:         trace,
		clientContext: ClientContextFrom(ctx),
		payload:       payload,
		done:          make(chan struct{}),
	}
}
