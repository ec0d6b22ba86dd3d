package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/build"
)

func TestProgress(t *testing.T) {
	for _, test := range []struct {
		name string
		env  Env
		step time.Duration
		want string
	}{
		{
			"in a pipe",
			Env{},
			2 * time.Second,
			"[less-cli] Building 2 functions: 0 begun, 1 package compiled\n" +
				"[less-cli] Building 2 functions: 0 begun, 4 packages compiled\n",
		},
		{
			"on a terminal",
			Env{ErrTerminal: true, Width: 80},
			30 * time.Millisecond,
			"\r\x1b[K[less-cli] Building 2 functions: 0 begun, 1 package compiled (net/http)" +
				"\r\x1b[K[less-cli] Building 2 functions: 0 begun, 3 packages compiled (net/http)" +
				"\r\x1b[K[less-cli] Building 2 functions: 1 begun, 5 packages compiled (example.com/shop" +
				"\r\x1b[K",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var err bytes.Buffer
				test.env.Err = &err
				p := newProgress(test.env)
				for i := range 4 {
					p.show(build.Progress{Functions: 2, Packages: i + 1, Package: "net/http"})
					time.Sleep(test.step)
				}
				if test.env.ErrTerminal {
					p.show(build.Progress{Functions: 2, Function: 1, Packages: 5, Package: "example.com/shop/functions/a"})
				}
				p.end()
				if diff := cmp.Diff(test.want, err.String()); diff != "" {
					t.Errorf("shown (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestWithoutProgressNothingIsShown(t *testing.T) {
	var err bytes.Buffer
	newProgress(Env{Err: &err, ErrTerminal: true}).end()
	if err.Len() > 0 {
		t.Errorf("shown: %q", err.String())
	}
}
