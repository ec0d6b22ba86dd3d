package queue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ncruces/go-sqlite3"
)

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	// A folder's name may hold what means something in a URI.
	path := filepath.Join(dir, "50% #1?", "queues.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, path, Options{})
	ensure(t, s, oracleSpecs...)
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", f.Name(), mode)
		}
		names = append(names, f.Name())
	}
	if got := strings.Join(names, " "); got != "queues.db queues.db-mark queues.db-wal" {
		t.Errorf("files are %s", got)
	}
	mustClose(t, s)
}

func TestASecondStoreOnTheSameFileIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes: it is refused at once
		path := filepath.Join(t.TempDir(), "queues.db")
		s := mustOpen(t, path, Options{})
		start := time.Now()
		_, err := Open(t.Context(), path, Options{})
		if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) || time.Since(start) != 0 {
			t.Errorf("error is %v after %v, want ErrInUse with the path at once", err, time.Since(start))
		}
		ensure(t, s, oracleSpecs...) // the first one goes on
		mustClose(t, s)
		mustClose(t, mustOpen(t, path, Options{}))
	})
}

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"a newer format": {func(t *testing.T, path string) {
			mustClose(t, mustOpen(t, path, Options{}))
			execute(t, path, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion+1))
		}, "newer version"},
		"another program's database": {func(t *testing.T, path string) {
			execute(t, path, "CREATE TABLE t (x)")
		}, "another program"},
		"a text": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a database"},
		"a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "directory"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "queues.db")
			test.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := Open(t.Context(), path, Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error is %v, want it to say %q and name the file", err, test.want)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "missing", "queues.db"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for a missing folder is %v", err)
	}
}

// execute runs SQL on a store that is closed.
func execute(t *testing.T, path, sql string) {
	t.Helper()
	conn, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Exec(sql), conn.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAStoreOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	p := payload{id: "old", meta: []byte{0, 0}, body: []byte("x")}
	execute(t, path, fmt.Sprintf(`PRAGMA journal_mode = WAL; %s PRAGMA application_id = %d; PRAGMA user_version = 1;
		INSERT INTO queue VALUES (7, 'orders', 42, 30000, 0, 345600000, '', 0);
		INSERT INTO message VALUES (7, %d, 0, 2, 5, 0, '');
		INSERT INTO payload VALUES (%[3]d, 'old', %[4]d, x'0000', CAST('x' AS BLOB))`,
		schema1, applicationID, firstSeq(time.Now().UnixMilli()), p.checksum()))
	s := mustOpen(t, path, Options{})
	defer func() { mustClose(t, s) }()
	for range 2 { // the second time it is up to date
		info, ok := s.Queue("orders")
		if want := (Spec{Name: "orders", Visibility: 30 * time.Second, Retention: 96 * time.Hour}); !ok || info.Spec != want || time.Since(info.Created) > time.Minute {
			t.Errorf("the queue is %+v", info)
		}
		peeked, err := s.Peek(t.Context(), "orders", 10)
		if err != nil || len(peeked) != 1 || peeked[0].ID != "old" || peeked[0].Receives != 2 {
			t.Errorf("peeked %+v (%v)", peeked, err)
		}
		mustClose(t, s)
		s = mustOpen(t, path, Options{})
	}
	ensure(t, s, Spec{Name: "new.fifo", FIFO: true, Retention: time.Hour})
	if _, err := s.Send(t.Context(), Entry{Queue: "new.fifo", GroupID: "g", DeduplicationID: "d"}); err != nil {
		t.Error(err)
	}
}

func TestADamagedMessageIsNotServedAndBlocksNoOther(t *testing.T) {
	for _, column := range []string{"id", "meta", "body"} {
		t.Run(column, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "queues.db")
				s := mustOpen(t, path, Options{})
				ensure(t, s,
					Spec{Name: "dead", Retention: time.Hour},
					Spec{Name: "orders", Retention: time.Hour, Visibility: time.Minute, DeadLetter: "dead", MaxReceives: 1})
				for _, id := range []string{"good1", "wrong", "good2"} {
					if _, err := s.Send(t.Context(), Entry{Queue: "orders", ID: id, Body: []byte("abc"), TraceHeader: "Root=1"}); err != nil {
						t.Fatal(err)
					}
				}
				mustClose(t, s)
				// One bit, in the last byte.
				execute(t, path, strings.ReplaceAll(`UPDATE payload SET COL = CAST(substr(COL, 1, length(COL) - 1)
					|| char(unicode(substr(CAST(COL AS TEXT), -1)) + 1) AS BLOB) WHERE id = 'wrong'`, "COL", column))
				s = mustOpen(t, path, Options{})
				defer mustClose(t, s)

				damaged := func(err error, queue string) {
					t.Helper()
					var corrupt *CorruptError
					if !errors.As(err, &corrupt) || corrupt.Queue != queue || !strings.HasPrefix(corrupt.ID, "wron") {
						t.Fatalf("error is %v, want one that names the message and queue %s", err, queue)
					}
				}
				receive := func(want string) {
					t.Helper()
					got, err := s.Receive(t.Context(), "orders", Receive{Max: 10})
					if want == "" {
						damaged(err, "orders")
					} else if err != nil || len(got) != 1 || got[0].ID != want {
						t.Fatalf("received %v (%v), want %s", got, err, want)
					}
				}
				peeked, err := s.Peek(t.Context(), "orders", 10)
				damaged(err, "orders")
				if len(peeked) != 2 {
					t.Errorf("Peek returned %d messages, want the 2 good ones", len(peeked))
				}
				receive("good1")
				receive("") // counts, and hides it
				receive("good2")
				// Like any other message it goes to the dead-letter queue in the end, and
				// no move task brings it back.
				time.Sleep(time.Minute)
				if got, err := s.Receive(t.Context(), "orders", Receive{Max: 10}); err != nil || len(got) != 0 {
					t.Fatalf("received %v (%v), want nothing", got, err)
				}
				task, err := moveAll(t.Context(), s, "dead")
				if err != nil || task.Moved != 2 || task.Status != MoveFailed || !strings.Contains(task.Failure, "damaged") {
					t.Errorf("moved as %+v (%v), want 2 of them and a failure", task, err)
				}
			})
		})
	}
}

// No statement may read more of a queue the longer it is: each finds its first row by
// an index and needs no sorting.
func TestStatementsUseAnIndex(t *testing.T) {
	db, err := openDatabase(":memory:", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	var checked int
	for s := range db.conn.Stmts() {
		sql := s.SQL()
		if sql == "BEGIN" || sql == "COMMIT" || strings.Contains(sql, "FROM queue ORDER BY name") || strings.Contains(sql, "WHERE status = 'RUNNING'") {
			continue // queues and move tasks are few
		}
		explain, _, err := db.conn.Prepare("EXPLAIN QUERY PLAN " + sql)
		if err != nil {
			t.Fatal(err)
		}
		for explain.Step() {
			step := explain.ColumnText(3)
			if strings.Contains(step, "TEMP B-TREE") || strings.HasPrefix(step, "SCAN") {
				t.Errorf("%s\n\t%s", sql, step)
			}
			if strings.Contains(sql, "visible_at <= ? ORDER BY m.visible_at") && strings.HasPrefix(step, "SEARCH m ") &&
				!strings.Contains(step, "message_visible (queue=? AND visible_at<?)") {
				t.Errorf("%s\n\t%s", sql, step)
			}
		}
		checked++
		if err := explain.Close(); err != nil {
			t.Error(err)
		}
	}
	if checked < 20 {
		t.Errorf("looked at %d statements only", checked)
	}
}

func TestTheLogDoesNotGrowForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, options := newDisk(t)
		options.checkpointPages = 30
		s := mustOpen(t, "queues.db", options)
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: time.Hour, Visibility: time.Hour})
		for range 100 {
			if _, err := s.Send(t.Context(), Entry{Queue: "orders", Body: make([]byte, 2000)}); err != nil {
				t.Fatal(err)
			}
			got, err := s.Receive(t.Context(), "orders", Receive{Max: 1})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Delete(t.Context(), "orders", got[0].Receipt); err != nil {
				t.Fatal(err)
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		for name, f := range d.files {
			// A commit of some pages may come on top of the thirty.
			if pages := len(f.content) / 4096; pages > 60 {
				t.Errorf("%s has %d pages", name, pages)
			}
		}
	})
}

func TestTheLogIsWrittenBackInAQuietMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, options := newDisk(t)
		options.checkpointPages = 0
		s := mustOpen(t, "queues.db", options)
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: time.Hour})
		if _, err := s.Send(t.Context(), Entry{Queue: "orders", Body: make([]byte, quietCheckpointPages*4096)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := d.syncCount()
		time.Sleep(quietTime - 1)
		synctest.Wait()
		if got := d.syncCount(); got != before {
			t.Error("the log was written back before its time")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := d.syncCount(); got == before {
			t.Error("the log was not written back")
		}
	})
}
