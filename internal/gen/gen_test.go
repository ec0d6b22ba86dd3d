package gen_test

import (
	"flag"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/scan"
)

var update = flag.Bool("update", false, "write what is generated into testdata")

// TestScenarios generates the code of the application in each file of testdata
// and compares it with the files in the archive's folder "want".
func TestScenarios(t *testing.T) {
	for _, file := range scenarios(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := generate(t, archive)
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, isWanted)
				for _, name := range slices.Sorted(maps.Keys(got)) {
					archive.Files = append(archive.Files, txtar.File{Name: "want/" + name, Data: []byte(got[name])})
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := map[string]string{}
			for _, f := range archive.Files {
				if isWanted(f) {
					want[strings.TrimPrefix(f.Name, "want/")] = string(f.Data)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", archive.Comment, diff)
			}
		})
	}
}

func scenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	return files
}

func isWanted(f txtar.File) bool { return strings.HasPrefix(f.Name, "want/") }

// generate scans the project in an archive and returns its generated files.
func generate(t *testing.T, archive *txtar.Archive) map[string]string {
	t.Helper()
	project, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Files(scanned(t, project))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, content := range files {
		got[name] = string(content)
		if formatted, err := format.Source(content); err != nil || string(formatted) != string(content) {
			t.Errorf("%s is not as gofmt would have it (%v)", name, err)
		}
		if first, _, _ := strings.Cut(string(content), "\n"); first != gen.Header {
			t.Errorf("%s begins with %q", name, first)
		}
	}
	return got
}

func scanned(t *testing.T, project fs.FS) app.App {
	t.Helper()
	a, err := scan.Dir(project)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNothingButNamesReachesGeneratedCode(t *testing.T) {
	hostile := []string{
		"", " ", ".", "..", "../../etc", "/", "a/../b", "-x", "--flag", "a b", "a\nb", "a\r\nb", "\x00", "a\x00b",
		"\n*/import _ \"os\"\n/*", "*/", "/*", "//", "`", "\"", "'", "\\", "x\"); panic(\"", "`); panic(`",
		"$(x)", "${x}", "`x`", ";rm -rf /", "a;b", "a|b", "a&b", "<script>", "%s", "%!d(string=x)", "{{.}}", "{x}", "[x]",
		"\u2028", "\u202e", "\ufeff", "\xff\xfe", "é", "日本", "😀", "func", "package", "a.b", "a-", "_", "1", "a,b", "a=b", "a:b", "a#b", "a@b",
		"Process()\nfunc init() { panic(1) }\n//", "main\nimport \"os\"", "C:\\x", "con\x1b[31m", "~x",
	}
	if len(hostile) < 50 {
		t.Fatalf("only %d names", len(hostile))
	}
	// A sound application, and the places in it where a name can stand.
	sound := func() app.App {
		pkg := func(dir, name string) app.Package {
			return app.Package{Dir: dir, ImportPath: "example.com/shop/" + dir, Name: name}
		}
		return app.App{
			Module: "example.com/shop",
			APIs: []app.API{{Name: "orders", Routes: []app.Route{{
				API: "orders", Method: "GET", Path: "/", Func: "Get", Shape: app.HTTP, Package: pkg("less/apis/orders", "orders"),
			}}}},
			Topics: []app.Topic{{
				Name: "order_placed", GoName: "OrderPlaced", Package: pkg("less/topics/order_placed", "orderplaced"),
				Subscribers: []app.Subscriber{{Topic: "order_placed", Name: "notify", Package: pkg("less/topics/order_placed/notify", "notify")}},
			}},
		}
	}
	if _, err := gen.Files(sound()); err != nil {
		t.Fatal(err)
	}
	places := map[string]func(a *app.App, name string){
		"module": func(a *app.App, name string) { a.Module = "example.com/" + name },
		"api":    func(a *app.App, name string) { a.APIs[0].Name = name },
		"method": func(a *app.App, name string) { a.APIs[0].Routes[0].Method = name },
		"path":   func(a *app.App, name string) { a.APIs[0].Routes[0].Path = name },
		"shape":  func(a *app.App, name string) { a.APIs[0].Routes[0].Shape = app.Shape(name) },
		"func":   func(a *app.App, name string) { a.APIs[0].Routes[0].Func = name },
		"route folder": func(a *app.App, name string) {
			p := &a.APIs[0].Routes[0].Package
			p.Dir += "/" + name
			p.ImportPath = a.Module + "/" + p.Dir
		},
		"import path": func(a *app.App, name string) { a.APIs[0].Routes[0].Package.ImportPath += name },
		"topic": func(a *app.App, name string) {
			a.Topics[0].Name = name
			a.Topics[0].Subscribers[0].Topic = name
		},
		"go name":    func(a *app.App, name string) { a.Topics[0].GoName = name },
		"subscriber": func(a *app.App, name string) { a.Topics[0].Subscribers[0].Name = name },
		"clause":     func(a *app.App, name string) { a.Topics[0].Subscribers[0].Package.Name = name },
		"subscriber folder": func(a *app.App, name string) {
			p := &a.Topics[0].Subscribers[0].Package
			p.Dir += "/" + name
			p.ImportPath = a.Module + "/" + p.Dir
		},
	}
	// Where a hostile name is harmless in one place, it says nothing there.
	harmless := map[string][]string{
		"module":            {"func", "package", "a.b", "a-", "_", "1"},
		"path":              {"/"},
		"api":               {"func", "package"},
		"topic":             {"func", "package"},
		"subscriber":        {"func", "package"},
		"route folder":      {"func", "package", "a-"},
		"subscriber folder": {"func", "package", "a-"},
		"import path":       {""},
		"clause":            {"é", "日本"},
	}
	for place, put := range places {
		for _, name := range hostile {
			if slices.Contains(harmless[place], name) {
				continue
			}
			a := sound()
			put(&a, name)
			if files, err := gen.Files(a); err == nil {
				t.Errorf("%q as %s is accepted, and gives %q", name, place, slices.Sorted(maps.Keys(files)))
			}
		}
	}
}
