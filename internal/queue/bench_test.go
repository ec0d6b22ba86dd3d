package queue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// The benchmarks compare the store with the least that could be durable: a log to
// which one goroutine appends the records of all waiting writers before it syncs
// once. Both get the same messages from the same number of writers, by turns
// in the same run, since the speed of a disk changes from one minute to the next. The
// metric of interest is "%raw", the store's rate in percent of the log's.

func benchMessage(queue string) Entry {
	attributes := make(map[string]Attribute)
	for i := range 8 {
		attributes[fmt.Sprintf("ce-attribute%d", i)] = Attribute{Type: "String", String: "a short value of 24 bytes"}
	}
	return Entry{Queue: queue, Body: make([]byte, 1024), Attributes: attributes}
}

func BenchmarkSend(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		for _, fanout := range []int{1, 4} {
			b.Run(fmt.Sprintf("writers=%d/queues=%d", writers, fanout), func(b *testing.B) {
				s := openBench(b)
				var entries []Entry
				for i := range fanout {
					name := fmt.Sprintf("queue%d", i)
					ensure(b, s, Spec{Name: name, Retention: time.Hour})
					entries = append(entries, benchMessage(name))
				}
				compare(b, writers, fanout, func() error {
					_, err := s.Send(context.Background(), entries...)
					return err
				})
			})
		}
	}
}

// BenchmarkCycle sends, receives and deletes, three syncs for each of the log's one.
func BenchmarkCycle(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openBench(b)
			ensure(b, s, Spec{Name: "queue", Retention: time.Hour, Visibility: time.Hour})
			entry := benchMessage("queue")
			ctx := context.Background()
			compare(b, writers, 1, func() error {
				if _, err := s.Send(ctx, entry); err != nil {
					return err
				}
				got, err := s.Receive(ctx, "queue", Receive{Max: 1, Wait: time.Minute})
				if err != nil {
					return err
				}
				_, err = s.Delete(ctx, "queue", got[0].Receipt)
				return err
			})
		})
	}
}

// BenchmarkReceive receives from a queue with few and from one with many messages:
// the two must cost the same.
func BenchmarkReceive(b *testing.B) {
	for _, backlog := range []int{100, 1_000_000} {
		b.Run(fmt.Sprintf("backlog=%d", backlog), func(b *testing.B) {
			s := openBench(b)
			ensure(b, s, Spec{Name: "queue", Retention: time.Hour})
			ctx := context.Background()
			entries := make([]Entry, 100)
			for i := range entries {
				entries[i] = Entry{Queue: "queue", Body: []byte("a short body")}
			}
			for range backlog / len(entries) {
				if _, err := s.Send(ctx, entries...); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				// A visibility of 0 leaves the backlog as it is.
				if _, err := s.Receive(ctx, "queue", Receive{Max: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen opens what a killed process has left of a store with many messages,
// as the engine does when it starts, and receives the first one.
func BenchmarkOpen(b *testing.B) {
	for _, stored := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("stored=%d", stored), func(b *testing.B) {
			live := b.TempDir()
			s := mustOpen(b, filepath.Join(live, "queues.db"), Options{})
			defer mustClose(b, s)
			ensure(b, s, Spec{Name: "queue", Retention: time.Hour, Visibility: time.Hour})
			ctx := context.Background()
			entries := make([]Entry, 100)
			for i := range entries {
				entries[i] = benchMessage("queue")
			}
			for range stored / len(entries) {
				if _, err := s.Send(ctx, entries...); err != nil {
					b.Fatal(err)
				}
			}
			for range 1000 {
				if _, err := s.Receive(ctx, "queue", Receive{Max: 10, Lease: true}); err != nil {
					b.Fatal(err)
				}
			}
			// The files of a running store are what a kill leaves.
			var times []time.Duration
			for range b.N {
				dir := b.TempDir()
				if err := os.CopyFS(dir, os.DirFS(live)); err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				again, err := Open(ctx, filepath.Join(dir, "queues.db"), Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := again.EndLeases(ctx); err != nil {
					b.Fatal(err)
				}
				got, err := again.Receive(ctx, "queue", Receive{Max: 1})
				if err != nil || len(got) != 1 {
					b.Fatalf("received %d messages (%v)", len(got), err)
				}
				times = append(times, time.Since(began))
				mustClose(b, again)
				if err := os.RemoveAll(dir); err != nil {
					b.Fatal(err)
				}
			}
			slices.Sort(times)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(times[len(times)/2].Milliseconds()), "ms/open")
		})
	}
}

func openBench(b *testing.B) *Store {
	b.Helper()
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "queues.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// compare runs b.N operations on the store and as many appends of the same bytes to
// a log, in turns of a tenth.
func compare(b *testing.B, writers, copies int, do func() error) {
	log := openLog(b)
	var record []byte
	for range copies {
		m, err := newOutgoing(benchMessage("queue"))
		if err != nil {
			b.Fatal(err)
		}
		record = append(append(append(record, m.id...), m.meta...), m.body...)
	}
	const turns = 10
	var store, raw load
	b.StopTimer()
	for range turns {
		n := b.N/turns + 1
		raw.run(b, writers, n, func() error { return log.append(record) })
		b.StartTimer()
		store.run(b, writers, n, do)
		b.StopTimer()
	}
	b.ReportMetric(100*raw.took.Seconds()/store.took.Seconds(), "%raw")
	b.ReportMetric(float64(len(store.each))/store.took.Seconds(), "op/s")
	b.ReportMetric(store.percentile(50), "µs-p50")
	b.ReportMetric(store.percentile(99), "µs-p99")
	b.ReportMetric(raw.percentile(99), "µs-p99-raw")
}

// A load is what was asked of the store or of the log.
type load struct {
	took time.Duration
	each []time.Duration
}

// run has the writers do n operations between them.
func (l *load) run(b *testing.B, writers, n int, do func() error) {
	times := make([]time.Duration, n)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for at := i; at < n; at += writers {
				begin := time.Now()
				if err := do(); err != nil {
					b.Error(err)
					return
				}
				times[at] = time.Since(begin)
			}
		})
	}
	wg.Wait()
	l.took += time.Since(start)
	l.each = append(l.each, times...)
}

// percentile is in microseconds.
func (l *load) percentile(p int) float64 {
	slices.Sort(l.each)
	return float64(l.each[(len(l.each)-1)*p/100]) / float64(time.Microsecond)
}

// A rawLog appends records with a length and a checksum.
type rawLog struct {
	file    *os.File
	records chan *rawRecord
}

type rawRecord struct {
	bytes []byte
	err   error
	done  chan struct{}
}

func openLog(b *testing.B) *rawLog {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "raw.log"))
	if err != nil {
		b.Fatal(err)
	}
	l := &rawLog{file: f, records: make(chan *rawRecord, maxGroup)}
	var wg sync.WaitGroup
	wg.Go(l.run)
	b.Cleanup(func() {
		close(l.records)
		wg.Wait()
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	})
	return l
}

func (l *rawLog) append(record []byte) error {
	r := &rawRecord{bytes: record, done: make(chan struct{})}
	l.records <- r
	<-r.done
	return r.err
}

func (l *rawLog) run() {
	var group []*rawRecord
	var buffer []byte
	for r := range l.records {
		group = append(group[:0], r)
	gather:
		for len(group) < maxGroup {
			select {
			case r, ok := <-l.records:
				if !ok {
					break gather
				}
				group = append(group, r)
			default:
				break gather
			}
		}
		buffer = buffer[:0]
		for _, r := range group {
			buffer = binary.BigEndian.AppendUint32(buffer, uint32(len(r.bytes)))
			buffer = binary.BigEndian.AppendUint32(buffer, crc32.Checksum(r.bytes, castagnoli))
			buffer = append(buffer, r.bytes...)
		}
		_, err := l.file.Write(buffer)
		err = errors.Join(err, l.file.Sync())
		for _, r := range group {
			r.err = err
			close(r.done)
		}
		if len(group) > 1 {
			runtime.Gosched()
		}
	}
}
