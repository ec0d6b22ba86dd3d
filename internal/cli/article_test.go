package cli_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/less-go/less/internal/cli"
)

// flows is "flows <file>... [or <file>...]": the project in the working directory
// runs, an order that is posted is answered with 201 and an id, and the services log
// exactly the lines of the files about it. With several ways for an order to take,
// there are orders until each was taken.
func flows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: flows <file>... [or <file>...]")
	}
	ways := readWays(ts, args)
	run := startArticle(ts, ts.MkAbs("."), "--no-watch", "--port", "0", "--aws-port", "0")
	defer run.stop()
	run.await(func(out string) bool { return strings.Contains(out, "🇨🇻") })
	run.flow(apiURL.FindStringSubmatch(run.out.String())[1], ways)
}

// deploys is "deploys <name> <file>... [or <file>...]": the project in the working
// directory is deployed, under a name, to an engine that has no application, and orders
// flow there as flows says.
func deploys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: deploys <name> <file>... [or <file>...]")
	}
	ways := readWays(ts, args[1:])
	ts.Check(os.CopyFS(ts.MkAbs("node_modules"), os.DirFS(cdkModules)))
	home, err := os.UserHomeDir()
	ts.Check(err)
	ts.Setenv("HOME", home) // where the CDK app finds its libraries unpacked
	run := startArticle(ts, ts.MkAbs(".."), "--empty", "--aws-port", "0")
	defer run.stop()
	run.await(func(out string) bool { return emptyURL.MatchString(out) })
	ts.Setenv("AWS_ENDPOINT_URL", emptyURL.FindStringSubmatch(run.out.String())[1])
	ts.Check(ts.Exec("less-cli", "deploy", args[0], "--yes"))
	run.flow(apiURL.FindStringSubmatch(ts.ReadFile("stdout"))[1], ways)
}

// cdkModules is where the CDK's command line is installed.
var cdkModules = filepath.Join("..", "..", "node_modules")

// emptyURL finds where an engine without an application is.
var emptyURL = regexp.MustCompile(`AWS services: (http://\S+)`)

// readWays reads the lines about an order, for each way that it can take.
func readWays(ts *testscript.TestScript, args []string) [][]string {
	ways := [][]string{nil}
	for _, arg := range args {
		if arg == "or" {
			ways = append(ways, nil)
			continue
		}
		last := &ways[len(ways)-1]
		*last = append(*last, strings.Split(strings.TrimSpace(ts.ReadFile(arg)), "\n")...)
	}
	for _, way := range ways {
		slices.Sort(way)
	}
	return ways
}

// startArticle starts less-cli run in a folder.
func startArticle(ts *testscript.TestScript, dir string, args ...string) *articleRun {
	system, err := cli.System(nil)
	ts.Check(err)
	run := &articleRun{ts: ts, out: newOutput(), signals: make(chan os.Signal, 2), code: make(chan int, 1)}
	env := cli.Env{
		In: strings.NewReader(""), Out: run.out, Err: run.out, Dir: dir, Signals: run.signals,
		Getenv: func(string) string { return "" }, StartEngine: system.StartEngine,
	}
	go func() {
		run.code <- cli.Main(context.Background(), append([]string{"run"}, args...), env)
	}()
	return run
}

// flow posts orders to the API at url until each way was taken, and stops the run: then
// there is no other line.
func (r *articleRun) flow(url string, ways [][]string) {
	taken := map[int]bool{}
	orders := map[string]int{} // the way that each has taken
	for len(taken) < len(ways) {
		id := r.post(url + "/orders")
		r.await(func(out string) bool {
			lines := linesOf(out, id)
			way := slices.IndexFunc(ways, func(w []string) bool { return slices.Equal(w, lines) })
			if way >= 0 {
				taken[way], orders[id] = true, way
			}
			return way >= 0
		})
	}
	if code := r.stop(); code != 0 {
		r.ts.Fatalf("exit code %d:\n%s", code, r.out.String())
	}
	for id, way := range orders {
		if diff := cmp.Diff(ways[way], linesOf(r.out.String(), id)); diff != "" {
			r.ts.Fatalf("order %s (-want +got):\n%s", id, diff)
		}
	}
}

// ofAService finds what a service logs, ahead of the order's id.
var ofAService = regexp.MustCompile(`\[[A-Z ]+ SERVICE\] .*`)

// linesOf are the lines about an order, without its id, sorted.
func linesOf(out, id string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		if text, found := strings.CutSuffix(ofAService.FindString(line), id); found {
			lines = append(lines, text+"ID")
		}
	}
	slices.Sort(lines)
	return lines
}

// An articleRun is less-cli run in a script.
type articleRun struct {
	ts      *testscript.TestScript
	out     *output
	signals chan os.Signal
	code    chan int
	stopped bool
	ended   int
}

// await returns when what has been written is as wanted.
func (r *articleRun) await(wanted func(out string) bool) {
	giveUp := time.After(hang)
	for {
		r.out.mu.Lock()
		all, written := r.out.text.String(), r.out.written
		r.out.mu.Unlock()
		if wanted(all) {
			return
		}
		select {
		case <-written:
		case r.ended = <-r.code:
			r.stopped = true
			r.ts.Fatalf("it has ended, with exit code %d:\n%s", r.ended, r.out.String())
		case <-giveUp:
			r.ts.Fatalf("what is awaited is not written:\n%s", r.out.String())
		}
	}
}

// post posts an order and returns the id that it is given.
func (r *articleRun) post(url string) (id string) {
	const order = `{"customer":"Cesaria","items":["cachupa"]}`
	answer, err := http.Post(url, "application/json", strings.NewReader(order))
	r.ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.ts.Check(err)
	var placed struct{ ID, Customer string }
	if err := json.Unmarshal(body, &placed); err != nil || answer.StatusCode != http.StatusCreated || placed.ID == "" || placed.Customer != "Cesaria" {
		r.ts.Fatalf("POST /orders is answered %s %s", answer.Status, body)
	}
	return placed.ID
}

// stop ends it as Ctrl-C does.
func (r *articleRun) stop() int {
	if !r.stopped {
		r.stopped = true
		r.signals <- os.Interrupt
		r.ended = <-r.code
	}
	return r.ended
}
