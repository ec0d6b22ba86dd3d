package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/less-go/less/internal/config"
)

// A watcher follows a project's folders and tells when something in them has
// changed that could change what is served.
type watcher struct {
	// changed has a value when there was a change since it was last received from:
	// true when it was in code, false when only in other files, which may or may not
	// be embedded in a program.
	changed chan bool

	dir      string
	fs       *fsnotify.Watcher
	complain func(error)
	finished chan struct{}
}

// newWatcher follows dir until close. What goes wrong meanwhile is told to complain.
func newWatcher(dir string, complain func(error)) (*watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w := &watcher{
		changed: make(chan bool, 1), dir: dir,
		fs: events, complain: complain, finished: make(chan struct{}),
	}
	if err := w.add(); err != nil {
		events.Close()
		return nil, err
	}
	go w.follow()
	return w, nil
}

func (w *watcher) close() {
	w.fs.Close()
	<-w.finished
}

// A change is told once nothing more has happened for settled, as editors write a
// file in several steps, and after pressing even when something always happens.
const (
	settled  = 10 * time.Millisecond
	pressing = 200 * time.Millisecond
)

func (w *watcher) follow() {
	defer close(w.finished)
	timer := time.NewTimer(0)
	<-timer.C
	// Of the changes not yet told: when the first was, whether they are in code,
	// and whether folders may have come or gone.
	var first time.Time
	var code, folders bool
	for {
		select {
		case e, ok := <-w.fs.Events:
			if !ok {
				return
			}
			if !w.matters(e) {
				continue
			}
			code = code || isCode(e.Name)
			folders = folders || !e.Has(fsnotify.Write)
		case err, ok := <-w.fs.Errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.complain(fmt.Errorf("follow changes: %w", err))
				continue
			}
			code, folders = true, true // what happened is lost, so anything may have
		case <-timer.C:
			if folders {
				// Events come late for a folder that is made and filled at once, and a
				// renamed one is followed no more: look at what there is.
				if err := w.add(); err != nil {
					w.complain(fmt.Errorf("follow changes: %w", err))
				}
			}
			select {
			case before := <-w.changed: // told already, and not yet heard
				code = code || before
			default:
			}
			w.changed <- code
			first, code, folders = time.Time{}, false, false
			continue
		}
		if first.IsZero() {
			first = time.Now()
		}
		timer.Reset(max(0, min(settled, pressing-time.Since(first))))
	}
}

// matters says whether e can change what is served.
func (w *watcher) matters(e fsnotify.Event) bool {
	name := filepath.Base(e.Name)
	switch {
	case e.Op == fsnotify.Chmod, w.ignored(e.Name), strings.HasSuffix(name, "~"), // an editor's copy
		strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, ".gen.go"):
		return false
	}
	// Beside go.mod people keep what has nothing to do with a program, such as the
	// output of this run. What is new there may be a folder.
	return isCode(name) || e.Has(fsnotify.Create) || filepath.Dir(e.Name) != w.dir
}

// isCode says whether a file of that name, or a folder, is for the compiler or the
// settings whatever it holds.
func isCode(name string) bool {
	if filepath.Base(name) == config.File {
		return true
	}
	switch filepath.Ext(name) {
	case ".go", ".mod", ".sum", ".work", "":
		return true
	}
	return false
}

// add follows the project's folders, those included that it follows already.
func (w *watcher) add() error {
	return filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != w.dir: // it was there only for a moment
			return nil
		case err != nil:
			return err
		case !e.IsDir():
			return nil
		case w.ignored(path):
			return fs.SkipDir
		}
		if err := w.fs.Add(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// ignored says whether path holds nothing that is served: what tools made, what
// is hidden, and what the Go command skips.
func (w *watcher) ignored(path string) bool {
	if path == w.dir {
		return false
	}
	switch name := filepath.Base(path); {
	case name[0] == '.' || name[0] == '_', name == "testdata", name == "node_modules":
		return true
	case filepath.Dir(path) == w.dir:
		return name == "functions" || name == "vendor" || name == "bin" || name == "cdk.out"
	}
	return false
}

// watch starts to follow the project, unless that is not wanted, or impossible
// here, which it says. The channel tells of changes.
func (s *session) watch() (changes <-chan bool, stop func()) {
	if s.opts.noWatch {
		return nil, func() {}
	}
	var watchers []*watcher
	for _, dir := range s.opts.dirs {
		w, err := newWatcher(dir, s.complain)
		if err != nil {
			s.complain(fmt.Errorf("follow changes: %w. Changes of %s are not followed in this run%s", err, dir, wayOut(err)))
			continue
		}
		watchers = append(watchers, w)
	}
	return merge(watchers)
}

// merge tells of the changes that any of watchers has.
func merge(watchers []*watcher) (changes <-chan bool, stop func()) {
	if len(watchers) == 1 {
		return watchers[0].changed, watchers[0].close
	}
	all, stopped := make(chan bool), make(chan struct{})
	var forwarding sync.WaitGroup
	for _, w := range watchers {
		forwarding.Go(func() {
			for {
				select {
				case code := <-w.changed:
					select {
					case all <- code:
					case <-stopped:
						return
					}
				case <-stopped:
					return
				}
			}
		})
	}
	return all, func() {
		close(stopped)
		forwarding.Wait()
		for _, w := range watchers {
			w.close()
		}
	}
}

// wayOut is for the kernel's limits, whose errors are about anything else: no
// space left on device, too many open files.
func wayOut(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
		return ": raise fs.inotify.max_user_watches and max_user_instances with sysctl"
	}
	return ""
}
