package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/deploy"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/stacks/stackstest"
	"github.com/less-go/less/internal/target"
)

// tree is the project that is deployed.
const tree = `
-- go.mod --
module example.com/food

go 1.26
-- cdk.json --
{"app": "go run ./infra", "context": {"stage": "dev"}}
-- infra/main.go --
package main

func main() {}
-- package.json --
{}
-- package-lock.json --
{}
-- less/topics/paid/message.go --
package paid

type Message struct{ ID string }
-- less/topics/paid/notify/process.go --
package notify

import (
	"context"

	"example.com/food/less/topics/paid"
)

func Process(ctx context.Context, m paid.Message) error { return nil }
`

// A fixture is a project with a CDK's command line that a test has written.
type fixture struct {
	opts     deploy.Options
	dir      string
	endpoint string
}

// newFixture writes the project. Its cdk is a script, which finds its arguments in $*.
func newFixture(t *testing.T, cdk string) *fixture {
	t.Helper()
	if testing.Short() {
		t.Skip("it reads a project's code")
	}
	dir := projecttest.Write(t, txtar.Parse([]byte(tree)).Files)
	projecttest.UseCheckout(t, dir)
	_, files, err := project.Scan(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gen.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	f := &fixture{dir: dir}
	f.script(t, "node_modules/.bin/cdk", cdk)
	f.script(t, "bin/node", "echo v20.20.2")
	f.write(t, "node_modules/.package-lock.json", "{}")
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))

	answers, err := txtar.ParseFile(filepath.Join("..", "stacks", "testdata", "deployed.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	server := stackstest.Serve(answers)
	t.Cleanup(server.Close)
	f.endpoint = server.URL
	f.opts = deploy.Options{Dir: dir, Environ: os.Environ(), Open: func() (*target.Target, error) {
		return target.New(t.Context(), target.Options{Endpoint: f.endpoint, Getenv: func(string) string { return "" }})
	}}
	return f
}

func (f *fixture) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) script(t *testing.T, name, content string) {
	t.Helper()
	f.write(t, name, "#!/bin/sh\n"+content+"\n")
}

// assembly puts an assembly where synth writes it.
func (f *fixture) assembly(t *testing.T, name string) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.Files {
		f.write(t, "cdk.out/"+file.Name, string(file.Data))
	}
}

func (f *fixture) open(t *testing.T) *deploy.Deployment {
	t.Helper()
	d, err := deploy.New(t.Context(), f.opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// log is what is kept of what the CDK said.
func (f *fixture) log(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(deploy.LogFile)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// say is a script that writes lines.
func say(lines ...string) string { return "cat <<'END'\n" + strings.Join(lines, "\n") + "\nEND\n" }

func TestEventsOfNestedStacksAreToldByTheirFolders(t *testing.T) {
	f := newFixture(t, say(
		"food-dev: deploying... [1/1]",
		"food-dev |  0/41 | 1:45:03 PM | CREATE_IN_PROGRESS   | AWS::CloudFormation::Stack | food-dev User Initiated",
		"food-dev-paidNestedStack1A-1KX7 |  3/41 | 1:45:04 PM | CREATE_COMPLETE      | AWS::Lambda::Function      | topics/paid/notify/Function (notifyFunction) ",
		"food-dev-refundedNestedSt-9ZZ2 |  4/41 | 13:45:04 | UPDATE_COMPLETE      | AWS::Lambda::Function      | topics/paid/notify/Function (notifyFunction) ",
		"food-dev-paidNestedStack1A-1KX7 |   5 | 1:45:05 PM | CREATE_COMPLETE      | AWS::SNS::Topic            | topic",
		"food-dev-cronsNestedStack3C-A |   5 | 1:45:05 PM | CREATE_COMPLETE      | AWS::Events::Rule            | rule ",
		"food-dev |  6/41 | 1:45:05 PM | CREATE_COMPLETE      | AWS::SNS::Topic            | $ops/Topic (opsTopic) ",
		"food-dev |  6/41 | 1:45:05 PM | CREATE_COMPLETE      | AWS::CloudFormation::Stack | topics/paid.NestedStack/paid.NestedStackResource (paidNestedStack1A) ",
		"3/41 Currently in progress: notifyFunction, topic",
	))
	f.assembly(t, "nested")
	var changes, folders []string
	err := f.open(t).Deploy(t.Context(), nil, func(e deploy.Event) {
		folders = append(folders, e.Folder)
		if change, ok := e.Change(); ok {
			changes = append(changes, change)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"created less/topics/paid/notify", "updated less/topics/refunded/notify", "created less/topics/paid", "created less/crons/report"}, changes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "topics/paid/notify", "topics/refunded/notify", "topics/paid", "crons/report", "", "topics/paid"}, folders); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEventsOfSplitStacksAreToldByTheirFolders(t *testing.T) {
	f := newFixture(t, say(
		"food-dev-topic-order-placed |  1/9 | 1:45:04 PM | CREATE_IN_PROGRESS      | AWS::SQS::Queue      | charge/Queue (queue) ",
		"food-dev-topic-order-placed |  1/9 | 1:45:04 PM | CREATE_COMPLETE      | AWS::SNS::Topic      | $topic/Topic (topic) ",
		"food-dev-api-orders |  1/9 | 1:45:04 PM | CREATE_COMPLETE      | AWS::ApiGatewayV2::Route      | $gateway/orders.orders.post/Route (route) ",
		"food-dev-api-orders |  1/9 | 1:45:04 PM | CREATE_COMPLETE      | AWS::Lambda::Function      | orders/by_order_id/get/Function (function) ",
		"food-dev |  1/9 | 1:45:04 PM | CREATE_COMPLETE      | AWS::CloudWatch::Dashboard      | Dashboard ",
	))
	f.assembly(t, "split")
	var folders []string
	if err := f.open(t).Deploy(t.Context(), nil, func(e deploy.Event) { folders = append(folders, e.Folder) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"topics/order_placed/charge", "topics/order_placed", "apis/orders", "apis/orders/orders/by_order_id/get", ""}, folders); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFailureIsToldByItsCauseAndFolder(t *testing.T) {
	f := newFixture(t, say(
		"food-dev-refundedNestedStack2B-1 |  3/41 | 1:45:04 PM | CREATE_FAILED        | AWS::SQS::Queue | topics/paid/notify/Queue (notifyQueue) Queue food-dev-refunded-notify already exists | (RequestToken: 1)",
		"food-dev-paidNestedStack1A-1 |  3/41 | 1:45:04 PM | CREATE_FAILED        | AWS::SNS::Topic | topics/paid/$topic/Topic (topic) Resource creation cancelled",
		"food-dev |  3/41 | 1:45:04 PM | CREATE_FAILED        | AWS::CloudFormation::Stack | topics/refunded.3.NestedStack/x (refundedNestedStack2B) Embedded stack was not successfully created",
		"food-dev |  3/41 | 1:45:04 PM | ROLLBACK_IN_PROGRESS | AWS::CloudFormation::Stack | food-dev The following resource(s) failed to create",
		"",
		"Failed resources:",
		"food-dev-refundedNestedStack2B-1 | 1:45:04 PM | CREATE_FAILED        | AWS::SQS::Queue | topics/paid/notify/Queue (notifyQueue) Queue food-dev-refunded-notify already exists | (RequestToken: 1)",
		" ❌  food-dev failed: ToolkitError: The stack named food-dev failed creation",
	)+"exit 1")
	f.assembly(t, "nested")
	undone := 0
	err := f.open(t).Deploy(t.Context(), nil, func(e deploy.Event) {
		if e.RollingBack() {
			undone++
		}
	})
	want := "less/topics/refunded/notify: the AWS::SQS::Queue notifyQueue could not be created: Queue food-dev-refunded-notify already exists | (RequestToken: 1)\n" +
		"What CloudFormation and the CDK said is in .less/deploy.log"
	if err == nil || err.Error() != want || undone != 1 {
		t.Errorf("%v, undone %d times; want %s", err, undone, want)
	}
	if log := f.log(t); !strings.Contains(log, "$ cdk deploy --no-notices --app cdk.out --all") || !strings.Contains(log, "❌  food-dev failed") {
		t.Errorf("the log has\n%s", log)
	}
}

func TestAFailureWithoutAResourceIsInTheCDKsWords(t *testing.T) {
	f := newFixture(t, say("(node:1) Warning: NodeVersionSupportWarning: x", "", "food-dev failed: AccessDenied: no", "exit status 1")+"exit 3")
	f.assembly(t, "nested")
	err := f.open(t).Deploy(t.Context(), nil, func(deploy.Event) {})
	if want := "cdk deploy: exit status 3\nfood-dev failed: AccessDenied: no\nAll that it said is in .less/deploy.log"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestWhoStopsADeploymentIsToldWhatGoesOn(t *testing.T) {
	f := newFixture(t, say("food-dev |  0/41 | 1:45:03 PM | CREATE_IN_PROGRESS   | AWS::CloudFormation::Stack | food-dev User Initiated")+"exec sleep 600")
	f.assembly(t, "nested")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted")
	err := f.open(t).Deploy(ctx, nil, func(deploy.Event) { cancel(stop) })
	if !errors.Is(err, stop) || err.Error() != "interrupted. CloudFormation goes on with what it was told: 'less-cli list' shows how it ends" {
		t.Errorf("%v", err)
	}
}

func TestPermissionsThatGrowAreAQuestion(t *testing.T) {
	for name, tt := range map[string]struct {
		cdk, out string
		broader  bool
		err      string
	}{
		"none":   {cdk: say("✨  Number of stacks with differences: 0"), out: "✨  Number of stacks with differences: 0\n"},
		"more":   {cdk: say("IAM Statement Changes", "✨  Number of stacks with differences: 1") + "exit 1", out: "IAM Statement Changes\n✨  Number of stacks with differences: 1\n", broader: true},
		"failed": {cdk: say("no such stack") + "exit 1", out: "no such stack\n", err: "cdk diff: exit status 1\nno such stack\nAll that it said is in .less/deploy.log"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, tt.cdk)
			var out bytes.Buffer
			broader, err := f.open(t).Permissions(t.Context(), &out, false)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if broader != tt.broader || text != tt.err || out.String() != tt.out {
				t.Errorf("%v, %q, %q", broader, text, out.String())
			}
		})
	}
}

func TestTheNameIsTheOneThatIsGivenOrThatOfTheSettings(t *testing.T) {
	f := newFixture(t, `echo "$*"`)
	d := f.open(t)
	if d.Name != "food-dev" {
		t.Errorf("%q", d.Name)
	}
	f.opts.Context = []string{"stage=test", "name=shop"}
	if d = f.open(t); d.Name != "shop-test" {
		t.Errorf("%q", d.Name)
	}
	f.opts.Name = "food-prod"
	d = f.open(t)
	if err := d.Synthesize(t.Context(), true); err != nil || d.Name != "food-prod" {
		t.Errorf("%q, %v", d.Name, err)
	}
	if log, want := f.log(t), "\nsynth --quiet --no-notices --output cdk.out --context stage=test --context name=shop --context deployment=food-prod --no-validation\n"; !strings.Contains(log, want) {
		t.Errorf("%s has not %s", log, want)
	}
}

func TestWhatFunctionsGetInSecretIsHidden(t *testing.T) {
	f := newFixture(t, `echo "key is $PAYMENT_KEY, home is $AWS_ENDPOINT_URL"`)
	f.write(t, "less.config", "env_vars: [PAYMENT_KEY]\n")
	f.opts.Environ = append(f.opts.Environ, "PAYMENT_KEY=hunter2hunter2")
	var out bytes.Buffer
	if err := f.open(t).Diff(t.Context(), &out, false); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "key is (hidden), home is http://127.0.0.1:") || strings.Contains(f.log(t), "hunter2") {
		t.Errorf("%s\n%s", out.String(), f.log(t))
	}
}

func TestAnEndpointOnThisMachineIsMadeReady(t *testing.T) {
	f := newFixture(t, `echo "$*"; exit $FAIL`)
	if d := f.open(t); d.NeedsBootstrap() {
		t.Error("it is ready, and would be made so again")
	}
	const qualifier = "@aws-cdk/core:bootstrapQualifier=other"
	f.opts.Context = []string{qualifier}
	d := f.open(t)
	if !d.NeedsBootstrap() {
		t.Fatal("it is not ready, and would not be made so")
	}
	if err := d.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	said := "bootstrap aws://123456789012/us-east-1 --no-notices --context " + qualifier
	if log := f.log(t); !strings.Contains(log, "\n"+said+"\n") {
		t.Errorf("%s has not %s", log, said)
	}
	f.opts.Environ = append(f.opts.Environ, "FAIL=3")
	if err, want := f.open(t).Bootstrap(t.Context()), "cdk bootstrap: exit status 3\n"+said+"\nAll that it said is in .less/deploy.log"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAllThatIsMissingIsToldAtOnce(t *testing.T) {
	f := newFixture(t, "exit 9")
	f.endpoint = strings.Replace(f.endpoint, "127.0.0.1", "[::ffff:127.0.0.1]", 1) // which is not taken for this machine
	f.script(t, "bin/node", "echo v18.1.0")
	f.write(t, "less.config", "env_vars: [PAYMENT_KEY]\n")
	f.opts.Context = []string{"@aws-cdk/core:bootstrapQualifier=other", "stage"}
	f.write(t, "less/topics/paid/audit/process.go", "package audit\n\nfunc Process(s string) error { return nil }\n")
	if err := os.Remove(filepath.Join(f.dir, "package-lock.json")); err != nil {
		t.Fatal(err)
	}
	_, err := deploy.New(t.Context(), f.opts)
	problems, ok := errors.AsType[deploy.Problems](err)
	if !ok {
		t.Fatal(err)
	}
	want := []string{
		filepath.Join(f.dir, "bin", "node") + " is version 18.1.0, and the CDK needs 20 or newer. ",
		"package-lock.json is missing in " + f.dir + ": ",
		"-c stage has no value. ",
		"Environment variable 'PAYMENT_KEY' must be defined",
		"1 problem in " + f.dir + ":\nless/topics/paid/audit/process.go:3: ",
		"the account 123456789012 is not made ready for the CDK in us-east-1: Systems Manager has no parameter /cdk-bootstrap/other/version. Run this once: node_modules/.bin/cdk bootstrap aws://123456789012/us-east-1",
	}
	if len(problems) != len(want) {
		t.Fatalf("%d problems: %v", len(problems), err)
	}
	for i, prefix := range want {
		if !strings.HasPrefix(problems[i].Error(), prefix) {
			t.Errorf("%v\nwant %s", problems[i], prefix)
		}
	}
}
