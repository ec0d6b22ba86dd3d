// Package cli is the command line less-cli, one file for each command. It joins
// the packages that do the work, and decides what people see of it: results on
// standard output, everything said about the way there on standard error, and an
// exit code.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/plan"
)

// An Env is the world around a command.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	// InTerminal says that a person can be asked, OutTerminal and ErrTerminal that
	// one looks at Out and Err; Width is how many columns of Out fit on the screen, 0
	// where that is unknown.
	InTerminal, OutTerminal, ErrTerminal bool
	Width                                int
	Getenv                               func(string) string
	LookupEnv                            func(string) (string, bool)
	// Dir is the working directory.
	Dir string
	// Signals delivers what asks the command to stop: the first ends it in order,
	// the second at once.
	Signals <-chan os.Signal
	// StartEngine starts the local cloud.
	StartEngine func(context.Context, engine.Options) (Engine, error)
}

// An Engine is what the commands need of the local cloud: see [engine.Engine].
type Engine interface {
	Apply(ctx context.Context, p plan.Plan, binaries map[string]string) error
	APIs() []engine.Endpoint
	TopicsAPI() string
	AWS() string
	Stop(ctx context.Context) error
}

// Main runs the command that args name and returns the exit code: 0 done, 1
// failed, 2 wrong usage, 3 a check found something.
func Main(ctx context.Context, args []string, env Env) int {
	ctx, done := untilSignal(ctx, env.Signals)
	defer done()
	results := &results{to: env.Out}
	if !env.OutTerminal { // which never fills up, and which an editor has to be given as it is
		env.Out = results
	}

	root := newRoot(env)
	root.SetArgs(lists(args))
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	if err == nil && results.err != nil {
		err = fmt.Errorf("the results cannot be written: %w", results.err)
	}
	if err == nil {
		return codeDone
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = context.Cause(ctx) // which says why
	}
	fmt.Fprintf(env.Err, "%s ERROR: %v%s\n", tag, err, ofTheDisk(err))
	return exitCode(err)
}

// tag begins every line that the command itself has to say.
const tag = "[less-cli]"

func newRoot(env Env) *cobra.Command {
	version := false
	root := &cobra.Command{
		Use:   "less-cli",
		Short: "A folder tree is the architecture",
		Long: `less-cli works on a project whose architecture is the folder tree less/:
less/apis/<api>/<path>/<verb>.go is a route, less/topics/<topic>/<subscriber>/ a subscriber.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return writeVersion(env.Out)
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "print the version")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newInit(env), newCreate(env), newRun(env), newGen(env), newGraph(env), newPaths(env),
		newWhy(env), newIAM(env), newCheck(env), newExport(env), newDiff(env), newCost(env),
		newPublish(env), newInvoke(env), newRunCron(env), newDLQ(env), newLog(env), newTrace(env), newDeploy(env), newList(env), newDelete(env), newVersion(env),
	)
	refuseUnknown(root)
	return root
}

// The exit codes.
const (
	codeDone = iota
	codeFailed
	codeUsage
	codeFound
)

// exitCode is the code that err carries, or that of any failure.
func exitCode(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return codeFailed
}

// A foundError is a check that found something.
type foundError struct{ error }

func (e foundError) ExitCode() int { return codeFound }

// errInterrupted is why a command did not come to its end.
var errInterrupted = errors.New("interrupted")

// untilSignal returns a context that the next signal ends. Call done to stop
// listening.
func untilSignal(parent context.Context, signals <-chan os.Signal) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(parent)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-finished
	}
}

// startEngine is the real [Env.StartEngine].
func startEngine(ctx context.Context, opts engine.Options) (Engine, error) {
	e, err := engine.Start(ctx, opts)
	if err != nil {
		return nil, err
	}
	return e, nil
}
