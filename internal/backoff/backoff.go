// Package backoff paces what is tried again until it works.
package backoff

import (
	"context"
	"time"
)

// A Backoff is the pauses between attempts: Min at first, doubled each time up to
// Max. It is for one goroutine.
type Backoff struct {
	Min, Max time.Duration

	pause time.Duration
	told  string
}

// Next returns the pause before the next attempt.
func (b *Backoff) Next() time.Duration {
	b.pause = min(max(2*b.pause, b.Min), b.Max)
	return b.pause
}

// News says that err is not the one of the attempt before, and so worth telling.
func (b *Backoff) News(err error) bool {
	before := b.told
	b.told = err.Error()
	return b.told != before
}

// Reset notes an attempt that worked.
func (b *Backoff) Reset() { b.pause, b.told = 0, "" }

// Sleep waits for d, until woken is closed, or until ctx ends. A nil channel is
// never closed.
func Sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-woken:
	case <-ctx.Done():
	}
}
