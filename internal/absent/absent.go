// Package absent says in the words of the tree what the compiler says of topics
// that nobody has made: a name that is undefined, a package that is not there. It
// knows the framework too, which is not where the compiler would get it.
package absent

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/mod/modfile"

	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/scan"
)

const (
	// topics is the folder of all topics, and of the package that is generated of them.
	topics    = "less/topics"
	framework = "github.com/less-go/less"
)

var (
	undefined = regexp.MustCompile(`^(.+\.go):(\d+)(?::\d+)?: undefined: (\w+)\.(\w+)$`)
	noPackage = regexp.MustCompile(`^(.+\.go):(\d+)(?::\d+)?: (?:no required module provides|could not import|cannot find|package).*? ?"?([\w./~-]+/less/topics(?:/\w+)?)\b`)
)

// noFramework is a go.mod that nobody has told of the framework.
var noFramework = regexp.MustCompile(`^.+\.go:\d+(?::\d+)?: (?:no required module provides package|could not import) github\.com/less-go/less\b`)

// Explain returns what the compiler says, with what it says of topics that do not
// exist in one line each: where, and how to make the topic. Lines are relative to
// the project in dir, the folder of its go.mod.
func Explain(dir string, lines []string) []string {
	p := read(dir)
	var out []string
	explained := false
	for _, line := range lines {
		for part := range strings.SplitSeq(line, "\n") {
			if explained && strings.HasPrefix(part, "\tgo get ") {
				continue // of a module that would have the package
			}
			said := p.explain(part)
			explained = len(said) > 0
			if !explained {
				said = []string{part}
			}
			for _, s := range said {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// A project is one whose topics are looked for.
type project struct {
	dir string
	// topics is the import path of the generated package.
	topics string
	// alone says that go.mod does not require the framework.
	alone bool
	files map[string]file
}

func read(dir string) *project {
	p := &project{dir: dir, files: map[string]file{}}
	content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return p
	}
	mod, err := modfile.ParseLax("go.mod", content, nil)
	if err != nil || mod.Module == nil {
		return p
	}
	p.topics = path.Join(mod.Module.Mod.Path, topics)
	p.alone = mod.Module.Mod.Path != framework && !slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == framework })
	return p
}

// explain says what a line of the compiler means, or nothing.
func (p *project) explain(line string) []string {
	if m := undefined.FindStringSubmatch(line); m != nil {
		f := p.file(m[1])
		if f.local == "" || f.local != m[3] {
			return nil
		}
		return p.undefined(m[1], m[2], m[4])
	}
	if p.alone && noFramework.MatchString(line) {
		return []string{"go.mod: it does not require github.com/less-go/less, and 'less-cli init .' says how it gets to"}
	}
	m := noPackage.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	name, one := strings.CutPrefix(m[3], p.topics+"/")
	switch {
	case m[3] == p.topics:
		var out []string
		for _, use := range p.file(m[1]).uses {
			out = append(out, p.undefined(m[1], strconv.Itoa(use.line), use.name)...)
		}
		return out
	case !one || p.exists(name):
		return nil
	}
	at := m[2]
	for _, use := range p.file(m[1]).uses {
		if use.name == scan.GoName(name) { // as the compiler says of the use: it is one mistake
			at = strconv.Itoa(use.line)
			break
		}
	}
	return []string{p.missing(m[1], at, name, scan.GoName(name))}
}

// undefined says that topics has no variable goName, where that is so.
func (p *project) undefined(file, line, goName string) []string {
	for _, name := range p.names() {
		if scan.GoName(name) == goName {
			return nil // the generated code is old
		}
	}
	return []string{p.missing(file, line, topicName(goName), goName)}
}

// missing says that a topic does not exist, which the code calls goName, and the way out.
func (p *project) missing(file, line, name, goName string) string {
	like := near.Name(name, p.names())
	if like == name { // spelt in another case
		return fmt.Sprintf("%s:%s: there is no topics.%s: the topic %s is topics.%s", file, line, goName, name, scan.GoName(name))
	}
	text := fmt.Sprintf("%s:%s: topic %s does not exist: ", file, line, name)
	if like != "" {
		text += fmt.Sprintf("there is %s, which is topics.%s. To make one: ", like, scan.GoName(like))
	}
	text += "less-cli create topic --name " + name
	if would := scan.GoName(name); would != goName {
		text += ", which is topics." + would
	}
	return text
}

func (p *project) exists(name string) bool { return slices.Contains(p.names(), name) }

// names are those of the folders of topics.
func (p *project) names() []string {
	entries, err := os.ReadDir(filepath.Join(p.dir, filepath.FromSlash(topics)))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// topicName is the name of a topic whose variable is called goName: order_placed
// for OrderPlaced.
func topicName(goName string) string {
	var b strings.Builder
	runes := []rune(goName)
	for i, r := range runes {
		begins := unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
