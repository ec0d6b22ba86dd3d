package scan

import (
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/less-go/less/internal/near"
)

// supported are the folders of less/ that this version reads.
var supported = []string{"apis", "topics", "external_topics", "crons", "shared"}

// unsupported are the folders that Less has and this version does not read, each
// with a way out.
var unsupported = map[string]string{
	"sockets":   "Move the folder out of less/.",
	"functions": "Make it a route: less/apis/<api>/<path>/post.go.",
	"statics":   "Move the folder out of less/, or serve its files from a route with http.FileServer.",
}

// firstLevel gives each folder of less/ to the part of the scan that reads it.
func (s *scanner) firstLevel(tree *folder) {
	found := false
	for _, f := range tree.folders {
		switch f.name {
		case "apis":
			found = s.apis(f) || found
		case "topics":
			found = s.topics(f) || found
		case "external_topics":
			found = s.externalTopics(f) || found
		case "crons":
			found = s.crons(f) || found
		case "shared":
			s.importable(f)
		default:
			s.notRead(f)
		}
	}
	if !found && len(s.problems) == 0 {
		s.report(root, "no resources found. A route is less/apis/<api>/<path>/<verb>.go, and a topic less/topics/<topic>/message.go. "+
			"Make a first one with less-cli create route or less-cli create topic.")
	}
}

func (s *scanner) notRead(f *folder) {
	if wayOut, found := unsupported[f.name]; found {
		s.report(f.path, "%s are not supported yet. %s", strings.ReplaceAll(f.name, "_", " "), wayOut)
		return
	}
	if hint := near.Hint(strings.ToLower(f.name), supported); f.hasGo || hint != "" {
		s.report(f.path, "invalid resource type %q. %sThe less folder holds %s; move other code out of it.",
			f.name, hint, strings.Join(supported, ", "))
	}
}

// importable reports every folder below f that holds Go files and has a name
// that breaks go build ./... for the whole module.
func (s *scanner) importable(f *folder) {
	for _, sub := range f.folders {
		if err := module.CheckImportPath(sub.name); err != nil && sub.hasGo {
			s.report(sub.path, "Go cannot import a folder called %q, and one such folder breaks go build for the whole module. %s.",
				sub.name, rename(sub.name, ""))
		}
		s.importable(sub)
	}
}

// absent says, of a folder without Go files in the place of a resource, what
// somebody who waits for it to work must know.
func (s *scanner) absent(f *folder, wayOut string, handlers []string) {
	if f.bare {
		s.report(f.path, "the folder is empty. %s, or remove the folder.", wayOut)
		return
	}
	s.foreignBelow(f, handlers)
}

func (s *scanner) foreignBelow(f *folder, handlers []string) {
	s.foreign(f, handlers)
	for _, sub := range f.folders {
		s.foreignBelow(sub, handlers)
	}
}

// foreign reports the files in which Less would have a handler: one of the names
// in handlers, in a language other than Go.
func (s *scanner) foreign(f *folder, handlers []string) {
	for _, name := range f.others {
		base, ext, _ := strings.Cut(name, ".")
		if !slices.Contains(handlers, base) || !slices.Contains([]string{"js", "ts", "py", "rs"}, ext) {
			continue
		}
		if !slices.Contains(verbs, base) {
			base = "process"
		}
		s.report(f.file(name), "handlers are written in Go here. Write %s.go instead, and remove this file.", base)
	}
}
