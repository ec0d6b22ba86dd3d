package gen_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/gen"
)

const (
	mainA = "functions/topics/order_placed/a/main.go"
	mainB = "functions/topics/order_placed/b/main.go"
)

// generated is the content of a generated file.
func generated(what string) []byte { return []byte(gen.Header + "\n\npackage " + what + "\n") }

func TestWriteChangesOnlyWhatDiffers(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"less/topics/topics.gen.go": generated("topics"), mainA: generated("main"), mainB: generated("main")}

	wantChanged(t, dir, files, mainA, mainB, "less/topics/topics.gen.go")
	wantChanged(t, dir, files)
	wantTree(t, dir, mainA, mainB, "less/topics/topics.gen.go")

	files[mainB] = generated("other")
	wantChanged(t, dir, files, mainB)
	if got := readFile(t, dir, mainB); got != string(files[mainB]) {
		t.Errorf("%s is %q", mainB, got)
	}
}

func TestWriteRemovesFunctionsThatAreNoMore(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{
		"less/topics/topics.gen.go": generated("topics"), "functions/app.gen.go": generated("functions"), mainA: generated("main"), mainB: generated("main"),
	}
	wantChanged(t, dir, files, "functions/app.gen.go", mainA, mainB, "less/topics/topics.gen.go")
	writeFile(t, dir, "less/topics/order_placed/message.go", "package orderplaced\n")

	delete(files, mainB)
	wantChanged(t, dir, files, mainB)
	wantTree(t, dir, "functions/app.gen.go", mainA, "less/topics/order_placed/message.go", "less/topics/topics.gen.go")
	if _, err := os.Stat(filepath.Join(dir, "functions/topics/order_placed/b")); !os.IsNotExist(err) {
		t.Errorf("the empty folder is still there: %v", err)
	}

	wantChanged(t, dir, nil, "functions/app.gen.go", mainA, "less/topics/topics.gen.go")
	wantTree(t, dir, "less/topics/order_placed/message.go")
	if _, err := os.Stat(filepath.Join(dir, "functions")); !os.IsNotExist(err) {
		t.Errorf("the empty folder is still there: %v", err)
	}
}

func TestWriteKeepsWhatIsTheUsers(t *testing.T) {
	dir := t.TempDir()
	users := map[string]string{
		"functions/topics/order_placed/b/main.go":  "package main // mine\n",
		"functions/topics/order_placed/c/notes.md": "mine\n",
		"functions/app_test.go":                    gen.Header + "\n",
		"functions/README.md":                      gen.Header + "\n",
		"less/topics/names.gen.go":                 gen.Header + "\n",
		"less/topics/order_placed/main.go":         gen.Header + "\n",
		"cmd/main.go":                              gen.Header + "\n",
		"functions/quoted/main.go":                 "// This begins with\n" + gen.Header + "\n",
	}
	for name, content := range users {
		writeFile(t, dir, name, content)
	}
	writeFile(t, dir, "functions/topics/order_placed/c/main.go", gen.Header+"\n")

	wantChanged(t, dir, map[string][]byte{mainA: generated("main")}, mainA, "functions/topics/order_placed/c/main.go")
	for name, want := range users {
		if got := readFile(t, dir, name); got != want {
			t.Errorf("%s is now %q", name, got)
		}
	}
}

func TestWriteRefusesToOverwriteAndThenChangesNothing(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, mainA, "package main // mine\n")
	writeFile(t, dir, "less/topics/topics.gen.go/x.go", "package x\n")
	writeFile(t, dir, "functions/old/main.go", gen.Header+"\n")
	files := map[string][]byte{mainA: generated("main"), mainB: generated("main"), "less/topics/topics.gen.go": generated("topics")}

	want := mainA + ": a generated file belongs here, and this one was not made by less-cli gen. Move it elsewhere\n" +
		"less/topics/topics.gen.go: a generated file belongs here, and this is something else. Move it elsewhere"
	changed, err := gen.Write(dir, files)
	if err == nil || err.Error() != want || changed != nil {
		t.Errorf("changed %q\n got %v\nwant %s", changed, err, want)
	}
	if _, err := gen.Check(dir, files); err == nil || err.Error() != want {
		t.Errorf("Check:\n got %v\nwant %s", err, want)
	}
	wantTree(t, dir, "functions/old/main.go", mainA, "less/topics/topics.gen.go/x.go")
}

func TestWriteStaysInTheProject(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making a symbolic link takes a privilege on Windows")
	}
	outside, dir := t.TempDir(), t.TempDir()
	writeFile(t, outside, "main.go", gen.Header+"\n")
	for _, name := range []string{"functions/topics", "less"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{mainA, "less/topics/topics.gen.go", "../main.go", "/main.go"} {
		if changed, err := gen.Write(dir, map[string][]byte{name: generated("main")}); err == nil {
			t.Errorf("%s: changed %q", name, changed)
		}
	}
	wantTree(t, outside, "main.go")
}

func TestCheckIsWhatWriteWouldChange(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{mainA: generated("main"), mainB: generated("main")}
	writeFile(t, dir, mainA, string(files[mainA]))
	writeFile(t, dir, "functions/old/main.go", gen.Header+"\n")

	stale, err := gen.Check(dir, files)
	if diff := cmp.Diff([]string{"functions/old/main.go", mainB}, stale); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	wantTree(t, dir, "functions/old/main.go", mainA)
	wantChanged(t, dir, files, stale...)
	if stale, err := gen.Check(dir, files); len(stale) > 0 || err != nil {
		t.Errorf("after Write: %q, %v", stale, err)
	}
}

// TestLineEndsOfWindowsAreNoDifference has a file as git checks it out on Windows.
func TestLineEndsOfWindowsAreNoDifference(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{mainA: generated("main")}
	writeFile(t, dir, mainA, strings.ReplaceAll(string(files[mainA]), "\n", "\r\n"))
	wantChanged(t, dir, files)
}

func wantChanged(t *testing.T, dir string, files map[string][]byte, want ...string) {
	t.Helper()
	changed, err := gen.Write(dir, files)
	if err != nil || !slices.Equal(changed, want) {
		t.Fatalf("Write changed %q, %v, want %q", changed, err, want)
	}
}

// wantTree compares the files below dir, hidden ones too, so that nothing
// temporary is left over.
func wantTree(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, name)
		}
		return err
	})
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("files (%v) (-want +got):\n%s", err, diff)
	}
}
