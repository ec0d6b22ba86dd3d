// Package revision writes a project as it was at another revision into a folder of
// its own, so that it can be read like any other.
//
// The repository is only read: no hook runs, and its index, its working tree and
// its list of worktrees stay as they are. Submodules are not part of the copy.
// What lies outside of the repository has no history here: a module that go.mod or
// go.work names there by a relative path is taken as it is now.
package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Checkout writes the whole repository of the project in dir, as it was at ref,
// into a temporary folder. It returns the project's folder in there, and a function
// that removes all of it; where there is an error, there is nothing to remove.
// ref is what git takes for a commit: a branch, a tag, HEAD~1, a hash.
func Checkout(ctx context.Context, dir, ref string) (project string, remove func() error, err error) {
	repo, err := open(ctx, dir)
	if err != nil {
		return "", nil, err
	}
	commit, err := repo.commit(ctx, ref)
	if err != nil {
		return "", nil, err
	}
	if err := repo.exists(ctx, commit, ref); err != nil {
		return "", nil, err
	}
	temporary, err := os.MkdirTemp("", "less-revision-")
	if err != nil {
		return "", nil, err
	}
	remove = func() error { return os.RemoveAll(temporary) }
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
			project, remove = "", nil
		}
	}()
	if temporary, err = filepath.EvalSymlinks(temporary); err != nil {
		return "", remove, err
	}
	tree := filepath.Join(temporary, filepath.Base(repo.root))
	if err := repo.write(ctx, commit, tree, filepath.Join(temporary, "index")); err != nil {
		return "", remove, fmt.Errorf("write the revision %s of %s: %w", ref, repo.root, err)
	}
	if err := relocate(repo.root, tree); err != nil {
		return "", remove, fmt.Errorf("prepare the revision %s of %s: %w", ref, repo.root, err)
	}
	return filepath.Join(tree, filepath.FromSlash(repo.prefix)), remove, nil
}

// exists says whether the project was there at commit.
func (r repository) exists(ctx context.Context, commit, ref string) error {
	if _, err := r.git(ctx, "cat-file", "-e", commit+":"+path.Join(r.prefix, "go.mod")); err == nil {
		return nil
	}
	where := "the repository " + r.root
	if r.prefix != "" {
		where = r.prefix + " in " + where
	}
	return fmt.Errorf("at %s there was no go.mod in %s: the project did not exist yet, or was elsewhere. Name a later revision; git log --follow -- %s lists them",
		ref, where, path.Join(r.prefix, "go.mod"))
}

// write writes all files of commit below tree, by way of an index of its own. An
// archive would do without one, but leaves out what .gitattributes say.
func (r repository) write(ctx context.Context, commit, tree, index string) error {
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	r.index = index
	if _, err := r.git(ctx, "read-tree", commit); err != nil {
		return err
	}
	if _, err := r.git(ctx, "checkout-index", "--all", "--quiet", "--prefix="+filepath.ToSlash(tree)+"/"); err != nil {
		return err
	}
	if err := os.Remove(index); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
