package less_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/less-go/less"
)

func TestACronRunsWhatItsScheduleIsDueFor(t *testing.T) {
	var got less.Message
	f := less.CronFunction("crons/report", func(ctx context.Context) error {
		got = less.MessageFrom(ctx)
		return nil
	}, less.Cron{Memory: 256})
	if _, err := f.Invoke(t.Context(), []byte(`{"id":"e1","time":"2026-11-25T08:00:00Z","source":"aws.events"}`)); err != nil {
		t.Fatal(err)
	}
	if got.ID != "e1" || got.CorrelationID != "e1" || got.Time.Hour() != 8 {
		t.Errorf("the run knows %+v", got)
	}
	if _, err := f.Invoke(t.Context(), []byte(`by hand`)); err != nil || got.ID == "" || got.ID == "e1" {
		t.Errorf("a run by hand: %v, it knows %+v", err, got)
	}
	if settings, ok := f.Cron(); !ok || settings.Memory != 256 || f.Topic() != "" {
		t.Errorf("the function is %+v", settings)
	}
	if _, ok := f.Route(); ok {
		t.Error("a cron says that it is a route")
	}
}

func TestACronThatFailsOrPanicsFailsItsInvocation(t *testing.T) {
	failed := errors.New("no paper")
	f := less.CronFunction("crons/report", func(context.Context) error { return failed })
	if _, err := f.Invoke(t.Context(), nil); !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
	f = less.CronFunction("crons/report", func(context.Context) error { panic("no ink") })
	if _, err := f.Invoke(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no ink") {
		t.Errorf("the error is %v", err)
	}
}
