package compat_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/less-go/less/internal/compat"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/revision"
)

// TestAgainstACommit goes the whole way: a project is committed and edited, and
// compared with its commit.
func TestAgainstACommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	message := func(field string) {
		projecttest.WriteFile(t, dir, "less/topics/order_placed/message.go",
			[]byte("package orderplaced\n\ntype Message struct {\n\tID string `json:\"id\"`\n\t"+field+"\n}\n"))
	}
	projecttest.WriteFile(t, dir, "go.mod", []byte("module example.com/shop\n\ngo 1.26\n"))
	message("Count int `json:\"count\"`")
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "x"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	message("Count string `json:\"count\"`")

	before, remove, err := revision.Checkout(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	r := compat.Compare(contractOf(t, before), contractOf(t, dir))
	if len(r.Breaking) != 1 || len(r.Compatible) != 0 {
		t.Fatalf("got %+v", r)
	}
	const want = "less/topics/order_placed/message.go:5: topics/order_placed, event: count was an integer (int64) and is a string. "
	if got := r.Breaking[0].String(); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s...", got, want)
	}
}

func contractOf(t *testing.T, dir string) contract.Contract {
	t.Helper()
	c, err := contract.Load(t.Context(), dir, flow.Flow{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
