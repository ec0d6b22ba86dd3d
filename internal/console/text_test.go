package console

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b[31mred\x1b[0m", "\x1b[3\x1b[0m1m", "\u009b2J\x7f\r\n", "\xff\xfe", "\u202egnp.exe", "\ufffd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clean(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q reaches the terminal with %q", text, r)
			}
		}
		if clean(got) != got {
			t.Errorf("%q is not clean the first time", text)
		}
	})
}

func FuzzParseLog(f *testing.F) {
	f.Add(`{"level":"INFO","msg":"hello","n":1,"o":{"a":[1,2]},"s":"x y"}`)
	f.Add(`{"msg":`)
	f.Add(`{"msg":"a"} trailing`)
	f.Add(`{"msg":"a",}`)
	f.Fuzz(func(t *testing.T, line string) {
		var fields map[string]any
		err := json.Unmarshal([]byte(line), &fields)
		_, hasMessage := fields["msg"]
		want := err == nil && hasMessage && strings.HasPrefix(line, "{")
		if _, ok := parseLog(line); ok != want {
			t.Errorf("%q is taken for a line of the log: %t, want %t", line, ok, want)
		}
	})
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                       "0.0 ms",
		1234 * time.Microsecond: "1.2 ms",
		12 * time.Millisecond:   "12 ms",
		5 * time.Second:         "5 s",
		2500 * time.Millisecond: "2.5 s",
		30 * time.Second:        "30 s",
		3 * time.Minute:         "3m0s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d ns: got %q, want %q", d, got, want)
		}
	}
}

func TestCutKeepsWholeCharacters(t *testing.T) {
	text := strings.Repeat("ñ", 10<<10)
	got := cut("x" + text)
	if !utf8.ValidString(got) || len(got) > 9<<10 || !strings.HasSuffix(got, " bytes more)") {
		t.Errorf("got %d bytes ending in %q", len(got), got[len(got)-30:])
	}
}
