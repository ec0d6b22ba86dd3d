package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/event"
)

// An assembly is what was synthesized, as far as it tells which folder a resource
// belongs to.
type assembly struct {
	stacks []assemblyStack
}

// An assemblyStack is a template of the assembly.
type assemblyStack struct {
	name string
	// nested is the logical id of a stack that is in the one with the name, "" for
	// that one itself.
	nested  string
	folders map[string]string // by logical id
}

// asset is what is read of a template.
type asset struct {
	Description string
	Resources   map[string]struct {
		Type       string
		Properties struct{ Environment json.RawMessage }
		Metadata   map[string]any
	}
}

// readAssembly reads the assembly in dir.
func readAssembly(dir string) (assembly, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TemplateFile, StackName string }
		}
	}
	if err := readJSON(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return assembly{}, err
	}
	var out assembly
	var templates []asset
	add := func(name, nested, file string) (asset, error) {
		var t asset
		if err := readJSON(filepath.Join(dir, file), &t); err != nil {
			return t, err
		}
		out.stacks = append(out.stacks, assemblyStack{name: name, nested: nested, folders: map[string]string{}})
		templates = append(templates, t)
		return t, nil
	}
	for id, a := range manifest.Artifacts {
		if a.Type != "aws:cloudformation:stack" {
			continue
		}
		name := a.Properties.StackName
		if name == "" {
			name = id
		}
		root, err := add(name, "", a.Properties.TemplateFile)
		if err != nil {
			return assembly{}, err
		}
		for logical, r := range root.Resources {
			file, _ := r.Metadata["aws:asset:path"].(string)
			if r.Type != "AWS::CloudFormation::Stack" || file == "" {
				continue
			}
			if _, err := add(name, logical, file); err != nil {
				return assembly{}, err
			}
		}
	}
	functions := identities(templates)
	for i, t := range templates {
		for logical, r := range t.Resources {
			path, _ := r.Metadata["aws:cdk:path"].(string)
			if folder := folderOf(path, t.Description, functions); folder != "" {
				out.stacks[i].folders[logical] = folder
			}
		}
	}
	return out, nil
}

func readJSON(path string, v any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read what was synthesized: %w", err)
	}
	if err := json.Unmarshal(content, v); err != nil {
		return fmt.Errorf("read what was synthesized: %s: %w", path, err)
	}
	return nil
}

// identities are those of all functions in templates.
func identities(templates []asset) map[string]bool {
	out := map[string]bool{}
	for _, t := range templates {
		for _, r := range t.Resources {
			var environment struct{ Variables map[string]any }
			if json.Unmarshal(r.Properties.Environment, &environment) != nil {
				continue // a type that is not a function's
			}
			if id, ok := environment.Variables[event.EnvFunction].(string); ok {
				out[id] = true
			}
		}
	}
	return out
}

// kinds are the folders of less/ that have resources.
var kinds = []string{"apis", "topics", "external_topics", "crons"}

// shard is how the second stack of the same folder, and those after it, end.
var shard = regexp.MustCompile(`\.(\d+|NestedStack)$`)

// folderOf is the folder that the construct with a path belongs to: that of its
// function, or else of its topic or API. The stacks of a split deployment say in their
// description whose they are.
func folderOf(path, description string, functions map[string]bool) string {
	parts := strings.Split(path, "/")[1:]
	if of, found := strings.CutPrefix(description, "less/"); found && (len(parts) == 0 || !slices.Contains(kinds, parts[0])) {
		parts = append(strings.Split(of, "/"), parts...)
	}
	if len(parts) < 2 || !slices.Contains(kinds, parts[0]) {
		return ""
	}
	if parts[0] == "crons" && parts[1] == "schedules" {
		parts = slices.Delete(slices.Clone(parts), 1, 2)
	}
	for i := range parts {
		for shard.MatchString(parts[i]) {
			parts[i] = shard.ReplaceAllString(parts[i], "")
		}
	}
	for n := len(parts); n > 0; n-- {
		if id := strings.Join(parts[:n], "/"); functions[id] {
			return id
		}
	}
	least := map[string]int{"external_topics": 3, "crons": 1}[parts[0]]
	return strings.Join(parts[:min(max(least, 2), len(parts))], "/")
}

// folder is the folder of a resource of a stack, by CloudFormation's names; "" where
// it has none.
func (a assembly) folder(stack, logical string) string {
	for _, s := range a.stacks {
		if s.is(stack) {
			if folder := s.folders[logical]; folder != "" {
				return folder
			}
		}
	}
	return ""
}

// is says whether CloudFormation calls s by a name: a nested stack's is that of the
// one it is in, its logical id, which may be cut, and letters of no meaning.
func (s assemblyStack) is(name string) bool {
	if s.nested == "" {
		return name == s.name
	}
	rest, found := strings.CutPrefix(name, s.name+"-")
	logical, _, dash := strings.Cut(rest, "-")
	return found && dash && logical != "" && strings.HasPrefix(s.nested, logical)
}
