package gen

import (
	"bytes"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/app"
)

// imports are those of one file: the application's packages under names that are
// unique in the file, and others under their own.
type imports struct {
	names    map[string]string // by import path
	packages map[string]app.Package
}

// newImports names the packages. A package goes by its clause. Where several have
// the same, as subscribers of different topics often do, the folders above tell
// them apart: "orderplacednotifyuser". So a name says what it stands for, and a
// new package changes at most the names of those it is called like.
func newImports(packages []app.Package) *imports {
	im := &imports{names: map[string]string{}, packages: map[string]app.Package{}}
	above := map[string]int{} // how many folders are in a package's name
	for _, p := range packages {
		im.packages[p.ImportPath] = p
		im.names[p.ImportPath] = qualified(p, 0)
	}
	for {
		count := map[string]int{}
		for _, name := range im.names {
			count[name]++
		}
		longer := false
		for importPath, p := range im.packages {
			name := im.names[importPath]
			if (count[name] > 1 || taken(name)) && above[importPath] < strings.Count(p.Dir, "/") {
				above[importPath]++
				im.names[importPath] = qualified(p, above[importPath])
				longer = true
			}
		}
		if !longer {
			break
		}
	}
	im.number()
	return im
}

// number tells apart by numbers what folders cannot: "a/bc" and "ab/c".
func (im *imports) number() {
	used := map[string]bool{}
	for _, importPath := range sorted(im.names) {
		name := im.names[importPath]
		for n := 2; used[name] || taken(name); n++ {
			name = im.names[importPath] + strconv.Itoa(n)
		}
		used[name] = true
		im.names[importPath] = name
	}
}

// qualified is p's clause behind the names of the nearest folders above it.
func qualified(p app.Package, folders int) string {
	elements := strings.Split(path.Dir(p.Dir), "/")
	prefix := strings.Join(elements[len(elements)-min(folders, len(elements)):], "")
	name := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(prefix) + p.Name)
	if !token.IsIdentifier(name) {
		return "pkg" // a clause such as Func
	}
	return name
}

// taken says that a name means something else in generated code.
func taken(name string) bool {
	return slices.Contains([]string{"less", "topics", "http", "main", "init", "_"}, name)
}

// add imports a package that is not the application's handler or message, by its own name.
func (im *imports) add(importPath string) { im.names[importPath] = path.Base(importPath) }

// name is what p is called in the file.
func (im *imports) name(p app.Package) string { return im.names[p.ImportPath] }

func (im *imports) write(b *bytes.Buffer) {
	var standard, others []string
	for _, importPath := range sorted(im.names) {
		name := im.names[importPath]
		line := fmt.Sprintf("\t%s %q\n", name, importPath)
		if p, ours := im.packages[importPath]; name == path.Base(importPath) && (!ours || p.Name == name) {
			line = fmt.Sprintf("\t%q\n", importPath)
		}
		if importPath == "net/http" {
			standard = append(standard, line)
		} else {
			others = append(others, line)
		}
	}
	groups := strings.Join(standard, "")
	if len(standard) > 0 {
		groups += "\n"
	}
	fmt.Fprintf(b, "import (\n%s)\n\n", groups+strings.Join(others, ""))
}
