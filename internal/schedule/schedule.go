// Package schedule reads EventBridge's schedule expressions, rate(5 minutes) and
// cron(0 12 * * ? *), and tells when they are due. All times are UTC, as those of
// EventBridge's rules.
//
// The source of what is allowed is the EventBridge user guide, "Creating a rule
// that runs on a schedule".
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Schedule is a parsed expression.
type Schedule struct {
	text string
	// every is the rate; 0 for a cron expression.
	every time.Duration
	cron  cron
}

// String is the expression as it was written.
func (s Schedule) String() string { return s.text }

// units are those of a rate.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// Parse reads an expression. The error says what is wrong with it and how it is
// written.
func Parse(text string) (Schedule, error) {
	s := Schedule{text: text}
	inner, isRate := call(text, "rate")
	if isRate {
		var err error
		s.every, err = parseRate(inner)
		return s, wrap(text, err)
	}
	inner, isCron := call(text, "cron")
	if !isCron {
		return Schedule{}, fmt.Errorf("the schedule %q is none of EventBridge's. Write rate(5 minutes), or cron(0 12 * * ? *) for every day at 12:00 UTC", text)
	}
	var err error
	s.cron, err = parseCron(inner)
	return s, wrap(text, err)
}

func wrap(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the schedule %q cannot be read: %w", text, err)
}

// call takes the argument out of "name(argument)".
func call(text, name string) (argument string, found bool) {
	rest, found := strings.CutPrefix(text, name+"(")
	if !found {
		return "", false
	}
	return strings.CutSuffix(rest, ")")
}

func parseRate(text string) (time.Duration, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("%q is not a positive number. Write rate(5 minutes)", number)
	}
	one := strings.TrimSpace(unit)
	singular, plural := strings.CutSuffix(one, "s")
	length, known := units[singular]
	switch {
	case !known:
		return 0, fmt.Errorf("%q is no unit. Write minutes, hours or days", one)
	case n == 1 && plural:
		return 0, fmt.Errorf("one is singular for EventBridge. Write rate(1 %s)", singular)
	case n > 1 && !plural:
		return 0, fmt.Errorf("%d is plural for EventBridge. Write rate(%d %ss)", n, n, singular)
	}
	return time.Duration(n) * length, nil
}

// Next is the first time after t at which s is due; ok is false where there is
// none. A rate counts from since, when its rule came to be.
func (s Schedule) Next(since, t time.Time) (next time.Time, ok bool) {
	if s.every > 0 {
		elapsed := t.Sub(since)
		if elapsed < 0 {
			return since.Add(s.every), true
		}
		return since.Add((elapsed/s.every + 1) * s.every), true
	}
	return s.cron.next(t.UTC())
}
