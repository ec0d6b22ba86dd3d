package queue_test

import (
	"path/filepath"
	"testing"

	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/queue/queuetest"
)

func TestMemory(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, _ string, options queue.Options) queuetest.Store {
		return open(t, ":memory:", options)
	})
}

func TestFile(t *testing.T) { queuetest.Run(t, openFile) }

func TestReopened(t *testing.T) { queuetest.RunDurable(t, openFile) }

func openFile(t *testing.T, dir string, options queue.Options) queuetest.Store {
	return open(t, filepath.Join(dir, "queues.db"), options)
}

func open(t *testing.T, path string, options queue.Options) queuetest.Store {
	s, err := queue.Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
