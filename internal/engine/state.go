package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/less-go/less/internal/queue"
)

// ErrLocked is returned by [Start] when another engine runs on the same state.
var ErrLocked = errors.New("another engine is running on this state")

// state is the folder that outlives the engine: its store, its logs, and the
// lock that keeps a second engine out.
type state struct {
	dir  string
	lock *os.File
}

// openState takes the folder for this process alone, and empties it first where
// fresh is set. The lock is the kernel's, so it ends with the process however
// that dies.
func openState(dir string, fresh bool) (*state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// An older umask or a person may have left it open to others.
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := takeLock(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s is %w", dir, err)
	}
	s := &state{dir: dir, lock: lock}
	if err := s.begin(fresh); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// dyingTime is how long what a killed engine was just starting may hold its lock.
const dyingTime = 5 * time.Second

// takeLock locks the file, or says who has it.
func takeLock(lock *os.File) error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("not to be locked: %w", err)
		}
		content, _ := io.ReadAll(io.NewSectionReader(lock, 0, 64))
		holder := strings.TrimSpace(string(content))
		// A child between its fork and its program has what its parent had open, and
		// for a moment outlives it.
		pid, err := strconv.Atoi(holder)
		dying := err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		if !dying || time.Since(began) > dyingTime {
			return fmt.Errorf("in use by process %s: %w; stop that one first, or run in another checkout", holder, ErrLocked)
		}
	}
}

func (s *state) begin(fresh bool) error {
	if fresh {
		if err := errors.Join(
			queue.Remove(filepath.Join(s.dir, storeFile)),
			os.RemoveAll(filepath.Join(s.dir, logFolder)),
			os.RemoveAll(filepath.Join(s.dir, codeFolder)),
			os.RemoveAll(filepath.Join(s.dir, objectFolder)),
		); err != nil {
			return err
		}
	}
	// What the functions of a killed engine had there.
	scratch := filepath.Join(s.dir, scratchFolder)
	if err := errors.Join(os.RemoveAll(scratch), os.Mkdir(scratch, 0o700)); err != nil {
		return err
	}
	if err := s.lock.Truncate(0); err != nil {
		return err
	}
	_, err := s.lock.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

func (s *state) close() error { return s.lock.Close() }

const (
	storeFile     = "queues.db"
	logFolder     = "logs"
	codeFolder    = "code"
	objectFolder  = "objects"
	scratchFolder = "tmp"
)
