package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestWatcherFollowsFilesAndFolders(t *testing.T) {
	dir := t.TempDir()
	makeDir := func(name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	makeDir("less/topics/paid")
	w, err := newWatcher(dir, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	// told writes a file until the watcher tells of it. Once may not do, for the
	// change may be told together with an earlier one.
	told := func(name string, code bool) {
		t.Helper()
		for {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-w.changed:
				if got == code {
					return
				}
			case <-time.After(2 * time.Minute):
				t.Fatalf("nothing is told of %s", name)
			}
		}
	}

	told("less/topics/paid/mail.html", false)
	told("less/topics/paid/process.go", true)
	told("less/topics/paid/mail.html", false)
	told("go.mod", true)

	makeDir("less/apis/orders/new")
	told("less/apis/orders/new/page.html", false)
	told("less/apis/orders/new/get.go", true)

	if err := os.Rename(filepath.Join(dir, "less/apis/orders"), filepath.Join(dir, "less/apis/renamed")); err != nil {
		t.Fatal(err)
	}
	told("less/apis/renamed/new/page.html", false)
	told("less/apis/renamed/new/get.go", true)
}

func TestWhatMatters(t *testing.T) {
	w := &watcher{dir: "/shop"}
	for name, want := range map[string]bool{
		"less/topics/paid/process.go":       true,
		"less/topics/paid/mail.html":        true,
		"less/topics/paid":                  true,
		"internal/money/money.go":           true,
		"go.mod":                            true,
		"go.sum":                            true,
		"main.go":                           true,
		"less.config":                       true,
		"run.log":                           false,
		"less/topics/paid/process_test.go":  false,
		"less/topics/paid/.process.go.swp":  false,
		"less/topics/paid/process.go~":      false,
		"less/topics/topics.gen.go":         false,
		"functions":                         false,
		"vendor":                            false,
		"node_modules":                      false,
		"web/node_modules":                  false,
		"less/topics/testdata":              false,
		".git":                              false,
		".less":                             false,
		"less/topics/paid/functions/log.go": true,
	} {
		if got := w.matters(fsnotify.Event{Name: "/shop/" + name, Op: fsnotify.Write}); got != want {
			t.Errorf("%s matters: %t, want %t", name, got, want)
		}
	}
	if !w.matters(fsnotify.Event{Name: "/shop/v1.2", Op: fsnotify.Create}) {
		t.Error("what may be a new folder does not matter")
	}
	if w.matters(fsnotify.Event{Name: "/shop/go.mod", Op: fsnotify.Chmod}) {
		t.Error("a change of permissions matters")
	}
	if w.ignored("/shop") || !w.ignored("/shop/functions") || w.ignored("/shop/less/functions") {
		t.Error("functions/ is ignored in the project's own folder, and only there")
	}
}
