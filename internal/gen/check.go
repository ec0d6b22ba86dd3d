package gen

import (
	"errors"
	"fmt"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/less-go/less/internal/app"
)

var (
	goodName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	goodPath = regexp.MustCompile(`^/$|^(/[A-Za-z][A-Za-z0-9_-]*|/\{[A-Za-z][A-Za-z0-9_]*\})+$`)
	goodDir  = regexp.MustCompile(`^less(/[A-Za-z][A-Za-z0-9_-]*)+$`)
	methods  = []string{"DELETE", "GET", "PATCH", "POST", "PUT"}
)

// check refuses whatever could mean something else in source code or in a path
// than it says. Everything that reaches a generated file goes through here.
func check(a app.App) error {
	c := &checker{seen: map[string]bool{}}
	c.that(module.CheckImportPath(a.Module) == nil, "module path %q", a.Module)
	for _, api := range a.APIs {
		c.that(goodName.MatchString(api.Name), "API %q", api.Name)
		for _, r := range api.Routes {
			c.that(slices.Contains(methods, r.Method), "method %q", r.Method)
			c.that(goodPath.MatchString(r.Path), "path %q", r.Path)
			c.that(token.IsIdentifier(r.Func) && token.IsExported(r.Func), "handler %q", r.Func)
			c.that(r.Shape == app.Typed || r.Shape == app.HTTP, "shape %q", r.Shape)
			c.pkg(a, r.Package)
			c.that(strings.HasPrefix(r.Package.Dir, "less/apis/"), "folder %q of a route", r.Package.Dir)
			c.once("function " + r.ID())
		}
	}
	for _, t := range a.Topics {
		c.that(goodName.MatchString(t.Name), "topic %q", t.Name)
		c.that(token.IsIdentifier(t.GoName) && token.IsExported(t.GoName), "Go name %q of topic %q", t.GoName, t.Name)
		c.once("Go name " + t.GoName)
		c.pkg(a, t.Package)
		for _, s := range t.Subscribers {
			c.subscriber(a, t.Name, s)
		}
	}
	for _, t := range a.External {
		c.that(goodName.MatchString(t.App) && goodName.MatchString(t.Name), "external topic %q", t.Label())
		c.pkg(a, t.Package)
		for _, s := range t.Subscribers {
			c.that(s.App == t.App, "subscriber %q of topic %q of %q", s.Name, s.Topic, s.App)
			c.subscriber(a, t.Name, s)
		}
	}
	for _, cron := range a.Crons {
		c.that(goodName.MatchString(cron.Name), "cron %q", cron.Name)
		c.that(!strings.ContainsAny(cron.Schedule, "\n\r"), "schedule %q", cron.Schedule)
		c.pkg(a, cron.Package)
		c.once("function " + cron.ID())
	}
	return errors.Join(c.errs...)
}

type checker struct {
	seen map[string]bool
	errs []error
}

func (c *checker) that(good bool, format string, args ...any) {
	if !good {
		c.errs = append(c.errs, fmt.Errorf("generate: invalid "+format, args...))
	}
}

func (c *checker) pkg(a app.App, p app.Package) {
	c.that(goodDir.MatchString(p.Dir), "folder %q", p.Dir)
	c.that(p.ImportPath == a.Module+"/"+p.Dir && module.CheckImportPath(p.ImportPath) == nil, "import path %q", p.ImportPath)
	c.that(token.IsIdentifier(p.Name) && p.Name != "_", "package clause %q of %q", p.Name, p.Dir)
}

func (c *checker) subscriber(a app.App, topic string, s app.Subscriber) {
	c.that(s.Topic == topic && goodName.MatchString(s.Name), "subscriber %q of topic %q", s.Name, s.Topic)
	c.pkg(a, s.Package)
	c.once("function " + s.ID())
}

func (c *checker) once(what string) {
	c.that(!c.seen[what], "%s twice", what)
	c.seen[what] = true
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
