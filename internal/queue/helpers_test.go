package queue

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
)

func mustOpen(t testing.TB, path string, options Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func ensure(t testing.TB, s *Store, specs ...Spec) {
	t.Helper()
	if err := s.Ensure(context.Background(), specs...); err != nil {
		t.Fatal(err)
	}
}

func randomText() string { return rand.Text() }

// moveAll moves the messages of a queue back to where they came from, and returns
// when that is done.
func moveAll(ctx context.Context, s *Store, source string) (MoveTask, error) {
	started, err := s.StartMove(ctx, source, "", 0)
	if err != nil {
		return MoveTask{}, err
	}
	for {
		tasks, err := s.MoveTasks(ctx, source)
		if err != nil {
			return MoveTask{}, err
		}
		i := slices.IndexFunc(tasks, func(t MoveTask) bool { return t.Handle == started.Handle })
		if tasks[i].Status != MoveRunning {
			return tasks[i], nil
		}
	}
}
