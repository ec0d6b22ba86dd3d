package less

import (
	"context"
	"log/slog"

	"github.com/less-go/less/internal/logs"
)

// Logger returns the logger of the message or request that ctx belongs to. It
// writes JSON lines to standard output, each with function, topic, message_id,
// attempt and correlation_id, or api_request_id in place of the message's, and
// request_id, which is the invocation's. It is cheap to call as often as there
// is something to log.
//
// In a served function slog.Default writes the same lines, with these fields
// where it is given the context: slog.InfoContext(ctx, "charged").
//
// The end of each message, request and run is logged so too, with its outcome and
// duration_ms: "message handled", "message failed", "request answered", "run done".
//
// Lines below the level in AWS_LAMBDA_LOG_LEVEL, which Lambda sets from the
// function's logging configuration, are left out; INFO is the default.
func Logger(ctx context.Context) *slog.Logger {
	if s := scopeFrom(ctx); s != nil {
		return s.logger()
	}
	return slog.New(logs.From(ctx))
}

// A scopeHandler adds what the context of a record belongs to. It is what
// slog.Default uses in a served function.
type scopeHandler struct {
	slog.Handler
	function string
}

func (h scopeHandler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	if s := scopeFrom(ctx); s != nil {
		r.AddAttrs(s.attrs()...)
	} else {
		r.AddAttrs(slog.String("function", h.function))
	}
	return h.Handler.Handle(ctx, r)
}

func (h scopeHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return scopeHandler{h.Handler.WithAttrs(attrs), h.function}
}

func (h scopeHandler) WithGroup(name string) slog.Handler {
	return scopeHandler{h.Handler.WithGroup(name), h.function}
}
