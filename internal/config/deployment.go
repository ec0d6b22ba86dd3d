package config

import (
	"cmp"
	"slices"
	"strings"
)

// DefaultStage is the environment where nobody says another.
const DefaultStage = "dev"

// lasting are the stages that keep their data and are protected.
var lasting = []string{"prod", "production"}

// Identity is the name of a deployment of the application app, which all names on AWS
// begin with, and its stage. A name that is given in whole is an environment by itself:
// food-prod is of the stage prod, whatever cdk.json says for the others.
func (c Config) Identity(app string) (name, stage string) {
	stage = cmp.Or(c.Deploy.Stage, DefaultStage)
	if c.Deployment == "" {
		return cmp.Or(c.Name, app) + "-" + stage, stage
	}
	of := func(stage string) bool { return c.Deployment == stage || strings.HasSuffix(c.Deployment, "-"+stage) }
	if i := slices.IndexFunc(lasting, of); i >= 0 {
		return c.Deployment, lasting[i]
	}
	if !of(stage) && !slices.Contains(lasting, stage) {
		stage = ""
	}
	return c.Deployment, stage
}
