package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A repository is the one that a project is in.
type repository struct {
	root string
	// prefix is the project's folder in it, "" for the root, with slashes.
	prefix string
	// index is a file to use instead of the repository's index, or "".
	index string
}

// open finds the repository of the project in dir.
func open(ctx context.Context, dir string) (repository, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return repository{}, err
	}
	out, err := repository{root: dir}.git(ctx, "rev-parse", "--show-toplevel", "--show-prefix")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return repository{}, fmt.Errorf("the git command is not in your PATH (%w). Install git, or add its folder to PATH", err)
	case err != nil && strings.Contains(err.Error(), "not a git repository"):
		return repository{}, fmt.Errorf("%s is not in a git repository, so there is no other revision to read. Run git init there and commit the project", dir)
	case err != nil:
		return repository{}, fmt.Errorf("find the git repository of %s: %w", dir, err)
	}
	root, prefix, _ := strings.Cut(out, "\n")
	return repository{root: filepath.FromSlash(root), prefix: strings.TrimSuffix(strings.TrimSuffix(prefix, "\n"), "/")}, nil
}

// commit returns the hash of the commit that ref names.
func (r repository) commit(ctx context.Context, ref string) (string, error) {
	if ref == "" {
		return "", errors.New("the revision to compare with is empty. Name a branch, a tag or a commit, such as main or HEAD~1")
	}
	hash, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err == nil {
		return strings.TrimSpace(hash), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	wayOut := "Name a branch, a tag or a commit; git branch --all and git tag list them"
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", "origin/"+ref+"^{commit}"); err == nil {
		wayOut = "There is origin/" + ref + ": name that"
	} else if shallow, _ := r.git(ctx, "rev-parse", "--is-shallow-repository"); strings.TrimSpace(shallow) == "true" {
		wayOut = "The clone is shallow, so most of its history is missing: run git fetch --unshallow, or set fetch-depth: 0 where CI checks out"
	}
	return "", fmt.Errorf("there is no revision %q in the git repository %s. %s", ref, r.root, wayOut)
}

// git runs a git command in the repository's root, and returns what it prints.
func (r repository) git(ctx context.Context, args ...string) (string, error) {
	// What writes besides the index it is given, or starts a program, is off.
	args = append([]string{"-c", "core.fsmonitor=false", "-c", "core.splitIndex=false", "-c", "core.hooksPath=" + os.DevNull}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.root
	// In a hook these say which repository is meant, which need not be this one.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	if r.index != "" {
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+r.index)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return "", fmt.Errorf("%w: %s", err, text)
		}
		return "", err
	}
	return stdout.String(), nil
}
