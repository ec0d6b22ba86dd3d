package cli_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cli"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

func TestTheReferenceIsCurrent(t *testing.T) {
	const name = "../../docs/cli.md"
	got := cli.Reference()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is old: go test ./internal/cli -run Reference -update (-file +help):\n%s", name, diff)
	}
}

// Every example of the reference is a command line that the command takes: with
// --help behind it, it is read as a whole and answered with the help.
func TestExamplesAreTaken(t *testing.T) {
	examples := 0
	for line := range strings.Lines(cli.Reference()) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "   #")
		if !strings.HasPrefix(line, "less-cli ") || strings.Contains(line, "[") || strings.Contains(line, "<") {
			continue // a line of usage
		}
		for _, end := range []string{" | ", " > "} {
			line, _, _ = strings.Cut(line, end)
		}
		examples++
		var out, stderr bytes.Buffer
		args := words(line)[1:]
		own := len(args) // what comes behind "--" is another program's
		if i := slices.Index(args, "--"); i >= 0 {
			own = i
		}
		code := cli.Main(context.Background(), slices.Insert(args, own, "--help"), cli.Env{
			In: strings.NewReader(""), Out: &out, Err: &stderr, Getenv: func(string) string { return "" }, Dir: t.TempDir(),
		})
		if code != 0 || !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%s: exit code %d\n%s", line, code, stderr.String())
		}
	}
	if examples < 15 {
		t.Errorf("%d examples were found, want all", examples)
	}
}

// words splits a command line as a shell does, as far as examples need it.
func words(line string) []string {
	var out []string
	word, quoted := "", false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted = !quoted
		case r == ' ' && !quoted:
			out = append(out, word)
			word = ""
		default:
			word += string(r)
		}
	}
	return append(out, word)
}

func TestShellsAreOfferedNames(t *testing.T) {
	p := newProject(t)
	complete := func(args ...string) []string {
		var out bytes.Buffer
		env := cli.Env{In: strings.NewReader(""), Out: &out, Err: &bytes.Buffer{}, Getenv: func(string) string { return "" }, Dir: p.dir}
		if code := cli.Main(context.Background(), append([]string{"__complete"}, args...), env); code != 0 {
			t.Errorf("%v: exit code %d", args, code)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		return lines[:len(lines)-1] // the last is for the shell
	}
	for _, tt := range []struct {
		args, want []string
	}{
		{[]string{"paths", "o"}, []string{"order_placed"}},
		{[]string{"paths", ""}, []string{"POST /orders", "order_placed"}},
		{[]string{"why", "topics/"}, []string{charge}},
		{[]string{"why", charge, ""}, []string{"order_placed"}},
		{[]string{"iam", "apis"}, []string{postOrders}},
		{[]string{"export", "openapi", ""}, []string{"orders"}},
		{[]string{"graph", "--format", "s"}, []string{"svg"}},
		{[]string{"create", "route", "--verb", "p"}, []string{"post", "put", "patch"}},
	} {
		if diff := cmp.Diff(tt.want, complete(tt.args...)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}
