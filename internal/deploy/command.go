package deploy

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/console"
)

// patience is how long a command may take to end when it is asked to.
const patience = 10 * time.Second

// cdkPath is the CDK's command line.
func (d *Deployment) cdkPath() string {
	name := "cdk"
	if runtime.GOOS == "windows" {
		name = "cdk.cmd"
	}
	return filepath.Join(d.dir, "node_modules", ".bin", name)
}

// cdk runs the CDK's command line. It tells hear each line, and returns what was said.
func (d *Deployment) cdk(ctx context.Context, hear func(line string), args ...string) ([]string, error) {
	return d.run(ctx, append(d.environ, "NO_COLOR=1"), hear, d.cdkPath(), args...)
}

// run runs a command in the project's folder until it ends or ctx does, and then asks
// it to end as Ctrl-C does. What it says is in the log too.
func (d *Deployment) run(ctx context.Context, environ []string, hear func(line string), name string, args ...string) ([]string, error) {
	fmt.Fprintf(d.log, "$ %s %s\n", filepath.Base(name), strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = d.dir, environ
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	var said []string
	heard := make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			line := d.hide.Replace(lines.Text())
			fmt.Fprintln(d.log, line)
			said = append(said, line)
			if hear != nil {
				hear(line)
			}
		}
		err := lines.Err()
		_, rest := io.Copy(d.log, reader) // of a line that is too long, so that the command can go on
		heard <- errors.Join(err, rest)
	}()
	err := cmd.Run()
	_ = writer.Close() // of a pipe, which never fails
	return said, cmp.Or(err, <-heard)
}

// A FailedError is a deployment that CloudFormation could not carry out.
type FailedError struct {
	Failures []Event
}

// Error tells what failed, by the folders that it belongs to.
func (e *FailedError) Error() string {
	lines := make([]string, len(e.Failures))
	for i, f := range e.Failures {
		lines[i] = f.Failure()
	}
	return fmt.Sprintf("%s\nWhat CloudFormation and the CDK said is in %s", strings.Join(lines, "\n"), LogFile)
}

// shown is how many lines of a command's are shown when it fails.
const shown = 40

// failed is the error of a command, in its own words.
func (d *Deployment) failed(ctx context.Context, name string, said []string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if _, ended := errors.AsType[*exec.ExitError](err); !ended {
		return fmt.Errorf("%s: %w", name, err)
	}
	lines := slices.DeleteFunc(slices.Clone(said), isNoise)
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	lines = lines[max(0, len(lines)-shown):]
	return fmt.Errorf("%s: %w\n%s\nAll that it said is in %s", name, err, console.Clean(strings.Join(lines, "\n")), LogFile)
}

// noise is what is said by the CDK, or by Node, in whatever it does.
var noise = regexp.MustCompile(`^(\(node:\d+\) Warning: NodeVersionSupport|versions published after the first|will require node|To continue receiving updates|` +
	`and security fixes|and security updates|bug fixes,|More information can be found at: https://a\.co/|\(Use .node --trace-warnings|exit status 1$|` +
	`\s*✨  Synthesis time|.*Subprocess exited with error \d+|\d+ feature flags are not configured|Runtime process exited abnormally)`)

func isNoise(line string) bool { return noise.MatchString(line) }
