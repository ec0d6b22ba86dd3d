package less

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/less-go/less/internal/logs"
)

// A scope is what a context knows of the work it was made for: one message, or
// one request, of one invocation of one function.
type scope struct {
	function  string
	requestID string // of the invocation
	message   Message
	request   Request
	logger    func() *slog.Logger // made when first used: most work logs little
}

type scopeKey struct{}

func scopeFrom(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

func withScope(ctx context.Context, s *scope) context.Context {
	handler := logs.From(ctx)
	s.logger = sync.OnceValue(func() *slog.Logger { return slog.New(handler.WithAttrs(s.attrs())) })
	return context.WithValue(ctx, scopeKey{}, s)
}

// invocationID is Lambda's id of the invocation that ctx belongs to.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

func (s *scope) correlationID() string {
	return cmp.Or(s.message.CorrelationID, s.request.CorrelationID)
}

func (s *scope) traceParent() string {
	return cmp.Or(s.message.TraceParent, s.request.Header.Get("Traceparent"))
}

// attrs are on every line that is logged in s.
func (s *scope) attrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 6)
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	add("function", s.function)
	add("topic", s.message.Topic)
	add("message_id", s.message.ID)
	if s.message.Attempt > 0 {
		attrs = append(attrs, slog.Int("attempt", s.message.Attempt))
	}
	add("correlation_id", s.correlationID())
	add("request_id", s.requestID)
	add("api_request_id", s.request.ID)
	return attrs
}
