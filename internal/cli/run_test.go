package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/engine"
)

const (
	postOrders = "apis/orders/orders/post"
	charge     = "topics/order_placed/payment_service_charge"
	ship       = "topics/order_placed/shop_service_ship"
)

func TestRunServesTheProject(t *testing.T) {
	p := newProject(t)
	r := p.run("--no-watch", "--visibility", "5s")
	first := r.engine.nextApply(t)
	if diff := cmp.Diff([]string{postOrders, charge}, slices.Sorted(maps.Keys(first.binaries))); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	for id, binary := range first.binaries {
		if info, err := os.Stat(binary); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s has no program at %s: %v", id, binary, err)
		}
	}
	if got := first.plan.Topics[0].Subscriptions[0].Queue.Visibility; got != 5*time.Second {
		t.Errorf("the queue's visibility is %v, want what --visibility says", got)
	}
	r.out.wait(t, "🇨🇻")
	want := `[less-cli] App "food" is running ✅

Resources:

List of APIs:
- orders: http://localhost:3333
  - POST /orders

List of Topics:
- order_placed
  - payment_service_charge

AWS services: http://localhost:4566
Retries: a failed message comes back after 5s (--visibility), on AWS after 3m0s

🇨🇻

`
	if diff := cmp.Diff(want, r.out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	r.signal()
	r.engine.waitStopping(t)
	r.engine.releaseOnce()
	r.wantExit(t, 0)
	if !strings.Contains(r.err.String(), "Stopping. Running invocations may end") {
		t.Errorf("nothing is said about stopping:\n%s", r.err.String())
	}
	if _, err := os.Stat(filepath.Join(p.dir, "functions", "app.gen.go")); err != nil {
		t.Errorf("the generated code is not up to date: %v", err)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	r := newProject(t).run("--no-watch")
	r.out.wait(t, "is running")
	r.signal()
	ending := r.engine.waitStopping(t)
	if ending.Err() != nil {
		t.Fatal("one signal has ended running invocations")
	}
	r.signal()
	<-ending.Done()
	r.wantExit(t, 0)
}

func TestASignalDuringTheFirstBuild(t *testing.T) {
	p := newProject(t)
	r := p.start(func(e *fakeEngine) { e.started = func() { p.signals <- os.Interrupt } }, "--no-watch")
	r.engine.releaseOnce()
	r.wantExit(t, 1)
	r.engine.waitStopping(t)
	if !strings.Contains(r.err.String(), "interrupted") {
		t.Errorf("got:\n%s", r.err.String())
	}
}

func TestASavedChangeIsServed(t *testing.T) {
	p := newProject(t)
	r := p.run()
	defer r.end(t)
	first := r.engine.nextApply(t)
	r.out.wait(t, "is running")

	p.write("less/apis/orders/orders/post.go", strings.ReplaceAll(p.read("less/apis/orders/orders/post.go"), "v1", "v2"))
	second := r.engine.nextApply(t)
	if second.binaries[postOrders] == first.binaries[postOrders] {
		t.Error("the changed function has its old program")
	}
	if second.binaries[charge] != first.binaries[charge] {
		t.Error("a function that has not changed has a new program")
	}
	r.out.wait(t, "[less-cli] Swapped apis/orders/orders/post in ")

	p.write("less/topics/order_placed/shop_service_ship/process.go", strings.ReplaceAll(p.read("less/topics/order_placed/payment_service_charge/process.go"), "paymentservicecharge", "shopserviceship"))
	third := r.engine.nextApply(t)
	if third.binaries[ship] == "" || len(third.plan.Topics[0].Subscriptions) != 2 {
		t.Errorf("a new folder is not followed: %v", third)
	}
	r.out.wait(t, "[less-cli] Added "+ship+" in ")

	if err := os.RemoveAll(filepath.Join(p.dir, "less/topics/order_placed/shop_service_ship")); err != nil {
		t.Fatal(err)
	}
	if fourth := r.engine.nextApply(t); fourth.binaries[ship] != "" {
		t.Error("a removed function has a program")
	}
	r.out.wait(t, "[less-cli] Removed "+ship+" in ")

	p.write("less/topics/order_placed/payment_service_charge/config.go", "package paymentservicecharge\n\nimport \"github.com/less-go/less\"\n\nvar Config = less.Subscriber{MaxReceives: 2}\n")
	if fifth := r.engine.nextApply(t); fifth.plan.Topics[0].Subscriptions[0].Queue.MaxReceives != 2 {
		t.Error("a changed setting is not served")
	}
}

func TestABrokenTreeIsToldAndTheOldCodeServed(t *testing.T) {
	const file = "less/apis/orders/orders/post.go"
	p := newProject(t)
	r := p.run()
	defer r.end(t)
	first := r.engine.nextApply(t)
	r.out.wait(t, "is running")
	good := p.read(file)

	p.write(file, strings.ReplaceAll(good, `"v1"`, "undefined"))
	r.err.wait(t, "1 package does not compile:\n"+file+":")
	r.err.wait(t, "undefined: undefined\nnot built: functions/apis/orders/orders/post\nThe code of before is served on")

	p.write("less/topics/order_placed/empty/process.go", "package empty\n")
	r.err.wait(t, "less/topics/order_placed/empty/process.go: there is no Process")
	if err := os.RemoveAll(filepath.Join(p.dir, "less/topics/order_placed/empty")); err != nil {
		t.Fatal(err)
	}

	// What is as it was needs no engine; what is repaired differently does.
	p.write(file, good)
	r.out.wait(t, "The tree is again as it is served")
	p.write(file, strings.ReplaceAll(good, "v1", "v3"))
	second := r.engine.nextApply(t)
	if second.binaries[postOrders] == first.binaries[postOrders] {
		t.Error("the repaired function has its old program")
	}
}

func TestAnEngineThatRefusesAChange(t *testing.T) {
	p := newProject(t)
	r := p.run()
	defer r.end(t)
	r.engine.nextApply(t)
	r.out.wait(t, "is running")
	r.engine.refuse(&engine.PortError{Port: 3334, For: "the API users"})
	p.write("less/apis/users/users/get.go", strings.NewReplacer("package orders", "package users", "Post", "Get").Replace(p.read("less/apis/orders/orders/post.go")))
	r.engine.nextApply(t)
	r.err.wait(t, "port 3334, for the API users, is taken by another process. Choose another port with --port\nThe code of before is served on")
}

func TestCodeThatDoesNotCompileStartsNothing(t *testing.T) {
	p := newProject(t)
	p.write("less/topics/order_placed/payment_service_charge/more.go", "package paymentservicecharge\n\nvar x = undefined\n")
	r := p.run("--no-watch")
	r.engine.releaseOnce()
	r.wantExit(t, 1)
	want := `[less-cli] ERROR: 1 package does not compile:
less/topics/order_placed/payment_service_charge/more.go:3:9: undefined: undefined
not built: functions/topics/order_placed/payment_service_charge
`
	if got := r.err.String(); !strings.HasSuffix(got, want) {
		t.Errorf("got:\n%s\nwant at the end:\n%s", got, want)
	}
	r.engine.waitStopping(t)
}

func TestFlagsReachTheEngine(t *testing.T) {
	p := newProject(t)
	r := p.run("--no-watch", "--port", "8000", "--aws-port", "9000", "--fresh")
	defer r.end(t)
	r.out.wait(t, "is running")
	got := r.engine.opts
	got.Sink, got.Deployed = nil, nil
	want := engine.Options{State: filepath.Join(p.dir, ".less"), Port: 8000, AWSPort: 9000, Fresh: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestJSONIsAloneOnStandardOutput(t *testing.T) {
	p := newProject(t)
	r := p.run("--no-watch", "--json")
	r.err.wait(t, "🇨🇻")
	want := activity.Event{Time: time.Unix(0, 0).UTC(), Kind: activity.Done, Function: charge, Attempt: 1}
	r.engine.opts.Sink(want)
	r.end(t)
	var got activity.Event
	if err := json.Unmarshal([]byte(r.out.String()), &got); err != nil {
		t.Fatalf("output is not one JSON object: %v\n%s", err, r.out.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestEventsGoByServiceAndFunction(t *testing.T) {
	r := newProject(t).run("--no-watch")
	r.out.wait(t, "🇨🇻")
	r.engine.opts.Sink(activity.Event{Kind: activity.Log, Function: charge, Line: `{"level":"INFO","msg":"charged"}`})
	r.engine.opts.Deployed(map[string]string{"food-charge": "food:" + charge})
	r.engine.opts.Sink(activity.Event{Kind: activity.Log, Function: "food-charge", Line: `{"level":"INFO","msg":"charged too"}`})
	r.end(t)
	if out := r.out.String(); !strings.Contains(out, " payment charge       charged\n") || !strings.Contains(out, " food:payment charge       charged too\n") {
		t.Errorf("got:\n%s", out)
	}
}

func TestATakenPortIsNamedWithWhoHasIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for _, flag := range []string{"--port", "--aws-port"} {
		p := newProject(t)
		r := p.start(func(e *fakeEngine) { e.refused = &engine.PortError{Port: port, For: "this test"} },
			"--no-watch", flag, fmt.Sprint(port))
		r.wantExit(t, 1)
		want := fmt.Sprintf("[less-cli] ERROR: port %d, for this test, is taken by another process. ", port)
		if runtime.GOOS == "linux" {
			want += fmt.Sprintf("That is \"cli.test\", process %d: stop it, or choose another port with %s\n", os.Getpid(), flag)
		}
		if got := r.err.String(); !strings.Contains(got, want) {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
}

func TestTheAWSPortIsNotOneOfTheAPIs(t *testing.T) {
	r := newProject(t).run("--no-watch", "--port", "4566")
	r.wantExit(t, 1)
	if !strings.Contains(r.err.String(), "Move one with --port or --aws-port") {
		t.Errorf("got:\n%s", r.err.String())
	}
}

func TestAnEngineThatDoesNotStart(t *testing.T) {
	p := newProject(t)
	r := p.start(func(e *fakeEngine) { e.refused = errors.New("the state is in use") }, "--no-watch")
	r.wantExit(t, 1)
	if got := r.err.String(); got != "[less-cli] ERROR: the state is in use\n" {
		t.Errorf("got:\n%s", got)
	}
}

func TestRunGrantsWhatTheCodePublishesAndSaysWhatItCannotFollow(t *testing.T) {
	p := newProject(t)
	r := p.run()
	grants := func() map[string][]string {
		out := map[string][]string{}
		for _, f := range r.engine.nextApply(t).plan.Functions {
			if len(f.Publishes) > 0 {
				out[f.ID] = f.Publishes
			}
		}
		return out
	}
	if diff := cmp.Diff(map[string][]string{postOrders: {"order_placed"}}, grants()); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}

	// A topic that goes where nobody can follow it is not granted, but declared it is.
	p.write("less/topics/order_placed/payment_service_charge/process.go", `package paymentservicecharge

import (
	"context"
	"fmt"

	"example.com/food/less/topics"
	orderplaced "example.com/food/less/topics/order_placed"
)

func Process(ctx context.Context, m orderplaced.Message) error {
	again(ctx)
	fmt.Println(ctx, topics.OrderPlaced)
	return nil
}

//less:publishes order_placed
func again(ctx context.Context) { fmt.Println(ctx, topics.OrderPlaced) }
`)
	if diff := cmp.Diff(map[string][]string{postOrders: {"order_placed"}, charge: {"order_placed"}}, grants()); diff != "" {
		t.Errorf("grants after a change (-want +got):\n%s", diff)
	}
	r.err.wait(t, "WARNING: less/topics/order_placed/payment_service_charge/process.go:13: a topic is handed to code that cannot be followed, fmt.Println")
	if strings.Contains(r.err.String(), "process.go:18") {
		t.Errorf("what is declared is refused all the same:\n%s", r.err.String())
	}
	r.end(t)
}
