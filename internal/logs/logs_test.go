package logs_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/less-go/less/internal/logs"
)

func TestATimeIsShortAndUTC(t *testing.T) {
	var b bytes.Buffer
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))
	r := slog.NewRecord(at, slog.LevelInfo, "hello", 0)
	r.AddAttrs(slog.Group("g", slog.Time("time", at))) // a handler's own time stays as it is
	if err := logs.NewHandler(&b, slog.LevelInfo).Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-01-02T02:04:05.123Z","level":"INFO","msg":"hello","g":{"time":"2026-01-02T03:04:05.123456789+01:00"}}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}

func TestLambdasLevelsAreKnown(t *testing.T) {
	for name, want := range map[string]slog.Level{
		"TRACE": -8, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "ERROR": slog.LevelError, "FATAL": 12,
		"": slog.LevelInfo, "LOUD": slog.LevelInfo,
	} {
		if got := logs.ParseLevel(name); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
}
