package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/stacks/stackstest"
)

func TestMain(m *testing.M) {
	testscript.Main(withDemo{m}, map[string]func(){"less-cli": func() {
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		env, err := cli.System(signals)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(cli.Main(context.Background(), os.Args[1:], env))
	}})
}

// withDemo runs the tests and then stops the demo that they may have started.
type withDemo struct{ *testing.M }

func (m withDemo) Run() int {
	defer stopDemo()
	return m.M.Run()
}

// TestScripts runs the command as a process of its own: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"checkout": checkout,
			"flows":    flows,
			"deploys":  deploys,
			"gocaches": goCaches,
			"answers":  answers,
		},
	})
}

// condition knows [mounts], that file systems can be mounted, in a name space of one's
// own, and [cdk], that there are Node and the CDK's command line.
func condition(cond string) (bool, error) {
	switch cond {
	case "cdk":
		_, noNode := exec.LookPath("node")
		_, noCDK := os.Stat(filepath.Join(cdkModules, "aws-cdk"))
		return noNode == nil && noCDK == nil, nil
	case "mounts":
	default:
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	dir, err := os.MkdirTemp("", "less-cli-test-")
	if err != nil {
		return false, err
	}
	defer os.Remove(dir)
	return exec.Command("unshare", "-rm", "mount", "-t", "tmpfs", "none", dir).Run() == nil, nil
}

// checkout makes the module in the working directory depend on this checkout, and
// lets the go command work in it without the network.
func checkout(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: checkout")
	}
	ts.Check(projecttest.Adapt(ts.MkAbs(".")))
	goCaches(ts, neg, args)
}

// goCaches lets the go command use this user's caches, and no network.
func goCaches(ts *testscript.TestScript, _ bool, _ []string) {
	for _, name := range []string{"GOMODCACHE", "GOCACHE"} {
		value, err := exec.Command("go", "env", name).Output()
		ts.Check(err)
		ts.Setenv(name, strings.TrimSpace(string(value)))
	}
	ts.Setenv("GOPROXY", "off")
}

// answers is "answers <name>": AWS is what gives the answers of that file.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers <name>")
	}
	archive, err := txtar.ParseFile(filepath.Join("..", "stacks", "testdata", args[0]+".txtar"))
	ts.Check(err)
	server := stackstest.Serve(archive)
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}

// exits is "exits <code> <command> [args]": the command ends with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits <code> <command> [args]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		code = fmt.Sprint(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}
