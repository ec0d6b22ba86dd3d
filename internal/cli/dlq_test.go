package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/engine"
)

const (
	restaurantQueue = "less-payment_success-restaurant_service_confirm_order"
	when            = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
)

// crash has the restaurant give up orders, each under its id as the correlation id,
// and returns the dead letters' message ids.
func (d *demo) crash(t *testing.T, ids ...string) []string {
	t.Helper()
	for _, id := range ids {
		d.ok(t, "publish", "payment_success", "--data", crashing(id), "--correlation-id", id, "--attribute", "tenant="+id)
	}
	messages := make([]string, len(ids))
	for i, id := range ids {
		messages[i] = d.await(t, 1, activity.DeadLetter, id)[0].MessageID
	}
	return messages
}

func crashing(id string) string {
	return `{"id":"` + id + `","customer":"Cesaria","items":["cachupa"],"simulate":"crash"}`
}

// clear leaves no dead letters of earlier tests.
func (d *demo) clear(t *testing.T) {
	t.Helper()
	d.ok(t, "dlq", "purge", restaurant, "--yes")
}

// depth is how many messages a queue has that can be received, and how many that cannot.
func (d *demo) depth(t *testing.T, queue string) (visible, hidden string) {
	t.Helper()
	out, err := sqs.NewFromConfig(awsapitest.Config(d.AWS(), nil)).GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl:       aws.String(d.AWS() + "/" + engine.Account + "/" + queue),
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

func (d *demo) wantDeadLetters(t *testing.T, want string) {
	t.Helper()
	if visible, hidden := d.depth(t, restaurantQueue+"-dlq"); visible != want || hidden != "0" {
		t.Errorf("the dead-letter queue has %s messages and %s hidden ones, want %s and none", visible, hidden, want)
	}
}

func TestDeadLettersAreListedAndShownAndStayWhereTheyAre(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	wantLines(t, d.ok(t, "dlq", "list"), "no dead letters")
	wantLines(t, d.ok(t, "dlq", "show", restaurant), "no dead letters")
	dead := d.crash(t, "list-1", "list-2")
	first, second := dead[0], dead[1]

	wantLines(t, d.ok(t, "dlq", "list"), restaurant, `  2 dead letters, the oldest from `+when+`, \d+ seconds? ago`,
		`      2  confirm order list-<n>: the restaurant's kitchen does not answer`)
	wantLines(t, d.ok(t, "dlq", "list", "confirm_order"), restaurant, `  2 dead letters, .*`, `      2  .*`,
		`         `+first+`  `+when+`  2 attempts`, `         `+second+`  `+when+`  2 attempts`)

	wantLines(t, d.ok(t, "dlq", "show", "confirm_order", first[:8]),
		`message         `+first, `event           `+uuid, `correlation id  list-1`, `sent            `+when+`, \d+ seconds? ago`,
		`published by    less-cli`, `attempts        2`, `error           confirm order list-1: the restaurant's kitchen does not answer`,
		`attribute       tenant=list-1`, `{`, `  "id": "list-1",`, `  "customer": "Cesaria",`, `  "items": \[`, `    "cachupa"`, `  \],`, `  "simulate": "crash"`, `}`)
	letters := decode[[]struct {
		ID      string
		EventID string `json:"event_id"`
		Body    struct{ ID string }
	}](t, d.ok(t, "dlq", "show", restaurant, "--json"))
	if len(letters) != 2 || letters[0].ID != first || letters[1].Body.ID != "list-2" {
		t.Errorf("%+v", letters)
	}
	if out := d.ok(t, "dlq", "show", restaurant, letters[1].EventID); !strings.Contains(out, second) {
		t.Errorf("the event's id does not name the message:\n%s", out)
	}
	lists := decode[[]struct {
		Function string
		Count    int
		Groups   []struct{ Error string }
	}](t, d.ok(t, "dlq", "list", "--json"))
	if len(lists) != 12 {
		t.Errorf("%d functions, want all 12", len(lists))
	}
	// However often it is looked at, everything is there, and nobody has to wait.
	for range 3 {
		d.ok(t, "dlq", "list")
	}
	d.wantDeadLetters(t, "2")
}

func TestChosenDeadLettersAreRedrivenAndTheOthersStay(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	ids := d.crash(t, "redrive-1", "redrive-2", "redrive-3")
	d.with(t, restaurant, d.built[loyalty]) // any that takes orders

	wantError(t, d.operate(t, "dlq", "redrive", restaurant, "--id", "nothing-like-it"), 1, `has no dead letter "nothing-like-it". 'less-cli dlq list `+restaurant+`' shows those it has`)
	d.wantDeadLetters(t, "3")

	wantLines(t, d.ok(t, "dlq", "redrive", restaurant, "--id", ids[1]), `1 dead letter was sent to `+restaurantQueue)
	done := d.await(t, 1, activity.Done, "redrive-2")[0]
	if done.Attempt != 1 || done.MessageID == ids[1] || done.Function != restaurant {
		t.Errorf("handled as %+v, want a new message at its first attempt", done)
	}
	d.wantDeadLetters(t, "2")

	got := decode[struct{ Messages []string }](t, d.ok(t, "dlq", "redrive", restaurant, "--filter", "kitchen does not answer", "--rate", "100", "--json"))
	if len(got.Messages) != 2 {
		t.Errorf("%+v", got)
	}
	d.await(t, 1, activity.Done, "redrive-1")
	d.await(t, 1, activity.Done, "redrive-3")
	d.wantDeadLetters(t, "0")
	wantLines(t, d.ok(t, "dlq", "redrive", restaurant, "--filter", "kitchen"), `0 dead letters were sent to `+restaurantQueue)
}

func TestADryRunHandlesDeadLettersWithTodaysCodeAndSendsNothing(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	bad := d.crash(t, "dry-1")[0]
	// A message that failed because of the code of before, and is good for today's.
	d.with(t, restaurant, d.built["apis/orders/orders/post"])
	d.ok(t, "publish", "payment_success", "--data", strings.Replace(order, "17", "dry-2", 1), "--correlation-id", "dry-2")
	good := d.await(t, 1, activity.DeadLetter, "dry-2")[0].MessageID
	published := len(d.journal.Of(activity.Publish))

	system, err := cli.System(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := d.operateIn(t, cli.Env{StartEngine: system.StartEngine}, "dlq", "redrive", restaurant, "--all", "--dry-run")
	if r.code != 3 || !strings.Contains(r.err, "1 dead letter would fail again with the code as it is. Mend it first") {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
	wantLines(t, r.out, `2 dead letters would be sent to `+restaurantQueue,
		``, bad+`  from `+when, `  would fail again: confirm order dry-1: the restaurant's kitchen does not answer`,
		``, good+`  from `+when, `  would be done, having published to restaurant_confirmed_order`)
	d.wantDeadLetters(t, "2")
	if n := len(d.journal.Of(activity.Publish)); n != published {
		t.Errorf("the deployment got %d events", n-published)
	}
}

func TestAllDeadLettersAreRedriven(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	d.crash(t, "all-1", "all-2")
	d.with(t, restaurant, d.built[loyalty])
	wantLines(t, d.ok(t, "dlq", "redrive", restaurant, "--all", "--rate", "500"), `2 dead letters were sent to `+restaurantQueue)
	d.await(t, 1, activity.Done, "all-1")
	d.await(t, 1, activity.Done, "all-2")
	d.wantDeadLetters(t, "0")
	wantLines(t, d.ok(t, "dlq", "redrive", restaurant, "--all"), `0 dead letters were sent to `+restaurantQueue)
}

func TestAnEditedDeadLetterIsHandledAndGone(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	id := d.crash(t, "edit-1")[0]
	unchanged := d.operate(t, "dlq", "edit", restaurant, id, "--data", crashing("edit-1"))
	if unchanged.code != 0 || !strings.Contains(unchanged.err, "Nothing is changed, and so nothing was sent") {
		t.Errorf("%+v", unchanged)
	}
	wantError(t, d.operate(t, "dlq", "edit", restaurant, id, "--data", "{"), 2, `--data: it is not JSON, at line 1`)
	d.wantDeadLetters(t, "1")

	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nsed -i s/crash/confirm/ \"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	person := cli.Env{InTerminal: true, Getenv: func(name string) string { return map[string]string{"EDITOR": editor}[name] }}
	r := d.operateIn(t, person, "dlq", "edit", restaurant, id)
	if r.code != 0 {
		t.Fatal(r.err)
	}
	wantLines(t, r.out, `sent to `+restaurantQueue, `message id: `+uuid)
	d.await(t, 7, activity.Done, "edit-1")
	d.wantDeadLetters(t, "0")
}

func TestWhatIsNotJSONAfterEditingIsKept(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	id := d.crash(t, "edit-2")[0]
	t.Setenv("TMPDIR", t.TempDir())
	person := cli.Env{InTerminal: true, Getenv: func(name string) string { return map[string]string{"EDITOR": "sed -i s/{/[/"}[name] }}
	r := d.operateIn(t, person, "dlq", "edit", restaurant, id)
	wantError(t, r, 1, "nothing was sent: it is not JSON, at line 2, column 7")
	_, file, _ := strings.Cut(strings.TrimSpace(r.err), "--data @")
	if kept, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(kept), "[\n") {
		t.Errorf("the edited text is lost: %q, %v", kept, err)
	}
	d.wantDeadLetters(t, "1")
}

func TestPurgeAsksAndDeletes(t *testing.T) {
	d := startDemo(t)
	d.clear(t)
	d.crash(t, "purge-1")
	wantError(t, d.operate(t, "dlq", "purge", restaurant), 2, "there is no terminal to ask: give --yes")
	r := d.operateIn(t, cli.Env{InTerminal: true, In: strings.NewReader("no\n")}, "dlq", "purge", restaurant)
	wantError(t, r, 1, "Delete 1 dead letter of "+restaurant+" at http://localhost")
	d.wantDeadLetters(t, "1")
	r = d.operateIn(t, cli.Env{InTerminal: true, In: strings.NewReader("y\n")}, "dlq", "purge", restaurant)
	wantLines(t, r.out, `1 dead letter was deleted`)
	d.wantDeadLetters(t, "0")
}

func TestDLQIsRefusedWithAWayOut(t *testing.T) {
	d := startDemo(t)
	wantError(t, d.operate(t, "dlq", "list", "apis/orders/orders/post"), 1, `there is no subscriber "apis/orders/orders/post"`)
	wantError(t, d.operate(t, "dlq", "redrive", restaurant), 2, `say which dead letters: one of --id, --filter and --all`)
	wantError(t, d.operate(t, "dlq", "redrive", restaurant, "--all", "--id", "1"), 2, `say which dead letters`)
	wantError(t, d.operate(t, "dlq", "redrive", restaurant, "--all", "--rate", "501"), 2, `--rate is 501, and SQS moves 1 to 500`)
	wantError(t, d.operate(t, "dlq", "edit", restaurant, "1"), 2, `give the payload with --data`)
	wantError(t, d.operate(t, "dlq", "show", restaurant, "12345"), 1, `has no dead letter "12345"`)
	wantError(t, d.operate(t, "dlq", "list", "--project", "other"), 1, `has no queue other-`)
	wantError(t, d.operate(t, "dlq", "list", "--aws", "--endpoint", "http://localhost:1"), 2, `are different places: choose one`)
}
