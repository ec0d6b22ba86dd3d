package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/target"
	"github.com/less-go/less/internal/toolchain"
)

// Problems are all that is missing for a deployment.
type Problems []error

// Error has each of them.
func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0].Error()
	}
	lines := make([]string, len(p))
	for i, err := range p {
		lines[i] = "- " + strings.ReplaceAll(err.Error(), "\n", "\n  ")
	}
	return fmt.Sprintf("%s, and nothing was started:\n%s", plural.Count(len(p), "problem"), strings.Join(lines, "\n"))
}

// Unwrap lets each of them be found.
func (p Problems) Unwrap() []error { return p }

// checked is what the checks have found.
type checked struct {
	name   string
	node   int // its version
	target *target.Target
	// unready is the environment that the CDK has to be made ready in, aws://account/region;
	// "" where it is, as it must be on AWS.
	unready string
	hide    *strings.Replacer
}

// check looks at everything that a deployment needs, all at the same time.
func check(ctx context.Context, o Options) (checked, error) {
	var out checked
	get, contextErr := readContext(o)
	var tools, tree, place []error
	var wait sync.WaitGroup
	wait.Go(func() { out.node, tools = checkTools(ctx, o) })
	wait.Go(func() { out.name, out.hide, tree = checkProject(ctx, o, get) })
	wait.Go(func() { out.target, out.unready, place = checkPlace(ctx, o, get) })
	wait.Wait()
	if ctx.Err() != nil {
		return checked{}, ctx.Err()
	}
	problems := slices.Concat(tools, []error{contextErr}, tree, place)
	problems = slices.DeleteFunc(problems, func(err error) bool { return err == nil })
	if len(problems) > 0 {
		return checked{}, Problems(problems)
	}
	return out, nil
}

// files are those that the CDK needs in the project, besides its tree.
var files = []string{"cdk.json", "infra/main.go", "package.json", "package-lock.json"}

// checkTools looks for what the CDK runs on.
func checkTools(ctx context.Context, o Options) (node int, problems []error) {
	if _, err := toolchain.Go(); err != nil {
		problems = append(problems, err)
	}
	node, err := nodeVersion(ctx)
	problems = append(problems, err)
	var missing []string
	for _, name := range files {
		if _, err := os.Stat(o.path(name)); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		problems = append(problems, fmt.Errorf("%s %s missing in %s: they are the CDK app that deploys the tree. 'less-cli init .' in that folder writes what is not there",
			strings.Join(missing, ", "), plural.Agree(len(missing), "is", "are"), o.Dir))
	} else if needsInstall(o.Dir) {
		problems = append(problems, lookNPM())
	}
	return node, problems
}

// checkProject looks at the tree, its code and its settings.
func checkProject(ctx context.Context, o Options, get func(string) any) (name string, hide *strings.Replacer, problems []error) {
	c, err := config.Read(os.DirFS(o.Dir))
	if err == nil {
		c, err = c.Override(get)
	}
	problems = append(problems, err)
	values, err := c.Values(o.lookup)
	problems = append(problems, err)
	var secrets []string
	for _, value := range values {
		if len(value) >= shortest {
			secrets = append(secrets, string(value), "(hidden)")
		}
	}
	a, generated, err := project.Scan(o.Dir)
	if err != nil {
		return "", nil, append(problems, err)
	}
	_, err = c.Deployments(a.Placeholders(), o.lookup)
	problems = append(problems, err)
	name, _ = c.Identity(a.Name())
	if err := project.Current(o.Dir, generated); err != nil {
		return name, nil, append(problems, err) // and the code may not even compile
	}
	return name, strings.NewReplacer(secrets...), append(problems, checkCode(ctx, o.Dir, a))
}

// shortest is the length from which a value of an environment variable is hidden
// in what the CDK writes: less is in too many words.
const shortest = 6

func checkCode(ctx context.Context, dir string, a app.App) error {
	f, err := project.Analyse(ctx, dir, a)
	if err != nil {
		return err
	}
	return project.Followed(f)
}

// checkPlace looks for the account, and whether it is made ready for the CDK. An
// account is somebody's to decide about; one of an endpoint on this machine is nobody's.
func checkPlace(ctx context.Context, o Options, get func(string) any) (t *target.Target, unready string, problems []error) {
	t, err := o.Open()
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return nil, "", several.Unwrap()
	}
	if err != nil {
		return nil, "", []error{err}
	}
	account, _, err := t.Account(ctx)
	if err != nil {
		return nil, "", []error{err}
	}
	qualifier, _ := get("@aws-cdk/core:bootstrapQualifier").(string)
	parameter := "/cdk-bootstrap/" + cmp.Or(qualifier, "hnb659fds") + "/version"
	_, err = t.SSM().GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(parameter)})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "ParameterNotFound" {
		environment := "aws://" + account + "/" + t.Region()
		if t.Local {
			return t, environment, nil
		}
		return nil, "", []error{fmt.Errorf("the account %s is not made ready for the CDK in %s: Systems Manager has no parameter %s. Run this once: node_modules/.bin/cdk bootstrap %s",
			account, t.Region(), parameter, environment)}
	}
	if err != nil {
		return nil, "", []error{t.Explain(err)}
	}
	return t, "", nil
}

// readContext returns what finds a key in the CDK's context: that of the command line,
// and that of cdk.json.
func readContext(o Options) (get func(string) any, err error) {
	file := struct{ Context map[string]any }{}
	content, err := os.ReadFile(filepath.Join(o.Dir, "cdk.json"))
	if err == nil {
		if err = json.Unmarshal(content, &file); err != nil {
			err = fmt.Errorf("cdk.json: %w. Mend it, or take the one that 'less-cli init' writes", err)
		}
	} else {
		err = nil // which is told with the other files
	}
	given := map[string]any{}
	for _, pair := range o.Context {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			err = errors.Join(err, fmt.Errorf("-c %s has no value. Write it like -c api=rest", pair))
		}
		given[key] = value
	}
	if o.Name != "" {
		given["deployment"] = o.Name
	}
	return func(key string) any {
		if value, found := given[key]; found {
			return value
		}
		return file.Context[key]
	}, err
}
