package engine_test

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/engine"
)

func TestAConfirmedOrderRunsEightSubscribersInTheArticlesWords(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	id := d.order("confirm")
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
	want := []string{
		"[DELIVERY PARTNER SERVICE] Assigning delivery partner: ",
		"[DELIVERY PARTNER SERVICE] Delivery partner assigned: ",
		"[LOYALTY SERVICE] Added points to wallet: ",
		"[LOYALTY SERVICE] Adding points to wallet: ",
		"[NOTIFICATION SERVICE] Emailed customer of delivery partner assignment: ",
		"[NOTIFICATION SERVICE] Emailed customer of order success: ",
		"[NOTIFICATION SERVICE] Emailing customer of delivery partner assignment: ",
		"[NOTIFICATION SERVICE] Emailing customer of order success: ",
		"[ORDER SERVICE] Created order: ",
		"[ORDER SERVICE] Update delivery status: ",
		"[ORDER SERVICE] Updated delivery status: ",
		"[ORDER SERVICE] Updated order confirmation success status: ",
		"[ORDER SERVICE] Updating order confirmation success status: ",
		"[PAYMENT SERVICE] Payment succeeded for order: ",
		"[PAYMENT SERVICE] Processing payment for order: ",
		"[RESTAURANT SERVICE] Confirming order: ",
		"[RESTAURANT SERVICE] Order confirmed: ",
	}
	for i := range want {
		want[i] += id
	}
	if diff := cmp.Diff(want, d.linesWith(id)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	d.allOfOneCorrelation(8)
}

func TestARejectedOrderRunsTheSixSubscribersOfTheErrorFlow(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	id := d.order("reject")
	d.journal.Await(d.t, 6, activitytest.Kind(activity.Done))
	if lines := d.linesWith(id); !slices.Contains(lines, "[NOTIFICATION SERVICE] Emailed customer of payment reversal: "+id) {
		t.Errorf("the customer was not told of the refund:\n%s", strings.Join(lines, "\n"))
	}
	d.allOfOneCorrelation(6)
}

func TestACrashedOrderIsTriedFiveTimesAndThenADeadLetter(t *testing.T) {
	d := startDemo(t, t.TempDir(), time.Second)
	d.order("crash")
	d.journal.Await(d.t, 1, activitytest.Kind(activity.DeadLetter))
	retries := d.journal.Of(activity.Retry)
	if len(retries) != 5 {
		t.Fatalf("%d failed attempts, want 5", len(retries))
	}
	for i, r := range retries {
		if r.Attempt != i+1 || r.MaxAttempts != 5 || r.Function != "topics/payment_success/restaurant_service_confirm_order" {
			t.Errorf("retry %d is %+v", i+1, r)
		}
		// What a test may say about real time is only that nothing came early.
		if i > 0 && r.Time.Before(retries[i-1].Next) {
			t.Errorf("attempt %d has failed at %v, and its message was hidden until %v", i+1, r.Time, retries[i-1].Next)
		}
	}
	done := d.journal.Of(activity.Done)
	if len(done) != 1 || done[0].Topic != "order_placed" {
		t.Errorf("handled: %+v, want the payment alone", done)
	}
}

func TestBadRequestsAreAnsweredAsAWSDoesAndHarmNothing(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	url := d.APIs()[0].URL
	tests := []struct {
		name, method, path, body string
		status                   int
		answer                   string
	}{
		{"broken JSON", "POST", "/orders", `{"customer":`, 400, ""},
		{"wrong type", "POST", "/orders", `{"customer":"Cesaria","items":"cachupa"}`, 400, "items"},
		{"empty body", "POST", "/orders", ``, 400, ""},
		{"7 MB body", "POST", "/orders", `{"customer":"` + strings.Repeat("x", 7<<20) + `"}`, 413, `{"message":"Request Entity Too Large"}`},
		{"unknown route", "POST", "/nowhere", `{}`, 404, `{"message":"Not Found"}`},
		{"wrong method", "DELETE", "/orders", ``, 404, `{"message":"Not Found"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, url+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var body bytes.Buffer
			if _, err := body.ReadFrom(resp.Body); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !strings.Contains(body.String(), tt.answer) {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, body.String(), tt.status, tt.answer)
			}
		})
	}
	ended := d.journal.Of(activity.End)
	for _, e := range ended {
		if e.Err != "" {
			t.Errorf("an invocation of %s failed: %s", e.Function, e.Err)
		}
	}
	d.order("confirm")
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
}

func TestASecondEngineOnTheSameStateIsRefused(t *testing.T) {
	state := t.TempDir()
	startDemo(t, state, 0)
	_, err := engine.Start(t.Context(), engine.Options{State: state})
	if !errors.Is(err, engine.ErrLocked) {
		t.Fatalf("Start = %v, want ErrLocked", err)
	}
	if pid := os.Getpid(); !strings.Contains(err.Error(), "process "+strconv.Itoa(pid)) {
		t.Errorf("%q does not name the process", err)
	}
}

func TestATakenPortIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	state := t.TempDir()
	_, err = engine.Start(t.Context(), engine.Options{State: state, AWSPort: port})
	var portErr *engine.PortError
	if !errors.As(err, &portErr) || portErr.Port != port {
		t.Fatalf("Start = %v, want a PortError for %d", err, port)
	}
	e, err := engine.Start(t.Context(), engine.Options{State: state})
	if err != nil {
		t.Fatalf("the failed start keeps the state: %v", err)
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStateIsForItsOwnerAlone(t *testing.T) {
	state := t.TempDir()
	d := startDemo(t, state, 0)
	d.order("confirm")
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
	for path, want := range map[string]os.FileMode{"": 0o700, "/queues.db": 0o600, "/lock": 0o600} {
		info, err := os.Stat(state + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of state%s is %o, want %o", path, got, want)
		}
	}
}

func TestMessagesWaitForTheNextEngine(t *testing.T) {
	state := t.TempDir()
	first := startDemo(t, state, time.Hour)
	first.order("crash")
	first.journal.Await(first.t, 1, activitytest.Kind(activity.Retry))
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := startDemo(t, state, time.Hour)
	retry := second.journal.Await(second.t, 1, activitytest.Kind(activity.Retry))[0]
	if retry.Attempt != 2 {
		t.Errorf("attempt %d, want 2: the count stays and the lease ends", retry.Attempt)
	}
}

const restaurant = "topics/payment_success/restaurant_service_confirm_order"

func TestASwappedFunctionGetsItsFailedMessagesAtOnce(t *testing.T) {
	d := startDemo(t, t.TempDir(), time.Hour)
	d.order("crash")
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Retry))
	// Any subscriber that takes orders will do as the repaired one.
	d.apply(d.with(restaurant, d.built["topics/payment_reversed/notification_service_notify_user"]))
	done := d.journal.Await(d.t, 2, activitytest.Kind(activity.Done))
	if last := done[1]; last.Function != restaurant || last.Attempt != 2 {
		t.Errorf("done = %+v, want the second attempt of the swapped function", last)
	}
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Swap))
}

func TestNoMessageIsDroppedWhileFunctionsAreSwapped(t *testing.T) {
	d := startDemo(t, t.TempDir(), time.Hour)
	const orders = 40
	other := d.with("topics/order_placed/payment_service_process_payment", copyOf(t, d.built["topics/order_placed/payment_service_process_payment"]))
	for i := range orders {
		d.order("confirm")
		d.apply([]map[string]string{d.built, other}[i%2])
	}
	d.journal.Await(d.t, orders*8, activitytest.Kind(activity.Done))
	if retries := d.journal.Of(activity.Retry); len(retries) != 0 {
		t.Errorf("swapping failed %d attempts: %+v", len(retries), retries)
	}
}

func copyOf(t *testing.T, binary string) string {
	t.Helper()
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, content, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFunctionWithoutABinaryKeepsItsMessagesUntilItHasOne(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Hour)
	d.apply(map[string]string{"apis/orders/orders/post": d.built["apis/orders/orders/post"]})
	d.order("confirm")
	d.apply(d.built)
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
}

func TestAFunctionMayPublishOnlyWhatThePlanGrants(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Hour)
	for i, f := range d.plan.Functions {
		if f.ID == "topics/order_placed/payment_service_process_payment" {
			d.plan.Functions[i].Publishes = []string{"order_placed"}
		}
	}
	d.apply(d.built)
	d.order("confirm")
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Retry))
	refused := d.journal.Await(d.t, 1, func(e activity.Event) bool {
		return e.Kind == activity.Log && strings.Contains(e.Line, "AuthorizationError")
	})[0]
	for _, want := range []string{"is not authorized to perform: SNS:Publish", "less-payment_success", "less-order_placed-payment_service_process_payment"} {
		if !strings.Contains(refused.Line, want) {
			t.Errorf("the refusal does not say %q: %s", want, refused.Line)
		}
	}
}

func TestEnemiesHarmOnlyThemselves(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Hour)
	for i := range d.plan.Functions {
		if d.plan.Functions[i].ID == "apis/orders/orders/post" {
			d.plan.Functions[i].Timeout = 5 * time.Second // enough for 10 MB on a busy machine
		}
	}
	d.apply(d.with("apis/orders/orders/post", d.built[enemyMain]))
	tests := []struct {
		deed, answer, log string
		status            int
	}{
		{"panic", `{"message":"Internal Server Error"}`, "as told", 500},
		{"exit", `{"message":"Internal Server Error"}`, "exit status 3", 500},
		{"sleep", `{"message":"Internal Server Error"}`, "Task timed out after 5.00 seconds", 500},
		{"print", "printed", "xxxxxxxx", 200},
		{"garbage", "", "", 200}, // an answer that is not JSON is passed on
		{"nothing", "peace", "", 200},
	}
	for _, tt := range tests {
		status, body := d.post("do-" + tt.deed)
		if status != tt.status || !strings.Contains(body, tt.answer) {
			t.Errorf("%s: %d %s, want %d %s", tt.deed, status, body, tt.status, tt.answer)
		}
		if told := d.journal.Matching(func(e activity.Event) bool {
			return strings.Contains(e.Line, tt.log) || strings.Contains(e.Err, tt.log)
		}); len(told) == 0 {
			t.Errorf("%s: nothing says %q", tt.deed, tt.log)
		}
	}
	lines := d.journal.Matching(func(e activity.Event) bool {
		return e.Kind == activity.Log && strings.HasPrefix(e.Line, "xxxxxxxx")
	})
	if len(lines) != 10<<10 {
		t.Errorf("%d lines were logged of the %d printed", len(lines), 10<<10)
	}
	d.apply(d.built)
	d.order("confirm")
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
}

func TestTheEngineListensOnLoopbackAndForThisMachineOnly(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	for _, url := range []string{d.APIs()[0].URL + "/orders", d.AWS()} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s for another host: %d, want 403", url, resp.StatusCode)
		}
	}
}

func TestLogsKeepWhatFunctionsWrote(t *testing.T) {
	state := t.TempDir()
	d := startDemo(t, state, 0)
	id := d.order("confirm")
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
	log, err := os.ReadFile(filepath.Join(state, "logs", filepath.FromSlash(restaurant)+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"START RequestId: ", "Order confirmed: " + id, "REPORT RequestId: "} {
		if !strings.Contains(string(log), want) {
			t.Errorf("the log does not have %q:\n%s", want, log)
		}
	}
}
