package config

import (
	"strconv"
	"strings"
)

// The functions below read a value of YAML, of JSON, or of -c, where all is text.

func toText(v any) (string, bool) {
	s, ok := v.(string)
	return s, ok && s != ""
}

func toFlag(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		b, err := strconv.ParseBool(v)
		return b, err == nil
	}
	return false, false
}

// maxNumber keeps days within a time.Duration.
const maxNumber = 100_000

// toNumber wants one above 0.
func toNumber(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, v > 0 && v <= maxNumber
	case float64:
		return int(v), v > 0 && v <= maxNumber && v == float64(int(v))
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil && n > 0 && n <= maxNumber
	}
	return 0, false
}

// toList wants texts, or one with commas or spaces between them.
func toList(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' }), true
	case []any:
		out := make([]string, len(v))
		for i, one := range v {
			var ok bool
			if out[i], ok = toText(one); !ok {
				return nil, false
			}
		}
		return out, true
	}
	return nil, false
}

// toMap wants values by name, or a=1,b=2.
func toMap[T any](v any, value func(any) (T, bool)) (map[string]T, bool) {
	given := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		given = v
	case string:
		for pair := range strings.SplitSeq(v, ",") {
			name, text, _ := strings.Cut(pair, "=")
			given[strings.TrimSpace(name)] = text
		}
	default:
		return nil, false
	}
	out := make(map[string]T, len(given))
	for name, one := range given {
		read, ok := value(one)
		if !ok || name == "" {
			return nil, false
		}
		out[name] = read
	}
	return out, true
}
