package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/scan"
)

// project is the demo application: this module itself.
const project = "../.."

// enemyMain is a function that harms the engine as it is told to.
const enemyMain = "internal/engine/testdata/enemy"

// binaries builds the demo's functions, and the enemy, once for all tests.
var binaries = sync.OnceValues(func() (map[string]string, error) {
	p, err := demoPlan(0)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(project)
	if err != nil {
		return nil, err
	}
	mains := []string{enemyMain}
	for _, f := range p.Functions {
		mains = append(mains, f.Main)
	}
	built, err := (&build.Builder{Dir: dir, Out: binariesDir}).Build(context.Background(), mains, nil)
	if err != nil {
		return nil, err
	}
	byID := map[string]string{enemyMain: built[enemyMain]}
	for _, f := range p.Functions {
		byID[f.ID] = built[f.Main]
	}
	return byID, nil
})

// binariesDir is removed when the tests are over.
var binariesDir string

func TestMain(m *testing.M) {
	if state := os.Getenv(childState); state != "" {
		if err := runChild(state); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	dir, err := os.MkdirTemp("", "less-engine-test-")
	if err != nil {
		panic(err)
	}
	binariesDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func demoPlan(visibility time.Duration) (plan.Plan, error) {
	a, err := scan.Dir(os.DirFS(project))
	if err != nil {
		return plan.Plan{}, err
	}
	f, err := demoFlow()
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.New(a, f, plan.Options{Visibility: visibility}), nil
}

// demoFlow is who publishes what in the food delivery, by its code.
var demoFlow = sync.OnceValues(func() (flow.Flow, error) {
	a, err := scan.Dir(os.DirFS(project))
	if err != nil {
		return flow.Flow{}, err
	}
	return analysis.Read(context.Background(), project, a, analysis.Options{})
})

// A demo is the food delivery, running in an engine.
type demo struct {
	*engine.Engine
	t       testing.TB
	journal activitytest.Journal
	plan    plan.Plan
	built   map[string]string
	// told is what the engine has told of the functions that clients have made.
	told atomic.Value
}

// startDemo runs the food delivery on free ports with the given visibility
// timeout; its state is in a folder that a later engine can take over.
func startDemo(t testing.TB, state string, visibility time.Duration) *demo {
	t.Helper()
	d := newDemo(t, state, visibility)
	d.apply(d.built)
	return d
}

// newDemo starts an engine that has been told of no plan yet. What happens is told
// to the journal and then to sinks.
func newDemo(t testing.TB, state string, visibility time.Duration, sinks ...activity.Sink) *demo {
	t.Helper()
	built, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, built: built}
	if d.plan, err = demoPlan(visibility); err != nil {
		t.Fatal(err)
	}
	d.Engine, err = engine.Start(t.Context(), engine.Options{State: state, Deployed: func(functions map[string]string) { d.told.Store(functions) }, Sink: func(e activity.Event) {
		d.journal.Record(e)
		for _, sink := range sinks {
			sink(e)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return d
}

func (d *demo) apply(binaries map[string]string) {
	d.t.Helper()
	if err := d.Apply(d.t.Context(), d.plan, binaries); err != nil {
		d.t.Fatal(err)
	}
}

// with returns the demo's binaries, but binary for the function id.
func (d *demo) with(id, binary string) map[string]string {
	changed := maps.Clone(d.built)
	changed[id] = binary
	return changed
}

// post sends a body to POST /orders and returns the answer's status and body.
func (d *demo) post(body string) (int, string) {
	d.t.Helper()
	status, answer, err := postTo(d.APIs()[0].URL, body)
	if err != nil {
		d.t.Fatal(err)
	}
	return status, answer
}

func postTo(url, body string) (int, string, error) {
	resp, err := http.Post(url+"/orders", "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(bytes.TrimSpace(answer)), err
}

// order posts an order whose outcome is pinned, and returns its id.
func (d *demo) order(outcome string) string {
	d.t.Helper()
	status, body := d.post(fmt.Sprintf(`{"customer":"Cesaria","items":["cachupa"],"simulate":%q}`, outcome))
	var placed struct{ ID string }
	if err := json.Unmarshal([]byte(body), &placed); err != nil || status != http.StatusCreated || placed.ID == "" {
		d.t.Fatalf("POST /orders: %d %s", status, body)
	}
	return placed.ID
}

// linesWith returns, sorted, what functions logged that ends with suffix.
func (d *demo) linesWith(suffix string) []string {
	events := d.journal.Of(activity.Log)
	var out []string
	for _, e := range events {
		var line struct{ Msg string }
		if json.Unmarshal([]byte(e.Line), &line) == nil && strings.HasSuffix(line.Msg, suffix) {
			out = append(out, line.Msg)
		}
	}
	slices.Sort(out)
	return out
}

// allOfOneCorrelation checks that n messages were handled under one correlation id.
func (d *demo) allOfOneCorrelation(n int) {
	d.t.Helper()
	done := d.journal.Of(activity.Done)
	ids := map[string]int{}
	for _, e := range done {
		ids[e.CorrelationID]++
	}
	if len(ids) != 1 || len(done) != n || ids[""] != 0 {
		d.t.Errorf("%d messages under the correlation ids %v, want %d under one", len(done), ids, n)
	}
}

// untilEmpty waits until no queue of a subscriber has a message, asking SQS as
// any client would after each thing that happens.
func (d *demo) untilEmpty() {
	d.t.Helper()
	d.journal.Until(d.t, func() string {
		// Twice, because a message may go from a queue that is still to be asked
		// to one that was asked already.
		if left := d.waiting() + d.waiting(); left > 0 {
			return fmt.Sprintf("%d messages are left", left)
		}
		return ""
	})
}

// waiting is how many messages the subscribers' queues have.
func (d *demo) waiting() int {
	d.t.Helper()
	n := 0
	for _, s := range d.plan.Subscriptions() {
		n += d.depth(s.Queue.Name)
	}
	return n
}

// depth is how many messages a queue has, in any state.
func (d *demo) depth(queue string) int {
	d.t.Helper()
	client := sqs.NewFromConfig(d.config())
	out, err := client.GetQueueAttributes(d.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl:       aws.String(d.AWS() + "/" + engine.Account + "/" + queue),
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	n := 0
	for _, name := range []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	} {
		count, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			d.t.Fatalf("%s of %s: %v", name, queue, err)
		}
		n += count
	}
	return n
}
