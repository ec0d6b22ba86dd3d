package queue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// crashStore names the store of a test process that is only there to be killed.
const crashStore = "LESS_TEST_CRASH_STORE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		fmt.Fprintln(os.Stderr, workUntilKilled(path, os.Args[len(os.Args)-1]))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// A process that works on the store is killed again and again, by SIGKILL and with
// operations of all its writers under way. It tells over a pipe what it begins and
// what the store has acknowledged.
func TestAcknowledgedSurvivesKill(t *testing.T) {
	t.Parallel()
	random := newRandom(t)
	path := filepath.Join(t.TempDir(), "queues.db")
	o := newOracle()
	for cycle := range 6 {
		after := 50 + random.IntN(500)
		runAndKill(t, path, cycle, after, o)
		s := mustOpen(t, path, Options{})
		o.check(t, s)
		mustClose(t, s)
		if t.Failed() {
			t.Fatalf("in cycle %d, killed after %d acknowledgements", cycle, after)
		}
	}
	t.Logf("%d messages sent, %d deleted", len(o.sent), len(o.deleted))
	if len(o.receives) == 0 || len(o.deleted) == 0 {
		t.Error("nothing was received or deleted")
	}
}

func runAndKill(t *testing.T, path string, cycle, after int, o *oracle) {
	t.Helper()
	child := exec.Command(os.Args[0], fmt.Sprint(cycle))
	child.Env = append(os.Environ(), crashStore+"="+path)
	child.Stderr = t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	// What was written before the kill is read after it.
	lines, acknowledged := bufio.NewReader(out), 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
			break
		}
		if o.learn(t, strings.TrimSpace(line)) {
			if acknowledged++; acknowledged == after {
				if err := child.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if err := child.Wait(); acknowledged < after {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// learn reads a line of the process and tells whether it is an acknowledgement.
func (o *oracle) learn(t *testing.T, line string) bool {
	t.Helper()
	var body string
	var receives int
	for _, read := range []struct {
		format string
		args   []any
		then   func()
	}{
		{"sending %s", []any{&body}, func() { o.sent[body] = false }},
		{"sent %s", []any{&body}, func() { o.sent[body] = true }},
		{"received %s %d", []any{&body, &receives}, func() { o.receives[body] = max(o.receives[body], receives) }},
		{"deleting %s", []any{&body}, func() { o.deleted[body] = false }},
		{"deleted %s", []any{&body}, func() { o.deleted[body] = true }},
	} {
		if _, err := fmt.Sscanf(line, read.format, read.args...); err == nil {
			read.then()
			return !strings.Contains(read.format, "ing ")
		}
	}
	t.Fatalf("the process said %q", line)
	return false
}

// workUntilKilled sends, receives and deletes with eight writers.
func workUntilKilled(path, name string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, Options{checkpointPages: 100})
	if err != nil {
		return err
	}
	if err := s.Ensure(ctx, oracleSpecs...); err != nil {
		return err
	}
	// One write is one line, whatever the other writers do.
	tell := func(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }
	failed := make(chan error)
	var writers sync.WaitGroup
	for writer := range 8 {
		writers.Go(func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf("%s-%d-%d", name, writer, i)
				tell("sending %s", body)
				if _, err := s.Send(ctx, Entry{Queue: "orders", Body: []byte(body)}, Entry{Queue: "copies", Body: []byte(body)}); err != nil {
					failed <- err
					return
				}
				tell("sent %s", body)
				visibility := time.Hour * time.Duration(i%2)
				got, err := s.Receive(ctx, "orders", Receive{Max: 1, Visibility: &visibility})
				if err != nil {
					failed <- err
					return
				}
				for _, m := range got {
					tell("received %s %d", m.Body, m.Receives)
					if visibility == 0 {
						continue // another writer gets it once more, or the dead-letter queue
					}
					tell("deleting %s", m.Body)
					if _, err := s.Delete(ctx, "orders", m.Receipt); err != nil {
						failed <- err
						return
					}
					tell("deleted %s", m.Body)
				}
			}
		})
	}
	return <-failed
}
