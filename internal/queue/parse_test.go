package queue

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func FuzzReceipt(f *testing.F) {
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add(receipt{token: math.MaxUint64, seq: 1 << 62, receives: 7, received: 1}.String())
	f.Add(receipt{seq: -1, receives: math.MaxUint32}.String())
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseReceipt(text)
		if err != nil {
			if !errors.Is(err, ErrInvalidReceipt) {
				t.Fatalf("error is %v, want ErrInvalidReceipt", err)
			}
			return
		}
		// There is one text for each receipt, and none with a character changed.
		if got := r.String(); got != text {
			t.Fatalf("%q was parsed as the receipt %q", text, got)
		}
		for i := range text {
			changed := []byte(text)
			changed[i] ^= 1
			if _, err := parseReceipt(string(changed)); err == nil {
				t.Fatalf("%q is a receipt, and so is %q", text, changed)
			}
		}
	})
}

func FuzzMeta(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{0, 0, 1})
	f.Add(meta{"Root=1", "group", "once", map[string]Attribute{
		"a": {Type: "String", String: "x"}, "b": {Type: "Binary", Binary: []byte{0}},
	}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := decodeMeta(b)
		if err != nil {
			return
		}
		second, err := decodeMeta(first.encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(meta{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestReceiptKeepsItsNumbers(t *testing.T) {
	want := receipt{token: 1<<63 + 5, seq: 1<<61 + 7, receives: 12, received: 1_700_000_000_000}
	got, err := parseReceipt(want.String())
	if err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
}

func TestTheClockNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The stored messages are from an hour ahead.
		ahead := time.Duration(time.Now().Add(time.Hour).UnixNano())
		c := newClock(ahead)
		if got := c.now(); got != ahead {
			t.Errorf("clock shows %v, want the stored %v", got, ahead)
		}
		time.Sleep(time.Minute)
		if got := c.now(); got != ahead+time.Minute {
			t.Errorf("clock shows %v a minute later, want %v", got, ahead+time.Minute)
		}
		time.Sleep(2 * time.Hour)
		if got := c.now(); got != ahead+2*time.Hour+time.Minute {
			t.Errorf("clock shows %v, want it to keep the hour it was ahead", got-ahead)
		}
	})
}

func TestTheClockFollowsTheTimeOfDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(0)
		for range 3 {
			if got, want := c.now(), time.Duration(time.Now().UnixNano()); got != want {
				t.Errorf("clock shows %v, want %v", got, want)
			}
			time.Sleep(time.Minute)
		}
	})
}

// Each bubble begins at the same time, so the second store lives before the first.
func TestNewMessagesComeAfterStoredOnesWhenTheClockWasSetBack(t *testing.T) {
	path := t.TempDir() + "/queues.db"
	send := func(t *testing.T, s *Store, body string) {
		t.Helper()
		if _, err := s.Send(t.Context(), Entry{Queue: "orders", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		s := mustOpen(t, path, Options{})
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: 4 * time.Hour, Visibility: time.Minute})
		send(t, s, "1")
		if _, err := s.Receive(t.Context(), "orders", Receive{Max: 1}); err != nil {
			t.Fatal(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, path, Options{})
		defer mustClose(t, s)
		send(t, s, "2")
		// The first one's visibility timeout has a minute to go, not an hour.
		time.Sleep(time.Minute)
		got, err := s.Receive(t.Context(), "orders", Receive{Max: 10})
		if err != nil || len(got) != 2 || string(got[0].Body) != "2" || string(got[1].Body) != "1" {
			t.Errorf("received %v (%v), want 2 and then 1", got, err)
		}
	})
}
