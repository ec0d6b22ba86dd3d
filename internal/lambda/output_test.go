package lambda

import (
	"strings"
	"testing"
)

func TestSyncEmitsWhatWasWrittenBefore(t *testing.T) {
	var lines []string
	o, w, err := newOutput(func(_, line string) { lines = append(lines, line) })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, text := range []string{
		"a\n", "b", "", "\n", "c\n\nd",
		strings.Repeat("x", MaxLine-1), strings.Repeat("y", MaxLine), strings.Repeat("z", MaxLine+1),
	} {
		lines = nil
		w.WriteString(text)
		o.sync()
		got := strings.Join(lines, "\n")
		want := strings.TrimSuffix(text, "\n")
		if len(text) > MaxLine {
			want = text[:MaxLine] + "\n" + text[MaxLine:]
		}
		if got != want {
			t.Errorf("wrote %d bytes, got %d in %d lines", len(text), len(got), len(lines))
		}
	}
	o.close()
	o.close() // of an output that is closed does nothing
}
