package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/plan"
)

const (
	post    = "apis/orders/orders/post"
	confirm = "topics/payment_success/restaurant_service_confirm_order"
	assign  = "topics/restaurant_confirmed_order/delivery_partner_service_assign_delivery_partner"
	audit   = "topics/payment_success/audit"
	order   = "3f0c8a56-6a4c-4dd0-a3b5-bf1b5c2a7f11"
)

var food = plan.Plan{
	APIs: []plan.API{{Name: "orders", Routes: []plan.Route{{Method: "POST", Path: "/orders", Function: post}}}},
	Topics: []plan.Topic{
		{Name: "payment_success", Subscriptions: []plan.Subscription{{Function: audit}, {Function: confirm}}},
		{Name: "restaurant_confirmed_order", Subscriptions: []plan.Subscription{{Function: assign}}},
	},
}

var noon = time.Date(2026, 11, 24, 12, 0, 1, 234e6, time.UTC)

// anOrder is what an order that fails once, and another that fails for good, look like.
var anOrder = []activity.Event{
	{Kind: activity.Start, Function: post, Line: "START RequestId: 1 Version: $LATEST"},
	{Kind: activity.Log, Function: post, Line: `{"time":"2026-11-24T12:00:01.234Z","level":"INFO","msg":"[ORDER SERVICE] Created order: ` + order + `","function":"` + post + `","correlation_id":"c","request_id":"1","api_request_id":"2"}`},
	{Kind: activity.Publish, Function: post, Topic: "order_placed", MessageID: "m"},
	{Kind: activity.End, Function: post, Line: "END RequestId: 1\nREPORT RequestId: 1\tDuration: 3.10 ms\t", Duration: 3100 * time.Microsecond},
	{Kind: activity.Request, Function: post, Method: "POST", Path: "/orders", Status: 201, Duration: 4200 * time.Microsecond},
	{Kind: activity.Log, Function: confirm, Line: `{"level":"WARN","msg":"the kitchen is slow","attempt":1,"seconds":12.5,"who":"Chef de cozinha","empty":"","at":{"table":7}}`},
	{Kind: activity.Retry, Function: confirm, Attempt: 1, MaxAttempts: 5, Next: noon.Add(5 * time.Second), Err: "confirm order: the restaurant's kitchen does not answer"},
	{Kind: activity.Log, Function: confirm, Line: `{"level":"INFO","msg":"[RESTAURANT SERVICE] Order confirmed","attempt":2}`},
	{Kind: activity.Done, Function: confirm, Attempt: 2, MaxAttempts: 5, Duration: 12 * time.Millisecond},
	{Kind: activity.Done, Function: assign, Attempt: 1, MaxAttempts: 5, Duration: 900 * time.Microsecond},
	{Kind: activity.Log, Function: audit, Line: "plain text from fmt.Println"},
	{Kind: activity.Retry, Function: audit, Attempt: 5, MaxAttempts: 5, Err: "disk full"},
	{Kind: activity.DeadLetter, Function: audit, Attempt: 5, MessageID: order, Queue: "food-payment_success-audit-dlq"},
	{Kind: activity.Swap, Function: audit},
	{Kind: activity.Request, Method: "GET", Path: "/nowhere", Status: 404, Duration: 40 * time.Microsecond},
	{Kind: activity.End, Function: post, Err: "Task timed out after 29.00 seconds", Line: "END RequestId: 3\nREPORT RequestId: 3"},
	{Kind: activity.Request, Function: post, Method: "POST", Path: "/orders", Status: 500, Duration: 29 * time.Second, Err: "timeout"},
	{Kind: activity.Notice, Line: "write the log: disk full", Err: "disk full"},
}

// TestAnEndIsShownWhereItSaysMore: of what went well only where that is wanted, and
// never its outcome and duration, which are other lines' too.
func TestAnEndIsShownWhereItSaysMore(t *testing.T) {
	for _, test := range []struct{ line, quiet, verbose string }{
		{`{"level":"INFO","msg":"message handled","function":"x","outcome":"done","duration_ms":1.5}`, "", "message handled\n"},
		{`{"level":"INFO","msg":"request answered","outcome":"done","duration_ms":1.5,"status":201}`, "", "request answered status=201\n"},
		{`{"level":"INFO","msg":"run done","outcome":"done","duration_ms":1.5}`, "", "run done\n"},
		{`{"level":"INFO","msg":"request answered","outcome":"failed","duration_ms":1.5,"status":500}`, "request answered status=500\n", "request answered status=500\n"},
		{`{"level":"ERROR","msg":"message failed","err":"no","outcome":"failed","duration_ms":1.5}`, "ERROR message failed err=no\n", "ERROR message failed err=no\n"},
		// A handler's own words are its own.
		{`{"level":"INFO","msg":"message handled"}`, "message handled\n", "message handled\n"},
		{`{"level":"INFO","msg":"charged","outcome":"done","duration_ms":1.5}`, "charged outcome=done duration_ms=1.5\n", "charged outcome=done duration_ms=1.5\n"},
	} {
		for verbose, want := range map[bool]string{false: test.quiet, true: test.verbose} {
			var out bytes.Buffer
			c := console.New(&out, console.Options{Verbose: verbose})
			c.Emit(activity.Event{Time: noon, Kind: activity.Log, Function: confirm, Line: test.line})
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if got := out.String(); !strings.HasSuffix(got, want) || want == "" && got != "" {
				t.Errorf("%s, verbose %v: shown as %q, want %q", test.line, verbose, got, want)
			}
		}
	}
}

func TestLinesInAPipe(t *testing.T) {
	wantLines(t, console.Options{}, anOrder, `
12:00:01.234 orders           POST /orders         [ORDER SERVICE] Created order: 3f0c8a56-6a4c-4dd0-a3b5-bf1b5c2a7f11
12:00:01.234 orders           POST /orders         published to order_placed
12:00:01.234 orders           POST /orders         POST /orders 201 in 4.2 ms
12:00:01.234 restaurant       confirm_order        WARN the kitchen is slow seconds=12.5 who="Chef de cozinha" empty="" at={"table":7}
12:00:01.234 restaurant       confirm_order        attempt 1 of 5 failed, the next in 5 s at 12:00:06: confirm order: the restaurant's kitchen does not answer
12:00:01.234 restaurant       confirm_order        [RESTAURANT SERVICE] Order confirmed attempt=2
12:00:01.234 restaurant       confirm_order        done in 12 ms, at attempt 2 of 5
12:00:01.234 delivery partner assign_delivery_par… done in 0.9 ms
12:00:01.234 payment_success  audit                plain text from fmt.Println
12:00:01.234 payment_success  audit                attempt 5 of 5 failed, which was the last: disk full
12:00:01.234 payment_success  audit                DEAD LETTER after 5 attempts message 3f0c8a56-6a4c-4dd0-a3b5-bf1b5c2a7f11 is in food-payment_success-audit-dlq
12:00:01.234 payment_success  audit                serves the new code
12:00:01.234 less                                  GET /nowhere 404 in 0.0 ms
12:00:01.234 orders           POST /orders         failed: Task timed out after 29.00 seconds
12:00:01.234 orders           POST /orders         POST /orders 500 in 29 s: timeout
12:00:01.234 less                                  write the log: disk full
`)
}

func TestVerboseShowsLambdasOwnLines(t *testing.T) {
	events := []activity.Event{anOrder[0], anOrder[3], anOrder[15]}
	wantLines(t, console.Options{Verbose: true}, events, `
12:00:01.234 orders           POST /orders         START RequestId: 1 Version: $LATEST
12:00:01.234 orders           POST /orders         END RequestId: 1
                                                   REPORT RequestId: 1    Duration: 3.10 ms
12:00:01.234 orders           POST /orders         END RequestId: 3
                                                   REPORT RequestId: 3
                                                   failed: Task timed out after 29.00 seconds
`)
}

func TestATerminalWrapsBetweenWords(t *testing.T) {
	events := []activity.Event{
		{Kind: activity.Log, Function: confirm, Line: "one two three four five six seven eight nine ten eleven twelve"},
		{Kind: activity.Log, Function: confirm, Line: strings.Repeat("x", 60)},
		anOrder[6],
	}
	wantLines(t, console.Options{Terminal: true, Width: 100}, events, `
12:00:01.234 restaurant       confirm_order        one two three four five six seven eight nine ten
                                                   eleven twelve
12:00:01.234 restaurant       confirm_order        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
12:00:01.234 restaurant       confirm_order        attempt 1 of 5 failed, the next in 5 s at
                                                   12:00:06: confirm order: the restaurant's kitchen
                                                   does not answer
`)
}

func TestAWideTerminalShowsWholeNames(t *testing.T) {
	wantLines(t, console.Options{Terminal: true, Width: 160}, anOrder[9:10], `
12:00:01.234 delivery partner assign_delivery_partner done in 0.9 ms
`)
}

func TestColoursOnATerminal(t *testing.T) {
	got := show(t, console.Options{Terminal: true, Color: true}, anOrder[4:5])
	want := "\x1b[2m12:00:01.234 \x1b[0m\x1b[34morders           \x1b[0m\x1b[34mPOST /orders         \x1b[0m" +
		"POST /orders \x1b[32m201\x1b[0m\x1b[2m in 4.2 ms\x1b[0m\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}

	loud := show(t, console.Options{Terminal: true, Color: true}, anOrder[12:13])
	if !strings.Contains(loud, "\x1b[1;37;41mDEAD LETTER after 5 attempts\x1b[0m") {
		t.Errorf("a dead letter does not stand out: %q", loud)
	}
}

func TestAStrangersTextIsOnlyText(t *testing.T) {
	events := []activity.Event{
		{Kind: activity.Log, Function: confirm, Line: "\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m\rover\u009b1mwritten \xff\u202e \t|"},
		{Kind: activity.Log, Function: confirm, Line: `{"msg":"two\nlines\u001b[2J","k\u001b[2J":"v\u0007 w\nx"}`},
		{Kind: activity.Log, Function: confirm, Line: "Olá, café ☕ 👩‍🍳"},
		{Kind: activity.Retry, Function: confirm, Attempt: 1, Err: "a\x1b[2Jb\n12:00:00.000 forged line"},
		{Kind: activity.Request, Function: post, Method: "G\x1bT", Path: "/\x1b[2J", Status: 200},
		{Kind: activity.Done, Function: "topics/a\x1b[2J/b\x07"},
		{Kind: activity.Log, Function: confirm, Line: `{"msg":"never ends`},
		{Kind: activity.Log, Function: confirm, Line: `{"no":"message"}`},
		{Kind: activity.Log, Function: confirm, Line: ""},
	}
	wantLines(t, console.Options{}, events, `
12:00:01.234 restaurant       confirm_order        \x1b]0;title\a\x1b[2Jred\rover\u009b1mwritten \xff\u202e     |
12:00:01.234 restaurant       confirm_order        two
                                                   lines\x1b[2J k\x1b[2J="v\u0007 w\nx"
12:00:01.234 restaurant       confirm_order        Olá, café ☕ 👩‍🍳
12:00:01.234 restaurant       confirm_order        attempt 1 failed, which was the last: a\x1b[2Jb
                                                   12:00:00.000 forged line
12:00:01.234 orders           POST /orders         G\x1bT /\x1b[2J 200 in 0.0 ms
12:00:01.234 a\x1b[2J         b\a                  done
12:00:01.234 restaurant       confirm_order        {"msg":"never ends
12:00:01.234 restaurant       confirm_order        {"no":"message"}
12:00:01.234 restaurant       confirm_order
`)
}

func TestJSONIsTheEvents(t *testing.T) {
	var out bytes.Buffer
	c := console.New(&out, console.Options{JSON: true})
	c.Print("not an event\n")
	for _, e := range anOrder {
		e.Time = noon
		c.Emit(e)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(&out)
	for _, want := range anOrder {
		want.Time = noon
		var got activity.Event
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	}
	if dec.More() {
		t.Error("there is more than the events")
	}
}

func TestAPersonWhoHoldsTheTerminalDoesNotHoldTheEngine(t *testing.T) {
	screen := newHeldScreen()
	c := console.New(screen, console.Options{Terminal: true})
	c.Print("first\n")
	<-screen.reached // the console's own goroutine is stuck in this write
	long := strings.Repeat("x", 1<<20) + "\n"
	for range 6 {
		c.Print(long)
	}
	close(screen.release)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got := screen.String()
	if n := strings.Count(got, long); n != 3 {
		t.Errorf("%d of 6 long lines were kept for the terminal, want 3", n)
	}
	if !strings.HasPrefix(got, "first\n") || !strings.HasSuffix(got, "... 3 lines are not shown, the terminal took none\n") {
		t.Errorf("begins %q and ends %q", got[:10], got[len(got)-60:])
	}
}

func TestAPipeHasTheLineWhenEmitReturns(t *testing.T) {
	var out bytes.Buffer
	c := console.New(&out, console.Options{})
	c.Emit(activity.Event{Kind: activity.Log, Line: "here"})
	if !strings.HasSuffix(out.String(), "here\n") {
		t.Errorf("got %q", out.String())
	}
}

// TestDeployedFunctionsAreCalledAsTheTreesAre: with their deployment where there is
// more than one tree.
func TestDeployedFunctionsAreCalledAsTheTreesAre(t *testing.T) {
	deployed := map[string]string{
		"shop-orders-get":  "shop:apis/orders/orders/by_order_id/get",
		"shop-home-get":    "shop:apis/home/get",
		"shop-confirm":     "shop:" + confirm,
		"shop-chat-greet":  "shop:external_topics/chat/message_sent/greet",
		"shop-send_report": "shop:crons/send_report",
	}
	lines := func(p plan.Plan) string {
		var out bytes.Buffer
		c := console.New(&out, console.Options{Location: time.UTC})
		c.Deployed(deployed)
		c.Plan(p)
		for _, name := range slices.Sorted(maps.Keys(deployed)) {
			c.Emit(activity.Event{Time: noon, Kind: activity.Done, Function: name})
		}
		c.Emit(activity.Event{Time: noon, Kind: activity.End, Function: "shop-home-get", Err: "exit status 2"})
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		return "\n" + out.String()
	}
	want := func(want, got string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	}
	want(`
12:00:01.234 chat/message_sent greet                done
12:00:01.234 restaurant        confirm_order        done
12:00:01.234 home              GET /                done
12:00:01.234 orders            GET /orders/{order_… done
12:00:01.234 less              crons/send_report    done
12:00:01.234 home              GET /                failed: exit status 2
`, lines(plan.Plan{}))
	beside := food
	beside.Functions = []plan.Function{{ID: post}}
	deployed = map[string]string{"shop-confirm": "shop:" + confirm}
	want(`
12:00:01.234 shop:restaurant  confirm_order        done
`, lines(beside))
	deployed["other-confirm"] = "other:" + confirm
	want(`
12:00:01.234 other:restaurant confirm_order done
12:00:01.234 shop:restaurant  confirm_order done
`, lines(plan.Plan{}))
}

func TestWriteErrorsAreToldAtTheEnd(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		c := console.New(brokenPipe{}, console.Options{Terminal: terminal})
		c.Print("text\n")
		if err := c.Close(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("terminal %t: got error %v, want %v", terminal, err, io.ErrClosedPipe)
		}
	}
}

func TestLinesStayWholeUnderLoad(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		c := console.New(&out, console.Options{Terminal: terminal})
		c.Plan(food)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 50 {
					c.Emit(activity.Event{Kind: activity.Log, Function: confirm, Line: "whole", Time: noon})
				}
			})
		}
		all.Wait()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(out.String(), "\n")
		if len(lines) != 401 {
			t.Errorf("terminal %t: got %d lines, want 400", terminal, len(lines)-1)
		}
		for _, l := range lines[:len(lines)-1] {
			if !strings.HasSuffix(l, "whole\n") || strings.Count(l, "whole") != 1 {
				t.Errorf("terminal %t: got line %q", terminal, l)
			}
		}
	}
}

func wantLines(t *testing.T, opts console.Options, events []activity.Event, want string) {
	t.Helper()
	var got strings.Builder
	got.WriteString("\n")
	for line := range strings.Lines(show(t, opts, events)) {
		got.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func show(t *testing.T, opts console.Options, events []activity.Event) string {
	t.Helper()
	opts.Location = time.UTC
	var out bytes.Buffer
	c := console.New(&out, opts)
	c.Plan(food)
	for _, e := range events {
		e.Time = noon
		c.Emit(e)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A heldScreen takes nothing until it is released.
type heldScreen struct {
	bytes.Buffer
	once             sync.Once
	reached, release chan struct{}
}

func newHeldScreen() *heldScreen {
	return &heldScreen{reached: make(chan struct{}), release: make(chan struct{})}
}

func (s *heldScreen) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.reached) })
	<-s.release
	return s.Buffer.Write(p)
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
