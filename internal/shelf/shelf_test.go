package shelf_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/shelf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type thing struct{ N int }

func open(t *testing.T, path string) (*queue.Store, *shelf.Shelf[thing]) {
	t.Helper()
	store, err := queue.Open(context.WithoutCancel(t.Context()), path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s, err := shelf.Open[thing](t.Context(), store, "thing")
	if err != nil {
		t.Fatal(err)
	}
	return store, s
}

func set(t *testing.T, s *shelf.Shelf[thing], name string, v *thing) {
	t.Helper()
	if err := s.Change(t.Context(), name, func(thing, bool) (*thing, error) { return v, nil }); err != nil {
		t.Fatal(err)
	}
}

func TestValuesOutliveTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store, s := open(t, path)
	set(t, s, "b", &thing{2})
	set(t, s, "a", &thing{1})
	set(t, s, "c", &thing{3})
	set(t, s, "c", nil)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	if names := s.Names(); !slices.Equal(names, []string{"a", "b"}) {
		t.Errorf("names %v", names)
	}
	if all := s.All(); !slices.Equal(all, []thing{{1}, {2}}) {
		t.Errorf("values %v", all)
	}
	if _, found := s.Get("c"); found {
		t.Error("what was removed is there")
	}
}

func TestWhatFailsChangesNothing(t *testing.T) {
	store, s := open(t, filepath.Join(t.TempDir(), "store"))
	set(t, s, "a", &thing{1})
	no := errors.New("no")
	if err := s.Change(t.Context(), "a", func(old thing, found bool) (*thing, error) {
		if old.N != 1 || !found {
			t.Errorf("the old value is %v, %t", old, found)
		}
		return nil, no
	}); !errors.Is(err, no) {
		t.Errorf("error %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Change(t.Context(), "a", func(thing, bool) (*thing, error) { return &thing{2}, nil }); err == nil {
		t.Error("a closed store keeps a value")
	}
	if v, _ := s.Get("a"); v.N != 1 {
		t.Errorf("the value is %v", v)
	}
}
