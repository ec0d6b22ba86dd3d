package analysis_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
)

var update = flag.Bool("update", false, "write what the analysis finds into the scenarios")

// A scenario is a project in testdata: its comment says what it shows, want what
// the analysis makes of it. The shop has the topics placed, paid and failed, whose
// Message is an order, without saying so; its go.mod and its generated code are
// added too.
const shop = `
-- less/topics/placed/message.go --
package placed

import "example.com/shop/less/shared/order"

type Message = order.Order
-- less/topics/paid/message.go --
package paid

import "example.com/shop/less/shared/order"

type Message = order.Order
-- less/topics/failed/message.go --
package failed

import "example.com/shop/less/shared/order"

type Message = order.Order
-- less/shared/order/order.go --
// Package order is what all events carry.
package order

type Order struct {
	ID     string
	Amount int
	Status string
}
`

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := section(archive, "want")
			got := describe(read(t, project(t, archive), analysis.Options{}))
			if *update {
				setSection(archive, "want", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// read brings the generated code of the project in dir up to date and analyses it.
func read(t *testing.T, dir string, opts analysis.Options) (flow.Flow, error) {
	t.Helper()
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Files(a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gen.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	return analysis.Read(t.Context(), dir, a, opts)
}

// project writes the project of a scenario.
func project(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := projecttest.Write(t, txtar.Parse([]byte(shop)).Files)
	for _, f := range archive.Files {
		if f.Name != "want" {
			projecttest.WriteFile(t, dir, f.Name, f.Data)
		}
	}
	if _, found := section(archive, "go.mod"); !found {
		projecttest.WriteFile(t, dir, "go.mod", []byte("module example.com/shop\n"))
	}
	projecttest.UseCheckout(t, dir)
	return dir
}

func section(archive *txtar.Archive, name string) (string, bool) {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return "", false
	}
	return string(archive.Files[i].Data), true
}

func setSection(archive *txtar.Archive, name, content string) {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		i = len(archive.Files)
		archive.Files = append(archive.Files, txtar.File{Name: name})
	}
	archive.Files[i].Data = []byte(content)
}

// describe writes what was read for people.
func describe(f flow.Flow, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, fn := range f.Functions {
		fmt.Fprintf(&b, "%s\n", fn.ID)
		for _, p := range fn.Publishes {
			var steps []string
			for _, s := range p.Path {
				steps = append(steps, s.Function)
			}
			declared := ""
			if p.Declared {
				declared = " (declared)"
			}
			fmt.Fprintf(&b, "  publishes %s: %s, %s, by %s%s\n", p.Topic, p.Condition, p.Pos, strings.Join(steps, " > "), declared)
		}
		var outcomes []string
		for _, o := range fn.Outcomes {
			outcomes = append(outcomes, "["+strings.Join(o, " ")+"]")
		}
		fmt.Fprintf(&b, "  ends well with %s\n", strings.Join(outcomes, " or "))
		for _, a := range fn.Answers {
			fmt.Fprintf(&b, "  answers %d, %s\n", a.Status, a.Pos)
		}
		for _, f := range fn.Failures {
			fmt.Fprintf(&b, "  %s, %s\n", f.What, f.Pos)
		}
		for _, r := range fn.Refusals {
			fmt.Fprintf(&b, "  refused: %s\n", r)
		}
		for _, l := range fn.Findings {
			fmt.Fprintf(&b, "  found %s: %s: %s\n", l.Rule, l.Pos, l.Message)
		}
	}
	return b.String()
}
