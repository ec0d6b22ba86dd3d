package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/less-go/less/internal/problem"
	"github.com/less-go/less/internal/secret"
)

// variable is what Lambda takes for the name of an environment variable.
var variable = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)

// reserved are the beginnings of names that belong to others: to AWS, to Lambda's
// runtime, and to this framework.
var reserved = []string{"AWS_", "LAMBDA_", "LESS_"}

// setEnvVars takes the names of the variables. A mistake here may be a value in the
// file, so what is no name is not shown.
func (c *Config) setEnvVars(list *yaml.Node) (problems problem.List) {
	var names []string
	if list.Kind == yaml.ScalarNode && list.Tag == "!!null" {
		return nil
	}
	if list.Kind != yaml.SequenceNode {
		return problem.List{wrong(list.Line, "env_vars is not a list of names. Write them as env_vars: [PAYMENT_URL]; their values are those of your shell")}
	}
	for _, item := range list.Content {
		name := item.Value
		switch {
		case item.Kind != yaml.ScalarNode || !variable.MatchString(name):
			problems = append(problems, wrong(item.Line, "env_vars has something that is no name of an environment variable on Lambda: a letter, and then letters, digits and underscores. Write names only; their values are those of your shell"))
		case isReserved(name):
			problems = append(problems, wrong(item.Line, "the environment variable %s is reserved: names that begin with %s are not yours to set. Give it another name", name, strings.Join(reserved, ", ")))
		case slices.Contains(names, name):
			problems = append(problems, wrong(item.Line, "the environment variable %s is there twice. Keep one of them", name))
		default:
			names = append(names, name)
		}
	}
	c.EnvVars = names
	return problems
}

func isReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(strings.ToUpper(name), prefix) })
}

// Values are the environment variables that functions get, which lookup finds as
// [os.LookupEnv] does. The error names all that are missing. One that is set to nothing
// is there, and empty.
func (c Config) Values(lookup func(name string) (value string, found bool)) (map[string]secret.Text, error) {
	var out map[string]secret.Text
	var missing []error
	for _, name := range c.EnvVars {
		value, found := lookup(name)
		if !found {
			missing = append(missing, fmt.Errorf("Environment variable '%s' must be defined", name)) //nolint:staticcheck // Less's words
			continue
		}
		if out == nil {
			out = map[string]secret.Text{}
		}
		out[name] = secret.Text(value)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w\nThe functions get what env_vars in %s lists. Export it in your shell, or take it off the list", errors.Join(missing...), File)
	}
	return out, nil
}
