package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/projecttest"
)

// handler is a subscriber in package pkg of the topic in topic, whose package is called
// messages.
func handler(pkg, topic, body string) string {
	return "package " + pkg + "\n\nimport (\n\t\"context\"\n\t\"errors\"\n\n\t\"github.com/less-go/less\"\n\tmessages \"" + topic + "\"\n)\n\n" +
		"var Config = less.Subscriber{MaxReceives: 1}\n\nvar errRefused = errors.New(\"not today\")\n\n" +
		"func Process(ctx context.Context, m messages.Message) error {\n" + body + "\n}\n"
}

// newChat is an application called chat-app, which publishes message_sent and takes
// order_placed from the one of newProject.
func newChat(t *testing.T) *project {
	t.Helper()
	p := &project{t: t, dir: t.TempDir()}
	p.write("go.mod", "module example.com/chat-app\n")
	projecttest.UseCheckout(t, p.dir)
	p.write("less/topics/message_sent/message.go", "package messagesent\n\ntype Message struct{ Text string }\n")
	p.write("less/external_topics/food/order_placed/message.go", "package orderplaced\n\ntype Message struct{ ID string }\n")
	p.write("less/external_topics/food/order_placed/payment_service_congratulate/process.go",
		handler("congratulate", "example.com/chat-app/less/external_topics/food/order_placed", "\tless.Logger(ctx).Info(\"congratulations for order \" + m.ID)\n\treturn nil"))
	p.write("less/apis/chat/messages/post.go", `package messages

import (
	"context"

	"example.com/chat-app/less/topics"
	messagesent "example.com/chat-app/less/topics/message_sent"
)

type Answer struct{ Version string }

func Post(ctx context.Context, req struct{}) (Answer, error) {
	return Answer{"v1"}, topics.MessageSent.Publish(ctx, messagesent.Message{Text: "hello"})
}
`)
	return p
}

// listen has p subscribe to a topic of chat-app.
func (p *project) listen(topic string) {
	p.write("less/external_topics/chat_app/"+topic+"/message.go", "package messagesent\n\ntype Message struct{ Text string }\n")
	p.write("less/external_topics/chat_app/"+topic+"/audit_service_note/process.go",
		handler("note", "example.com/food/less/external_topics/chat_app/"+topic, "\tless.Logger(ctx).Info(\"somebody wrote \" + m.Text)\n\treturn nil"))
	p.write("less/external_topics/chat_app/"+topic+"/audit_service_refuse/process.go",
		handler("refuse", "example.com/food/less/external_topics/chat_app/"+topic, "\treturn errRefused"))
}

// oneOrTwo: the second message, which is refused too, may be dead already.
var oneOrTwo = regexp.MustCompile(`food:external_topics/chat_app/message_sent/audit_service_refuse\n  [12] dead letter`)

// TestTwoApplicationsSideBySide has the events of two projects cross in one engine.
func TestTwoApplicationsSideBySide(t *testing.T) {
	system, err := cli.System(nil)
	if err != nil {
		t.Fatal(err)
	}
	food, chat := newProject(t), newChat(t)
	food.listen("message_sent")
	r := food.startOn(newFakeEngine(), system.StartEngine, ".", chat.dir, "--port", "0", "--aws-port", "0", "--visibility", "200ms")
	defer r.end(t)

	started := r.out.wait(t, "🇨🇻")
	for _, want := range []string{
		`App "food" is running`, `App "chat-app" is running`,
		"- chat_app/message_sent: message_sent of the deployment chat-app, which runs here\n  - audit_service_note\n  - audit_service_refuse\n",
		"- chat-app:food/order_placed: order_placed of the deployment food, which runs here\n  - payment_service_congratulate\n",
		"- chat-app:message_sent\n",
	} {
		if !strings.Contains(started, want) {
			t.Errorf("it does not say %q:\n%s", want, started)
		}
	}
	url := regexp.MustCompile(`- chat-app:chat: (http://\S+)`).FindStringSubmatch(started)[1] + "/messages"
	if got := post(t, url); got != `200 {"Version":"v1"}` {
		t.Errorf("answer of the second application: %s", got)
	}
	r.out.wait(t, "published to chat-app:message_sent")
	r.out.wait(t, "somebody wrote hello")
	r.out.wait(t, "DEAD LETTER after 1 attempt message")
	if got := post(t, apiURL.FindStringSubmatch(started)[1]+"/orders"); got != `200 {"Version":"v1"}` {
		t.Errorf("answer of the first application: %s", got)
	}
	r.out.wait(t, "congratulations for order 1")
	r.out.wait(t, "chat-app:payment congratulate ")

	aws := awsURL.FindStringSubmatch(started)[1]
	if out := food.operate(t, "dlq", "list", "--endpoint", aws); !strings.Contains(out, "external_topics/chat_app/message_sent/audit_service_refuse\n  1 dead letter") {
		t.Errorf("dlq list:\n%s", out)
	}
	if out := food.operate(t, "publish", "external_topics/chat_app/message_sent", "--data", `{"Text":"goodbye"}`, "--endpoint", aws); !strings.Contains(out, "published to external_topics/chat_app/message_sent, for 2 subscribers") {
		t.Errorf("publish:\n%s", out)
	}
	r.out.wait(t, "somebody wrote goodbye")
	for _, p := range []*project{food, chat} { // each shows what runs beside it
		if out := p.operate(t, "log", "congratulate", "--endpoint", aws); !strings.Contains(out, "congratulations for order 1") {
			t.Errorf("log in %s:\n%s", p.dir, out)
		}
	}
	if out := chat.operate(t, "dlq", "list", "--endpoint", aws); !oneOrTwo.MatchString(out) {
		t.Errorf("dlq list in the second project:\n%s", out)
	}
	published := chat.operate(t, "publish", "message_sent", "--data", `{"Text":"once more"}`, "--json", "--endpoint", aws)
	r.out.wait(t, "somebody wrote once more")
	var event struct {
		Correlation string `json:"correlation_id"`
	}
	if err := json.Unmarshal([]byte(published), &event); err != nil {
		t.Fatal(err)
	}
	if out := food.operate(t, "trace", event.Correlation, "--endpoint", aws); !strings.Contains(out, "chat_app/message_sent") || !strings.Contains(out, "audit: note") {
		t.Errorf("trace:\n%s", out)
	}

	const file = "less/apis/chat/messages/post.go"
	chat.write(file, strings.ReplaceAll(chat.read(file), "v1", "v2"))
	r.out.wait(t, "Swapped chat-app:apis/chat/messages/post")
	if got := post(t, url); got != `200 {"Version":"v2"}` {
		t.Errorf("answer after the swap: %s", got)
	}
}

// operate runs a command in the project and returns what it writes.
func (p *project) operate(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	code := cli.Main(context.Background(), args, cli.Env{
		In: strings.NewReader(""), Out: &out, Err: &errOut, Getenv: func(string) string { return "" }, LookupEnv: p.lookupEnv, Dir: p.dir,
	})
	if code != 0 {
		t.Errorf("%v ends with %d:\n%s", args, code, errOut.String())
	}
	return out.String()
}

func TestApplicationsThatDoNotFitAreRefused(t *testing.T) {
	food, chat := newProject(t), newChat(t)
	food.listen("message_snet")
	r := food.run(".", chat.dir)
	r.wantExit(t, 1)
	if got, want := r.err.String(), "chat_app/message_snet/message.go:3: chat-app, which runs beside, has no topic message_snet. Did you mean message_sent? Rename the folder, or add the topic there"; !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}

	r = newProject(t).run(".", food.dir)
	r.wantExit(t, 1)
	if got := r.err.String(); !strings.Contains(got, "are both called food, and so would their queues be. Give one another module path in its go.mod") {
		t.Errorf("it says:\n%s", got)
	}

	r = food.run(".", food.dir, "nowhere")
	r.wantExit(t, 1)
	if got := r.err.String(); !strings.Contains(got, "is named twice. Name each project once") || !strings.Contains(got, "there is no folder") {
		t.Errorf("it says:\n%s", got)
	}
}
