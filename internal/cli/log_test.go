package cli_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/projecttest"
)

const clock = `\d\d:\d\d:\d\d\.\d{3} `

func TestLogMergesFunctionsByTime(t *testing.T) {
	d := startDemo(t)
	d.ok(t, "publish", "order_placed", "--data", strings.Replace(order, "17", "log-1", 1), "--correlation-id", "log-1")
	d.await(t, 8, activity.Done, "log-1")
	wantLines(t, d.ok(t, "log", "--function", payment, "--path", "less/"+restaurant+"/process.go", "add_loyalty_points", "--order", "log-1"),
		clock+`payment          process_payment      \[PAYMENT SERVICE\] Processing payment for order: log-1`,
		clock+`payment          process_payment      \[PAYMENT SERVICE\] Payment succeeded for order: log-1`,
		clock+`restaurant       confirm_order        \[RESTAURANT SERVICE\] Confirming order: log-1`,
		clock+`restaurant       confirm_order        \[RESTAURANT SERVICE\] Order confirmed: log-1`,
		clock+`loyalty          add_loyalty_points   \[LOYALTY SERVICE\] Adding points to wallet: log-1`,
		clock+`loyalty          add_loyalty_points   \[LOYALTY SERVICE\] Added points to wallet: log-1`)
	if out := d.ok(t, "log", "--order", "log-1"); strings.Count(out, "\n") < 15 {
		t.Errorf("not every function is asked:\n%s", out)
	}
}

func TestLogFilters(t *testing.T) {
	d := startDemo(t)
	d.ok(t, "publish", "order_placed", "--data", strings.Replace(order, "17", "log-2", 1), "--correlation-id", "log-2")
	d.await(t, 8, activity.Done, "log-2")
	wantLines(t, d.ok(t, "log", "--filter", "succeeded for order: log-2"), clock+`payment          process_payment      \[PAYMENT SERVICE\] Payment succeeded for order: log-2`)
	wantLines(t, d.ok(t, "log", "--filter", `"msg":"[PAYMENT SERVICE] Payment succeeded for order: log-2"`), clock+`payment .*`)
	if out := d.ok(t, "log", "--filter", `{ $.correlation_id = "log-2" && $.level = "ERROR" }`); out != "" {
		t.Errorf("errors of a good order:\n%s", out)
	}
	wantLines(t, d.ok(t, "log", "--filter", `{ $.correlation_id = "log-2" && $.msg = "*Order confirmed*" }`), clock+`restaurant .*`)

	plain, verbose := d.ok(t, "log", payment), d.ok(t, "log", payment, "--verbose")
	if strings.Contains(plain, "REPORT RequestId") || !strings.Contains(verbose, "REPORT RequestId") {
		t.Errorf("without --verbose:\n%s\nwith:\n%s", plain, verbose)
	}
	line, _, _ := strings.Cut(d.ok(t, "log", payment, "--order", "log-2", "--json"), "\n")
	got := decode[struct {
		Function string
		Message  struct {
			CorrelationID string `json:"correlation_id"`
		}
	}](t, line)
	if got.Function != payment || got.Message.CorrelationID != "log-2" {
		t.Errorf("%+v", got)
	}
}

func TestLogFollows(t *testing.T) {
	d := startDemo(t)
	out, signals, code := newOutput(), make(chan os.Signal, 2), make(chan int, 1)
	env := cli.Env{
		In: strings.NewReader(""), Out: out, Err: newOutput(), Dir: projecttest.Checkout(), Signals: signals,
		Getenv: func(string) string { return "" },
	}
	go func() {
		code <- cli.Main(context.Background(), []string{"log", "--follow", "--since", "1h", "--endpoint", d.AWS()}, env)
	}()
	d.ok(t, "publish", "payment_reversed", "--data", strings.Replace(order, "17", "follow-1", 1), "--correlation-id", "follow-1")
	out.wait(t, "Emailed customer of payment reversal: follow-1")
	d.ok(t, "publish", "payment_reversed", "--data", strings.Replace(order, "17", "follow-2", 1), "--correlation-id", "follow-2")
	out.wait(t, "Emailed customer of payment reversal: follow-2")
	signals <- os.Interrupt
	if got := <-code; got != 0 {
		t.Errorf("exit code %d", got)
	}
	if n := strings.Count(out.String(), "Emailed customer of payment reversal: follow-1"); n != 1 {
		t.Errorf("a line is shown %d times", n)
	}
}

func TestLogIsRefusedWithAWayOut(t *testing.T) {
	d := startDemo(t)
	wantError(t, d.operate(t, "log", "--since", "yesterday"), 2, `--since "yesterday" is no time. Write it like 10m`)
	wantError(t, d.operate(t, "log", "--function", "topics/order_placed/payment_service_process_paymnt"), 1, `Did you mean `+payment+`?`)
	wantError(t, d.operate(t, "log", "--order", "a b"), 1, `"a b" cannot be a correlation id`)
	wantError(t, d.operate(t, "log", "--order", "a", "--filter", "{ $.level = \"ERROR\" }"), 1, `are two patterns`)
	wantError(t, d.operate(t, "log", "--filter", "{ $.level = "), 1, `answers InvalidParameterException`)
	wantError(t, d.operate(t, "log", "--project", "other"), 1, `has no log group /aws/lambda/other-`)
	if r := d.operate(t, "log", payment, "--filter", "never logged"); r.code != 0 || !strings.Contains(r.err, "Nothing was logged since") {
		t.Errorf("%+v", r)
	}
}
