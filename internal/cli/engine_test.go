package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/less-go/less/internal/cli"
)

var (
	apiURL = regexp.MustCompile(`- orders: (http://\S+)`)
	awsURL = regexp.MustCompile(`AWS services: (http://\S+)`)
)

// TestRunOnTheEngine is the whole: files to answers, with nothing faked.
func TestRunOnTheEngine(t *testing.T) {
	system, err := cli.System(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t)
	p.write("less/crons/send_report/process.go", "package sendreport\n\nimport (\n\t\"context\"\n\t\"errors\"\n)\n\nconst Schedule = \"rate(1 day)\"\n\nfunc Process(context.Context) error { return errors.New(\"the printer is out of paper\") }\n")
	r := p.startOn(newFakeEngine(), system.StartEngine, "--port", "0", "--aws-port", "0", "--visibility", "5s")
	defer r.end(t)

	url := apiURL.FindStringSubmatch(r.out.wait(t, "🇨🇻"))[1] + "/orders"
	if got := post(t, url); got != `200 {"Version":"v1"}` {
		t.Errorf("answer %s", got)
	}
	r.out.wait(t, "POST /orders 200 in ")
	r.out.wait(t, " payment charge       done in ")
	if info, err := os.Stat(filepath.Join(p.dir, ".less")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the state is open to others: %v, %v", info, err)
	}

	code, out := p.beside("run-cron", "send_report", "--endpoint", awsURL.FindStringSubmatch(r.out.String())[1])
	if want := "ERROR: crons/send_report failed: the printer is out of paper"; code != 1 || !strings.Contains(out, want) {
		t.Errorf("run-cron ends with %d, and says not %q:\n%s", code, want, out)
	}
	code, out = p.beside("list", "resources", "food", "--local")
	if want := "- API URLs\n  - orders: " + strings.TrimSuffix(url, "/orders") + "\n- Topics\n  - order_placed\n    - payment_service_charge\n" +
		"- Crons\n  - send_report: rate(1 day)\n- Functions: 3\n"; code != 0 || out != want {
		t.Errorf("list resources ends with %d, and says\n%s", code, out)
	}
	if code, out = p.beside("list", "--local"); code != 0 || !strings.HasSuffix(out, fmt.Sprintf("\nStatus: running, process %d\n", os.Getpid())) {
		t.Errorf("list ends with %d, and says\n%s", code, out)
	}
	if code, out = p.beside("delete", "food", "--local", "--yes"); code != 1 || !strings.Contains(out, "in use by process") {
		t.Errorf("delete ends with %d, and says\n%s", code, out)
	}

	second := (&project{t: t, dir: p.dir, signals: make(chan os.Signal, 2)}).startOn(newFakeEngine(), system.StartEngine, "--no-watch", "--port", "0", "--aws-port", "0")
	second.wantExit(t, 1)
	if got := second.err.String(); !strings.Contains(got, "is in use by process") {
		t.Errorf("a second engine on the same state says:\n%s", got)
	}

	const file = "less/apis/orders/orders/post.go"
	p.write(file, strings.ReplaceAll(p.read(file), "v1", "v2"))
	r.out.wait(t, "Swapped "+postOrders)
	if got := post(t, url); got != `200 {"Version":"v2"}` {
		t.Errorf("answer after the swap: %s", got)
	}
}

// beside runs a command in the project's folder while something else runs there, and
// returns its exit code and all that it writes.
func (p *project) beside(args ...string) (code int, out string) {
	var text bytes.Buffer
	code = cli.Main(context.Background(), args, cli.Env{
		In: strings.NewReader(""), Out: &text, Err: &text, Getenv: func(string) string { return "" }, Dir: p.dir,
	})
	return code, text.String()
}

func post(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status[:3] + " " + strings.TrimSpace(string(body))
}
