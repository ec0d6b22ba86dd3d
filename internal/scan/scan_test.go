package scan_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/scan"
)

var update = flag.Bool("update", false, "write what the scan says into testdata")

// TestScenarios scans the project in each file of testdata and compares what it
// finds, an application or problems, with the file's section "want".
func TestScenarios(t *testing.T) {
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
			project, want := unpack(archive)
			got := describe(scan.Dir(project))
			if *update {
				archive.Files[len(archive.Files)-1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", archive.Comment, diff)
			}
		})
	}
}

// unpack makes the project of an archive, and separates its last file, which
// says what the scan must find. "name/" is an empty folder and "name -> target"
// a symbolic link.
func unpack(archive *txtar.Archive) (project fstest.MapFS, want string) {
	project = fstest.MapFS{}
	for _, f := range archive.Files {
		link, target, isLink := strings.Cut(f.Name, " -> ")
		switch {
		case f.Name == "want":
			want = string(f.Data)
		case isLink:
			project[link] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte(target)}
		case strings.HasSuffix(f.Name, "/"):
			project[strings.TrimSuffix(f.Name, "/")] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		default:
			project[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return project, want
}

// describe prints what a scan found, one line for each thing.
func describe(a app.App, err error) string {
	if err != nil {
		if _, ok := errors.AsType[scan.Problems](err); !ok {
			return "not a list of problems: " + err.Error()
		}
		return err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintln(&b, "module", a.Module)
	for _, api := range a.APIs {
		fmt.Fprintln(&b, "api", api.Name)
		for _, r := range api.Routes {
			fmt.Fprintf(&b, "  %s %s = %s\n", r.Method, r.Path, r.ID())
			fmt.Fprintf(&b, "    %s.%s, %s, at %s%s\n", r.Package.Name, r.Func, r.Shape, r.Pos, settings(r.Settings))
			if r.Middleware {
				fmt.Fprintln(&b, "    with middleware")
			}
		}
	}
	for _, topic := range a.Topics {
		fmt.Fprintf(&b, "topic %s = topics.%s, carries %s.Message, at %s\n", topic.Name, topic.GoName, topic.Package.Name, topic.Pos)
		for _, s := range topic.Subscribers {
			fmt.Fprintf(&b, "  %s\n    %s.Process, at %s%s\n", s.ID(), s.Package.Name, s.Pos, settings(s.Settings))
		}
	}
	for _, topic := range a.External {
		fmt.Fprintf(&b, "external topic %s = %s, carries %s.Message, at %s\n", topic.Label(), topic.ID(), topic.Package.Name, topic.Pos)
		for _, s := range topic.Subscribers {
			fmt.Fprintf(&b, "  %s\n    %s.Process, at %s%s\n", s.ID(), s.Package.Name, s.Pos, settings(s.Settings))
		}
	}
	for _, c := range a.Crons {
		fmt.Fprintf(&b, "cron %s, due by %s\n    %s.Process, at %s%s\n", c.ID(), c.Schedule, c.Package.Name, c.Pos, settings(c.Settings))
	}
	return b.String()
}

func settings(s app.Settings) string {
	if !s.Declared {
		return ""
	}
	return fmt.Sprintf("\n    timeout %v, memory %d, receives %d, batch %d, concurrency %d",
		s.Timeout, s.Memory, s.MaxReceives, s.BatchSize, s.Concurrency)
}

func TestEveryProblemIsReportedOnceAndInOrder(t *testing.T) {
	project := fstest.MapFS{"go.mod": {Data: []byte("module example.com/shop\n")}}
	for line := range 12 {
		project[fmt.Sprintf("less/topics/t%d/message.go", line)] = &fstest.MapFile{Data: []byte("package t\n")}
	}
	project["less/topics/a/message.go"] = &fstest.MapFile{Data: []byte(
		"package a\n\ntype Message string\n" + strings.Repeat("\n", 96) + "func Process() {}\n")}
	project["less/topics/a/s/process.go"] = &fstest.MapFile{Data: []byte("package s\n\n\n\n\n\n\n\nfunc Process() {}\n\nvar Config = 1\n")}

	_, err := scan.Dir(project)
	var problems scan.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	var places []string
	for _, p := range problems {
		places = append(places, string(p.Pos))
	}
	want := []string{
		"less/topics/a/s/process.go:9", "less/topics/a/s/process.go:11",
		"less/topics/t0", "less/topics/t1", "less/topics/t10", "less/topics/t11", "less/topics/t2", "less/topics/t3",
		"less/topics/t4", "less/topics/t5", "less/topics/t6", "less/topics/t7", "less/topics/t8", "less/topics/t9",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	for _, p := range problems {
		if !strings.HasSuffix(p.Message, ".") && !strings.HasSuffix(p.Message, ")") && !strings.Contains(p.Message, "Write: ") {
			t.Errorf("%s: a problem ends in its way out", p)
		}
	}
}

// TestUnreadableFileIsAProblem has a file system that refuses one file, as one
// with wrong permissions does.
func TestUnreadableFileIsAProblem(t *testing.T) {
	_, err := scan.Dir(refusing{fstest.MapFS{
		"go.mod":                      {Data: []byte("module example.com/shop\n")},
		"less/topics/a/message.go":    {Data: []byte("package a\n\ntype Message string\n")},
		"less/topics/a/s/process.go":  {Data: []byte("package s\n")},
		"less/topics/b/message.go":    {Data: []byte("package b\n")},
		"less/apis/secret/get.go":     {Data: []byte("package secret\n")},
		"less/apis/secret/more/x.txt": {Data: []byte("\n")},
	}, []string{"less/topics/a/s/process.go", "less/apis/secret/more"}})
	want := `less/apis/secret/get.go: there is no Get. Write in get.go: func Get(ctx context.Context, req GetRequest) (Response, error)
less/apis/secret/more: it cannot be read: permission denied. Check its permissions.
less/topics/a/s/process.go: it cannot be read: permission denied. Check its permissions.
less/topics/b: the topic does not say what it carries. Declare type Message in less/topics/b/message.go.`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

type refusing struct {
	fs.FS
	names []string
}

func (r refusing) Open(name string) (fs.File, error) {
	if slices.Contains(r.names, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return r.FS.Open(name)
}

// BenchmarkDir scans 200 handlers.
func BenchmarkDir(b *testing.B) {
	dir := b.TempDir()
	write := func(name, content string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	write("go.mod", "module example.com/shop\n")
	body := strings.Repeat("\tif err := ctx.Err(); err != nil {\n\t\treturn err\n\t}\n", 15)
	for i := range 50 {
		write(fmt.Sprintf("less/topics/topic_%d/message.go", i), fmt.Sprintf("package topic%d\n\ntype Message struct{ ID string }\n", i))
		for j := range 4 {
			write(fmt.Sprintf("less/topics/topic_%d/subscriber_%d/process.go", i, j), fmt.Sprintf(
				"package subscriber%d\n\nimport (\n\t\"context\"\n\n\t\"example.com/shop/less/topics/topic_%d\"\n)\n\n"+
					"func Process(ctx context.Context, m topic%d.Message) error {\n%s\treturn nil\n}\n", j, i, i, body))
		}
	}
	for b.Loop() {
		if _, err := scan.Dir(os.DirFS(dir)); err != nil {
			b.Fatal(err)
		}
	}
}
