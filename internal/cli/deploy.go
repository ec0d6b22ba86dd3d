package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/deploy"
	"github.com/less-go/less/internal/stacks"
)

// deployOptions are the flags of deploy.
type deployOptions struct {
	name                string
	context, args       []string
	dryRun, yes, asJSON bool
	outputs             string
}

func newDeploy(env Env) *cobra.Command {
	var opts deployOptions
	cmd := &cobra.Command{
		Use:   "deploy [name] [-- cdk flags]",
		Short: "Deploy the project to an AWS account",
		Long: `Deploy the project in this folder to an AWS account, by the AWS CDK. The name is the environment's, and
all names on AWS begin with it: food-dev, food-prod. One that ends in prod or production keeps its
dead letters and logs when it is deleted, and is protected from that. Without a name it is the one
that 'make deploy' uses.

It needs Node 20 or newer and nothing else that is installed for all. What is missing is told before
anything starts. Where permissions grow it asks; --yes is the answer where there is nobody to ask.
An endpoint on this machine is made ready for the CDK if it is not; an AWS account is yours to.

What CloudFormation and the CDK say is in .less/deploy.log. What follows -- goes to cdk deploy.`,
		Example: `  less-cli deploy food-dev
  less-cli deploy food-prod --dry-run          # what would change
  less-cli deploy food-prod --yes --json       # in CI
  less-cli deploy food-dev -c api=rest         # what is for the CDK alone follows --: -- --hotswap`,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				args = args[:n]
			}
			return usage(cobra.MaximumNArgs(1))(cmd, args)
		},
	}
	place := addCloud(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if n := cmd.ArgsLenAtDash(); n >= 0 {
			args, opts.args = args[:n], args[n:]
		}
		if len(args) > 0 {
			if opts.name = args[0]; !deploymentName.MatchString(opts.name) {
				return place.wrong("invalid project name %q. It begins with a letter and has only lower-case letters, numbers and dashes: food-dev, food-prod", opts.name)
			}
		}
		if err := place.check(); err != nil {
			return err
		}
		return deployProject(cmd.Context(), env, place, opts)
	}
	f := cmd.Flags()
	f.StringArrayVarP(&opts.context, "context", "c", nil, "a `key=value` of the CDK's context, such as api=rest; more than once for several")
	f.BoolVar(&opts.dryRun, "dry-run", false, "show what would change, and change nothing")
	f.BoolVar(&opts.yes, "yes", false, "do not ask where permissions grow")
	f.StringVar(&opts.outputs, "outputs", "", "write the outputs of the stacks to this `file` too, as JSON")
	f.BoolVar(&opts.asJSON, "json", false, "write the resources as JSON")
	return cmd
}

// deploymentName is what a deployment may be called: Less's rule.
var deploymentName = regexp.MustCompile(`^[a-z][-a-z0-9]*$`)

// errNobodyToAsk is a question that nobody answers.
var errNobodyToAsk = errors.New("--yes is missing, and there is no terminal to ask on where permissions grow")

func deployProject(ctx context.Context, env Env, place *cloud, opts deployOptions) error {
	dir, err := env.findProject(nil)
	if err != nil {
		return err
	}
	d, err := deploy.New(ctx, deploy.Options{Dir: dir, Name: opts.name, Context: opts.context, Open: place.open, Environ: os.Environ()})
	if problems, ok := errors.AsType[deploy.Problems](err); !opts.dryRun && !opts.yes && !env.InTerminal && (ok || err == nil) {
		err = append(problems, errNobodyToAsk)
	}
	if d != nil {
		defer d.Close() //nolint:errcheck // a log, of which all that was said is written already
	}
	if err != nil {
		return err
	}
	if err := prepare(ctx, env, d, opts.dryRun); err != nil {
		return err
	}
	if opts.dryRun {
		return d.Diff(ctx, env.Out, env.color())
	}
	if d.NeedsBootstrap() {
		fmt.Fprintf(env.Err, "%s Making %s ready for the CDK: cdk bootstrap\n", tag, d.Target().Name)
		if err := d.Bootstrap(ctx); err != nil {
			return err
		}
	}
	if !opts.yes {
		if err := approve(ctx, env, d); err != nil {
			return err
		}
	}
	fmt.Fprintf(env.Err, "%s Deploying... 🚀\n", tag)
	if err := follow(ctx, env, d, opts.args); err != nil {
		return err
	}
	fmt.Fprintf(env.Err, "%s Deployment complete ✅\n", tag)
	if opts.outputs != "" {
		if err := copyFile(filepath.Join(dir, filepath.FromSlash(deploy.Outputs)), env.path(opts.outputs)); err != nil {
			return err
		}
	}
	return showDeployed(ctx, env, d, opts.asJSON)
}

// prepare installs what is missing, builds the functions and writes the templates.
func prepare(ctx context.Context, env Env, d *deploy.Deployment, quick bool) error {
	if d.NeedsInstall() {
		fmt.Fprintf(env.Err, "%s Installing the CDK: %s\n", tag, deploy.InstallCommand)
		if err := d.Install(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(env.Err, "%s Building... ⚙️\n", tag)
	if err := d.Synthesize(ctx, quick); err != nil {
		return err
	}
	fmt.Fprintf(env.Err, "%s Build complete ✅\n", tag)
	return nil
}

// approve asks where the deployment would broaden permissions.
func approve(ctx context.Context, env Env, d *deploy.Deployment) error {
	broader, err := d.Permissions(ctx, env.Err, env.ErrTerminal && env.color())
	if err != nil || !broader {
		return err
	}
	sure, err := env.confirm(fmt.Sprintf("Deploy %s to %s with these permissions?", d.Name, d.Target().Name))
	if err == nil && !sure {
		err = errors.New("nothing was deployed")
	}
	return err
}

// follow deploys, and shows how far it is.
func follow(ctx context.Context, env Env, d *deploy.Deployment, args []string) error {
	status := newStatus(env)
	defer status.end()
	told := map[string]bool{}
	return d.Deploy(ctx, args, func(e deploy.Event) {
		if e.RollingBack() {
			status.line("CloudFormation undoes what it had begun")
		}
		if change, ok := e.Change(); ok && !told[change] {
			told[change] = true
			status.line(change)
		}
		far := fmt.Sprintf("Deploying %s: %d", d.Name, e.Done)
		if e.All > 0 {
			far += fmt.Sprintf(" of %d", e.All)
		}
		if e.Folder != "" {
			far += " (less/" + e.Folder + ")"
		}
		status.show(far)
	})
}

// showDeployed shows what is there now, and what to do with it.
func showDeployed(ctx context.Context, env Env, d *deploy.Deployment, asJSON bool) error {
	found, err := stacks.Find(ctx, d.Target(), d.Name)
	if err != nil {
		return err
	}
	r, err := stacks.Read(ctx, d.Target(), found)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(env.Out, r)
	}
	fmt.Fprintf(env.Err, "%s Resources\n", tag)
	writeResources(env.Out, r)
	at := "--aws"
	if !d.Target().AWS() {
		at = "--endpoint " + d.Target().Name
	}
	fmt.Fprintln(env.Out, "🇨🇻")
	fmt.Fprintf(env.Err, "\nNext: less-cli log --project %[1]s %[2]s --follow\n      less-cli trace <correlation id> --project %[1]s %[2]s\n", d.Name, at)
	return nil
}

// path is a file that a flag names.
func (e Env) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(e.Dir, name)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
