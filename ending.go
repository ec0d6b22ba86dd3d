package less

import (
	"context"
	"log/slog"
	"time"

	"github.com/less-go/less/internal/logs"
)

// An outcome is how the attempt at a message, a request or a run has ended.
type outcome string

const (
	done      outcome = "done"
	discarded outcome = "discarded"
	failed    outcome = "failed"
)

// logEnd logs that what ctx belongs to has ended, which began then. It is the only
// sign of one that logs nothing itself.
func logEnd(ctx context.Context, level slog.Level, msg string, o outcome, began time.Time, args ...any) {
	ms := float64(time.Since(began).Microseconds()) / 1000
	Logger(ctx).Log(ctx, level, msg, append(args, logs.Outcome, string(o), logs.Duration, ms)...)
}
