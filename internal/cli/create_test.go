package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/less-go/less/internal/cli"
)

func TestCreateAsksForWhatIsMissingOnATerminal(t *testing.T) {
	p := newProject(t)
	create := func(answers string, args ...string) (code int, out, asked string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code = cli.Main(context.Background(), append([]string{"create"}, args...), cli.Env{
			In: strings.NewReader(answers), InTerminal: true, Out: &stdout, Err: &stderr,
			Getenv: func(string) string { return "" }, Dir: p.dir,
		})
		return code, stdout.String(), stderr.String()
	}
	code, out, asked := create("\norders\n/orders/{order_id}\nget\n", "route")
	if code != 0 || out != "File created: less/apis/orders/orders/by_order_id/get.go\n" {
		t.Errorf("exit code %d, written %q\n%s", code, out, asked)
	}
	if want := "the API's name: the API's name: the path, such as /orders/{order_id}: the verb: get, post, put, patch, delete: "; asked != want {
		t.Errorf("asked %q, want %q", asked, want)
	}
	code, out, asked = create("a b\n", "subscribers", "-t", "order_placed")
	if code != 0 || strings.Count(out, "File created") != 2 {
		t.Errorf("exit code %d, written %q, asked %q; want two subscribers", code, out, asked)
	}
	code, out, asked = create("order", "subscribers", "-n", "c")
	if code != 1 || out != "" || !strings.Contains(asked, "topic order does not exist: less-cli create topic --name order") {
		t.Errorf("exit code %d, written %q, said %q", code, out, asked)
	}
	code, _, asked = create("", "topic")
	if code != 2 || !strings.Contains(asked, "--name is missing") {
		t.Errorf("exit code %d at the end of input, said %q", code, asked)
	}
	if generated := p.read("less/topics/topics.gen.go"); !strings.Contains(generated, "OrderPlaced") {
		t.Errorf("what follows from the tree was not written:\n%s", generated)
	}
}
