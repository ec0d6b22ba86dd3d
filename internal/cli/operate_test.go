package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
)

const (
	payment    = "topics/order_placed/payment_service_process_payment"
	restaurant = "topics/payment_success/restaurant_service_confirm_order"
	loyalty    = "topics/restaurant_confirmed_order/loyalty_service_add_loyalty_points"
	order      = `{"id":"17","customer":"Cesaria","items":["cachupa"],"simulate":"confirm"}`
)

// A demo is the food delivery of this checkout, running in an engine that all
// tests of these commands share. A message is tried twice, with a second between.
type demo struct {
	*engine.Engine
	journal activitytest.Journal
	dir     string // of what belongs to it
	plan    plan.Plan
	built   map[string]string
}

// theDemo starts it when it is first needed; TestMain stops it.
var theDemo = sync.OnceValues(func() (*demo, error) {
	dir, err := os.MkdirTemp("", "less-cli-test-")
	if err != nil {
		return nil, err
	}
	d := &demo{dir: dir, built: map[string]string{}}
	started = d
	project := projecttest.Checkout()
	a, err := scan.Dir(os.DirFS(project))
	if err != nil {
		return nil, err
	}
	f, err := analysis.Read(context.Background(), project, a, analysis.Options{})
	if err != nil {
		return nil, err
	}
	d.plan = plan.New(a, f, plan.Options{Visibility: time.Second})
	for _, t := range d.plan.Topics {
		for i := range t.Subscriptions {
			t.Subscriptions[i].Queue.MaxReceives = 2
		}
	}
	var mains []string
	for _, f := range d.plan.Functions {
		mains = append(mains, f.Main)
	}
	built, err := (&build.Builder{Dir: project, Out: filepath.Join(dir, "build")}).Build(context.Background(), mains, nil)
	if err != nil {
		return nil, err
	}
	for _, f := range d.plan.Functions {
		d.built[f.ID] = built[f.Main]
	}
	if d.Engine, err = engine.Start(context.Background(), engine.Options{State: filepath.Join(dir, "state"), Sink: d.journal.Record}); err != nil {
		return nil, err
	}
	return d, d.Apply(context.Background(), d.plan, d.built)
})

// started is the demo, as far as it was started.
var started *demo

func stopDemo() {
	if started == nil {
		return
	}
	if started.Engine != nil {
		_ = started.Stop(context.Background()) // the tests are over
	}
	os.RemoveAll(started.dir)
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	d, err := theDemo()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// with has one function's program replaced until the test ends.
func (d *demo) with(t *testing.T, id, binary string) {
	t.Helper()
	changed := maps.Clone(d.built)
	changed[id] = binary
	d.apply(t, changed)
	t.Cleanup(func() { d.apply(t, d.built) })
}

func (d *demo) apply(t *testing.T, binaries map[string]string) {
	t.Helper()
	if err := d.Apply(context.Background(), d.plan, binaries); err != nil {
		t.Fatal(err)
	}
}

// await waits until n messages of an order are in a state.
func (d *demo) await(t *testing.T, n int, kind activity.Kind, correlation string) []activity.Event {
	t.Helper()
	return d.journal.Await(t, n, func(e activity.Event) bool { return e.Kind == kind && e.CorrelationID == correlation })
}

// A result is what a command has written and its exit code.
type result struct {
	out, err string
	code     int
}

// operate runs a command with the demo's endpoint. Its environment has a
// developer's own keys, which must go nowhere.
func (d *demo) operate(t *testing.T, args ...string) result {
	t.Helper()
	return d.operateIn(t, cli.Env{}, args...)
}

func (d *demo) operateIn(t *testing.T, env cli.Env, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	env.Out, env.Err, env.Dir = &out, &err, projecttest.Checkout()
	if env.In == nil {
		env.In = strings.NewReader("")
	}
	before := env.Getenv
	env.Getenv = func(name string) string {
		if before != nil {
			if value := before(name); value != "" {
				return value
			}
		}
		return map[string]string{
			"AWS_ENDPOINT_URL": d.AWS(), "AWS_REGION": "eu-west-1",
			"AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SECRET_ACCESS_KEY": "secret",
		}[name]
	}
	code := cli.Main(context.Background(), args, env)
	return result{out.String(), err.String(), code}
}

// ok is operate for a command that must succeed; it returns what is on standard output.
func (d *demo) ok(t *testing.T, args ...string) string {
	t.Helper()
	r := d.operate(t, args...)
	if r.code != 0 {
		t.Fatalf("less-cli %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// logLine begins a line that is as long as what a function logs.
var logLine = regexp.MustCompile(`^\d\d:\d\d:\d\d\.`)

// wantLines compares lines of an output with regular expressions, and the columns
// they take with the 100 that there are.
func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	pattern := `^` + strings.Join(want, `\n`) + `\n$`
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	for line := range strings.Lines(got) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 100 && !logLine.MatchString(line) {
			t.Errorf("a line has %d columns: %s", n, line)
		}
	}
}

// wantError checks that a command fails with a code and in these words.
func wantError(t *testing.T, r result, code int, words string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.err, words) || r.out != "" {
		t.Errorf("exit code %d, standard output %q and error:\n%s\nwant %d and:\n%s", r.code, r.out, r.err, code, words)
	}
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return v
}

const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

func TestPublishedEventsReachEverySubscriber(t *testing.T) {
	d := startDemo(t)
	out := d.ok(t, "publish", "order_placed", "--data", order)
	wantLines(t, out, `published to order_placed, for 1 subscriber`, `message id:     `+uuid, `correlation id: `+uuid)
	id := regexp.MustCompile(`correlation id: (.*)`).FindStringSubmatch(out)[1]
	if first := d.await(t, 8, activity.Done, id)[0]; first.Function != payment {
		t.Errorf("first done: %+v", first)
	}
}

func TestPublishTakesFilesInputAndACorrelationID(t *testing.T) {
	d := startDemo(t)
	file := filepath.Join(t.TempDir(), "order.json")
	if err := os.WriteFile(file, []byte(order), 0o600); err != nil {
		t.Fatal(err)
	}
	type published struct {
		MessageID     string `json:"message_id"`
		CorrelationID string `json:"correlation_id"`
	}
	got := decode[published](t, d.ok(t, "publish", "less/topics/order_placed", "--data", "@"+file, "--correlation-id", "file-1", "--json"))
	if got.CorrelationID != "file-1" || got.MessageID == "" {
		t.Errorf("%+v", got)
	}
	d.await(t, 8, activity.Done, "file-1")
	r := d.operateIn(t, cli.Env{In: strings.NewReader(order)}, "publish", "order_placed", "--data", "-", "--correlation-id", "input-1")
	if r.code != 0 {
		t.Fatal(r.err)
	}
	d.await(t, 8, activity.Done, "input-1")
}

func TestPublishIsRefusedWithAWayOut(t *testing.T) {
	d := startDemo(t)
	wantError(t, d.operate(t, "publish", "order_plced", "--data", "{}"), 1, `there is no topic "order_plced". Did you mean order_placed?`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "{\n  \"id\": 17,\n}"), 2, `--data: it is not JSON, at line 3, column 1`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "@nowhere.json"), 1, `--data @nowhere.json cannot be read: no such file`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "{}", "--correlation-id", "a b"), 1, `"a b" cannot be a correlation id`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "{}", "--attribute", "ce-id=1"), 1, `"ce-id" is reserved`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "{}", "--project", "other"), 1, `has no topic other-order_placed`)
	wantError(t, d.operate(t, "publish", "order_placed", "--data", "{}", "--endpoint", "http://127.0.0.1:1"), 1, `nothing answers at http://127.0.0.1:1. Start the engine with 'less-cli run'`)
}

func TestInvokeRunsARoute(t *testing.T) {
	d := startDemo(t)
	r := d.operate(t, "invoke", "POST /orders", "--data", order, "--correlation-id", "invoke-1", "--log")
	if r.code != 0 || !strings.Contains(r.out, `"customer": "Cesaria"`) {
		t.Errorf("%d %s", r.code, r.out)
	}
	for _, want := range []string{"[ORDER SERVICE] Created order: ", "REPORT RequestId: ", "apis/orders/orders/post answered 201 Created in ", "correlation id: invoke-1"} {
		if !strings.Contains(r.err, want) {
			t.Errorf("standard error does not say %q:\n%s", want, r.err)
		}
	}
	d.await(t, 8, activity.Done, "invoke-1")
	got := decode[struct {
		Status int
		Result struct{ Message string }
	}](t, d.ok(t, "invoke", "less/apis/orders/orders/post.go", "--data", `{"simulate":"no"}`, "--json"))
	if got.Status != 400 || !strings.Contains(got.Result.Message, `"no" is not one of`) {
		t.Errorf("%+v", got)
	}
}

func TestInvokeRunsASubscriber(t *testing.T) {
	d := startDemo(t)
	onAWS, _ := d.plan.Function(loyalty)
	for _, name := range []string{loyalty, "add_loyalty_points", "less/" + loyalty + "/process.go", onAWS.Name} {
		if out := d.ok(t, "invoke", name, "--data", order); out != "{\n  \"batchItemFailures\": []\n}\n" {
			t.Errorf("%s: %s", name, out)
		}
	}
	r := d.operate(t, "invoke", restaurant, "--data", strings.Replace(order, "confirm", "crash", 1))
	if want := restaurant + " failed: confirm order 17: the restaurant's kitchen does not answer"; r.code != 1 || !strings.Contains(r.err, want) {
		t.Errorf("%d %s", r.code, r.err)
	}
}

func TestInvokeIsRefusedWithAWayOut(t *testing.T) {
	d := startDemo(t)
	wantError(t, d.operate(t, "invoke", "confim_order", "--data", "{}"), 1, `there is no function "confim_order". Did you mean confirm_order?`)
	wantError(t, d.operate(t, "invoke", "notify_user", "--data", "{}"), 1, `"notify_user" can be any of 4 functions. Name one: topics/`)
	wantError(t, d.operate(t, "invoke", restaurant), 2, `--data is missing: `+restaurant+` handles messages`)
	wantError(t, d.operate(t, "invoke", restaurant, "--data", "{}", "--path", "/x"), 2, `--method, --path and --header are for routes`)
	wantError(t, d.operate(t, "invoke", "post", "--method", "GET"), 1, `GET /orders is not POST /orders, which this function serves`)
	wantError(t, d.operate(t, "invoke", "post", "--header", "nothing"), 2, `--header "nothing" has no name`)
}
