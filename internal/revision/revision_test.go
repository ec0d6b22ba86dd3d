package revision_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/revision"
)

// A repo is a git repository of a test.
type repo struct {
	t   *testing.T
	dir string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := repo{t, filepath.Join(dir, "shop")}
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git("init", "--quiet", "--initial-branch", "main")
	return r
}

func (r repo) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir = r.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (r repo) write(name, content string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit commits files, given as names and contents.
func (r repo) commit(files ...string) {
	r.t.Helper()
	for i := 0; i < len(files); i += 2 {
		r.write(files[i], files[i+1])
	}
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message", "x")
}

func (r repo) checkout(dir, ref string) string {
	r.t.Helper()
	project, remove, err := revision.Checkout(r.t.Context(), filepath.Join(r.dir, dir), ref)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := remove(); err != nil {
			r.t.Error(err)
		}
		if _, err := os.Stat(project); err == nil {
			r.t.Errorf("%s is left", project)
		}
	})
	return project
}

// files are the files below dir with their content.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACopyIsTheProjectAsItWas(t *testing.T) {
	r := newRepo(t)
	r.commit("go.mod", "module shop\n", "less/a.go", "package a\n", "ignored.txt", "x", ".gitattributes", "ignored.txt export-ignore\n")
	r.git("tag", "v1")
	r.commit("less/a.go", "package b\n", "less/new.go", "package b\n")

	want := map[string]string{"go.mod": "module shop\n", "less/a.go": "package a\n", "ignored.txt": "x", ".gitattributes": "ignored.txt export-ignore\n"}
	for _, ref := range []string{"v1", "HEAD~1", "main^"} {
		if diff := cmp.Diff(want, files(t, r.checkout("", ref))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", ref, diff)
		}
	}
}

func TestTheRepositoryStaysAsItIs(t *testing.T) {
	r := newRepo(t)
	r.commit("go.mod", "module shop\n", "less/a.go", "package a\n")
	r.commit("less/a.go", "package b\n")
	r.write("less/a.go", "package changed\n")
	r.write("staged.go", "package staged\n")
	r.git("add", "staged.go")
	r.write("untracked.go", "package untracked\n")
	for _, hook := range []string{"post-checkout", "post-index-change", "reference-transaction"} {
		r.write(".git/hooks/"+hook, "#!/bin/sh\ntouch "+filepath.Join(r.dir, "hook-ran")+"\n")
		if err := os.Chmod(filepath.Join(r.dir, ".git/hooks", hook), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := files(t, r.dir)
	r.checkout("", "HEAD~1")
	if diff := cmp.Diff(before, files(t, r.dir)); diff != "" {
		t.Errorf("it does not (-before +after):\n%s", diff)
	}
}

func TestAProjectMayBeBelowTheRoot(t *testing.T) {
	r := newRepo(t)
	r.commit("lib/go.mod", "module lib\n", "apps/shop/go.mod", "module shop\n\nrequire lib v0.0.0\n\nreplace lib => ../../lib\n", "apps/shop/less/a.go", "package a\n")
	project := r.checkout("apps/shop", "HEAD")
	if !strings.HasSuffix(filepath.ToSlash(project), "/shop/apps/shop") {
		t.Errorf("the project is in %s", project)
	}
	got := files(t, filepath.Join(project, "../.."))
	if got["lib/go.mod"] != "module lib\n" || got["apps/shop/go.mod"] != "module shop\n\nrequire lib v0.0.0\n\nreplace lib => ../../lib\n" {
		t.Errorf("what is in the repository changed: %v", got)
	}
}

func TestModulesOutsideOfTheRepositoryAreTakenAsTheyAre(t *testing.T) {
	r := newRepo(t)
	r.write("../lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	r.write("../lib/lib.go", "package lib\n")
	r.write("generated/go.mod", "module example.com/generated\n\ngo 1.26\n")
	r.write("generated/generated.go", "package generated\n")
	r.commit(
		".gitignore", "/generated\n",
		"app/go.mod", "module example.com/shop\n\ngo 1.26\n\nrequire (\n\texample.com/generated v0.0.0\n\texample.com/lib v0.0.0\n)\n\nreplace example.com/lib => ../../lib\n\nreplace example.com/generated => ../generated\n",
		"app/shop.go", "package shop\n\nimport (\n\t_ \"example.com/generated\"\n\t_ \"example.com/lib\"\n)\n",
	)
	project := r.checkout("app", "main")
	mod := files(t, project)["go.mod"]
	for _, want := range []string{
		"replace example.com/lib => " + filepath.ToSlash(filepath.Join(filepath.Dir(r.dir), "lib")),
		"replace example.com/generated => " + filepath.ToSlash(filepath.Join(r.dir, "generated")),
	} {
		if !strings.Contains(mod, want) {
			t.Errorf("there is no line %s in\n%s", want, mod)
		}
	}
	build(t, project)
}

func TestAWorkspaceIsTakenAlong(t *testing.T) {
	r := newRepo(t)
	r.write("../lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	r.write("../lib/lib.go", "package lib\n")
	r.commit(
		"go.work", "go 1.26\n\nuse (\n\t.\n\t../lib\n)\n",
		"go.mod", "module example.com/shop\n\ngo 1.26\n",
		"shop.go", "package shop\n\nimport _ \"example.com/lib\"\n",
	)
	build(t, r.checkout("", "main"))
}

func build(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command("go", "build", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	r := newRepo(t)
	r.commit("readme", "x")
	r.git("tag", "empty")
	r.commit("go.mod", "module shop\n", "apps/a/go.mod", "module a\n")
	r.git("update-ref", "refs/remotes/origin/feature", "HEAD")
	outside := t.TempDir()
	for name, test := range map[string]struct{ dir, ref, want string }{
		"no repository":   {outside, "main", outside + " is not in a git repository, so there is no other revision to read. Run git init there and commit the project"},
		"unknown":         {r.dir, "nope", `there is no revision "nope" in the git repository ` + r.dir + ". Name a branch, a tag or a commit; git branch --all and git tag list them"},
		"like a flag":     {r.dir, "--all", `there is no revision "--all" in the git repository ` + r.dir + ". Name a branch, a tag or a commit; git branch --all and git tag list them"},
		"only the remote": {r.dir, "feature", `there is no revision "feature" in the git repository ` + r.dir + ". There is origin/feature: name that"},
		"nothing":         {r.dir, "", "the revision to compare with is empty. Name a branch, a tag or a commit, such as main or HEAD~1"},
		"too early":       {r.dir, "empty", "at empty there was no go.mod in the repository " + r.dir + ": the project did not exist yet, or was elsewhere. Name a later revision; git log --follow -- go.mod lists them"},
		"too early below": {r.dir + "/apps/a", "empty", "at empty there was no go.mod in apps/a in the repository " + r.dir + ": the project did not exist yet, or was elsewhere. Name a later revision; git log --follow -- apps/a/go.mod lists them"},
	} {
		t.Run(name, func(t *testing.T) {
			_, remove, err := revision.Checkout(t.Context(), test.dir, test.ref)
			if err == nil || err.Error() != test.want || remove != nil {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

func TestAShallowCloneIsNamed(t *testing.T) {
	r := newRepo(t)
	r.commit("go.mod", "module shop\n")
	r.commit("go.mod", "module shop2\n")
	clone := repo{t, r.dir + "-clone"}
	r.git("clone", "--quiet", "--depth", "1", "file://"+r.dir, clone.dir)
	_, _, err := revision.Checkout(t.Context(), clone.dir, "HEAD~1")
	if err == nil || !strings.Contains(err.Error(), "git fetch --unshallow") {
		t.Errorf("got %v", err)
	}
}

func TestACanceledCheckoutLeavesNothing(t *testing.T) {
	r := newRepo(t)
	r.commit("go.mod", "module shop\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := revision.Checkout(ctx, r.dir, "HEAD")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

func TestARepositoryThatAHookSpeaksOfIsNotTaken(t *testing.T) {
	r := newRepo(t)
	r.commit("go.mod", "module shop\n")
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "elsewhere"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(r.dir, ".git", "other"))
	if got := files(t, r.checkout("", "HEAD")); got["go.mod"] != "module shop\n" {
		t.Errorf("got %v", got)
	}
	if _, err := os.Stat(filepath.Join(r.dir, ".git", "other")); err == nil {
		t.Error("the index of the hook is written")
	}
}
