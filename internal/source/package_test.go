package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmbedPatterns(t *testing.T) {
	for args, want := range map[string][]string{
		"a.txt":                  {"a.txt"},
		" a.txt\tb/*.html  ":     {"a.txt", "b/*.html"},
		`"with space.txt" plain`: {"with space.txt", "plain"},
		"all:pages `all:raw/x`":  {"pages", "raw/x"},
		`"never ends`:            {`"never`, "ends"},
		"":                       nil,
	} {
		if diff := cmp.Diff(want, embedPatterns(args)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", args, diff)
		}
	}
}

func FuzzGoFile(f *testing.F) {
	f.Add([]byte("package a\n\nimport (\n\t\"fmt\"\n\tx \"example.com/x\"\n)\n\n//go:embed a \"b c\" all:d\nvar s string\n"))
	f.Add([]byte("package"))
	f.Add([]byte("package a\n\nimport \"\"\n"))
	f.Add([]byte("import \"\\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, imported := range importsOf(content) {
			if imported == "" {
				t.Error("imports nothing by name")
			}
		}
		for _, pattern := range embedPatterns(string(content)) {
			if pattern == "" {
				t.Error("an empty pattern")
			}
		}
	})
}
