package schema

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/less-go/less/internal/app"
)

// A Mode is who writes the JSON.
type Mode string

// The modes.
const (
	// Encoded is what encoding/json writes.
	Encoded Mode = "encoded"
	// Decoded is what encoding/json reads.
	Decoded Mode = "decoded"
)

// A Builder makes schemas of the types of a program. It is not safe for
// concurrent use.
type Builder struct {
	fset     *token.FileSet
	dir      string // of the project, with a separator at its end
	module   string
	comments comments

	definitions map[definitionKey]*Definition
	order       []*Definition
	problems    Problems
	// at is where the type is mentioned that is being described, for problems, and
	// what is the path to it.
	at   token.Pos
	what string
}

type definitionKey struct {
	typ  string
	mode Mode
}

// New returns a Builder for the types of pkgs and what they import. Comments are
// read from those that were loaded with their syntax. Positions are relative to
// dir, the project's folder, and names of definitions to module, its module path.
func New(pkgs []*packages.Package, dir, module string) *Builder {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs // as the go command names files
	}
	b := &Builder{
		dir:         strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator),
		module:      module,
		definitions: map[definitionKey]*Definition{},
		fset:        token.NewFileSet(),
	}
	if len(pkgs) > 0 {
		b.fset = pkgs[0].Fset
	}
	b.comments = readComments(b.fset, pkgs)
	return b
}

// Type returns the schema of t. Problems call it what, "Message", and point at
// pos unless a field has a place of its own.
func (b *Builder) Type(t types.Type, mode Mode, what string, pos token.Pos) *Schema {
	b.at, b.what = pos, what
	return b.schema(t, mode)
}

// Finish names the definitions and returns them in the order of their names. The
// error, if any, is a [Problems].
func (b *Builder) Finish() ([]*Definition, error) {
	out := b.name()
	if len(b.problems) > 0 {
		return nil, b.problems.Sorted()
	}
	return out, nil
}

// Pos is pos as a place in the project.
func (b *Builder) Pos(pos token.Pos) app.Pos {
	if !pos.IsValid() {
		return ""
	}
	p := b.fset.PositionFor(pos, false)
	return app.Pos(fmt.Sprintf("%s:%d", b.file(p.Filename), p.Line))
}

// file is the name of a file relative to the project, with slashes. One that is
// known from export data alone, made with -trimpath, begins with the module's path.
func (b *Builder) file(name string) string {
	return strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(name, b.dir)), b.module+"/")
}

// Comment is what is said above the declaration of obj.
func (b *Builder) Comment(obj types.Object) string { return b.comments.of(obj) }

// sortDefinitions brings definitions into the order of their names.
func sortDefinitions(list []*Definition) {
	slices.SortFunc(list, func(a, b *Definition) int { return strings.Compare(a.Name, b.Name) })
}
