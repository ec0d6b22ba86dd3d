// Package schematest loads the code of tests the way the CLI loads an application.
package schematest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/toolchain"
)

// Load loads the packages of the project in dir that match patterns, without a network.
func Load(t testing.TB, dir string, patterns ...string) []*packages.Package {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{
		Context: t.Context(),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir:        dir,
		BuildFlags: toolchain.Target{}.Flags(),
		Env:        append(toolchain.Target{}.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod"),
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// FlowOf is the flow that the file flow.json of a project says, for how it is found is
// tested elsewhere; without the file nobody publishes.
func FlowOf(t testing.TB, dir string) flow.Flow {
	t.Helper()
	var f flow.Flow
	data, err := os.ReadFile(filepath.Join(dir, "flow.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return f
	}
	if err := errors.Join(err, json.Unmarshal(data, &f.Functions)); err != nil {
		t.Fatal(err)
	}
	return f
}

// Scenarios calls run for every txtar file of testdata below the working
// directory, with its last file, which says what is wanted, apart. With update,
// what run returns is written there instead of compared.
func Scenarios(t *testing.T, update bool, compare func(want, got string) string, run func(*testing.T, []txtar.File) string) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			if !strings.HasPrefix(archive.Files[last].Name, "want") {
				t.Fatalf("the last file of %s is not called want", file)
			}
			got := run(t, slices.Clip(archive.Files[:last]))
			if update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := compare(string(archive.Files[last].Data), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", archive.Comment, diff)
			}
		})
	}
}
