package gen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/txtar"
)

// TestGeneratedCodeCompiles builds the application of every scenario together
// with its generated code, against package less as it is.
func TestGeneratedCodeCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the compiler")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command here")
	}
	for _, file := range scenarios(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, f := range archive.Files {
				if !isWanted(f) {
					writeFile(t, dir, f.Name, string(f.Data))
				}
			}
			for name, content := range generate(t, archive) {
				writeFile(t, dir, name, content)
			}
			useThisCheckout(t, dir)

			cmd := exec.CommandContext(t.Context(), goCommand, "vet", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("go vet: %v\n%s", err, out)
			}
		})
	}
}

// useThisCheckout makes the module in dir depend on package less in this
// repository, and on what that depends on.
func useThisCheckout(t *testing.T, dir string) {
	t.Helper()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := modfile.Parse("go.mod", []byte(readFile(t, repository, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := modfile.Parse("go.mod", []byte(readFile(t, dir, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := ours.Module.Mod.Path
	for _, r := range ours.Require {
		theirs.AddNewRequire(r.Mod.Path, r.Mod.Version, true)
	}
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
	writeFile(t, dir, "go.mod", string(content))
	writeFile(t, dir, "go.sum", readFile(t, repository, "go.sum"))
}

func writeFile(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
