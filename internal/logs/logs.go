// Package logs is how a function writes its log: a JSON object on one line for
// each thing that happened, written with a single call.
package logs

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/less-go/less/internal/event"
)

// EnvLevel is the variable in which Lambda passes on a function's log level.
const EnvLevel = "AWS_LAMBDA_LOG_LEVEL"

// NewHandler returns a handler that writes JSON lines to w, with the time as
// RFC 3339 in UTC with milliseconds. It leaves out what is below level.
func NewHandler(w io.Writer, level slog.Level) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: shortTime})
}

func shortTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		a.Value = slog.StringValue(a.Value.Time().UTC().Format(event.TimeFormat))
	}
	return a
}

// ParseLevel reads one of Lambda's six level names; anything else is INFO.
func ParseLevel(name string) slog.Level {
	switch name {
	case "TRACE":
		return slog.LevelDebug - 4
	case "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	case "FATAL":
		return slog.LevelError + 4
	}
	return slog.LevelInfo
}

type handlerKey struct{}

// With returns a context whose functions log to h instead of standard output.
func With(ctx context.Context, h slog.Handler) context.Context {
	return context.WithValue(ctx, handlerKey{}, h)
}

// From returns the handler of [With], or the one that writes to standard output.
func From(ctx context.Context) slog.Handler {
	if h, ok := ctx.Value(handlerKey{}).(slog.Handler); ok {
		return h
	}
	return standard()
}

var standard = sync.OnceValue(func() slog.Handler {
	return NewHandler(stdout{}, ParseLevel(os.Getenv(EnvLevel)))
})

// stdout looks os.Stdout up at each write, because examples replace it.
type stdout struct{}

func (stdout) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
