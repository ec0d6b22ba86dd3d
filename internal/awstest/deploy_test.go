package awstest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// root is the project that is deployed: the food delivery.
const root = "../.."

// What the suite is told by its environment.
const (
	// targetVariable is "embedded" (the default: an engine of its own), "endpoint" (what
	// AWS_ENDPOINT_URL names) or "aws".
	targetVariable = "LESS_TEST_TARGET"
	// requireVariable is "all" where nothing may be skipped.
	requireVariable = "LESS_TEST_REQUIRE"
)

// A target is where the application is deployed to.
type target struct {
	t       *testing.T
	command string // less-cli
	env     []string
	name    string // of the deployment
}

// skip skips the test, or fails it where everything is required.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv(requireVariable) == "all" {
		t.Fatalf(format+", and "+requireVariable+" is all", args...)
	}
	t.Skipf(format, args...)
}

func newTarget(t *testing.T) *target {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip(t, "%s is not installed", tool)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules", ".bin", "cdk")); err != nil {
		skip(t, "the CDK's command line is not there: run npm ci")
	}
	d := &target{t: t, command: filepath.Join(t.TempDir(), "less-cli"), env: os.Environ(), name: "lesstest"}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", d.command, "../../cmd/less-cli").CombinedOutput(); err != nil {
		t.Fatalf("build less-cli: %v\n%s", err, out)
	}
	switch where := os.Getenv(targetVariable); where {
	case "", "embedded":
		d.env = slices.DeleteFunc(d.env, func(v string) bool { return strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "AWS_CA_BUNDLE=") })
		d.env = append(d.env, "AWS_ENDPOINT_URL="+d.engine(), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
		d.bootstrap()
	case "endpoint":
		if os.Getenv("AWS_ENDPOINT_URL") == "" {
			t.Fatalf("%s is endpoint: name it in AWS_ENDPOINT_URL", targetVariable)
		}
		d.name = fmt.Sprintf("lesstest%d", time.Now().Unix())
		d.bootstrap()
	case "aws":
		d.name = fmt.Sprintf("lesstest%d", time.Now().Unix())
	default:
		t.Fatalf("%s is %q. Set it to embedded, endpoint or aws", targetVariable, where)
	}
	return d
}

// engine starts an engine without an application and returns its URL.
func (d *target) engine() string {
	d.t.Helper()
	cmd := exec.Command(d.command, "run", "--empty", "--aws-port", "0", "--json")
	cmd.Dir, cmd.Env = d.t.TempDir(), d.env
	cmd.Stdout = io.Discard
	said, err := cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	var heard strings.Builder // what the engine says, to be read once it has ended
	ended := make(chan struct{})
	url := make(chan string, 1)
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			heard.WriteString(lines.Text() + "\n")
			if found, is := strings.CutPrefix(lines.Text(), "AWS services: "); is {
				url <- found
			}
		}
		_ = cmd.Wait()
		close(url)
	}()
	d.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if d.t.Failed() {
			d.t.Logf("the engine said:\n%s", heard.String())
		}
	})
	found := <-url
	if found == "" {
		d.t.Fatal("the engine did not start")
	}
	return found
}

func (d *target) bootstrap() {
	d.t.Helper()
	home := "CDK_HOME=" + d.t.TempDir() // the CDK remembers accounts by their keys
	cmd := exec.CommandContext(d.t.Context(), filepath.Join("node_modules", ".bin", "cdk"), "bootstrap", "--no-notices")
	cmd.Dir, cmd.Env = root, append(slices.Clone(d.env), home, "CDK_DISABLE_CLI_TELEMETRY=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("cdk bootstrap: %v\n%s", err, out)
	}
}

// run runs less-cli in the project and returns what it says. It fails the test where
// the exit code is another one.
func (d *target) run(code int, args ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), d.command, args...)
	cmd.Dir, cmd.Env = root, d.env
	out, err := cmd.CombinedOutput()
	if exit, failed := errors.AsType[*exec.ExitError](err); err != nil && (!failed || exit.ExitCode() != code) || err == nil && code != 0 {
		d.t.Fatalf("less-cli %s: %v, want exit code %d\n%s", strings.Join(args, " "), err, code, out)
	}
	return string(out)
}

// operate runs one of the operator's commands on the deployment.
func (d *target) operate(args ...string) string {
	d.t.Helper()
	args = append(args, "--project", d.name)
	if os.Getenv(targetVariable) == "aws" {
		args = append(args, "--aws")
	}
	return d.run(0, args...)
}

// config is that of an AWS SDK, as a user has it.
func (d *target) config() aws.Config {
	d.t.Helper()
	for _, v := range d.env {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			d.t.Setenv(name, value)
		}
	}
	c, err := config.LoadDefaultConfig(d.t.Context(), config.WithHTTPClient(awshttp.NewBuildableClient()))
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// A listing is what less-cli list resources --json says, as far as it is used here.
type listing struct {
	APIs   []struct{ Name, URL string }
	Topics []struct {
		Name        string
		Subscribers []struct {
			Function, Queue string
			DeadLetterQueue string `json:"dead_letter_queue"`
			DeadLetters     int    `json:"dead_letters"`
		}
	}
}

func (d *target) list() (l listing) {
	d.t.Helper()
	out := d.run(0, "list", "resources", d.name, "--json")
	if err := json.Unmarshal([]byte(out), &l); err != nil {
		d.t.Fatalf("%v in %s", err, out)
	}
	return l
}

// subscriber returns one by the end of its identity.
func (l listing) subscriber(t *testing.T, end string) (queue, deadLetters string, dead int) {
	t.Helper()
	for _, topic := range l.Topics {
		for _, s := range topic.Subscribers {
			if strings.HasSuffix(s.Function, end) {
				return s.Queue, s.DeadLetterQueue, s.DeadLetters
			}
		}
	}
	t.Fatalf("there is no subscriber %s in %+v", end, l)
	return "", "", 0
}

// until asks again and again, as one has to when a cloud is to answer.
func (d *target) until(what string, done func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 2*time.Minute)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			d.t.Fatalf("waited two minutes for %s", what)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// order posts an order and returns its id.
func (d *target) order(url, simulate string) string {
	d.t.Helper()
	r, err := http.Post(url+"/orders", "application/json", strings.NewReader(fmt.Sprintf(`{"customer":"Cesaria","items":["cachupa"],"simulate":%q}`, simulate)))
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	var placed struct{ ID string }
	if err != nil || r.StatusCode != http.StatusCreated || json.Unmarshal(body, &placed) != nil || placed.ID == "" {
		d.t.Fatalf("POST /orders: %d %s %v", r.StatusCode, body, err)
	}
	return placed.ID
}

// said are the log lines of all functions that name the order and end a service's work.
func (d *target) said(logs *cloudwatchlogs.Client, order string) (lines []string) {
	d.t.Helper()
	groups := cloudwatchlogs.NewDescribeLogGroupsPaginator(logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/" + d.name + "-")})
	for groups.HasMorePages() {
		page, err := groups.NextPage(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		for _, g := range page.LogGroups {
			out, err := logs.FilterLogEvents(d.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: g.LogGroupName, FilterPattern: aws.String(`"` + order + `"`)})
			if err != nil {
				d.t.Fatal(err)
			}
			for _, e := range out.Events {
				line := strings.TrimSpace(*e.Message)
				for _, end := range endings {
					if strings.Contains(line, end+order) {
						lines = append(lines, end)
					}
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// endings are what services say when their work is done.
var endings = []string{
	"Payment succeeded for order: ", "Order confirmed: ", "Updated order confirmation success status: ", "Emailed customer of order success: ",
	"Delivery partner assigned: ", "Added points to wallet: ", "Updated delivery status: ", "Emailed customer of delivery partner assignment: ",
	"Failed to confirm order: ", "Refunded succeeded for order: ", "Emailed customer of order cancellation: ", "Updated order cancellation status: ",
	"Emailed customer of payment reversal: ",
}

// The food delivery is deployed as a user does it, works, is changed, repaired and
// deleted, and nothing is left of it.
func TestTheAppIsDeployedWorksAndGoes(t *testing.T) {
	d := newTarget(t)
	began := time.Now()
	t.Logf("%s", d.run(0, "deploy", d.name, "--yes"))
	t.Logf("deployed in %v", time.Since(began).Round(time.Second))
	gone := false
	t.Cleanup(func() {
		if !gone && os.Getenv(targetVariable) != "" {
			d.run(0, "delete", d.name, "--yes") // an endpoint that others use too
		}
	})
	if !strings.Contains(d.run(0, "list"), d.name) {
		t.Error("it is not listed")
	}
	all := d.list()
	if len(all.APIs) != 1 || len(all.Topics) != 6 {
		t.Fatalf("it has %+v", all)
	}
	cloud := d.config()
	logs, queues := cloudwatchlogs.NewFromConfig(cloud), sqs.NewFromConfig(cloud)

	// Orders of both kinds take their ways.
	for simulate, want := range map[string][]string{
		"confirm": endings[:8],
		"reject":  {endings[0], endings[8], endings[9], endings[10], endings[11], endings[12]},
	} {
		order := d.order(all.APIs[0].URL, simulate)
		slices.Sort(want)
		d.until("the order to be done", func() bool { return len(d.said(logs, order)) >= len(want) })
		if got := d.said(logs, order); !slices.Equal(got, want) {
			t.Errorf("%s: the services said %q, want %q", simulate, got, want)
		}
	}

	// One that nobody can handle is a dead letter after five receives, no more and no
	// less; its queue is told to be quick about it.
	queue, deadLetters, _ := all.subscriber(t, "/restaurant_service_confirm_order")
	urlOf := func(name string) *string {
		t.Helper()
		out, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return out.QueueUrl
	}
	if _, err := queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: urlOf(queue), Attributes: map[string]string{"VisibilityTimeout": "1"}}); err != nil {
		t.Fatal(err)
	}
	order := d.order(all.APIs[0].URL, "crash")
	dead := func() int {
		_, _, n := d.list().subscriber(t, "/restaurant_service_confirm_order")
		return n
	}
	d.until("the dead letter", func() bool { return dead() == 1 })
	letter := d.operate("dlq", "show", "confirm_order")
	if !strings.Contains(letter, order) || !regexp.MustCompile(`(?m)^attempts +5$`).MatchString(letter) {
		t.Errorf("the dead letter is shown as\n%s", letter)
	}
	if out, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: urlOf(deadLetters), AttributeNames: []types.QueueAttributeName{"All"}}); err != nil || out.Attributes["ApproximateNumberOfMessages"] != "1" {
		t.Errorf("the dead-letter queue is %v (%v)", out, err)
	}
	// Sent back, it fails as before and is dead again.
	d.operate("dlq", "redrive", "confirm_order", "--all")
	d.until("the dead letter to leave", func() bool { return dead() == 0 })
	d.until("it to come back", func() bool { return dead() == 1 })

	// A second deployment changes what has changed.
	began = time.Now()
	d.run(0, "deploy", d.name, "--yes", "-c", "logRetention=60")
	t.Logf("changed in %v", time.Since(began).Round(time.Second))
	groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/" + d.name + "-")})
	if err != nil || len(groups.LogGroups) != 13 {
		t.Fatalf("log groups are %v (%v)", groups, err)
	}
	for _, g := range groups.LogGroups {
		if g.RetentionInDays == nil || *g.RetentionInDays != 60 {
			t.Errorf("%s keeps its lines for %v days", *g.LogGroupName, aws.ToInt32(g.RetentionInDays))
		}
	}
	d.order(all.APIs[0].URL, "confirm")

	d.run(0, "delete", d.name, "--yes")
	gone = true
	if out := d.run(0, "list"); strings.Contains(out, d.name) {
		t.Errorf("it is still listed:\n%s", out)
	}
	left, err := queues.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String(d.name + "-")})
	if err != nil || len(left.QueueUrls) != 0 {
		t.Errorf("queues that are left: %v (%v)", left, err)
	}
	groups, err = logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/" + d.name + "-")})
	if err != nil || len(groups.LogGroups) != 0 {
		t.Errorf("log groups that are left: %v (%v)", groups, err)
	}
}
