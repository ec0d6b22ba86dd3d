package cli_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/projecttest"
)

// spent is the time and the duration of a step.
const spent = ` +\d\d:\d\d:\d\d\.\d{3} +[\d.]+ m?s`

func TestTraceOfAConfirmedOrder(t *testing.T) {
	d := startDemo(t)
	r := d.operate(t, "invoke", "POST /orders", "--data", order, "--correlation-id", "trace-1")
	if r.code != 0 {
		t.Fatal(r.err)
	}
	d.await(t, 8, activity.Done, "trace-1")
	got := d.ok(t, "trace", "trace-1")
	for _, want := range []string{
		`order trace-1`, `POST /orders`, `└─ order_placed`, `   └─ ✓ payment: process_payment`, `      └─ payment_success`,
		`         └─ ✓ restaurant: confirm_order`, `            └─ restaurant_confirmed_order`,
		` ✓ loyalty: add_loyalty_points`, ` ✓ delivery partner: assign_delivery_partner`, `  └─ delivery_partner_assigned`, `, 9 runs in `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "missing") || strings.Count(got, "✓") != 8 {
		t.Errorf("not everything is done:\n%s", got)
	}
	type step struct {
		State  string
		Events []struct{ Topics []string }
	}
	whole := decode[struct {
		Runs  int
		Steps []step
	}](t, d.ok(t, "trace", "trace-1", "--json"))
	if whole.Runs != 9 || len(whole.Steps) != 1 || whole.Steps[0].State != "done" || whole.Steps[0].Events[0].Topics[0] != "order_placed" {
		t.Errorf("%+v", whole)
	}
}

func TestTraceOfAnOrderThatIsGivenUp(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	d.ok(t, "publish", "order_placed", "--data", crashing("trace-2"), "--correlation-id", "trace-2")
	dead := d.await(t, 1, activity.DeadLetter, "trace-2")[0].MessageID
	attempt := func(n, what string) string {
		return `            attempt ` + n + `, \d\d:\d\d:\d\d\.\d{3}, [\d.]+ m?s: ` + what
	}
	wantLines(t, d.ok(t, "trace", "trace-2"),
		`order trace-2`, when+`, 3 runs in [\d.]+ m?s, 2 runs failed, 1 dead letter`, ``,
		`order_placed`, `└─ ✓ payment: process_payment`+spent, `   └─ payment_success`,
		`      └─ ✗ restaurant: confirm_order`+spent+`  DEAD LETTER`,
		attempt("1", `confirm order trace-2: the restaurant's kitchen.*`), `              .*answer`,
		attempt("2", `the same`),
		`            dead letter `+dead+`, in`, `              `+restaurantQueue+`-dlq`)
	d.wantDeadLetters(t, "1")
}

func TestTraceSaysWhatIsMissing(t *testing.T) {
	d := startDemo(t)
	d.with(t, restaurant, d.built[loyalty]) // which publishes nothing
	d.ok(t, "publish", "payment_success", "--data", strings.Replace(order, "17", "trace-3", 1), "--correlation-id", "trace-3")
	d.await(t, 1, activity.Done, "trace-3")
	wantLines(t, d.ok(t, "trace", "trace-3"),
		`order trace-3`, when+`, 1 run in [\d.]+ m?s, 1 step missing`, ``,
		`payment_success`, `└─ ✓ restaurant: confirm_order`+spent,
		`   └─ restaurant_confirmed_order or restaurant_order_confirmation_failed  \? expected, and nothing .*`)
}

// TestTraceKnowsRunsThatLogNothing has a subscriber that says not a word.
func TestTraceKnowsRunsThatLogNothing(t *testing.T) {
	d := startDemo(t)
	built, err := (&build.Builder{Dir: projecttest.Checkout(), Out: filepath.Join(d.dir, "build")}).Build(t.Context(), []string{"internal/cli/testdata/speechless"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.with(t, loyalty, built["internal/cli/testdata/speechless"])
	d.ok(t, "publish", "restaurant_confirmed_order", "--data", strings.Replace(order, "17", "trace-4", 1), "--correlation-id", "trace-4")
	d.await(t, 6, activity.Done, "trace-4")
	if got := d.ok(t, "trace", "trace-4"); strings.Contains(got, "missing") || !regexp.MustCompile(` ✓ loyalty: add_loyalty_points`+spent).MatchString(got) {
		t.Errorf("the run that logs nothing is not there:\n%s", got)
	}
	if got := d.ok(t, "log", "add_loyalty_points", "--order", "trace-4"); got != "" {
		t.Errorf("it has logged\n%s", got)
	}
	got := d.ok(t, "log", "add_loyalty_points", "--order", "trace-4", "--json")
	for _, want := range []string{`message handled`, `"outcome":"done"`, `"duration_ms":`} {
		if !strings.Contains(got, want) {
			t.Errorf("its line has no %s:\n%s", want, got)
		}
	}
}

func TestTraceIsRefusedWithAWayOut(t *testing.T) {
	d := startDemo(t)
	wantError(t, d.operate(t, "trace", "nobodys"), 1, `nothing is known of the order nobodys since `)
	wantError(t, d.operate(t, "trace", "a b"), 1, `"a b" cannot be a correlation id`)
	wantError(t, d.operate(t, "trace", "a", "--since", "soon"), 2, `--since "soon" is no time`)
	wantError(t, d.operate(t, "trace"), 2, `accepts 1 arg(s), received 0`)
	wantError(t, d.operate(t, "trace", "a", "--project", "other"), 1, `has no log group /aws/lambda/other-`)
}
