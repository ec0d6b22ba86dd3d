package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/less-go/less/internal/scan"
)

// framework is the module that projects depend on.
const framework = "github.com/less-go/less"

// New writes a new project called name into dir, which may exist: what is in the
// way is left as it is. checkout is the framework's folder, which go.mod points to as long as the
// module is not published.
func New(dir, name, checkout string) ([]File, error) {
	if err := scan.CheckName(strings.ReplaceAll(name, "-", "_")); err != nil {
		return nil, fmt.Errorf("invalid project name: %w", err)
	}
	mod, sum, err := Modules([]byte("module example.com/"+name+"\n"), checkout)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	p := &Project{root, "example.com/" + name}
	defer p.Close() //nolint:errcheck // it was only looked at
	c := p.change()
	for _, f := range []struct{ name, text string }{
		{"go.mod", string(mod)},
		{"go.sum", string(sum)},
		{".gitignore", gitignore},
		{"README.md", readme},
		{"Makefile", makefile},
		{".ci/run", ciRun},
	} {
		c.files[f.name] = strings.NewReplacer("NAME", name, "CHECKOUT", filepath.ToSlash(checkout)).Replace(f.text)
		c.order = append(c.order, f.name)
	}
	files, err := c.look()
	if err != nil {
		return nil, err
	}
	if files, err = c.writeAll(files); err != nil {
		return nil, err
	}
	if err := root.Mkdir("less", 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return files, err
	}
	for _, f := range files {
		if f.Name == ".ci/run" && !f.Existed {
			return files, root.Chmod(f.Name, 0o777)
		}
	}
	return files, nil
}

// Modules completes a go.mod, and makes its go.sum, so that the module uses the
// framework in checkout, and what that depends on, in the same versions: nothing has to be
// asked of the network where they are cached.
func Modules(goMod []byte, checkout string) (mod, sum []byte, err error) {
	content, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		return nil, nil, err
	}
	ours, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return nil, nil, err
	}
	theirs, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range ours.Require {
		theirs.AddNewRequire(r.Mod.Path, r.Mod.Version, true)
	}
	theirs.AddNewRequire(framework, "v0.0.0", false)
	if err := errors.Join(theirs.AddGoStmt(ours.Go.Version), theirs.AddReplace(framework, "", checkout, ""), theirs.AddTool(framework+"/cmd/less-cli")); err != nil {
		return nil, nil, err
	}
	theirs.SetRequireSeparateIndirect(theirs.Require)
	if mod, err = theirs.Format(); err != nil {
		return nil, nil, err
	}
	sum, err = os.ReadFile(filepath.Join(checkout, "go.sum"))
	return mod, sum, err
}

// Checkout is the folder of the framework that this program was built from. The
// error says what to do where it is not known, or gone.
func Checkout() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || modfile.ModulePath(content) != framework {
		return "", fmt.Errorf("the checkout of %s that less-cli was built from is not at %s. Build less-cli in a checkout, without -trimpath: go build -o less-cli ./cmd/less-cli", framework, dir)
	}
	return dir, nil
}

const gitignore = `/.less/
/bin/
/cdk.out/
/node_modules/
`

const readme = `# NAME

A folder tree is the architecture: less/apis/<api>/<path>/<verb>.go is a route, less/topics/<topic>/<subscriber>/ a
subscriber.

` + "```" + `
make run     # runs it on this machine, as AWS would
make test    # runs its tests
make graph   # draws the workflow that the code has
` + "```" + `

New parts are made with less-cli create; less-cli create --help shows how.
`

const makefile = `.DEFAULT_GOAL := help
LESS := go tool less-cli

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the project on this machine
	@$(LESS) run

.PHONY: test
test: ## Run the tests
	@$(LESS) gen --check
	go vet ./...
	go test ./...

.PHONY: graph
graph: ## Draw the workflow that the code has
	@$(LESS) graph

.PHONY: check
check: test ## All that a change must pass
	@$(LESS) check
`

const ciRun = `#!/usr/bin/env bash
# What a change must pass.
set -euo pipefail
cd "$(dirname "$0")/.."
make check
`
