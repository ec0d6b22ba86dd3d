package lesscdk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/cdk"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/loopback"
	"github.com/less-go/less/internal/plan"
	lessproject "github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/secret"
)

// Main is the CDK app of the project in the working directory: it builds the
// functions for AWS and writes the stacks to where the CDK's CLI wants them. add,
// if not nil, makes what the project has beside the tree. Main ends the process.
func Main(add func(*App)) {
	os.Exit(run(".", add, os.Stderr))
}

func run(dir string, add func(*App), stderr io.Writer) (code int) {
	if err := synth(context.Background(), dir, add); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// synth reads and builds the project in dir while Node starts, which takes as long.
func synth(ctx context.Context, dir string, add func(*App)) (err error) {
	if _, err := exec.LookPath(nodeCommand()); err != nil {
		return fmt.Errorf("the CDK needs Node (%w). Install Node 20 or newer from https://nodejs.org", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	type result struct {
		project
		err error
	}
	read := make(chan result, 1)
	go func() {
		p, err := readProject(ctx, dir, contextArchitecture())
		read <- result{p, err}
	}()
	defer jsii.Close()
	defer func() {
		if cause := recover(); cause != nil {
			err = explain(cause)
		}
	}()
	scope := awscdk.NewApp(nil)
	context := func(key string) any { return scope.Node().TryGetContext(jsii.String(key)) }
	settings, err := readSettings(dir, context)
	env, missing := settings.Values(os.LookupEnv)
	r := <-read
	if err := errors.Join(r.err, err, missing); err != nil {
		return err
	}
	if err := settings.Check(r.app); err != nil {
		return err
	}
	settings.Deploy.Architecture = cmp.Or(settings.Deploy.Architecture, usualArchitecture())
	if err := r.buildFor(ctx, dir, settings.Deploy.Architecture); err != nil {
		return err
	}
	tree, err := r.tree(scope, settings, env)
	if err != nil {
		return locate(err)
	}
	if add != nil {
		add(&App{tree: tree})
	}
	scope.Synth(nil)
	return nil
}

// nodeCommand is what jsii starts.
func nodeCommand() string {
	if node := os.Getenv("JSII_NODE"); node != "" {
		return node
	}
	return "node"
}

// A project is what is to be deployed, without how.
type project struct {
	app    app.App
	flow   flow.Flow
	assets map[string]build.Asset // by the main of their function
	built  plan.Architecture      // what the assets are for
}

// usualArchitecture is what functions are built for where nobody says it: the processor
// that costs less on AWS, and this machine's where the endpoint is on it, since that
// runs the very programs.
func usualArchitecture() plan.Architecture {
	endpoint, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL"))
	if err == nil && endpoint.Host != "" && loopback.AllowedHost(endpoint.Host) && runtime.GOARCH == "amd64" {
		return plan.X86
	}
	return plan.ARM
}

// contextArchitecture is what the context says that the functions are built for, or
// the default. Where less.config says something else, or the context is too long for
// the variable it is in here, they are built once more when that has been read.
func contextArchitecture() plan.Architecture {
	var context struct{ Architecture plan.Architecture }
	_ = json.Unmarshal([]byte(os.Getenv("CDK_CONTEXT_JSON")), &context) // or it is said later
	return cmp.Or(context.Architecture, usualArchitecture())
}

// buildFor builds the functions for an architecture, if they are not.
func (p *project) buildFor(ctx context.Context, dir string, architecture plan.Architecture) error {
	if p.built == architecture {
		return nil
	}
	var mains []string
	for _, f := range plan.New(p.app, flow.Flow{}, plan.Options{}).Functions {
		mains = append(mains, f.Main)
	}
	b := &build.Builder{Dir: dir, Out: filepath.Join(dir, lessproject.StateDir, "lambda"), GOOS: "linux", GOARCH: "arm64"}
	if architecture == plan.X86 {
		b.Out, b.GOARCH = b.Out+"-x86_64", "amd64"
	}
	assets, err := b.Package(ctx, mains, nil)
	if err != nil {
		return err
	}
	var inUse []string
	for _, a := range assets {
		inUse = append(inUse, a.Path)
	}
	p.assets, p.built = assets, architecture
	return b.Prune(inUse)
}

// readProject reads the project in dir, refuses what cannot be deployed safely, and
// builds its functions.
func readProject(ctx context.Context, dir string, architecture plan.Architecture) (project, error) {
	a, files, err := lessproject.Scan(dir)
	if err != nil {
		return project{}, err
	}
	if err := lessproject.Current(dir, files); err != nil {
		return project{}, err
	}
	built := make(chan error, 1)
	p := project{app: a}
	go func() { built <- p.buildFor(ctx, dir, architecture) }()
	f, err := lessproject.Analyse(ctx, dir, a)
	if err := errors.Join(err, <-built); err != nil {
		return project{}, err
	}
	p.flow = f
	if err := lessproject.Followed(f); err != nil {
		return project{}, err
	}
	return p, nil
}

// tree makes the constructs of p in scope.
func (p project) tree(scope awscdk.App, c config.Config, env map[string]secret.Text) (*cdk.Tree, error) {
	var name string
	name, c.Deploy.Stage = c.Identity(p.app.Name())
	external, err := c.Deployments(p.app.Placeholders(), os.LookupEnv)
	if err != nil {
		return nil, err
	}
	pl := plan.New(p.app, p.flow, plan.Options{Name: name, Env: env, External: external, Origins: c.Origins, TopicsAPI: c.TopicsAPI, Key: c.Key})
	d, err := plan.Deploy(pl, c.Deploy)
	if err != nil {
		return nil, err
	}
	return cdk.New(scope, cdk.Input{
		Deployment: d,
		Roles:      iam.Roles(p.app, pl, p.flow),
		Asset: func(id string) (cdk.Asset, error) {
			f, _ := d.Function(id)
			asset, found := p.assets[f.Main]
			if !found {
				return cdk.Asset{}, errors.New("it has not been built")
			}
			return cdk.Asset{Path: asset.Path, Hash: asset.Hash}, nil
		},
	})
}

// locate says of an error of the CDK no more than what matters.
func locate(err error) error {
	if e, ok := errors.AsType[*cdk.Error](err); ok {
		return fmt.Errorf("less/%s: %s", e.ID, firstLines(e.Cause))
	}
	return err
}

// identity finds the folder in a construct path: less-dev/topics/paid/notify/Queue.
var identity = regexp.MustCompile(`\b(?:apis|topics|external_topics|crons)/[A-Za-z0-9_./-]+`)

// explain turns a panic of the CDK into a message that names the folder.
func explain(cause any) error {
	text := firstLines(cause)
	if at := strings.TrimRight(identity.FindString(text), "./-"); at != "" && !strings.Contains(text, "less/"+at) {
		return fmt.Errorf("less/%s: %s", at, text)
	}
	return errors.New(text)
}

// firstLines is what a panic of jsii says, without its stack of calls in Node.
func firstLines(cause any) string {
	var out []string
	for line := range strings.SplitSeq(fmt.Sprint(cause), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "at ") {
			break
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, " ")
}
