package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cron is the six fields of a cron expression.
type cron struct {
	minute, hour, month, year set
	day                       dayOfMonth
	weekday                   dayOfWeek
}

// A set are the values that a field allows.
type set map[int]bool

// A dayOfMonth is the third field.
type dayOfMonth struct {
	any  bool // ?
	days set
	last bool // L
	// lastWeekday is LW; nearest are the days d of dW.
	lastWeekday bool
	nearest     []int
}

// A dayOfWeek is the fifth field. 1 is Sunday, as in EventBridge.
type dayOfWeek struct {
	any  bool // ?
	days set
	last []int    // dL: the last such weekday of the month
	nth  [][2]int // d#n: the n-th of the month
}

var (
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// A field is one of the six, with its range.
type field struct {
	name     string
	min, max int
	words    []string // of the values from min on
}

// The last year is EventBridge's.
var (
	minutes     = field{"minutes", 0, 59, nil}
	hours       = field{"hours", 0, 23, nil}
	daysOfMonth = field{"day-of-month", 1, 31, nil}
	monthsField = field{"month", 1, 12, months}
	daysOfWeek  = field{"day-of-week", 1, 7, weekdays}
	years       = field{"year", 1970, 2199, nil}
)

const wayOut = "Write minutes, hours, day-of-month, month, day-of-week and year, as in cron(0 12 * * ? *)"

func parseCron(text string) (cron, error) {
	fields := strings.Fields(strings.ToUpper(text))
	if len(fields) != 6 {
		return cron{}, fmt.Errorf("it has %d fields, and EventBridge wants six. %s", len(fields), wayOut)
	}
	var c cron
	var err error
	for _, f := range []struct {
		field field
		text  string
		into  *set
	}{{minutes, fields[0], &c.minute}, {hours, fields[1], &c.hour}, {monthsField, fields[3], &c.month}, {years, fields[5], &c.year}} {
		if *f.into, err = f.field.parse(f.text); err != nil {
			return cron{}, err
		}
	}
	if c.day, err = parseDayOfMonth(fields[2]); err != nil {
		return cron{}, err
	}
	if c.weekday, err = parseDayOfWeek(fields[4]); err != nil {
		return cron{}, err
	}
	switch {
	case c.day.any && c.weekday.any:
		return cron{}, fmt.Errorf("day-of-month and day-of-week cannot both be ?. %s", wayOut)
	case !c.day.any && !c.weekday.any:
		return cron{}, fmt.Errorf("one of day-of-month and day-of-week has to be ?. %s", wayOut)
	}
	return c, nil
}

// parse reads lists, ranges and steps: "1,MON-FRI,*/15".
func (f field) parse(text string) (set, error) {
	out := set{}
	for part := range strings.SplitSeq(text, ",") {
		span, step := part, 1
		if s, by, found := strings.Cut(part, "/"); found {
			n, err := strconv.Atoi(by)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("%s: %q is not a step. Write */15", f.name, by)
			}
			span, step = s, n
		}
		from, to := f.min, f.max
		switch first, last, isRange := strings.Cut(span, "-"); {
		case span == "*":
		case isRange:
			var err error
			if from, err = f.value(first); err != nil {
				return nil, err
			}
			if to, err = f.value(last); err != nil {
				return nil, err
			}
		default:
			var err error
			if from, err = f.value(span); err != nil {
				return nil, err
			}
			if step == 1 && !strings.Contains(part, "/") {
				to = from
			}
		}
		if from > to {
			return nil, fmt.Errorf("%s: %q goes backwards", f.name, span)
		}
		for v := from; v <= to; v += step {
			out[v] = true
		}
	}
	return out, nil
}

func (f field) value(text string) (int, error) {
	if i := slices.Index(f.words, text); i >= 0 {
		return f.min + i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.min || n > f.max {
		return 0, fmt.Errorf("%s: %q is not from %d to %d", f.name, text, f.min, f.max)
	}
	return n, nil
}

func parseDayOfMonth(text string) (dayOfMonth, error) {
	var d dayOfMonth
	var plain []string
	for part := range strings.SplitSeq(text, ",") {
		day, nearest := strings.CutSuffix(part, "W")
		switch {
		case text == "?":
			d.any = true
			return d, nil
		case part == "L":
			d.last = true
		case part == "LW":
			d.lastWeekday = true
		case nearest:
			n, err := daysOfMonth.value(day)
			if err != nil {
				return d, err
			}
			d.nearest = append(d.nearest, n)
		default:
			plain = append(plain, part)
		}
	}
	if len(plain) == 0 {
		return d, nil
	}
	var err error
	d.days, err = daysOfMonth.parse(strings.Join(plain, ","))
	return d, err
}

func parseDayOfWeek(text string) (dayOfWeek, error) {
	var d dayOfWeek
	var plain []string
	for part := range strings.SplitSeq(text, ",") {
		day, last := strings.CutSuffix(part, "L")
		weekday, number, nth := strings.Cut(part, "#")
		switch {
		case text == "?":
			d.any = true
			return d, nil
		case part == "L": // the last day of the week
			plain = append(plain, "7")
		case last:
			n, err := daysOfWeek.value(day)
			if err != nil {
				return d, err
			}
			d.last = append(d.last, n)
		case nth:
			n, err := daysOfWeek.value(weekday)
			if err != nil {
				return d, err
			}
			i, err := strconv.Atoi(number)
			if err != nil || i < 1 || i > 5 {
				return d, fmt.Errorf("day-of-week: a month has no %q-th such day. Write 3#2 for the second Tuesday", number)
			}
			d.nth = append(d.nth, [2]int{n, i})
		default:
			plain = append(plain, part)
		}
	}
	if len(plain) == 0 {
		return d, nil
	}
	var err error
	d.days, err = daysOfWeek.parse(strings.Join(plain, ","))
	return d, err
}

// next is the first minute after t that c allows.
func (c cron) next(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Minute).Add(time.Minute)
	for t.Year() <= years.max {
		switch {
		case !c.year[t.Year()]:
			t = time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
		case !c.month[int(t.Month())]:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !c.onDay(t):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !c.hour[t.Hour()]:
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour()+1, 0, 0, 0, time.UTC)
		case !c.minute[t.Minute()]:
			t = t.Add(time.Minute)
		default:
			return t, true
		}
	}
	return time.Time{}, false
}

func (c cron) onDay(t time.Time) bool {
	if c.day.any {
		return c.weekday.on(t)
	}
	return c.day.on(t)
}

func (d dayOfMonth) on(t time.Time) bool {
	end := daysIn(t)
	switch {
	case d.days[t.Day()]:
		return true
	case d.last && t.Day() == end:
		return true
	case d.lastWeekday && t.Day() == weekdayNear(t, end):
		return true
	}
	return slices.ContainsFunc(d.nearest, func(day int) bool { return day <= end && t.Day() == weekdayNear(t, day) })
}

// weekdayNear is the day from Monday to Friday of t's month that is nearest to day.
func weekdayNear(t time.Time, day int) int {
	switch time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == daysIn(t) {
			return day - 2
		}
		return day + 1
	}
	return day
}

func (d dayOfWeek) on(t time.Time) bool {
	weekday := int(t.Weekday()) + 1
	if d.days[weekday] || slices.Contains(d.last, weekday) && t.Day()+7 > daysIn(t) {
		return true
	}
	return slices.Contains(d.nth, [2]int{weekday, (t.Day() + 6) / 7})
}

// daysIn is how many days t's month has.
func daysIn(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
