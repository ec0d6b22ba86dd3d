package queue

import (
	"context"
	"crypto/rand"
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
