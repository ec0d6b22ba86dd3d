package cli_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cli"
)

// A wrongUse is a command line that cannot be done.
type wrongUse struct {
	args string // split at spaces; '' quote
	env  []string
	code int
	want string // a regular expression for all that is said
}

// The beginnings of what is said.
const (
	noProject = `there is no 'less' folder in \S+, nor in a folder above it\. Navigate to your project, the folder that holds go\.mod and less/, and try again`
	noRegion  = `AWS_REGION is not set\. Set it to the region of the deployment, such as eu-west-1`
	noKeys    = `there are no AWS credentials: AWS_ACCESS_KEY_ID is not set, .*\. Set the variables, name a profile with --profile or AWS_PROFILE, or run 'aws configure' or 'aws sso login'`
	help      = ` Run 'less-cli [a-z -]*--help' to see how it is used`
)

// TestWrongUses is what people see of their mistakes: one sentence with the way out,
// the right exit code, and everything as it was.
func TestWrongUses(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads some projects")
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	t.Setenv("AWS_CONFIG_FILE", nowhere)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	good := newProject(t)
	good.write("less/crons/send_report/process.go", "package sendreport\n\nimport \"context\"\n\nconst Schedule = \"rate(1 day)\"\n\nfunc Process(context.Context) error { return nil }\n")
	if code, _, errOut := use(t, good.dir, nil, "gen"); code != 0 {
		t.Fatal(errOut)
	}
	// like is the good project, changed.
	like := func(change func(p *project)) string {
		p := &project{t: t, dir: filepath.Join(t.TempDir(), "food")}
		if err := os.CopyFS(p.dir, os.DirFS(good.dir)); err != nil {
			t.Fatal(err)
		}
		change(p)
		return p.dir
	}
	for _, place := range []struct {
		name, dir string
		uses      []wrongUse
	}{
		{"no project", t.TempDir(), []wrongUse{
			{args: "run", code: 1, want: noProject},
			{args: "gen", code: 1, want: noProject},
			{args: "gen --check", code: 1, want: noProject},
			{args: "graph", code: 1, want: noProject},
			{args: "paths", code: 1, want: noProject},
			{args: "why a b", code: 1, want: noProject},
			{args: "iam", code: 1, want: noProject},
			{args: "check", code: 1, want: noProject},
			{args: "export asyncapi", code: 1, want: noProject},
			{args: "export openapi", code: 1, want: noProject},
			{args: "diff main", code: 1, want: noProject},
			{args: "cost", code: 1, want: noProject},
			{args: "publish a --data {}", code: 1, want: noProject},
			{args: "invoke a", code: 1, want: noProject},
			{args: "run-cron a", code: 1, want: noProject},
			{args: "dlq list", code: 1, want: noProject},
			{args: "dlq show a", code: 1, want: noProject},
			{args: "dlq redrive a --all", code: 1, want: noProject},
			{args: "dlq edit a 1 --data {}", code: 1, want: noProject},
			{args: "dlq purge a --yes", code: 1, want: noProject},
			{args: "log", code: 1, want: noProject},
			{args: "trace 1", code: 1, want: noProject},
			{args: "deploy shop", code: 1, want: noProject},
			{args: "list --local", code: 1, want: noProject},
			{args: "delete shop --local --yes", code: 1, want: noProject},
			{args: "run nowhere", code: 1, want: `there is no folder \S+nowhere\. Name the folder of your project, .*`},
			// A first thing with a bad name makes no project.
			{args: "create topic --name user-created", code: 1, want: `(there is no project here, and none can be made: )?invalid .* should start with a letter and contain only letters, numbers and underscores\. Rename it.*`},
			{args: "init 7shops", code: 1, want: `invalid project name: the name "7shops" should start with a letter .*\. Rename it`},
		}},
		{"unknown words", good.dir, []wrongUse{
			{args: "rnu", code: 2, want: `unknown command "rnu" for "less-cli"\.` + help},
			{args: "grahp", code: 2, want: `unknown command "grahp" for "less-cli"\. Did you mean graph\?` + help},
			{args: "dlq sho", code: 2, want: `unknown command "sho" for "less-cli dlq"\. Did you mean show\?` + help},
			{args: "create rout", code: 2, want: `unknown command "rout" for "less-cli create"\. Did you mean route\?` + help},
			{args: "export xml", code: 2, want: `unknown command "xml" for "less-cli export"\.` + help},
			{args: "help nothing", code: 2, want: `there is no command "nothing"\.` + help},
			{args: "completion tcsh", code: 2, want: `unknown command "tcsh" for "less-cli completion"\..*` + help},
			{args: "--nothing", code: 2, want: `unknown flag: --nothing\.` + help},
			{args: "-x", code: 2, want: `unknown shorthand flag: 'x' in -x\.` + help},
			{args: "run --prot 3", code: 2, want: `unknown flag: --prot\. Did you mean --port\?` + help},
			{args: "gen --nothing", code: 2, want: `unknown flag: --nothing\.` + help},
			{args: "graph --fromat svg", code: 2, want: `unknown flag: --fromat\. Did you mean --format\?` + help},
			{args: "version now", code: 2, want: `.*` + help},
			{args: "run a b", code: 1, want: `there is no folder .*a\. Name the folder of your project, .*\nthere is no folder .*b\. Name .*`},
			{args: "why a", code: 2, want: `accepts 2 arg\(s\), received 1\.` + help},
			{args: "diff", code: 2, want: `accepts 1 arg\(s\), received 0\.` + help},
			{args: "trace", code: 2, want: `accepts 1 arg\(s\), received 0\.` + help},
			{args: "init", code: 2, want: `accepts 1 arg\(s\), received 0\.` + help},
		}},
		{"bad values", good.dir, []wrongUse{
			{args: "run --port http", code: 2, want: `--port is "http", and takes a whole number\.` + help},
			{args: "run --port 70000", code: 2, want: `--port is 70000, and ports are 0 to 65535\.` + help},
			{args: "run --port 4566", code: 1, want: `the APIs listen on the ports 4566 to 4566, and the AWS services on 4566\. Move one with --port or --aws-port`},
			{args: "run --visibility soon", code: 2, want: `--visibility is "soon", and takes a time such as 500ms, 30s or 2h\.` + help},
			{args: "run --visibility 13h", code: 2, want: `--visibility is 13h0m0s, and a message can be hidden for more than 0 and at most 12 hours\.` + help},
			{args: "gen --check=maybe", code: 2, want: `--check is "maybe", and takes true or false\.` + help},
			{args: "graph --format png", code: 2, want: `there is no format "png"\. Choose one of text, mermaid, dot, svg, json\.` + help},
			{args: "check --json --sarif", code: 2, want: `--json and --sarif are two formats: choose one\.` + help},
			{args: "cost --orders many", code: 2, want: `--orders is "many", and takes a number\.` + help},
			{args: "cost --batch 0", code: 2, want: `--batch is 0, and a batch has 1 to 10000 messages\.` + help},
			{args: "publish order_placed", code: 2, want: `--data is missing: give JSON, @file, or - for the standard input\.` + help},
			{args: "publish order_placed --data {", code: 2, want: `--data: it is not JSON, at line 1, column 1: .*\.` + help},
			{args: "publish order_placed --data -", code: 2, want: `the standard input: it is empty, and an event is JSON\.` + help},
			{args: "publish order_placed --data @nowhere", code: 1, want: `--data @nowhere cannot be read: no such file or directory\. Name a file with JSON in it`},
			{args: "publish order_placed --data {} --attribute x", code: 2, want: `--attribute is "x", and takes name=value\.` + help},
			{args: "publish order_placed --data {} --attribute ce-id=1", code: 1, want: `.*the attribute name "ce-id" is reserved for the event's own context: choose another`},
			{args: "invoke charge", code: 2, want: `--data is missing: topics/order_placed/payment_service_charge handles messages\. .*` + help},
			{args: "invoke send_report --data {}", code: 2, want: `--data and --correlation-id are for routes and subscribers, and crons/send_report runs by schedule\.` + help},
			{args: "invoke post --header x", code: 2, want: `--header "x" has no name\. Write it like 'Accept: text/plain'\.` + help},
			{args: "log --since tomorrow", code: 2, want: `--since "tomorrow" is no time\. Write it like .*` + help},
			{args: "dlq redrive charge", code: 2, want: `say which dead letters: one of --id, --filter and --all\.` + help},
			{args: "dlq redrive charge --all --rate 501", code: 2, want: `--rate is 501, and SQS moves 1 to 500 messages in a second\.` + help},
		}},
		{"names that are none's", good.dir, []wrongUse{
			{args: "paths order_plced", code: 1, want: `there is no route, cron or topic "order_plced"\. Did you mean order_placed\? 'less-cli graph' shows them all`},
			{args: "iam nobody", code: 1, want: `there is no function "nobody"\. .* 'less-cli graph' shows them all`},
			{args: "export openapi oders", code: 1, want: `there is no API "oders"\. .*orders`},
			{args: "diff main", code: 1, want: `\S+ is not in a git repository, so there is no other revision to read\. Run git init there and commit the project`},
			{args: "publish order_plced --data {}", code: 1, want: `there is no topic "order_plced"\. Did you mean order_placed\? 'less-cli graph' shows them all`},
			{args: "invoke chrage --data {}", code: 1, want: `there is no function "chrage"\. Did you mean charge\? 'less-cli graph' shows them all`},
			{args: "run-cron send_reprot", code: 1, want: `there is no cron "send_reprot"\. Did you mean send_report\? 'less-cli graph' shows them all`},
			{args: "dlq show chrage", code: 1, want: `there is no subscriber "chrage"\. Did you mean charge\? 'less-cli graph' shows them all`},
			{args: "log chrage", code: 1, want: `there is no function "chrage"\. Did you mean charge\? 'less-cli graph' shows them all`},
		}},
		{"new names that cannot be", good.dir, []wrongUse{
			{args: "create topic --name user-created", code: 1, want: `invalid topic name: the name "user-created" should start with a letter .*\. Rename it to user_created`},
			{args: "create topic --name 'a b'", code: 1, want: `invalid topic name: .*`},
			{args: "create topic --name Order_placed", code: 1, want: `nothing is written, because of 2 problems:\n.*\. Rename one of them\.\n.*\. Rename one of them\.`},
			{args: "create topic --name paid --subscribers good 1st", code: 1, want: `invalid subscriber name: the name "1st" .*\. Rename it`},
			{args: "create subscribers --topic refunded --names x", code: 1, want: `topic refunded does not exist: less-cli create topic --name refunded`},
			{args: "create route --name orders --path /orders/{id --verb get", code: 1, want: `.*"?\{id.*`},
			{args: "create route --name orders --path /orders --verb fetch", code: 1, want: `there is no verb "fetch"\. Choose one of get, post, put, patch, delete`},
			{args: "create cron --name nightly --schedule never", code: 1, want: `the schedule "never" is none of EventBridge's\. Write rate\(5 minutes\), or .*`},
			{args: "create shared-module --name ../order", code: 1, want: `invalid module name: the name "../order" .*\. Rename it`},
			{args: "create topic --name paid --language js", code: 2, want: `there are no handlers in "js": --language go is what exists\.` + help},
		}},
		{"no terminal", good.dir, []wrongUse{
			{args: "create topic", code: 2, want: `--name is missing, and there is no terminal to ask\.` + help},
			{args: "create route --name orders", code: 2, want: `--path, --verb are missing, and there is no terminal to ask\.` + help},
			{args: "create topic --name paid --subscribers", code: 2, want: `flag needs an argument: --subscribers\.` + help},
			{args: "dlq purge charge", code: 2, want: `purge deletes for good, and there is no terminal to ask: give --yes\.` + help},
			{args: "dlq edit charge 1", env: []string{"EDITOR=vi"}, code: 2, want: `there is no terminal with an \$EDITOR to edit in: give the payload with --data\.` + help},
		}},
		{"deployments", good.dir, []wrongUse{
			{args: "deploy Food", code: 2, want: `invalid project name "Food"\. It begins with a letter and has only lower-case letters, numbers and dashes: food-dev, food-prod\.` + help},
			{args: "deploy a b", code: 2, want: `accepts at most 1 arg\(s\), received 2\.` + help},
			{args: "list resources", code: 2, want: `accepts 1 arg\(s\), received 0\.` + help},
			{args: "list --local --profile shop", code: 2, want: `--local is this machine: leave --region, --profile and --endpoint out\.` + help},
			{args: "list --endpoint http://localhost:9 --profile shop", code: 2, want: `--profile is for AWS, and --endpoint is another place: choose one\.` + help},
			{args: "list --endpoint http://localhost:9", code: 1, want: `nothing answers at http://localhost:9\. Start what should, or name another place with --endpoint`},
			{args: "list resources food --local", code: 1, want: `no engine runs on .*\. Start it with 'less-cli run'`},
			{args: "delete drinks --local --yes", code: 1, want: `the project in this folder is food, not drinks\. Change to the folder of the one that is meant, or name this one`},
			{args: "delete food --local", code: 2, want: `delete deletes for good, and there is no terminal to ask: give --yes\.` + help},
		}},
		{"no engine, and no credentials", good.dir, []wrongUse{
			{args: "dlq list --aws-port 9", code: 1, want: `nothing answers at http://localhost:9\. Start the engine with 'less-cli run' in the project, or name another place with .*`},
			{args: "dlq list --aws-port 0", code: 2, want: `--aws-port is 0, and ports are 1 to 65535\.` + help},
			{args: "dlq list --endpoint nowhere", code: 1, want: `"nowhere" is not the URL of an endpoint\. Write it like http://localhost:4566`},
			{args: "dlq list --aws --endpoint http://localhost:9", code: 2, want: `--aws, --endpoint and --aws-port are different places: choose one\.` + help},
			{args: "dlq list --aws", code: 1, want: noRegion + `\n` + noKeys},
			{args: "dlq list --aws", env: []string{"AWS_REGION=eu-west-1"}, code: 1, want: noKeys},
			{args: "list --profile nobodys", code: 1, want: `there is no profile "nobodys" in .*\. Name another with --profile or AWS_PROFILE, or make it with .*`},
			{args: "list", code: 1, want: noRegion + `\n` + noKeys},
			{args: "list resources shop", code: 1, want: noRegion + `\n` + noKeys},
			{args: "delete shop --yes", env: []string{"AWS_REGION=eu-west-1"}, code: 1, want: noKeys},
			{args: "deploy Shop --yes", code: 2, want: `invalid project name "Shop"\. It begins with a letter and has only lower-case letters, numbers and dashes: food-dev, food-prod\.` + help},
			{args: "deploy shop", code: 1, want: `\d problems, and nothing was started:\n(?s:.*)` + noRegion + `\n- ` + noKeys + `\n- --yes is missing, and there is no terminal to ask on where permissions grow`},
		}},
		{"a tree that is half written", like(func(p *project) { p.write("less/topics/paid/ship/process.go", "package ship\n") }), []wrongUse{
			{args: "run", code: 1, want: `2 problems in \S+:\nless/topics/paid: the topic does not say what it carries\. Declare type Message in .*\nless/topics/paid/ship.*Process.*`},
			{args: "gen", code: 1, want: `2 problems in (?s:.*)`},
			{args: "graph", code: 1, want: `2 problems in (?s:.*)`},
			{args: "publish order_placed --data {}", code: 1, want: `2 problems in (?s:.*)`},
		}},
		{"code that is broken", like(func(p *project) { p.write("less/topics/order_placed/message.go", "package orderplaced\n\nfunc") }), []wrongUse{
			{args: "run", code: 1, want: `1 problem in \S+:\nless/topics/order_placed/message\.go:3: .*\. Correct the syntax; gofmt -l less lists every such file\.`},
		}},
		{"generated code that is old", like(func(p *project) { remove(p, "functions") }), []wrongUse{
			{args: "graph", code: 1, want: `\d generated files are not up to date with less/, functions/\S+ first\. Run 'less-cli gen' and try again`},
		}},
		{"a file where a folder belongs", like(func(p *project) { remove(p, "functions"); p.write("functions", "mine") }), []wrongUse{
			{args: "gen", code: 1, want: `functions: a folder belongs here, and this is a file\. Move it elsewhere`},
			{args: "create topic --name paid", code: 1, want: `functions: a folder belongs here, and this is a file\. Move it elsewhere`},
			{args: "run", code: 1, want: `functions: a folder belongs here, and this is a file\. Move it elsewhere`},
		}},
		{"no less folder but a file", like(func(p *project) { remove(p, "less"); p.write("less", "mine") }), []wrongUse{
			{args: "create topic --name paid", code: 1, want: `less: a folder belongs here, and this is a file\. Move it elsewhere`},
			{args: "init .", code: 1, want: `less: a folder belongs here, and this is a file\. Move it elsewhere`},
			{args: "graph", code: 1, want: noProject},
		}},
		{"no go.mod", like(func(p *project) { remove(p, "go.mod") }), []wrongUse{
			{args: "graph", code: 1, want: `\S+ has a 'less' folder but no go\.mod\. Run 'less-cli init \.' there, which adds what is missing, and try again`},
		}},
		{"a go.mod that is broken", like(func(p *project) { p.write("go.mod", "modul food\n") }), []wrongUse{
			{args: "graph", code: 1, want: `1 problem in \S+:\ngo\.mod.*\. (Correct it|Begin it).*`},
			{args: "create topic --name paid", code: 1, want: `go\.mod: it names no module\. Begin it with a line such as: module example\.com/shop`},
		}},
		{"somebody's go.mod", like(func(p *project) { p.write("go.mod", "module example.com/food\n") }), []wrongUse{
			{args: "graph", code: 1, want: `the code does not compile:\ngo\.mod: it does not require github\.com/less-go/less, and 'less-cli init \.' says how it gets to`},
		}},
		{"a go.mod that is older than the framework", like(func(p *project) {
			p.write("go.mod", regexp.MustCompile(`(?m)^\tgithub\.com/aws/aws-lambda-go .*\n`).ReplaceAllString(p.read("go.mod"), ""))
		}), []wrongUse{
			{args: "graph", code: 1, want: `go\.mod: it lacks what the framework depends on by now\. Run 'go mod tidy' and try again`},
		}},
		{"a topic that is not there", like(func(p *project) {
			p.write("less/apis/orders/orders/post.go", strings.ReplaceAll(p.read("less/apis/orders/orders/post.go"), "topics.OrderPlaced", "topics.OrderTaken"))
		}), []wrongUse{
			{args: "graph", code: 1, want: `the code does not compile:\nless/apis/orders/orders/post\.go:13: topic order_taken does not exist: less-cli create topic --name order_taken`},
		}},
	} {
		t.Run(place.name, func(t *testing.T) {
			before := tree(t, place.dir)
			for _, u := range place.uses {
				code, out, errOut := use(t, place.dir, u.env, split(u.args)...)
				said, isError := strings.CutPrefix(errOut, "[less-cli] ERROR: ")
				if code != u.code || !isError || !regexp.MustCompile(`^`+u.want+`\n$`).MatchString(said) {
					t.Errorf("less-cli %s: exit code %d, want %d, and it says\n%swant\n%s", u.args, code, u.code, errOut, u.want)
				}
				if out != "" {
					t.Errorf("less-cli %s: there are results:\n%s", u.args, out)
				}
				if diff := cmp.Diff(before, tree(t, place.dir)); diff != "" {
					t.Errorf("less-cli %s: the tree has changed (-before +after):\n%s", u.args, diff)
				}
			}
		})
	}
}

func remove(p *project, name string) {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, name)); err != nil {
		p.t.Fatal(err)
	}
}

// split splits a command line as a shell would.
func split(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// use is one call of less-cli in dir, without a terminal and without any input.
func use(t *testing.T, dir string, env []string, args ...string) (code int, out, errOut string) {
	t.Helper()
	system, err := cli.System(nil)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code = cli.Main(context.Background(), args, cli.Env{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, Dir: dir, StartEngine: system.StartEngine,
		Getenv: func(name string) string {
			for _, variable := range env {
				if value, found := strings.CutPrefix(variable, name+"="); found {
					return value
				}
			}
			return ""
		},
	})
	return code, stdout.String(), stderr.String()
}

// tree is every file and folder below dir, but for what the commands keep in .less/.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".less":
			return fs.SkipDir
		case e.IsDir():
			out[name] = "folder"
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = fmt.Sprintf("%x", sha256.Sum256(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
