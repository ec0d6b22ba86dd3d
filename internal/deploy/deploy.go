// Package deploy runs the AWS CDK for a project: it finds what is missing before
// anything starts, calls the CDK's command line, and reads from what that says what a
// person wants to know.
//
// A deployment is synthesized first and deployed from the assembly then, so that a
// mistake in the code is told before anything is asked of AWS.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/target"
)

// LogFile is where all that the CDK says is kept, below the project's folder.
const LogFile = project.StateDir + "/deploy.log"

// Outputs is where the CDK writes the outputs of the stacks, as make deploy has it do.
const Outputs = assemblyDir + "/outputs.json"

// assemblyDir is what is synthesized, below the project's folder.
const assemblyDir = "cdk.out"

// A Deployment is a project on its way to a place. Close it.
type Deployment struct {
	// Name is the deployment's.
	Name string

	dir     string
	target  *target.Target
	unready string   // as checked has it
	context []string // the arguments that say it
	environ []string
	hide    *strings.Replacer
	log     *os.File
}

// Options say what is deployed, and how.
type Options struct {
	// Dir is the project's folder.
	Dir string
	// Name is the whole name of the deployment; "" is the one that cdk.json and
	// less.config say.
	Name string
	// Context are more keys of the CDK's context, as key=value.
	Context []string
	// Open finds the place.
	Open func() (*target.Target, error)
	// Environ is the environment, which the CDK and the CDK app get.
	Environ []string
}

func (o Options) path(name string) string { return filepath.Join(o.Dir, filepath.FromSlash(name)) }

// lookup finds a variable of the environment, as [os.LookupEnv] does.
func (o Options) lookup(name string) (string, bool) {
	for _, one := range slices.Backward(o.Environ) { // the last counts
		if value, found := strings.CutPrefix(one, name+"="); found {
			return value, true
		}
	}
	return "", false
}

// New checks all that a deployment needs, and opens its log. The error is [Problems]
// where something is missing.
func New(ctx context.Context, o Options) (*Deployment, error) {
	found, err := check(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.path(project.StateDir), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(o.path(LogFile), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	d := &Deployment{Name: found.name, dir: o.Dir, target: found.target, unready: found.unready, log: log, hide: found.hide}
	for _, pair := range o.Context {
		d.context = append(d.context, "--context", pair)
	}
	if o.Name != "" {
		d.context = append(d.context, "--context", "deployment="+o.Name)
	}
	d.environ = append(found.target.Environ(o.Environ), "CDK_DISABLE_CLI_TELEMETRY=true",
		fmt.Sprintf("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=%d", found.node))
	if !found.target.AWS() {
		// The CLI keeps which account a key is of, and every emulator's key is the same.
		d.environ = append(d.environ, "CDK_HOME="+o.path(project.StateDir+"/cdk"))
	}
	return d, nil
}

// Target is where the deployment goes.
func (d *Deployment) Target() *target.Target { return d.target }

// Close closes the log.
func (d *Deployment) Close() error { return d.log.Close() }

// NeedsInstall says whether the CDK's command line has to be installed first.
func (d *Deployment) NeedsInstall() bool { return needsInstall(d.dir) }

// InstallCommand is what installs it.
const InstallCommand = "npm ci --no-audit --no-fund"

// Install installs the CDK's command line that package-lock.json pins.
func (d *Deployment) Install(ctx context.Context) error {
	args := strings.Fields(InstallCommand)
	said, err := d.run(ctx, d.environ, nil, args[0], args[1:]...)
	if err != nil {
		return d.failed(ctx, InstallCommand, said, err)
	}
	return touch(filepath.Join(d.dir, installed))
}

// NeedsBootstrap says whether the endpoint on this machine has to be made ready for the
// CDK first.
func (d *Deployment) NeedsBootstrap() bool { return d.unready != "" }

// Bootstrap makes it ready: the bucket, the roles and the parameter that a deployment uses.
func (d *Deployment) Bootstrap(ctx context.Context) error {
	said, err := d.cdk(ctx, nil, append([]string{"bootstrap", d.unready, "--no-notices"}, d.context...)...)
	if err != nil {
		return d.failed(ctx, "cdk bootstrap", said, err)
	}
	return nil
}

// Synthesize builds the functions and writes the templates. Quick leaves out the CDK's
// own validation of them.
func (d *Deployment) Synthesize(ctx context.Context, quick bool) error {
	args := append([]string{"synth", "--quiet", "--no-notices", "--output", assemblyDir}, d.context...)
	if quick {
		args = append(args, "--no-validation")
	}
	said, err := d.cdk(ctx, nil, args...)
	if err != nil {
		return d.failed(ctx, "cdk synth", said, err)
	}
	return nil
}

// Diff writes to out what the deployment would change, in colours if that is wanted.
func (d *Deployment) Diff(ctx context.Context, out io.Writer, color bool) error {
	return d.diff(ctx, out, color)
}

// Permissions writes to out which permissions the deployment would broaden, and says
// whether it would.
func (d *Deployment) Permissions(ctx context.Context, out io.Writer, color bool) (bool, error) {
	err := d.diff(ctx, out, color, "--security-only", "--method", "template", "--fail-on", "broadening")
	if _, broader := errors.AsType[*differsError](err); broader {
		return true, nil
	}
	return false, err
}

// A differsError is what diff says by its exit code, where it is asked to.
type differsError struct{ error }

func (d *Deployment) diff(ctx context.Context, out io.Writer, color bool, more ...string) error {
	environ := append(d.environ, "NO_COLOR=1")
	if color {
		environ = append(d.environ, "FORCE_COLOR=1")
	}
	args := append([]string{"diff", "--no-notices", "--app", assemblyDir}, more...)
	var wrong error
	said, err := d.run(ctx, environ, func(line string) {
		if isNoise(line) {
			return
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			wrong = err
		}
	}, d.cdkPath(), args...)
	if err == nil {
		return wrong
	}
	// The code is 1 for what was found as for what went wrong, which says so.
	if len(more) > 0 && strings.Contains(strings.Join(said, "\n"), "Number of stacks with differences") {
		return &differsError{err}
	}
	return d.failed(ctx, "cdk diff", said, err)
}

// Deploy makes or updates the stacks, and tells each event of CloudFormation. args are
// more arguments for cdk deploy. Where ctx ends it, CloudFormation goes on with what it
// was told.
func (d *Deployment) Deploy(ctx context.Context, args []string, tell func(Event)) error {
	tree, err := readAssembly(filepath.Join(d.dir, assemblyDir))
	if err != nil {
		return err
	}
	var failures []Event
	began := false
	said, err := d.cdk(ctx, func(line string) {
		e, ok := parseEvent(line)
		if !ok {
			return
		}
		began = true
		e.Folder = tree.folder(e.Stack, e.LogicalID)
		if e.isCause() {
			failures = addFailure(failures, e)
		}
		tell(e)
	}, append([]string{
		"deploy", "--no-notices", "--app", assemblyDir, "--all", "--progress", "events",
		"--require-approval", "never", "--outputs-file", Outputs,
	}, args...)...)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && began {
		return fmt.Errorf("%w. CloudFormation goes on with what it was told: 'less-cli list' shows how it ends", context.Cause(ctx))
	}
	if len(failures) > 0 {
		return &FailedError{Failures: failures}
	}
	return d.failed(ctx, "cdk deploy", said, err)
}
