package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
)

var (
	// reference is a variable of the environment in the name of a deployment.
	reference = regexp.MustCompile(`\$\{([^}]*)\}`)
	// deployment is what the name of one is made of.
	deployment = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// Deployments are the deployments that placeholders stand for: what external_topics has
// for them, or else the environment variable with the placeholder's name in capitals,
// where env_vars lists it, as in Less. lookup finds variables as [os.LookupEnv] does. A
// placeholder that nothing is said of is left out. The error has every problem.
func (c Config) Deployments(placeholders []string, lookup func(name string) (value string, found bool)) (map[string]string, error) {
	out := map[string]string{}
	var errs []error
	add := func(at app.Pos, from, placeholder, name string) {
		if !deployment.MatchString(name) {
			errs = append(errs, fmt.Errorf("%s: %s names the deployment %q for %s, and names are a letter, and then letters, digits, dashes and underscores. Correct it there",
				at, from, name, placeholder))
		}
		out[placeholder] = name
	}
	for _, placeholder := range slices.Sorted(maps.Keys(c.ExternalTopics)) {
		missing := false
		name := reference.ReplaceAllStringFunc(c.ExternalTopics[placeholder], func(ref string) string {
			v := reference.FindStringSubmatch(ref)[1]
			value, found := lookup(v)
			if !found {
				missing = true
				errs = append(errs, fmt.Errorf("%s: external_topics names the deployment of %s by ${%s}. Export %s in your shell", place(c.lines["external_topics"]), placeholder, v, v))
			}
			return value
		})
		if !missing {
			add(place(c.lines["external_topics"]), "external_topics", placeholder, name)
		}
	}
	for _, placeholder := range placeholders {
		name := strings.ToUpper(placeholder)
		if _, said := c.ExternalTopics[placeholder]; said || !slices.Contains(c.EnvVars, name) {
			continue
		}
		if value, found := lookup(name); found { // [Config.Values] says so where it is not
			add(place(c.lines["env_vars"]), "the environment variable "+name, placeholder, value)
		}
	}
	return out, errors.Join(errs...)
}
