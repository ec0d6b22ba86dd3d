// Package config reads less.config, the file beside go.mod that says of a project
// what its tree cannot: which environment variables its functions get, whose topics
// its external ones are, and how it is deployed.
//
//	env_vars: [PAYMENT_URL, PAYMENT_KEY]
//	external_topics: {chat: "chat-${STAGE}"}
//	alarms: full
//
// What is said of a deployment may be said in the CDK's context too, which wins:
// `cdk deploy -c alarms=basic`, or cdk.json. There the names are as JavaScript has
// them: logRetention for log_retention.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/problem"
)

// File is the name of the file. A project without one has the zero Config.
const File = "less.config"

// A Config is what less.config says.
type Config struct {
	// EnvVars are the names of the environment variables that functions get.
	EnvVars []string
	// ExternalTopics are, by the placeholder that is a folder of less/external_topics,
	// the names of the deployments whose topics it stands for, as they are written.
	// [Config.Deployments] reads them.
	ExternalTopics map[string]string
	// Origins are, by the name of an API, those of the pages that may call it; those of
	// "" may call each API that is not named.
	Origins map[string][]string
	// Key is the KMS key of the queues and topics on AWS: "create", "alias/shop", or an ARN.
	Key string
	// TopicsAPI lets other systems publish to the topics by HTTP.
	TopicsAPI bool
	// Name is what names on AWS begin with; "" is the application's own.
	Name string
	// Deployment is the whole name of one, in place of Name and the stage: see
	// [Config.Identity].
	Deployment string
	Deploy     plan.DeployOptions

	lines map[string]int // of what less.config says, by key
}

// Read reads the less.config of the project whose files fsys has. The error has every
// problem, each with its line.
func Read(fsys fs.FS) (Config, error) {
	data, err := fs.ReadFile(fsys, File)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("read the settings: %w", err)
	}
	return Parse(data)
}

// Parse reads the content of a less.config. The error has every problem, each with
// its line.
func Parse(data []byte) (Config, error) {
	c := Config{lines: map[string]int{}}
	root, err := document(data)
	if err != nil {
		return Config{}, problem.List{*err}
	}
	var problems problem.List
	for key, value := range pairs(root) {
		if _, again := c.lines[key.Value]; again {
			problems = append(problems, wrong(key.Line, "%s is there twice. Keep one of them", key.Value))
			continue
		}
		c.lines[key.Value] = key.Line
		problems = append(problems, c.set(key, value)...)
	}
	if len(problems) > 0 {
		return Config{}, problems.Sorted()
	}
	return c, nil
}

// set takes one entry of the file.
func (c *Config) set(key, value *yaml.Node) problem.List {
	if key.Value == "env_vars" {
		return c.setEnvVars(value)
	}
	s, found := settingOf(key.Value)
	if !found {
		return problem.List{wrong(key.Line, "there is no setting %q. %s", key.Value, suggestion(key.Value))}
	}
	var v any
	if err := value.Decode(&v); err != nil {
		return problem.List{wrong(value.Line, "%s cannot be read: %s", key.Value, withoutPlace(err))}
	}
	if want := s.set(c, v); want != "" {
		return problem.List{wrong(key.Line, "%s is %s. Set it to %s", key.Value, written(v), want)}
	}
	return nil
}

// suggestion is the way out for a key that does not exist.
func suggestion(key string) string {
	if key == "stage" {
		return "The stage is chosen at each deployment, in cdk.json or by -c stage=prod"
	}
	names := []string{"env_vars"}
	for _, s := range settings {
		if !s.contextOnly {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return near.Hint(strings.ReplaceAll(key, "-", "_"), names) + "The settings are " + strings.Join(names, ", ")
}

// Override returns c with what the CDK's context says instead: get returns the value of
// a name in it, nil for none. Numbers and lists may be written as text, which is all
// that -c can give.
func (c Config) Override(get func(name string) any) (Config, error) {
	var errs []error
	for _, s := range settings {
		v := get(s.context())
		if v == nil {
			continue
		}
		if want := s.set(&c, v); want != "" {
			errs = append(errs, fmt.Errorf("cdk.json: %s is %s. Set it to %s", s.context(), written(v), want))
		}
	}
	return c, errors.Join(errs...)
}

// Check finds what c says of folders that a does not have.
func (c Config) Check(a app.App) error {
	var names []string
	for _, api := range a.APIs {
		names = append(names, api.Name)
	}
	var problems problem.List
	for _, name := range slices.Sorted(maps.Keys(c.Origins)) {
		if name != "" && !slices.Contains(names, name) {
			problems = append(problems, wrong(c.lines["cors"], "cors names the API %q, and there is no folder less/apis/%s. %sName one of less/apis", name, name, near.Hint(name, names)))
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// written is a value as a person wrote it, about.
func written(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}

func wrong(line int, format string, args ...any) problem.Problem {
	return problem.Problem{Pos: place(line), Message: fmt.Sprintf(format, args...)}
}

// place is a line of the file, and for line 0 the file as a whole.
func place(line int) app.Pos {
	if line == 0 {
		return File
	}
	return app.Pos(File + ":" + strconv.Itoa(line))
}

// document is the mapping that a file holds, nil where it holds nothing.
func document(data []byte) (*yaml.Node, *problem.Problem) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		p := unreadable(err)
		return nil, &p
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		p := wrong(root.Line, "it is not a list of settings. Write each as its name, a colon and its value: alarms: full")
		return nil, &p
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		p := wrong(more.Line, "there is a second document. Remove what follows ---")
		if err != nil {
			p = unreadable(err)
		}
		return nil, &p
	}
	return root, nil
}

// at is how the library begins the text of an error.
var at = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// unreadable is an error of the library, with its place.
func unreadable(err error) problem.Problem {
	line := 0
	if m := at.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		line, _ = strconv.Atoi(m[1])
	}
	return wrong(line, "it is not YAML: %s", withoutPlace(err))
}

func withoutPlace(err error) string { return at.ReplaceAllString(err.Error(), "") }

// pairs yields the keys of a mapping with their values.
func pairs(mapping *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if mapping == nil {
			return
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}
