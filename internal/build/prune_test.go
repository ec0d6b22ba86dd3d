package build_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/build"
)

func TestPruneKeepsWhatIsInUseAndTheNewest(t *testing.T) {
	out := t.TempDir()
	b := &build.Builder{Dir: t.TempDir(), Out: out}
	now := time.Now()
	age := func(name string, d time.Duration) {
		t.Helper()
		if err := os.Chtimes(filepath.Join(out, name), now.Add(-d), now.Add(-d)); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for i := range 40 {
		name := fmt.Sprintf("key%02d", i)
		write(t, out, name+"/"+build.Binary, "")
		age(name, time.Duration(i)*time.Hour)
		all = append(all, name)
	}
	write(t, out, "tmp-killed/half", "")
	age("tmp-killed", 2*time.Hour)
	write(t, out, "tmp-running/half", "")
	age("tmp-running", time.Minute)

	inUse := []string{filepath.Join(out, "key38", build.Binary), filepath.Join(out, "key03", build.Binary)}
	if err := b.Prune(inUse); err != nil {
		t.Fatal(err)
	}

	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	want := append([]string{}, all[:33]...) // 32 besides key03
	want = append(want, "key38", "tmp-running")
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}
