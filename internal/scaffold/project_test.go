package scaffold_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/less-go/less/internal/scaffold"
)

func newProject(t *testing.T, dir string) *scaffold.Project {
	t.Helper()
	p, err := scaffold.New(dir, "Food_delivery", checkout(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func checkout(t *testing.T) string {
	t.Helper()
	dir, err := scaffold.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestAProjectIsDeployedAsTheFrameworkIs compares what both have of it.
func TestAProjectIsDeployedAsTheFrameworkIs(t *testing.T) {
	dir := t.TempDir()
	if _, err := newProject(t, dir).Write(); err != nil {
		t.Fatal(err)
	}
	part := func(makefile string) string {
		const begin, end = "# The CDK's CLI is", ".PHONY: clean"
		from, to := strings.Index(makefile, begin), strings.Index(makefile, end)
		if from < 0 || to < from {
			t.Fatalf("there is nothing from %q to %q in\n%s", begin, end, makefile)
		}
		return makefile[from:to]
	}
	if got, want := part(read(t, dir, "Makefile")), part(read(t, checkout(t), "Makefile")); got != want {
		t.Errorf("the Makefile deploys in its own way:\n%s\nand the framework's:\n%s", got, want)
	}
	if got, want := read(t, dir, "cdk.json"), read(t, checkout(t), "cdk.json"); got != want {
		t.Errorf("cdk.json is\n%s\nand the framework's\n%s", got, want)
	}

	type pack struct {
		Name, License   string
		DevDependencies map[string]string
	}
	var own, framework pack
	var lock struct {
		Name     string
		Packages map[string]pack
	}
	for _, file := range []struct {
		text string
		into any
	}{
		{read(t, dir, "package.json"), &own},
		{read(t, dir, "package-lock.json"), &lock},
		{read(t, checkout(t), "package.json"), &framework},
	} {
		if err := json.Unmarshal([]byte(file.text), file.into); err != nil {
			t.Fatal(err)
		}
	}
	locked := lock.Packages[""]
	if own.Name != "food_delivery" || lock.Name != own.Name || locked.Name != own.Name {
		t.Errorf("npm knows the project as %q, %q and %q", own.Name, lock.Name, locked.Name)
	}
	if own.License != "UNLICENSED" || locked.License != own.License {
		t.Errorf("the licence is %q, and %q", own.License, locked.License)
	}
	if cli := framework.DevDependencies["aws-cdk"]; cli == "" || own.DevDependencies["aws-cdk"] != cli || locked.DevDependencies["aws-cdk"] != cli {
		t.Errorf("the CDK's CLI is %q and %q, that of the framework %q", own.DevDependencies, locked.DevDependencies, cli)
	}
}

func TestOfAProjectThatIsNotWrittenNothingIsLeft(t *testing.T) {
	parent := t.TempDir()
	p, err := scaffold.New(filepath.Join(parent, "a", "b"), "shop", checkout(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Topic("user-created", nil); err == nil {
		t.Error("a bad name is taken")
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left", left, err)
	}
}

func TestUndoLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "less", "topics"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := newProject(t, dir)
	if _, err := p.Topic("paid", []string{"ship"}); err != nil {
		t.Fatal(err)
	}
	read(t, dir, "less/topics/paid/ship/process.go")
	p.Undo()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || left[0] != filepath.Join(dir, "less") {
		t.Errorf("%q, %v are left", left, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "less", "topics")); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left in less/topics", left, err)
	}
}
