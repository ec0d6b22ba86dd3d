package lambda

import (
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

// newInvocation is one as ctx has it.
func newInvocation(ctx context.Context, payload []byte) *invocation {
	inv := &invocation{nonce: uuid.NewString(), payload: payload, done: make(chan struct{})}
	inv.trace, _ = ctx.Value(traceKey{}).(string)
	inv.clientContext, _ = ctx.Value(clientContextKey{}).(string)
	if inv.id, _ = ctx.Value(requestIDKey{}).(string); inv.id == "" {
		inv.id = uuid.NewString()
	}
	return inv
}
