package less_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
)

// envMain makes the test binary a function: the tests in this file run it as a
// process, like Lambda and the engine do.
const envMain = "LESS_TEST_MAIN"

func TestMain(m *testing.M) {
	switch os.Getenv(envMain) {
	case "subscriber":
		less.ServeTopic(placed, func(ctx context.Context, o order) error {
			if o.ID == "later" {
				return less.RetryAfter(90*time.Second, errors.New("busy"))
			}
			slog.InfoContext(ctx, "by slog with a context")
			slog.Info("by slog without one")
			log.Print("by log")
			return paid.Publish(ctx, o, less.WithAttribute("priority", "high"))
		})
	case "route":
		less.ServeAPI(less.Typed(func(ctx context.Context, req postRequest) (less.Created[postRequest], error) {
			return less.Created[postRequest]{Body: req}, placed.Publish(ctx, order{ID: req.OrderID})
		}))
	}
	os.Exit(m.Run())
}

// process is a function that runs behind a Runtime API of the test's own.
type process struct {
	t        *testing.T
	next     chan string
	response chan string
	exited   chan struct{}
	log      logBuffer
	stop     func() // ends it and waits, so that log is complete
}

func startProcess(t *testing.T, main string, env ...string) *process {
	t.Helper()
	p := &process{t: t, next: make(chan string), response: make(chan string, 1), exited: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case event := <-p.next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "invocation-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			_, _ = io.WriteString(w, event)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/invocation-1/{outcome}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		p.response <- r.PathValue("outcome") + " " + string(body)
	})
	api := httptest.NewServer(mux)

	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{
		envMain + "=" + main,
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"),
		"AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=secret",
		"AWS_SESSION_TOKEN=token",
		"LESS_FUNCTION=" + processPayment,
		"LESS_TOPIC_PREFIX=arn:aws:sns:eu-west-1:123456789012:shop-",
	}, env...)
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // it never ends well: it is killed
		close(p.exited)
	}()
	p.stop = func() {
		_ = cmd.Process.Kill()
		<-p.exited
	}
	t.Cleanup(func() {
		p.stop()
		api.Close()
	})
	return p
}

// invoke has the process handle one event, and returns "response" or "error",
// and what it answered.
func (p *process) invoke(event []byte) string {
	p.t.Helper()
	var answer string
	select {
	case p.next <- string(event):
	case <-p.exited:
		p.t.Fatalf("the process has ended; it logged\n%s", &p.log)
	}
	select {
	case answer = <-p.response:
	case <-p.exited:
		p.t.Fatalf("the process has ended; it logged\n%s", &p.log)
	}
	return answer
}

// awsCall is one request that a function made to AWS.
type awsCall struct {
	header http.Header
	body   string
}

// startAWS is as much of SNS and SQS as functions call.
func startAWS(t *testing.T) (endpoint string, calls chan awsCall) {
	calls = make(chan awsCall, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		calls <- awsCall{r.Header, string(body)}
		if r.Header.Get("X-Amz-Target") != "" {
			return // SQS answers ChangeMessageVisibility with nothing
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
	}))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func TestASubscriberPublishesToSNS(t *testing.T) {
	endpoint, calls := startAWS(t)
	p := startProcess(t, "subscriber", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ENDPOINT_URL_SNS="+endpoint)
	got := p.invoke(sqsEvent(t, sqsRecord("1", `{"id":"17"}`, map[string]string{"ce-id": "cause", "ce-correlationid": "all"})))
	if want := `response {"batchItemFailures":[]}`; got != want {
		t.Fatalf("answered %s, want %s; logged\n%s", got, want, &p.log)
	}

	call := <-calls
	if auth := call.header.Get("Authorization"); !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(auth, "/eu-west-1/sns/aws4_request") {
		t.Errorf("signed with %q", auth)
	}
	if token := call.header.Get("X-Amz-Security-Token"); token != "token" {
		t.Errorf("the session token is %q", token)
	}
	form, err := url.ParseQuery(call.body)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{}
	for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		prefix := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		if kind := form.Get(prefix + "Value.DataType"); kind != "String" {
			t.Errorf("attribute %d is a %q", i, kind)
		}
		attributes[form.Get(prefix+"Name")] = form.Get(prefix + "Value.StringValue")
	}
	if attributes["ce-id"] == "" || attributes["ce-time"] == "" {
		t.Errorf("the event has no id or no time: %v", attributes)
	}
	delete(attributes, "ce-id")
	delete(attributes, "ce-time")
	if diff := cmp.Diff(map[string]string{
		"ce-specversion": "1.0", "ce-type": "payment_success", "ce-source": "/" + processPayment,
		"ce-correlationid": "all", "ce-causationid": "cause", "priority": "high",
	}, attributes); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]string{
		"Action":   "Publish",
		"TopicArn": "arn:aws:sns:eu-west-1:123456789012:shop-payment_success",
		"Message":  `{"id":"17"}`,
	} {
		if got := form.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}

	p.stop()
	ofMessage := map[string]any{
		"function": processPayment, "topic": "order_placed", "message_id": "cause", "attempt": 2.0,
		"correlation_id": "all", "request_id": "invocation-1",
	}
	want := []map[string]any{
		with(with(ofMessage, "level", "INFO"), "msg", "by slog with a context"),
		{"level": "INFO", "msg": "by slog without one", "function": processPayment},
		{"level": "INFO", "msg": "by log", "function": processPayment},
		with(with(with(ofMessage, "level", "INFO"), "msg", "message handled"), "outcome", "done"),
	}
	if diff := cmp.Diff(want, p.log.lines(t)); diff != "" {
		t.Errorf("logged (-want +got):\n%s", diff)
	}
}

func TestASubscriberSetsTheDelayInSQS(t *testing.T) {
	endpoint, calls := startAWS(t)
	p := startProcess(t, "subscriber", "AWS_ENDPOINT_URL="+endpoint)
	if got, want := p.invoke(sqsEvent(t, sqsRecord("1", `{"id":"later"}`, nil))), `response {"batchItemFailures":[{"itemIdentifier":"1"}]}`; got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	call := <-calls
	if target := call.header.Get("X-Amz-Target"); target != "AmazonSQS.ChangeMessageVisibility" {
		t.Errorf("called %q", target)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(call.body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"QueueUrl": endpoint + "/000000000000/shop-payments", "ReceiptHandle": "receipt of 1", "VisibilityTimeout": 90.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARouteAnswersAndPublishes(t *testing.T) {
	endpoint, calls := startAWS(t)
	p := startProcess(t, "route", "AWS_ENDPOINT_URL="+endpoint)
	got := p.invoke(readEvent(t, "http-api-2.0.json"))
	want := `response {"statusCode":201,"headers":{"Content-Type":"application/json","X-Correlation-Id":"client-7"},` +
		`"body":"{\"OrderID\":\"a b\",\"Limit\":0,\"Agent\":\"curl/8.5.0\",\"items\":[\"cachupa\"],\"count\":0}","isBase64Encoded":false}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if call := <-calls; !strings.Contains(call.body, "Message="+url.QueryEscape(`{"id":"a b"}`)) {
		t.Errorf("published %s", call.body)
	}
}

// A process outlives events that are none.
func TestAFunctionSurvivesGarbage(t *testing.T) {
	p := startProcess(t, "subscriber")
	for range 2 {
		if got := p.invoke([]byte("garbage")); !strings.HasPrefix(got, "error ") || !strings.Contains(got, "read SQS event") {
			t.Errorf("answered %s", got)
		}
	}
}

func TestAFunctionStartedByHandSaysWhatItIs(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{envMain + "=subscriber"}
	var out bytes.Buffer
	cmd.Stderr = &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v", err)
	}
	if !strings.Contains(out.String(), "It is started by AWS, and on this computer by less-cli run.") {
		t.Errorf("said %q", &out)
	}
}
