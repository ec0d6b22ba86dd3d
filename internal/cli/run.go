package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/project"
)

// runOptions are the flags of run.
type runOptions struct {
	// dirs are the folders of the projects; the first keeps the state.
	dirs          []string
	port, awsPort int
	visibility    time.Duration
	fresh         bool
	json          bool
	verbose       bool
	noWatch       bool
	topicsAPI     bool
	empty         bool
	template      string
}

// stateDir is where a project keeps what outlives a run: the queues, the logs
// and the programs.
const stateDir = project.StateDir

func newRun(env Env) *cobra.Command {
	var opts runOptions
	cmd := &cobra.Command{
		Use:   "run [dir...]",
		Short: "Run the project on this machine, or several side by side",
		Long: `Run the project on this machine, as AWS would: each function is the program that is
deployed, each subscriber has its durable queue and its dead-letter queue, and what
fails is retried. What is saved while it runs is served at once.

Several projects run in one engine, and get each other's events: an external topic of one
that is called as another is that one's topic. Names of the functions of all but the first
begin with their project's, other_app:topics/...; state is kept by the first, whose Topics
API is served.

With --template the CDK's output is what runs: the plan is read from its templates, and
the programs are those that would be uploaded. What in them a tree cannot say is refused.

State is kept in .less/, so that the next run goes on where this one stopped.
Ctrl-C lets running invocations end; a second Ctrl-C does not.`,
		Example: "  less-cli run\n  less-cli run . ../other_app   # two applications, whose events cross\n  less-cli run --visibility 5s   # retry after 5 seconds, to see it happen\n  less-cli run --empty   # an endpoint for less-cli deploy, cdk deploy and AWS clients\n  less-cli run --template cdk.out   # what 'cdk synth' has written: the templates, not the tree\n  less-cli run --json | jq 'select(.kind == \"dead_letter\")'",
		Args:    usage(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opts.check(cmd.Flags().Changed("visibility")); err != nil {
				return usageError{cmd.CommandPath(), err}
			}
			if cmd.Flags().Changed("template") {
				if err := opts.checkTemplate(args, cmd.Flags().Changed); err != nil {
					return usageError{cmd.CommandPath(), err}
				}
				return runTemplate(cmd.Context(), env, opts)
			}
			if opts.empty {
				if len(args) > 0 {
					return usageError{cmd.CommandPath(), errors.New("--empty runs an engine without an application, and takes no project")}
				}
				return runEmpty(cmd.Context(), env, opts)
			}
			var err error
			if opts.dirs, err = env.findProjects(args); err != nil {
				return err
			}
			return run(cmd.Context(), env, opts)
		},
	}
	f := cmd.Flags()
	f.IntVar(&opts.port, "port", 3333, "port of the first API; the others follow in alphabetical order; 0 takes any")
	f.IntVar(&opts.awsPort, "aws-port", 4566, "port of the AWS services; 0 takes any")
	f.DurationVar(&opts.visibility, "visibility", 0, "retry a failed message after this time, instead of after six function timeouts")
	f.BoolVar(&opts.topicsAPI, "topics-api", false, "serve POST /topics/{topic} to programs of this machine, on the port after the APIs', as topics_api in less.config does")
	f.BoolVar(&opts.empty, "empty", false, "run an engine without an application, to deploy to; its state is in .less/ of this folder")
	f.StringVar(&opts.template, "template", "", "run what the CDK has written to this folder, cdk.out, instead of a project; its state is in .less/ of this folder")
	f.BoolVar(&opts.fresh, "fresh", false, "begin anew: forget the messages and logs of earlier runs")
	f.BoolVar(&opts.json, "json", false, "write what happens as JSON, one object a line")
	f.BoolVar(&opts.verbose, "verbose", false, "show the START, END and REPORT lines of invocations, and the ends of what went well, too")
	f.BoolVar(&opts.noWatch, "no-watch", false, "do not follow changes of the tree")
	return cmd
}

// maxVisibility is AWS's limit.
const maxVisibility = 12 * time.Hour

func (o runOptions) check(visibility bool) error {
	for flag, port := range map[string]int{"--port": o.port, "--aws-port": o.awsPort} {
		if port < 0 || port > 65535 {
			return fmt.Errorf("%s is %d, and ports are 0 to 65535", flag, port)
		}
	}
	if visibility && (o.visibility < time.Millisecond || o.visibility > maxVisibility) {
		return fmt.Errorf("--visibility is %v, and a message can be hidden for more than 0 and at most 12 hours", o.visibility)
	}
	return nil
}

// portsApart refuses an AWS port that is also one of the APIs'.
func (o runOptions) portsApart(p plan.Plan) error {
	apis := len(p.APIs)
	if p.TopicsAPI {
		apis++
	}
	if last := o.port + apis - 1; o.port > 0 && o.awsPort >= o.port && o.awsPort <= last {
		return fmt.Errorf("the APIs listen on the ports %d to %d, and the AWS services on %d. Move one with --port or --aws-port", o.port, last, o.awsPort)
	}
	return nil
}

func newScreen(env Env, opts runOptions) *console.Console {
	return console.New(env.Out, console.Options{
		Terminal: env.OutTerminal, Color: env.color(), Width: env.Width,
		JSON: opts.json, Verbose: opts.verbose,
	})
}

// runEmpty runs an engine that has only what clients make.
func runEmpty(ctx context.Context, env Env, opts runOptions) (err error) {
	screen := newScreen(env, opts)
	defer func() { err = errors.Join(err, screen.Close()) }()
	s := &session{env: env, opts: opts, screen: screen}
	if s.engine, err = env.StartEngine(ctx, engine.Options{
		State: filepath.Join(env.Dir, stateDir), Fresh: opts.fresh, Port: opts.port, AWSPort: opts.awsPort, Sink: screen.Emit, Deployed: screen.Deployed,
	}); err != nil {
		return s.explain(err)
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	if err := s.engine.Apply(ctx, plan.Plan{}, nil); err != nil {
		return err
	}
	s.say(fmt.Sprintf("%s An engine without an application is running ✅\n\nAWS services: %s\n\n"+
		"In a project, with any key: AWS_ENDPOINT_URL=%[2]s less-cli deploy <name>\n\n", tag, s.engine.AWS()))
	<-ctx.Done()
	return nil
}

func run(ctx context.Context, env Env, opts runOptions) (err error) {
	state := filepath.Join(opts.dirs[0], stateDir)
	screen := newScreen(env, opts)
	defer func() { err = errors.Join(err, screen.Close()) }()
	s := &session{env: env, opts: opts, screen: screen}
	for _, dir := range opts.dirs {
		s.projects = append(s.projects, newApplication(opts.dirs[0], dir))
	}

	// An edit during the first build must not be missed.
	changes, stopWatching := s.watch()
	defer stopWatching()

	next, err := s.read()
	if err != nil {
		return err
	}
	if err := opts.portsApart(next.plan); err != nil {
		return err
	}
	if s.engine, err = env.StartEngine(ctx, engine.Options{
		State: state, Fresh: opts.fresh, Port: opts.port, AWSPort: opts.awsPort, Sink: screen.Emit, Deployed: screen.Deployed,
	}); err != nil {
		return s.explain(err)
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	if err := remember(opts.dirs); err != nil {
		return err
	}
	if err := s.start(ctx, next); err != nil {
		return s.explain(err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case code := <-changes:
			s.reload(ctx, code)
		}
	}
}
