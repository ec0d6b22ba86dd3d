package backoff_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/backoff"
)

func TestPausesDoubleUntilReset(t *testing.T) {
	b := backoff.Backoff{Min: time.Second, Max: 5 * time.Second}
	pauses := func() (out []time.Duration) {
		for range 5 {
			out = append(out, b.Next()/time.Second)
		}
		return out
	}
	want := []time.Duration{1, 2, 4, 5, 5}
	if got := pauses(); !slices.Equal(got, want) {
		t.Errorf("pauses %d, want %d", got, want)
	}
	b.Reset()
	if got := pauses(); !slices.Equal(got, want) {
		t.Errorf("pauses %d after a reset, want %d", got, want)
	}
}

func TestAnErrorIsNewsOnce(t *testing.T) {
	disk, file := errors.New("disk"), errors.New("file")
	var b backoff.Backoff
	for i, tt := range []struct {
		err  error
		want bool
	}{{disk, true}, {disk, false}, {errors.New("disk"), false}, {file, true}, {disk, true}} {
		if got := b.News(tt.err); got != tt.want {
			t.Errorf("error %d, %v, is news: %t", i, tt.err, got)
		}
	}
	b.Reset()
	if !b.News(disk) {
		t.Error("after a reset an error is not news")
	}
}

func TestSleepEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		wake, leave time.Duration
		want        time.Duration
	}{
		"when its time is over":     {want: 3 * time.Second},
		"when it is woken":          {wake: time.Second, want: time.Second},
		"when its context ends":     {leave: 2 * time.Second, want: 2 * time.Second},
		"at the first of the three": {wake: 4 * time.Second, leave: 5 * time.Second, want: 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var woken chan struct{}
				if tt.wake > 0 {
					woken = make(chan struct{})
					time.AfterFunc(tt.wake, func() { close(woken) })
				}
				if tt.leave > 0 {
					time.AfterFunc(tt.leave, cancel)
				}
				began := time.Now()
				backoff.Sleep(ctx, 3*time.Second, woken)
				if got := time.Since(began); got != tt.want {
					t.Errorf("it lasted %v, want %v", got, tt.want)
				}
			})
		})
	}
}
