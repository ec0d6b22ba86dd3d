// Package schematest loads the code of tests the way the CLI loads an application.
package schematest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/schema"
	"github.com/less-go/less/internal/toolchain"
)

// Load loads the packages of the project in dir that match patterns, without a network.
func Load(t testing.TB, dir string, patterns ...string) []*packages.Package {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{
		Context:    t.Context(),
		Mode:       schema.LoadMode,
		Dir:        dir,
		BuildFlags: toolchain.Target{}.Flags(),
		Env:        append(toolchain.Target{}.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod"),
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// Write unpacks files below dir.
func Write(t testing.TB, dir string, files []txtar.File) {
	t.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// UseCheckout makes the module in dir depend on package less as it is in the
// repository, and on what that depends on.
func UseCheckout(t testing.TB, dir, repository string) {
	t.Helper()
	repository, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := module(t, repository), module(t, dir)
	for _, r := range ours.Require {
		theirs.AddNewRequire(r.Mod.Path, r.Mod.Version, true)
	}
	path := ours.Module.Mod.Path
	theirs.AddNewRequire(path, "v0.0.0", false)
	if err := theirs.AddGoStmt(ours.Go.Version); err != nil {
		t.Fatal(err)
	}
	if err := theirs.AddReplace(path, "", repository, ""); err != nil {
		t.Fatal(err)
	}
	content, err := theirs.Format()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	Write(t, dir, []txtar.File{{Name: "go.mod", Data: content}, {Name: "go.sum", Data: sums}})
}

func module(t testing.TB, dir string) *modfile.File {
	t.Helper()
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file
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
