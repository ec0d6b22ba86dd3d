package contract

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/schema"
)

// A reader reads one contract.
type reader struct {
	app    app.App
	flow   flow.Flow
	types  *schema.Builder
	loaded map[string]*packages.Package
	// failure is the definition of what is answered when something went wrong.
	failure *schema.Definition
	err     error
}

// read reads the contract of an application from its packages, with their syntax
// and types.
func read(a app.App, f flow.Flow, pkgs []*packages.Package, dir string) (Contract, error) {
	r := &reader{app: a, flow: f, types: schema.New(pkgs, dir, a.Module), loaded: map[string]*packages.Package{}, failure: failure()}
	packages.Visit(pkgs, nil, func(p *packages.Package) { r.loaded[p.PkgPath] = p })

	c := Contract{Name: a.Name()}
	for _, t := range a.Topics {
		c.Topics = append(c.Topics, r.topic(t))
	}
	for _, t := range a.External {
		c.External = append(c.External, r.external(t))
	}
	for _, api := range a.APIs {
		out := API{Name: api.Name}
		for _, route := range api.Routes {
			out.Routes = append(out.Routes, r.route(route))
		}
		c.APIs = append(c.APIs, out)
	}
	if r.err != nil {
		return Contract{}, r.err
	}
	if _, err := r.types.Finish(); err != nil {
		return Contract{}, err
	}
	return c, nil
}

// lookup finds what a package declares. That it is there the scan has made sure of.
func (r *reader) lookup(p app.Package, name string) types.Object {
	pkg := r.loaded[p.ImportPath]
	if pkg == nil || pkg.Types == nil {
		r.fail(fmt.Errorf("read the contract: package %s was not loaded", p.ImportPath))
		return nil
	}
	obj := pkg.Types.Scope().Lookup(name)
	if obj == nil {
		r.fail(fmt.Errorf("read the contract: %s does not declare %s", p.ImportPath, name))
	}
	return obj
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) topic(t app.Topic) Topic {
	out := r.carried(t.Package, t.Name, schema.Encoded)
	out.Name, out.Pos = t.Name, t.Pos
	for _, id := range r.flow.Publishers(t.Name) {
		out.Publishers = append(out.Publishers, r.publisher(id, t.Name))
	}
	out.Subscribers = r.subscribers(t.Subscribers)
	return out
}

// external is a topic of another application as this one takes it.
func (r *reader) external(t app.ExternalTopic) Topic {
	out := r.carried(t.Package, t.Label(), schema.Decoded)
	out.Name, out.Pos = t.Label(), t.Pos
	out.Subscribers = r.subscribers(t.Subscribers)
	return out
}

// carried is a topic of which nothing is known but its package, by which it is called name.
func (r *reader) carried(p app.Package, name string, mode schema.Mode) Topic {
	out := Topic{
		Message:     &schema.Schema{},
		Description: sentence(r.packageComment(p), "Package "+p.Name+" is the topic "+name+": "),
	}
	if obj := r.lookup(p, "Message"); obj != nil {
		out.Message = r.types.Type(obj.Type(), mode, p.Name+".Message", obj.Pos())
	}
	return out
}

func (r *reader) subscribers(all []app.Subscriber) []Subscriber {
	var out []Subscriber
	for _, s := range all {
		out = append(out, Subscriber{
			Function: s.ID(), Service: s.Service(), Description: r.subscriberComment(s),
		})
	}
	return out
}

func (r *reader) publisher(id, topic string) Publisher {
	out := Publisher{Function: id}
	fn, _ := r.flow.Function(id)
	for _, p := range fn.Publishes {
		if p.Topic == topic && !slices.Contains(out.Conditions, p.Condition) {
			out.Conditions = append(out.Conditions, p.Condition)
		}
	}
	slices.Sort(out.Conditions)
	for _, api := range r.app.APIs {
		for _, route := range api.Routes {
			if route.ID() == id {
				out.Description = r.handlerComment(route.Package, route.Func, route.Method+" "+route.Path)
			}
		}
	}
	for _, s := range r.app.Subscribers() {
		if s.ID() == id {
			out.Service, out.Description = s.Service(), r.subscriberComment(s)
		}
	}
	return out
}

// subscriberComment is what the package of a subscriber says, which says more than
// its Process: that is scaffolded.
func (r *reader) subscriberComment(s app.Subscriber) string {
	return sentence(r.packageComment(s.Package), "Package "+s.Package.Name+" ")
}

// handlerComment is what stands above a handler.
func (r *reader) handlerComment(p app.Package, name, label string) string {
	obj := r.lookup(p, name)
	if obj == nil {
		return ""
	}
	return sentence(schema.Describe(r.types.Comment(obj)), name+" is "+label+": ")
}

func (r *reader) packageComment(p app.Package) string {
	pkg := r.loaded[p.ImportPath]
	if pkg == nil {
		return ""
	}
	files := slices.Clone(pkg.Syntax)
	slices.SortFunc(files, func(a, b *ast.File) int { return strings.Compare(fileName(pkg.Fset, a), fileName(pkg.Fset, b)) })
	for _, file := range files {
		if text := strings.TrimSpace(file.Doc.Text()); text != "" {
			return schema.Describe(text)
		}
	}
	return ""
}

func fileName(fset *token.FileSet, f *ast.File) string {
	return fset.PositionFor(f.Package, false).Filename
}

// sentence is text without what every such comment begins with.
func sentence(text, prefix string) string {
	rest, found := strings.CutPrefix(text, prefix)
	if !found || rest == "" {
		return text
	}
	rest = strings.TrimPrefix(rest, "it ")
	return strings.ToUpper(rest[:1]) + rest[1:]
}
