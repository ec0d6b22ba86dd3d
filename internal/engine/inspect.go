package engine

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A State is what can be known of a state folder without an engine on it.
type State struct {
	// Updated is when it was last written to; zero where it holds nothing.
	Updated time.Time
	// Process is the one that runs an engine on it, "" for none, and Listening is where
	// that can be reached.
	Process string
	Listening
}

// A Listening is where an engine can be reached.
type Listening struct {
	AWS  string
	APIs []Endpoint
	// TopicsAPI is "" where that is not served.
	TopicsAPI string
}

// listeningFile tells other programs of an engine; it means nothing without the lock.
const listeningFile = "listening.json"

// announce tells other programs where the engine can be reached.
func (s *state) announce(l Listening) error {
	content, err := json.Marshal(l)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, listeningFile)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path) // whole, for who reads it meanwhile
}

// Inspect looks at a state folder, whether an engine runs on it or not.
func Inspect(dir string) (State, error) {
	var s State
	for _, name := range []string{storeFile, storeFile + "-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return State{}, err
		}
		if info.ModTime().After(s.Updated) {
			s.Updated = info.ModTime()
		}
	}
	lock, err := os.Open(filepath.Join(dir, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return State{}, err
	}
	defer lock.Close()
	// A shared lock, so that two who look do not take each other for an engine.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return s, err
	}
	holder, err := io.ReadAll(io.LimitReader(lock, 64))
	if err != nil {
		return State{}, err
	}
	s.Process = strings.TrimSpace(string(holder))
	content, err := os.ReadFile(filepath.Join(dir, listeningFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil // it is just starting for the first time
	}
	if err != nil {
		return State{}, err
	}
	return s, json.Unmarshal(content, &s.Listening)
}

// Forget deletes what a state folder holds, the messages and the logs. The error wraps
// [ErrLocked] where an engine runs on it.
func Forget(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s, err := openState(dir, true)
	if err != nil {
		return err
	}
	return s.close()
}
