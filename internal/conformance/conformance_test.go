package conformance_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// readFacts reads the cases of all files, by the file's name.
func readFacts(t testing.TB) map[string][]fact {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of cases: %v", err)
	}
	all := map[string][]fact{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := parseScript(string(text))
		if err != nil {
			t.Errorf("%s:\n%v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txt")] = facts
	}
	return all
}

// TestInProcess runs the cases with calls of the handler.
func TestInProcess(t *testing.T) {
	runAll(t, "", func(t *testing.T, f fact) {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			f.do(t, c, directDoor(c, false))
		})
	})
}

// TestHTTP runs them with a server and a client.
func TestHTTP(t *testing.T) {
	runAll(t, "", func(t *testing.T, f fact) {
		if !f.virtual() {
			c := newCloud(t)
			f.do(t, c, socketDoor(t, c))
			return
		}
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			f.do(t, c, pipeDoor(t, c))
		})
	})
}

// TestQuery runs those with a call of SQS in the query protocol.
func TestQuery(t *testing.T) {
	runAll(t, "query", func(t *testing.T, f fact) {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			f.do(t, c, directDoor(c, true))
		})
	})
}

func runAll(t *testing.T, protocol string, do func(*testing.T, fact)) {
	var passed, all atomic.Int32
	t.Cleanup(func() { t.Logf("%d of %d cases passed", passed.Load(), all.Load()) })
	for file, facts := range readFacts(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for _, f := range facts {
				if protocol == "query" && (f.only == "json" || !f.callsSQS()) || protocol != "query" && f.only == "query" {
					continue
				}
				all.Add(1)
				if t.Run(f.title, func(t *testing.T) { do(t, f) }) {
					passed.Add(1)
				}
			}
		})
	}
}

// TestTitles says that every case is there once, and is a sentence with a source.
func TestTitles(t *testing.T) {
	seen := map[string]string{}
	count := 0
	for file, facts := range readFacts(t) {
		for _, f := range facts {
			count++
			key := f.title
			if other, found := seen[key]; found {
				t.Errorf("%s and %s: %q is there twice", other, file, f.title)
			}
			seen[key] = file
			if len(f.steps) == 0 || f.source == "" {
				t.Errorf("%s: %q has no steps or no source", file, f.title)
			}
		}
	}
	if want := 400; count < want {
		t.Errorf("%d cases, want %d", count, want)
	}
	t.Logf("%d cases", count)
}
