package analysis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/projecttest"
)

const process = `package %s

import (
	"context"

	"example.com/shop/less/topics"
	"example.com/shop/less/topics/placed"
)

func Process(ctx context.Context, m placed.Message) error {
	return topics.%s.Publish(ctx, m)
}
`

func TestOnlyWhatHasChangedIsReadAgain(t *testing.T) {
	archive := &txtar.Archive{Files: []txtar.File{
		{Name: "less/topics/placed/charge/process.go", Data: fmt.Appendf(nil, process, "charge", "Paid")},
		{Name: "less/topics/placed/note/process.go", Data: fmt.Appendf(nil, process, "note", "Paid")},
	}}
	dir := project(t, archive)
	cache := t.TempDir()
	again := func() flow.Flow {
		t.Helper()
		f, err := read(t, dir, analysis.Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	topics := func(f flow.Flow) string {
		var out []string
		for _, fn := range f.Functions {
			out = append(out, fn.ID+" "+strings.Join(fn.Topics(), ","))
		}
		return strings.Join(out, "\n")
	}
	again()

	// What is kept is told apart from what is read by changing it.
	kept, err := filepath.Glob(filepath.Join(cache, "*.json"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("%d functions are kept (%v), want 2", len(kept), err)
	}
	for _, file := range kept {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(content), `"paid"`, `"kept"`)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := "topics/placed/charge kept\ntopics/placed/note kept"
	if diff := cmp.Diff(want, topics(again())); diff != "" {
		t.Errorf("without a change (-want +got):\n%s", diff)
	}

	projecttest.WriteFile(t, dir, "less/topics/placed/note/process.go", fmt.Appendf(nil, process, "note", "Failed"))
	want = "topics/placed/charge kept\ntopics/placed/note failed"
	if diff := cmp.Diff(want, topics(again())); diff != "" {
		t.Errorf("after a change of one (-want +got):\n%s", diff)
	}

	projecttest.WriteFile(t, dir, "less/shared/order/order.go", []byte("package order\n\ntype Order struct{ ID, Note string }\n"))
	want = "topics/placed/charge paid\ntopics/placed/note failed"
	if diff := cmp.Diff(want, topics(again())); diff != "" {
		t.Errorf("after a change of what all import (-want +got):\n%s", diff)
	}

	// A cache that is broken, or cannot be written, is not used.
	for _, file := range kept {
		if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cache = filepath.Join(dir, "go.mod", "no-folder")
	if diff := cmp.Diff(want, topics(again())); diff != "" {
		t.Errorf("without a cache (-want +got):\n%s", diff)
	}
}

// On a new machine nothing is compiled, and nothing has to be for an analysis.
func TestNothingIsCompiledForAnAnalysis(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/shared_package.txtar")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := section(archive, "want")
	dir, compiled := project(t, archive), t.TempDir()
	t.Setenv("GOCACHE", compiled)
	if diff := cmp.Diff(want, describe(read(t, dir, analysis.Options{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	err = filepath.WalkDir(compiled, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if strings.HasPrefix(string(content), "!<arch>") {
			t.Errorf("a package was compiled: %s", name)
			return filepath.SkipAll
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
