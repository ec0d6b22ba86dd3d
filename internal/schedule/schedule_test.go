package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/schedule"
)

// due lists the first n times after from.
func due(t *testing.T, expression, from string, n int) string {
	t.Helper()
	s, err := schedule.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	const form = "2006-01-02 15:04"
	at, err := time.Parse(form, from)
	if err != nil {
		t.Fatal(err)
	}
	since := at
	var out []string
	for range n {
		var ok bool
		if at, ok = s.Next(since, at); !ok {
			out = append(out, "never")
			break
		}
		out = append(out, at.Format(form))
	}
	return strings.Join(out, ", ")
}

func TestWhenASchedulesIsDue(t *testing.T) {
	for _, tt := range []struct{ expression, from, want string }{
		{"rate(1 minute)", "2026-01-01 00:00", "2026-01-01 00:01, 2026-01-01 00:02"},
		{"rate(5 minutes)", "2026-01-01 00:03", "2026-01-01 00:08, 2026-01-01 00:13"},
		{"rate(1 hour)", "2026-01-01 23:30", "2026-01-02 00:30, 2026-01-02 01:30"},
		{"rate(7 days)", "2026-02-27 12:00", "2026-03-06 12:00, 2026-03-13 12:00"},
		{"cron(0 12 * * ? *)", "2026-01-01 12:00", "2026-01-02 12:00, 2026-01-03 12:00"},
		{"cron(15 10 ? * 6L 2026-2027)", "2026-01-01 00:00", "2026-01-30 10:15, 2026-02-27 10:15"},
		{"cron(0/15 8-9 * * ? *)", "2026-01-01 08:20", "2026-01-01 08:30, 2026-01-01 08:45, 2026-01-01 09:00"},
		{"cron(*/20 * * * ? *)", "2026-01-01 08:20", "2026-01-01 08:40, 2026-01-01 09:00"},
		{"cron(0 18 ? * MON-FRI *)", "2026-01-02 18:00", "2026-01-05 18:00, 2026-01-06 18:00"},
		{"cron(0 8 1 * ? *)", "2026-01-31 09:00", "2026-02-01 08:00, 2026-03-01 08:00"},
		{"cron(0 0 31 * ? *)", "2026-01-31 00:00", "2026-03-31 00:00, 2026-05-31 00:00"},
		{"cron(0 0 29 2 ? *)", "2026-01-01 00:00", "2028-02-29 00:00, 2032-02-29 00:00"},
		{"cron(0 0 L * ? *)", "2026-01-31 00:00", "2026-02-28 00:00, 2026-03-31 00:00"},
		{"cron(0 0 LW * ? *)", "2026-01-01 00:00", "2026-01-30 00:00, 2026-02-27 00:00"},
		{"cron(0 0 1W * ? *)", "2026-01-15 00:00", "2026-02-02 00:00, 2026-03-02 00:00"}, // the 1st is a Sunday
		{"cron(0 0 1W 8 ? *)", "2026-01-01 00:00", "2026-08-03 00:00"},                   // the 1st is a Saturday
		{"cron(0 0 31W * ? *)", "2026-05-01 00:00", "2026-05-29 00:00, 2026-07-31 00:00"},
		{"cron(0 9 ? * 2#1 *)", "2026-01-01 00:00", "2026-01-05 09:00, 2026-02-02 09:00"},
		{"cron(0 9 ? * 3#5 *)", "2026-01-01 00:00", "2026-03-31 09:00"},
		{"cron(0 9 ? jan,Jul sun *)", "2026-01-20 00:00", "2026-01-25 09:00, 2026-07-05 09:00"},
		{"cron(0 9 ? * L *)", "2026-01-01 00:00", "2026-01-03 09:00"}, // Saturday
		{"cron(0 0 1 1 ? 2020)", "2026-01-01 00:00", "never"},
		{"cron(59 23 31 12 ? 2199)", "2026-01-01 00:00", "2199-12-31 23:59, never"},
	} {
		n := strings.Count(tt.want, ",") + 1
		if diff := cmp.Diff(tt.want, due(t, tt.expression, tt.from, n)); diff != "" {
			t.Errorf("%s after %s (-want +got):\n%s", tt.expression, tt.from, diff)
		}
	}
}

func TestExpressionsThatMakeNoSense(t *testing.T) {
	for expression, want := range map[string]string{
		"":                           "none of EventBridge's",
		"0 12 * * *":                 "none of EventBridge's",
		"rate(5 minutes":             "none of EventBridge's",
		"at(2026-01-01T00:00:00)":    "none of EventBridge's",
		"rate(0 minutes)":            "not a positive number",
		"rate(-1 minutes)":           "not a positive number",
		"rate(five minutes)":         "not a positive number",
		"rate(1 minutes)":            "Write rate(1 minute)",
		"rate(5 minute)":             "Write rate(5 minutes)",
		"rate(5 seconds)":            "Write minutes, hours or days",
		"rate(5)":                    "is no unit",
		"cron(0 12 * * ?)":           "5 fields, and EventBridge wants six",
		"cron(0 12 * * * *)":         "one of day-of-month and day-of-week has to be ?",
		"cron(0 12 ? * ? *)":         "cannot both be ?",
		"cron(60 12 * * ? *)":        `minutes: "60" is not from 0 to 59`,
		"cron(0 24 * * ? *)":         `hours: "24" is not from 0 to 23`,
		"cron(0 12 0 * ? *)":         `day-of-month: "0" is not from 1 to 31`,
		"cron(0 12 * 13 ? *)":        `month: "13" is not from 1 to 12`,
		"cron(0 12 * FOO ? *)":       `month: "FOO" is not from 1 to 12`,
		"cron(0 12 ? * 8 *)":         `day-of-week: "8" is not from 1 to 7`,
		"cron(0 12 ? * 2#6 *)":       "a month has no",
		"cron(0 12 * * ? 1969)":      "year",
		"cron(*/0 12 * * ? *)":       "is not a step",
		"cron(10-5 12 * * ? *)":      "goes backwards",
		"cron(0 12 1, * ? *)":        "day-of-month",
		"cron(0 12 ? * MON-FRI-1 *)": "day-of-week",
	} {
		if _, err := schedule.Parse(expression); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want what says %q", expression, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"rate(5 minutes)", "cron(0/15 8-9 1W,L * ? *)", "cron(0 9 ? * 2#1,6L *)", "cron(0 0 29 2 ? 2199)"} {
		f.Add(seed)
	}
	start := time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schedule.Parse(text)
		if err != nil {
			return
		}
		if s.String() != text {
			t.Errorf("%q is told as %q", text, s)
		}
		next, ok := s.Next(start, start)
		if ok && !next.After(start) {
			t.Errorf("%q is due at %v, which is not after %v", text, next, start)
		}
	})
}
