package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/less-go/less/internal/scan"
)

// framework is the module that projects depend on.
const framework = "github.com/less-go/less"

// New is a new project called name in dir, which may exist: what is in the way is left
// as it is. It is written with the first code that is written into it, or by [Project.Write].
// checkout is the framework's folder, which go.mod points to as long as the module is not
// published. Close the project.
func New(dir, name, checkout string) (*Project, error) {
	if err := scan.CheckName(strings.ReplaceAll(name, "-", "_")); err != nil {
		return nil, fmt.Errorf("invalid project name: %w", err)
	}
	files, err := contents(name, checkout)
	if err != nil {
		return nil, err
	}
	made, err := makeFolders(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, removeFolders(made))
	}
	p := &Project{root: root, module: "example.com/" + name, base: files, made: made}
	if err := p.adopt(checkout); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// adopt lets p be of the module that is there already, if one is.
func (p *Project) adopt(checkout string) error {
	content, err := p.root.ReadFile("go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	mod, err := modfile.Parse("go.mod", content, nil)
	switch {
	case err != nil:
		return fmt.Errorf("%w. Correct it; go mod edit -print shows what Go makes of it", err)
	case mod.Module == nil:
		return errNoModule
	}
	p.module = mod.Module.Mod.Path
	for _, r := range mod.Require {
		if r.Mod.Path == framework {
			return nil
		}
	}
	return fmt.Errorf("go.mod is there already, and does not require %[1]s. Run 'go mod edit -require=%[1]s@v0.0.0 -replace=%[1]s=%[2]s -tool=%[1]s/cmd/less-cli', try again, and run 'go mod tidy' then", framework, filepath.ToSlash(checkout))
}

// errNoModule is a go.mod without its first line.
var errNoModule = errors.New("go.mod: it names no module. Begin it with a line such as: module example.com/shop")

// Write writes a new project without any code.
func (p *Project) Write() ([]File, error) {
	c := p.change()
	c.folder("less")
	files, err := c.look()
	if err != nil {
		return nil, err
	}
	return c.writeAll(files)
}

// contents are the files of a new project.
func contents(name, checkout string) ([]content, error) {
	mod, sum, err := Modules([]byte("module example.com/"+name+"\n"), checkout)
	if err != nil {
		return nil, err
	}
	var cdk [3][]byte
	for i, file := range []string{"cdk.json", "package.json", "package-lock.json"} {
		if cdk[i], err = os.ReadFile(filepath.Join(checkout, file)); err != nil {
			return nil, err
		}
	}
	own := strings.NewReplacer("NAME", name, "CHECKOUT", filepath.ToSlash(checkout)).Replace
	// The CDK's CLI is the framework's, name and licence are not.
	npm := func(text []byte) string {
		out := strings.ReplaceAll(string(text), `"name": "less"`, `"name": "`+strings.ToLower(name)+`"`)
		return strings.Replace(out, `"license": "Apache-2.0"`, `"license": "UNLICENSED"`, 1)
	}
	return []content{
		{"go.mod", string(mod)},
		{"go.sum", string(sum)},
		{".gitignore", gitignore},
		{"README.md", own(readme)},
		{"Makefile", makefile},
		{".ci/run", ciRun},
		{"cdk.json", string(cdk[0])},
		{"package.json", npm(cdk[1])},
		{"package-lock.json", npm(cdk[2])},
		{"infra/main.go", infra},
	}, nil
}

// makeFolders makes dir and the folders above it that are missing, and lists those.
func makeFolders(dir string) (made []string, err error) {
	var missing []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	for _, at := range slices.Backward(missing) {
		if err := os.Mkdir(at, 0o777); err != nil {
			return nil, errors.Join(err, removeFolders(made))
		}
		made = append(made, at)
	}
	return made, nil
}

// removeFolders removes what [makeFolders] has made.
func removeFolders(made []string) error {
	for _, dir := range slices.Backward(made) {
		if err := os.Remove(dir); err != nil {
			return err
		}
	}
	return nil
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
	if err := theirs.AddIgnore("./node_modules"); err != nil { // the CDK's CLI brings templates of Go files
		return nil, nil, err
	}
	theirs.SetRequireSeparateIndirect(theirs.Require)
	theirs.Cleanup()
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
