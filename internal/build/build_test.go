package build_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/build"
)

// shop is a project with two programs, one of which uses a package of the project.
const shop = `
-- go.mod --
module example.com/shop

go 1.26
-- functions/a/main.go --
package main

import "example.com/shop/price"

func main() { println("a", price.Of) }
-- functions/b/main.go --
package main

func main() { println("b") }
-- price/price.go --
package price

const Of = 7
`

func TestOnlyWhatChangedIsBuiltAgain(t *testing.T) {
	b := project(t, shop)
	mains := []string{"functions/a", "functions/b"}

	first := mustBuild(t, b, mains)
	wantOutput(t, first["functions/a"], "a 7")
	wantOutput(t, first["functions/b"], "b")

	write(t, b.Dir, "price/price.go", "package price\n\nconst Of = 8\n")
	second := mustBuild(t, b, mains)
	wantOutput(t, second["functions/a"], "a 8")
	if second["functions/b"] != first["functions/b"] {
		t.Error("functions/b was built again, though nothing it is made of changed")
	}

	write(t, b.Dir, "price/price.go", "package price\n\nconst Of = 7\n")
	if third := mustBuild(t, b, mains); !maps.Equal(third, first) {
		t.Errorf("an edit taken back gives %v, want the programs of before: %v", third, first)
	}
}

func TestTheGoCommandIsNotCalledWhenNothingChanged(t *testing.T) {
	b := project(t, shop)
	calls := countGo(t)
	mains := []string{"functions/a", "functions/b"}

	first := mustBuild(t, b, mains)
	if n := calls(); n != 1 {
		t.Errorf("two programs took %d go commands, want 1", n)
	}
	if second := mustBuild(t, b, mains); !maps.Equal(first, second) {
		t.Errorf("got %v, want %v", second, first)
	}
	if n := calls(); n != 1 {
		t.Errorf("building again what exists took %d go commands, want none", n-1)
	}
}

func TestWhatIsNotCompiledDoesNotCount(t *testing.T) {
	b := project(t, shop)
	mains := []string{"functions/a"}
	first := mustBuild(t, b, mains)

	write(t, b.Dir, "price/price_test.go", "package price\n")
	write(t, b.Dir, "price/README.md", "How prices are made.\n")
	write(t, b.Dir, "price/_old.go", "package old\n")
	write(t, b.Dir, "functions/c/main.go", "package main\n")
	if second := mustBuild(t, b, mains); !maps.Equal(first, second) {
		t.Errorf("a test, a text and another program changed the key: %v, then %v", first, second)
	}

	for file, content := range map[string]string{
		"go.mod":                  "module example.com/shop\n\ngo 1.26 // changed\n",
		"go.sum":                  "example.com/x v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"price/more.go":           "package price\n\nconst More = 1\n",
		"functions/a/settings.go": "package main\n\nvar _ = 1\n",
	} {
		before := mustBuild(t, b, mains)
		write(t, b.Dir, file, content)
		if after := mustBuild(t, b, mains); maps.Equal(before, after) {
			t.Errorf("a change of %s built nothing", file)
		}
	}
}

func TestProgramsForAnotherSystemAreApart(t *testing.T) {
	b := project(t, shop)
	mains := []string{"functions/b"}
	here := mustBuild(t, b, mains)
	b.GOOS, b.GOARCH = "plan9", "386"
	if there := mustBuild(t, b, mains); maps.Equal(here, there) {
		t.Error("the program for another system is the one for this")
	}
}

func TestFoldersOfOneNameAreSeveralPrograms(t *testing.T) {
	files := "-- go.mod --\nmodule example.com/shop\n\ngo 1.26\n"
	var mains []string
	for _, main := range []string{"f/paid/notify", "f/placed/notify", "f/reversed/notify", "f/notify/v2", "f/v1", "f/bootstrap"} {
		mains = append(mains, main)
		files += "-- " + main + "/main.go --\npackage main\n\nfunc main() { println(\"" + main + "\") }\n"
	}
	built := mustBuild(t, project(t, files), mains)
	for _, main := range mains {
		wantOutput(t, built[main], main)
	}
}

func TestOutputDependsOnContentAlone(t *testing.T) {
	one, two := project(t, shop), project(t, shop)
	mains := []string{"functions/a", "functions/b"}
	a, b := mustBuild(t, one, mains), mustBuild(t, two, mains)
	for _, main := range mains {
		if key, other := filepath.Base(filepath.Dir(a[main])), filepath.Base(filepath.Dir(b[main])); key != other {
			t.Errorf("%s: keys differ between two checkouts: %s and %s", main, key, other)
		}
		if !slices.Equal(read(t, a[main]), read(t, b[main])) {
			t.Errorf("%s: programs differ between two checkouts", main)
		}
	}
}

func TestEmbeddedFilesCount(t *testing.T) {
	b := project(t, `
-- go.mod --
module example.com/shop

go 1.26
-- functions/a/main.go --
package main

import "embed"

//go:embed greeting.txt "with space.txt"
//go:embed all:pages
var files embed.FS

func main() {
	for _, name := range []string{"greeting.txt", "with space.txt", "pages/deep/_page.html"} {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		println(string(text))
	}
}
-- functions/a/greeting.txt --
ola
-- functions/a/with space.txt --
boas
-- functions/a/pages/deep/_page.html --
page
-- functions/a/unused.txt --
unused
`)
	mains := []string{"functions/a"}
	before := mustBuild(t, b, mains)
	write(t, b.Dir, "functions/a/unused.txt", "still unused")
	if after := mustBuild(t, b, mains); !maps.Equal(before, after) {
		t.Error("a file that is not embedded changed the key")
	}
	for _, name := range []string{"greeting.txt", "with space.txt", "pages/deep/_page.html"} {
		write(t, b.Dir, "functions/a/"+name, "changed: "+name)
		out := run(t, mustBuild(t, b, mains)["functions/a"])
		if !strings.Contains(out, "changed: "+name) {
			t.Errorf("the program embeds an old %s:\n%s", name, out)
		}
	}
}

func TestLocalModulesCount(t *testing.T) {
	const files = `
-- shop/go.mod --
module example.com/shop

go 1.26

require example.com/kit v0.0.0
-- shop/functions/a/main.go --
package main

import "example.com/kit/money"

func main() { println(money.Unit) }
-- kit/go.mod --
module example.com/kit

go 1.26
-- kit/money/money.go --
package money

const Unit = "escudo"
`
	for _, way := range []struct{ name, file, content string }{
		{"replaced", "shop/go.mod", "module example.com/shop\n\ngo 1.26\n\nrequire example.com/kit v0.0.0\n\nreplace example.com/kit => ../kit\n"},
		{"in a workspace", "go.work", "go 1.26\n\nuse (\n\t./shop\n\t./kit\n)\n"},
	} {
		t.Run(way.name, func(t *testing.T) {
			b := project(t, files)
			write(t, b.Dir, way.file, way.content)
			b.Dir = filepath.Join(b.Dir, "shop")
			mains := []string{"functions/a"}
			wantOutput(t, mustBuild(t, b, mains)["functions/a"], "escudo")
			write(t, b.Dir, "../kit/money/money.go", "package money\n\nconst Unit = \"euro\"\n")
			wantOutput(t, mustBuild(t, b, mains)["functions/a"], "euro")
		})
	}
}

func TestABrokenMainStopsNoOther(t *testing.T) {
	for _, broken := range []struct{ name, source, want string }{
		{"a type error", "package main\n\nfunc main() { undefined() }\n", "functions/broken/main.go:3:15: undefined: undefined"},
		{"an unfinished import", "package main\n\nimport \"fmt\n\nfunc main() {}\n", "functions/broken/main.go:3:8: string literal not terminated"},
		{"a module that is not required", "package main\n\nimport _ \"example.com/none\"\n\nfunc main() {}\n", "functions/broken/main.go:3:8: no required module provides package example.com/none; to add it:"},
		{"a folder that is missing", "package main\n\nimport _ \"example.com/shop/none\"\n\nfunc main() {}\n", "functions/broken/main.go:3:8: no required module provides package example.com/shop/none; to add it:"},
		{"no main function", "package main\n", "function main is undeclared in the main package"},
	} {
		t.Run(broken.name, func(t *testing.T) {
			b := project(t, shop)
			write(t, b.Dir, "functions/broken/main.go", broken.source)
			built, err := b.Build(t.Context(), []string{"functions/a", "functions/broken", "functions/b"}, nil)
			wantOutput(t, built["functions/a"], "a 7")
			wantOutput(t, built["functions/b"], "b")
			var failed *build.Error
			if !errors.As(err, &failed) {
				t.Fatalf("got error %v, want a *build.Error", err)
			}
			if diff := cmp.Diff([]string{"functions/broken"}, failed.Failures[0].Mains); diff != "" {
				t.Errorf("stopped mains (-want +got):\n%s", diff)
			}
			wantLine(t, err, broken.want)
		})
	}
}

func TestAMainThatDoesNotExist(t *testing.T) {
	b := project(t, shop)
	built, err := b.Build(t.Context(), []string{"functions/b", "functions/gone"}, nil)
	if err == nil || !strings.Contains(err.Error(), "functions/gone") {
		t.Errorf("got error %v, want one that names functions/gone", err)
	}
	if built["functions/gone"] != "" {
		t.Errorf("got a program for functions/gone: %v", built)
	}
}

func TestABrokenPackageIsReportedOnce(t *testing.T) {
	files := "-- go.mod --\nmodule example.com/shop\n\ngo 1.26\n-- price/price.go --\npackage price\n\nconst Of = none\n"
	var mains []string
	for _, main := range []string{"f/a/notify", "f/b/notify", "f/c/pay"} {
		mains = append(mains, main)
		files += "-- " + main + "/main.go --\npackage main\n\nimport \"example.com/shop/price\"\n\nfunc main() { println(price.Of) }\n"
	}
	b := project(t, files)
	calls := countGo(t)
	_, err := b.Build(t.Context(), mains, nil)
	want := "price/price.go:3:12: undefined: none\nnot built: f/a/notify, f/b/notify, f/c/pay"
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	if n := calls(); n != 1 {
		t.Errorf("took %d go commands, want 1: what is broken once need not be compiled twice", n)
	}
}

func TestCancellingLeavesNothingBehind(t *testing.T) {
	b := project(t, shop)
	neverCompiled(t, b)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stopped by a person")
	_, err := b.Build(ctx, []string{"functions/a", "functions/b"}, func(build.Progress) { cancel(stop) })
	if !errors.Is(err, stop) {
		t.Fatalf("got error %v, want %v", err, stop)
	}
	entries, err := os.ReadDir(b.Out)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
	mustBuild(t, b, []string{"functions/a"})
}

func TestProgressCountsFunctions(t *testing.T) {
	b := project(t, shop)
	neverCompiled(t, b)
	var seen []build.Progress
	if _, err := b.Build(t.Context(), []string{"functions/a", "functions/b"}, func(p build.Progress) { seen = append(seen, p) }); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(seen, func(p build.Progress) bool { return p.Package == "example.com/shop/price" })
	if i < 0 {
		t.Fatalf("the project's package is not in the progress: %v", seen)
	}
	last := seen[len(seen)-1]
	if last.Functions != 2 || last.Function == 0 || last.Packages != len(seen) {
		t.Errorf("got %+v at the end of %d reports", last, len(seen))
	}
}

func TestTwoBuildsAtOnce(t *testing.T) {
	b := project(t, shop)
	mains := []string{"functions/a", "functions/b"}
	var group errgroup.Group
	for range 2 {
		group.Go(func() error {
			_, err := b.Build(t.Context(), mains, nil)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	wantOutput(t, mustBuild(t, b, mains)["functions/a"], "a 7")
}

func TestWithoutTheGoCommand(t *testing.T) {
	b := project(t, shop)
	t.Setenv("PATH", t.TempDir())
	_, err := b.Build(t.Context(), []string{"functions/a"}, nil)
	if err == nil || !strings.Contains(err.Error(), "Install Go") {
		t.Errorf("got error %v, want the way out", err)
	}
}

// project unpacks files, in txtar format, to a new folder.
func project(t *testing.T, files string) *build.Builder {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(files)).Files {
		write(t, dir, f.Name, string(f.Data))
	}
	return &build.Builder{Dir: dir, Out: filepath.Join(t.TempDir(), "build")}
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// neverCompiled gives the shop a package that the compiler's cache cannot have.
func neverCompiled(t *testing.T, b *build.Builder) {
	t.Helper()
	write(t, b.Dir, "price/price.go", fmt.Sprintf("package price\n\nconst Of = %q\n", rand.Text()))
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func mustBuild(t *testing.T, b *build.Builder, mains []string) map[string]string {
	t.Helper()
	built, err := b.Build(t.Context(), mains, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(built) != len(mains) {
		t.Fatalf("built %v, want %v", built, mains)
	}
	return built
}

func run(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program).CombinedOutput()
	if err != nil {
		t.Fatalf("run %s: %v\n%s", program, err, out)
	}
	return strings.TrimSpace(string(out))
}

func wantOutput(t *testing.T, program, want string) {
	t.Helper()
	if got := run(t, program); got != want {
		t.Errorf("%s says %q, want %q", program, got, want)
	}
}

func wantLine(t *testing.T, err error, want string) {
	t.Helper()
	for line := range strings.Lines(err.Error()) {
		if strings.Contains(line, want) {
			return
		}
	}
	t.Errorf("got:\n%v\nwant a line with: %s", err, want)
}

// countGo puts a go command in front of the real one that notes its calls.
func countGo(t *testing.T) func() int {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the counting go command is a shell script")
	}
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	log := filepath.Join(root, "calls")
	write(t, root, "VERSION", "go test")
	write(t, root, "bin/go", "#!/bin/sh\necho call >>'"+log+"'\nexec '"+real+"' \"$@\"\n")
	if err := os.Chmod(filepath.Join(root, "bin", "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(root, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() int {
		calls, err := os.ReadFile(log)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Count(string(calls), "\n")
	}
}
