package lesscdk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/plan"
)

// settings are what context says.
type settings struct {
	name   string
	deploy plan.DeployOptions
}

// readSettings reads what get finds. Numbers and lists may be written as text,
// which is all that -c can give.
func readSettings(get func(key string) any) (settings, error) {
	r := reader{get: get}
	s := settings{name: r.text("name"), deploy: plan.DeployOptions{
		Stage:   cmp.Or(r.text("stage"), "dev"),
		Gateway: plan.Gateway(r.text("api")), Layout: plan.Layout(r.text("stacks")), Alarms: plan.AlarmLevel(r.text("alarms")),
		Ops: r.text("opsTopic"), Origins: r.list("cors"), Shards: r.numbers("shards"),
		Tracing:      r.flag("tracing"),
		ThrottleRate: r.number("throttleRate"), ThrottleBurst: r.number("throttleBurst"),
		LogRetention: time.Duration(r.number("logRetention")) * 24 * time.Hour,
	}}
	return s, r.err
}

type reader struct {
	get func(key string) any
	err error
}

func (r *reader) wrong(key, want string, value any) {
	if r.err == nil {
		r.err = fmt.Errorf("cdk.json: %s is %v. Set it to %s", key, value, want)
	}
}

func (r *reader) text(key string) string {
	switch v := r.get(key).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		r.wrong(key, "a text", v)
		return ""
	}
}

func (r *reader) flag(key string) bool {
	switch v := r.get(key).(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		if b, err := strconv.ParseBool(v); err == nil {
			return b
		}
		r.wrong(key, "true or false", v)
	default:
		r.wrong(key, "true or false", v)
	}
	return false
}

func (r *reader) number(key string) int {
	n, ok := toNumber(r.get(key))
	if !ok {
		r.wrong(key, "a number above 0", r.get(key))
	}
	return n
}

func toNumber(v any) (int, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case float64:
		return int(v), v > 0 && v == float64(int(v))
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil && n > 0
	}
	return 0, false
}

func (r *reader) list(key string) []string {
	switch v := r.get(key).(type) {
	case nil:
		return nil
	case string:
		return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' })
	case []any:
		var out []string
		for _, one := range v {
			s, ok := one.(string)
			if !ok {
				r.wrong(key, "a list of texts", v)
				return nil
			}
			out = append(out, s)
		}
		return out
	default:
		r.wrong(key, "a list of texts", v)
		return nil
	}
}

// numbers reads {"topics/a": 8}, or topics/a=8,topics/b=8.
func (r *reader) numbers(key string) map[string]int {
	const want = `numbers by folder, {"topics/order_placed": 8}`
	out := map[string]int{}
	switch v := r.get(key).(type) {
	case nil:
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			n, ok := toNumber(v[name])
			if !ok {
				r.wrong(key, want, v)
			}
			out[name] = n
		}
	case string:
		for pair := range strings.SplitSeq(v, ",") {
			name, value, _ := strings.Cut(pair, "=")
			n, ok := toNumber(value)
			if !ok {
				r.wrong(key, want, v)
			}
			out[strings.TrimSpace(name)] = n
		}
	default:
		r.wrong(key, want, v)
	}
	return out
}
