package queue

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A storeCopy is the content of a store's files, by suffix.
type storeCopy map[string][]byte

func copyStore(t *testing.T, path string) storeCopy {
	t.Helper()
	out := storeCopy{}
	for _, suffix := range []string{"", logSuffix, markSuffix} {
		content, err := os.ReadFile(path + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out[suffix] = content
	}
	return out
}

func (c storeCopy) write(t *testing.T, path string) {
	t.Helper()
	if err := Remove(path); err != nil {
		t.Fatal(err)
	}
	for suffix, content := range c {
		if err := os.WriteFile(path+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// everything is all that can be asked of a store, or the error of the first question
// that it refuses.
func everything(t *testing.T, path string) (map[string][]Message, error) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // what is damaged may be found at the last moment only
	queues, err := s.Queues(t.Context())
	if err != nil {
		return nil, err
	}
	out := map[string][]Message{}
	for _, q := range queues {
		if out[q.Name], err = s.Peek(t.Context(), q.Name, 10_000); err != nil {
			return nil, err
		}
	}
	documents, err := s.Documents(t.Context(), "k")
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		out["document "+d.Name] = []Message{{Body: d.Value}}
	}
	return out, nil
}

// A full store is copied as it is in the middle of its work, with acknowledged
// transactions in its log, and as it is when it was closed. Then a bit is turned
// over, or the end is cut off, in every 4 KiB of each of its files: that is told, or
// it does no harm.
func TestDamageIsToldOrHarmless(t *testing.T) {
	t.Parallel()
	random := newRandom(t)
	path := filepath.Join(t.TempDir(), "queues.db")
	// 40 pages make the log begin anew some times, with an old end behind the new one.
	s := mustOpen(t, path, Options{checkpointPages: 40})
	ensure(t, s, oracleSpecs...)
	ensure(t, s, Spec{Name: "q.fifo", FIFO: true, Retention: time.Hour})
	for i := range 25 {
		body := []byte(fmt.Sprintf("message %d", i))
		big := Entry{Queue: "copies", Body: make([]byte, i%5*1500)}
		for _, e := range []Entry{{Queue: "orders", Body: body}, {Queue: "q.fifo", GroupID: "g", DeduplicationID: string(body), Body: body}, big} {
			if _, err := s.Send(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Receive(t.Context(), "orders", Receive{Max: 1}); err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(t.Context(), Document{Kind: "k", Name: fmt.Sprint(i), Value: body}); err != nil {
			t.Fatal(err)
		}
	}
	running := copyStore(t, path)
	if len(running[logSuffix]) < 5*4096 {
		t.Fatalf("the log has %d bytes", len(running[logSuffix]))
	}
	mustClose(t, s)
	for name, whole := range map[string]storeCopy{"running": running, "closed": copyStore(t, path)} {
		t.Run(name, func(t *testing.T) { damageAll(t, random, whole) })
	}
}

func damageAll(t *testing.T, random *rand.Rand, whole storeCopy) {
	path := filepath.Join(t.TempDir(), "queues.db")
	whole.write(t, path)
	want, err := everything(t, path)
	if err != nil || len(want["orders"])+len(want["dead"]) != 25 {
		t.Fatalf("without damage: %d and %d messages (%v)", len(want["orders"]), len(want["dead"]), err)
	}
	told, harmless := 0, 0
	try := func(what string, damaged storeCopy) {
		damaged.write(t, path)
		got, err := everything(t, path)
		switch {
		case err != nil && !errors.Is(err, ErrDamaged) && !errors.As(err, new(*CorruptError)):
			t.Errorf("%s: the error is not one of damage: %v", what, err)
		case err != nil:
			told++
		case !reflect.DeepEqual(want, got):
			t.Errorf("%s: nobody was told (-want +got):\n%.2000s", what, cmp.Diff(want, got))
		default:
			harmless++
		}
	}
	for _, suffix := range slices.Sorted(maps.Keys(whole)) {
		for at := 0; at < len(whole[suffix]); at += 4096 {
			damaged := maps.Clone(whole)
			content := slices.Clone(whole[suffix])
			bit := random.IntN(8 * min(4096, len(content)-at))
			content[at+bit/8] ^= 1 << (bit % 8)
			damaged[suffix] = content
			try(fmt.Sprintf("bit %d of byte %d of *%s", bit%8, at+bit/8, suffix), damaged)

			damaged = maps.Clone(whole)
			damaged[suffix] = whole[suffix][:at]
			try(fmt.Sprintf("*%s cut off at %d", suffix, at), damaged)
		}
		damaged := maps.Clone(whole)
		delete(damaged, suffix)
		if suffix != markSuffix && suffix != "" { // a store without files is a new one
			try("without *"+suffix, damaged)
		}
	}
	t.Logf("%d told, %d harmless", told, harmless)
	if told == 0 {
		t.Error("no damage was told")
	}
}
