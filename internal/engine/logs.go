package engine

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/less-go/less/internal/activity"
)

// maxLogSize is where a function's log file is set aside as its one
// predecessor, so that a talkative function takes at most twice this.
const maxLogSize = 16 << 20

// predecessor is what the name of such a file ends in.
const predecessor = ".1"

// logs keeps what each function wrote, with its START, END and REPORT lines, in
// one file a function: logs/topics/order_placed/charge_card.jsonl.
type logs struct {
	dir string

	mu    sync.Mutex
	files map[string]*logFile
}

type logFile struct {
	*os.File
	size int64
}

func newLogs(dir string) *logs { return &logs{dir: dir, files: map[string]*logFile{}} }

// write appends e to its function's log if it belongs there. It has been handed
// to the operating system when write returns.
func (l *logs) write(e activity.Event) error {
	switch e.Kind {
	case activity.Log, activity.Start, activity.End:
	default:
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.open(e.Function)
	if err != nil {
		return err
	}
	n, err := f.Write(append(line, '\n'))
	f.size += int64(n)
	return err
}

func (l *logs) path(function string) string {
	return filepath.Join(l.dir, filepath.FromSlash(function)+".jsonl")
}

// Open returns the files of a function's log for reading, the older first.
func (l *logs) Open(function string) ([]fs.File, error) {
	l.mu.Lock() // so that no file is set aside meanwhile
	defer l.mu.Unlock()
	var out []fs.File
	for _, path := range []string{l.path(function) + predecessor, l.path(function)} {
		f, err := os.Open(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			for _, f := range out {
				_ = f.Close() // it was not even read
			}
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (l *logs) open(function string) (*logFile, error) {
	f := l.files[function]
	if f != nil && f.size < maxLogSize {
		return f, nil
	}
	path := l.path(function)
	if f != nil {
		delete(l.files, function)
		if err := errors.Join(f.Close(), os.Rename(path, path+predecessor)); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	f = &logFile{File: file, size: info.Size()}
	l.files[function] = f
	return f, nil
}

func (l *logs) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.Close())
	}
	clear(l.files)
	return errors.Join(errs...)
}
