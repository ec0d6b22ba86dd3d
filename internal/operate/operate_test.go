package operate_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// shop has two APIs, and two subscribers of the same name.
func shop() plan.Plan {
	return plan.New(app.App{
		Module: "example.com/shop",
		APIs: []app.API{
			{Name: "orders", Routes: []app.Route{{API: "orders", Method: "POST", Path: "/orders", Package: app.Package{Dir: "less/apis/orders/orders"}}}},
		},
		Topics: []app.Topic{
			{Name: "paid", Subscribers: []app.Subscriber{subscriber("paid", "order_service_confirm"), subscriber("paid", "mail_service_notify")}},
			{Name: "sent", Subscribers: []app.Subscriber{subscriber("sent", "mail_service_notify")}},
		},
	}, flow.Flow{}, plan.Options{})
}

func TestFunctionsGoByManyNames(t *testing.T) {
	const confirm = "topics/paid/order_service_confirm"
	tests := []struct{ name, want string }{
		{confirm, confirm},
		{"less/" + confirm, confirm},
		{"./less/" + confirm + "/", confirm},
		{"/home/me/shop/less/" + confirm + "/process.go", confirm},
		{`less\topics\paid\order_service_confirm`, confirm},
		{"functions/" + confirm + "/main.go", confirm},
		{"paid/order_service_confirm", confirm},
		{"order_service_confirm", confirm},
		{"confirm", confirm},
		{"shop-paid-order_service_confirm", confirm},
		{"sent/mail_service_notify", "topics/sent/mail_service_notify"},
		{"post", "apis/orders/orders/post"},
		{"post /orders", "apis/orders/orders/post"},
		{"less/apis/orders/orders/post.go", "apis/orders/orders/post"},
		{"firm", `there is no function "firm"`},
		{"", `there is no function ""`},
		{".", `there is no function "."`},
		{"confrim", `Did you mean confirm?`},
		{"notify", `"notify" can be any of 2 functions. Name one: topics/paid/mail_service_notify, topics/sent/mail_service_notify`},
	}
	for _, tt := range tests {
		f, err := operate.Function(shop(), tt.name)
		got := f.ID
		if err != nil {
			got = err.Error()
		}
		if got != tt.want && (err == nil || !strings.Contains(got, tt.want)) {
			t.Errorf("%q is %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestWhereJSONIsBroken(t *testing.T) {
	for data, want := range map[string]string{
		`{"a": 1}`:         "",
		`"text"`:           "",
		``:                 "it is empty",
		"{\n  \"a\": x\n}": "at line 2, column 8",
		`{"a": 1} {}`:      "at line 1, column 10",
	} {
		err := operate.CheckJSON([]byte(data))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", data, err, want)
		}
	}
}

// A queue is an SQS that knows no move tasks, and fails where it is told to.
type queue struct {
	failDelete bool
	messages   []string // visible ids in the dead-letter queue
	hidden     map[string]bool
	sent       []string
}

func (q *queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		QueueName, QueueUrl, MessageBody, ReceiptHandle string
		Entries                                         []struct{ ReceiptHandle string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	answer := map[string]any{}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch action {
	case "GetQueueUrl":
		answer["QueueUrl"] = "http://" + r.Host + "/000000000000/" + in.QueueName
	case "GetQueueAttributes":
		// As approximate as on AWS: it has heard of no message yet but one.
		answer["Attributes"] = map[string]string{"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "ApproximateNumberOfMessages": "1"}
	case "ReceiveMessage":
		var list []map[string]any
		for _, id := range q.messages {
			if !q.hidden[id] && len(list) == 0 { // one at a time
				q.hidden[id] = true
				list = append(list, map[string]any{"MessageId": id, "ReceiptHandle": id, "Body": `{"id":"` + id + `"}`})
			}
		}
		answer["Messages"] = list
	case "SendMessage":
		q.sent = append(q.sent, in.MessageBody)
		answer["MessageId"] = "new"
	case "DeleteMessage":
		if q.failDelete {
			http.Error(w, `{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}`, http.StatusBadRequest)
			return
		}
		for i, id := range q.messages {
			if id == in.ReceiptHandle {
				q.messages = append(q.messages[:i:i], q.messages[i+1:]...)
			}
		}
	case "ChangeMessageVisibilityBatch":
		for _, e := range in.Entries {
			delete(q.hidden, e.ReceiptHandle)
		}
	case "FilterLogEvents":
		answer["events"] = []any{}
	default:
		http.Error(w, "<html>what?</html>", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(answer)
}

// deployment is the shop with q as its SQS.
func deployment(t *testing.T, q *queue) (operate.Deployment, plan.Subscription) {
	t.Helper()
	q.hidden = map[string]bool{}
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	d := operate.Deployment{Plan: shop(), Target: place}
	s, err := operate.Subscriber(d.Plan, "confirm")
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func TestWhereSQSMovesNothingMessagesAreSentOneByOne(t *testing.T) {
	q := &queue{messages: []string{"m1", "m2", "m3"}}
	d, s := deployment(t, q)
	out, err := d.Redrive(t.Context(), s, operate.Choice{All: true}, func(int) {})
	if err != nil || out.Count != 3 || len(q.sent) != 3 || len(q.messages) != 0 {
		t.Errorf("%+v, %v: sent %v, left %v", out, err, q.sent, q.messages)
	}
}

func TestAMessageThatCannotBeDeletedIsSentAndKept(t *testing.T) {
	q := &queue{messages: []string{"m1", "m2"}, failDelete: true}
	d, s := deployment(t, q)
	_, err := d.Redrive(t.Context(), s, operate.Choice{All: true}, func(int) {})
	if err == nil || !strings.Contains(err.Error(), "message m1 was sent to its queue, but is still a dead letter too. Do not redrive it again") {
		t.Errorf("%v", err)
	}
	if len(q.sent) != 1 || len(q.messages) != 2 || len(q.hidden) != 0 {
		t.Errorf("sent %v, left %v, hidden %v", q.sent, q.messages, q.hidden)
	}
}

func TestALookGivesEveryMessageBack(t *testing.T) {
	q := &queue{messages: []string{"m1", "m2", "m3"}}
	d, s := deployment(t, q)
	lists, err := d.DeadLetters(t.Context(), []plan.Subscription{s})
	if err != nil || lists[0].Count != 3 || len(lists[0].Messages()) != 3 || len(q.hidden) != 0 {
		t.Errorf("%+v, %v, hidden %v", lists, err, q.hidden)
	}
}

func subscriber(topic, name string) app.Subscriber {
	return app.Subscriber{Topic: topic, Name: name}
}

func TestInvokeRunsACronAsItsRuleWould(t *testing.T) {
	p := plan.New(app.App{Module: "example.com/shop", Crons: []app.Cron{{Name: "report", Schedule: "rate(1 day)"}}}, flow.Flow{}, plan.Options{})
	var path string
	var got struct {
		ID, Source string
		Resources  []string
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invocations") {
			path = r.URL.Path
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			_, _ = w.Write([]byte("null"))
			return
		}
		_, _ = w.Write([]byte(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
			`<Arn>arn:aws:iam::111122223333:user/me</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
	}))
	defer server.Close()
	where, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	f, err := operate.Function(p, "report")
	if err != nil {
		t.Fatal(err)
	}
	out, err := operate.Deployment{Plan: p, Target: where}.Invoke(t.Context(), f, operate.Call{})
	if err != nil {
		t.Fatal(err)
	}
	if path != "/2015-03-31/functions/shop-cron-report/invocations" || got.Source != "aws.events" ||
		len(got.Resources) != 1 || got.Resources[0] != "arn:aws:events:us-east-1:111122223333:rule/shop-cron-report" {
		t.Errorf("%s got %+v", path, got)
	}
	if out.CorrelationID == "" || out.CorrelationID != got.ID {
		t.Errorf("the correlation id is told as %q, and the run's event is %q", out.CorrelationID, got.ID)
	}
}
