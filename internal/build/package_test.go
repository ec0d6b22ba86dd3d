package build_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
)

// lambda makes b build for where functions are deployed.
func lambda(b *build.Builder) *build.Builder {
	b.GOOS, b.GOARCH = "linux", "arm64"
	return b
}

func mustPackage(t testing.TB, b *build.Builder, mains []string) map[string]build.Asset {
	t.Helper()
	assets, err := b.Package(t.Context(), mains, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(assets) != len(mains) {
		t.Fatalf("packaged %v, want %v", assets, mains)
	}
	return assets
}

func sum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func hashes(assets map[string]build.Asset) map[string]string {
	out := map[string]string{}
	for main, a := range assets {
		out[main] = a.Hash
	}
	return out
}

func TestAPackageIsAZipOfOneExecutable(t *testing.T) {
	b := lambda(project(t, shop))
	asset := mustPackage(t, b, []string{"functions/a"})["functions/a"]

	content := read(t, asset.Path)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 {
		t.Fatalf("%d files in the zip, want 1", len(z.File))
	}
	f := z.File[0]
	if f.Name != "bootstrap" || f.Mode() != 0o755 || !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the zip has %s, mode %v, of %v", f.Name, f.Mode(), f.Modified)
	}
	if asset.Size != int64(len(content)) || asset.Unzipped != int64(f.UncompressedSize64) || asset.Size > asset.Unzipped/2 {
		t.Errorf("%+v does not fit a zip of %d bytes with a program of %d", asset, len(content), f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	program, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	e, err := elf.NewFile(bytes.NewReader(program))
	if err != nil || e.Machine != elf.EM_AARCH64 {
		t.Fatalf("not a program for arm64: %v", err)
	}

	// It is the program that was built, but for the build ids.
	built := mustBuild(t, b, []string{"functions/a"})["functions/a"]
	original := read(t, built)
	notes := map[string]bool{}
	for _, name := range []string{".note.go.buildid", ".note.gnu.build-id"} {
		s := e.Section(name)
		if s == nil {
			t.Fatalf("there is no %s", name)
		}
		from, to := s.Offset, s.Offset+s.FileSize
		if !bytes.Equal(program[from:from+16], original[from:from+16]) {
			t.Errorf("the note %s has another header: %x", name, program[from:from+16])
		}
		notes[string(program[from+16:to])] = true
		clear(program[from:to])
		clear(original[from:to])
	}
	if !bytes.Equal(program, original) {
		t.Error("the program differs in more than its build ids")
	}
	for note := range notes {
		if strings.Trim(note, "\x00") == "" {
			t.Error("a build id is empty, so that no tool can tell programs apart")
		}
	}
}

func TestPackagesDependOnContentAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the runtime twice")
	}
	mains := []string{"functions/a", "functions/b"}
	one, two := lambda(project(t, shop)), lambda(project(t, shop))
	a := mustPackage(t, one, mains)
	t.Setenv("GOCACHE", t.TempDir())
	b := mustPackage(t, two, mains)
	for _, main := range mains {
		if !bytes.Equal(read(t, a[main].Path), read(t, b[main].Path)) {
			t.Errorf("%s: the zips of two folders and two caches differ", main)
		}
	}
}

func TestACommentDeploysNothing(t *testing.T) {
	b := lambda(project(t, shop))
	mains := []string{"functions/a"}
	before := mustPackage(t, b, mains)
	write(t, b.Dir, "price/price.go", "package price\n\nconst Of = 7\n\n// It has been 7 for years.\n")
	after := mustPackage(t, b, mains)
	if diff := cmp.Diff(hashes(before), hashes(after)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if before["functions/a"].Path == after["functions/a"].Path {
		t.Error("nothing was built, so nothing was tested")
	}
}

func TestWhatChangedIsPackagedAgain(t *testing.T) {
	b := lambda(project(t, shop))
	mains := []string{"functions/a", "functions/b"}
	before := mustPackage(t, b, mains)
	write(t, b.Dir, "price/price.go", "package price\n\nconst Of = 8\n")
	after := mustPackage(t, b, mains)
	if before["functions/a"].Hash == after["functions/a"].Hash {
		t.Error("functions/a has the package of before")
	}
	if before["functions/b"] != after["functions/b"] {
		t.Error("functions/b was packaged again")
	}
}

func TestDamagedPackagesAreMadeAgain(t *testing.T) {
	mains := []string{"functions/a", "functions/b"}
	truncate := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Truncate(path, 1000); err != nil {
			t.Fatal(err)
		}
	}
	flip := func(t *testing.T, path string) {
		t.Helper()
		content := read(t, path)
		content[len(content)/2] ^= 1
		if err := os.WriteFile(path, content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, zip, program string)
	}{
		{"a short zip", func(t *testing.T, zip, _ string) { truncate(t, zip) }},
		{"another bit in the zip", func(t *testing.T, zip, _ string) { flip(t, zip) }},
		{"an empty zip", func(t *testing.T, zip, _ string) { write(t, filepath.Dir(zip), filepath.Base(zip), "") }},
		{"a zip that is gone", func(t *testing.T, zip, _ string) { remove(t, zip) }},
		{"a program that is gone", func(t *testing.T, _, program string) { remove(t, program) }},
		{"a short program and no zip", func(t *testing.T, zip, program string) { remove(t, zip); truncate(t, program) }},
		{"another bit in the program and no zip", func(t *testing.T, zip, program string) { remove(t, zip); flip(t, program) }},
		{"no sum and no zip", func(t *testing.T, zip, program string) { remove(t, zip); remove(t, program+".sha256") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := lambda(project(t, shop))
			want := mustPackage(t, b, mains)
			zip := want["functions/a"].Path
			tt.damage(t, zip, filepath.Join(filepath.Dir(zip), build.Binary))
			got := mustPackage(t, b, mains)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.TrimSuffix(filepath.Base(zip), ".zip") != sum(read(t, zip)) {
				t.Error("the zip is damaged still")
			}
		})
	}
}

func TestPackagesNeedNoWritableFolderOnceMade(t *testing.T) {
	b := lambda(project(t, shop))
	mains := []string{"functions/a", "functions/b"}
	want := mustPackage(t, b, mains)
	for _, asset := range want { // which does not bind root
		for _, folder := range []string{filepath.Dir(asset.Path), b.Out} {
			if err := os.Chmod(folder, 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(folder, 0o700) })
		}
	}
	if diff := cmp.Diff(want, mustPackage(t, b, mains)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	b := lambda(project(t, shop))
	write(t, filepath.Dir(b.Out), "file", "")
	b.Out = filepath.Join(filepath.Dir(b.Out), "file", "build")
	_, err := b.Package(t.Context(), []string{"functions/b"}, nil)
	if err == nil || !strings.Contains(err.Error(), b.Out) && !strings.Contains(err.Error(), filepath.Dir(b.Out)) {
		t.Errorf("got error %v, want one that names %s", err, b.Out)
	}
}

func TestOnlyLinuxIsPackaged(t *testing.T) {
	b := project(t, shop)
	b.GOOS, b.GOARCH = "windows", "amd64"
	_, err := b.Package(t.Context(), []string{"functions/b"}, nil)
	if err == nil || !strings.Contains(err.Error(), "package functions/b: it is no program for Linux, which is what Lambda runs. Build with GOOS=linux") {
		t.Errorf("got error %v", err)
	}
}

func TestABrokenMainPackagesNothing(t *testing.T) {
	b := lambda(project(t, shop))
	write(t, b.Dir, "functions/a/main.go", "package main\n\nfunc main() { undefined() }\n")
	assets, err := b.Package(t.Context(), []string{"functions/a", "functions/b"}, nil)
	var failed *build.Error
	if !errors.As(err, &failed) || assets != nil {
		t.Errorf("got %v and error %v, want a *build.Error", assets, err)
	}
}

func TestPruneKeepsPackagesInUse(t *testing.T) {
	b := lambda(project(t, shop))
	mains := []string{"functions/a"}
	asset := mustPackage(t, b, mains)["functions/a"]
	for i := range 40 {
		write(t, b.Out, fmt.Sprintf("other%d/%s", i, build.Binary), "")
	}
	if err := b.Prune([]string{asset.Path}); err != nil {
		t.Fatal(err)
	}
	read(t, asset.Path)
	if err := b.Prune(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(asset.Path); err == nil {
		t.Error("an old package, of a program that is not in use, is kept beside 32 newer ones")
	}
}

// food is the application of this repository as a project of its own, so that a
// test can change it.
func food(tb testing.TB) (b *build.Builder, mains []string) {
	tb.Helper()
	const module = "example.com/food"
	dir := tb.TempDir()
	root := filepath.Join(projecttest.Checkout(), "less")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(filepath.Dir(root), path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content = bytes.ReplaceAll(content, []byte(`"github.com/less-go/less/less/`), []byte(`"`+module+`/less/`))
		projecttest.WriteFile(tb, dir, filepath.ToSlash(name), content)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	projecttest.WriteFile(tb, dir, "go.mod", []byte("module "+module+"\n"))
	projecttest.UseCheckout(tb, dir)
	b = lambda(&build.Builder{Dir: dir, Out: filepath.Join(tb.TempDir(), "build")})
	return b, generate(tb, dir)
}

// generate brings the generated code up to date, and returns the mains.
func generate(tb testing.TB, dir string) []string {
	tb.Helper()
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		tb.Fatal(err)
	}
	files, err := gen.Files(a)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := gen.Write(dir, files); err != nil {
		tb.Fatal(err)
	}
	var mains []string
	for name := range files {
		if main, found := strings.CutSuffix(name, "/main.go"); found {
			mains = append(mains, main)
		}
	}
	slices.Sort(mains)
	return mains
}

// newTopic is a topic with a subscriber; its message has names of fields and
// methods, and its subscriber packages, that the other programs have too.
const newTopic = `
-- less/topics/a_first_topic/message.go --
package afirsttopic

import "time"

type Message struct {
	N    int
	F    func() time.Time ` + "`json:\"-\"`" + `
	Addr map[string]Name
}

type Name struct{ Conn, Do, Header string }

func (Name) Write(p []byte) (int, error) { return len(p), nil }
-- less/topics/a_first_topic/audit/process.go --
package audit

import (
	"context"
	"fmt"

	afirsttopic "example.com/food/less/topics/a_first_topic"
)

func Process(ctx context.Context, m afirsttopic.Message) error {
	_, err := fmt.Println(m)
	return err
}
`

func TestATopicAndAHandlerMoreChangeNoOtherPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("links the application twice")
	}
	b, mains := food(t)
	if len(mains) != 13 {
		t.Fatalf("%d mains, want 13", len(mains))
	}
	before := mustPackage(t, b, mains)

	for _, f := range txtar.Parse([]byte(newTopic)).Files {
		write(t, b.Dir, f.Name, string(f.Data))
	}
	write(t, b.Dir, "less/topics/order_placed/a_new_subscriber/process.go", `package anewsubscriber

import (
	"context"

	"example.com/food/less/topics"
	afirsttopic "example.com/food/less/topics/a_first_topic"
	orderplaced "example.com/food/less/topics/order_placed"
)

func Process(ctx context.Context, m orderplaced.Message) error {
	return topics.AFirstTopic.Publish(ctx, afirsttopic.Message{N: len(m.ID)})
}
`)
	more := generate(t, b.Dir)
	if len(more) != 15 {
		t.Fatalf("%d mains, want 15", len(more))
	}
	after := mustPackage(t, b, more)
	kept := maps.Clone(after)
	maps.DeleteFunc(kept, func(main string, _ build.Asset) bool { _, found := before[main]; return !found })
	if diff := cmp.Diff(before, kept); diff != "" {
		t.Errorf("packages of before changed, or were made again (-before +after):\n%s", diff)
	}

	// Nor would they if nothing had been built yet.
	b.Out = filepath.Join(t.TempDir(), "build")
	if diff := cmp.Diff(hashes(after), hashes(mustPackage(t, b, more))); diff != "" {
		t.Errorf("packages depend on what was built before (-before +after):\n%s", diff)
	}
}
