package sqs_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is SQS over an empty store, behind HTTP, and the SDK's client for it.
// There are the queues "jobs", whose messages go to "dead" after two receives,
// and "other".
type rig struct {
	*awssqs.Client
	endpoint string
	http     *http.Client
}

// URL is the URL of a queue.
func (r rig) URL(name string) *string { return aws.String(r.endpoint + "/000000000000/" + name) }

func newStore(tb testing.TB) *queue.Store {
	tb.Helper()
	store, err := queue.Open(tb.Context(), ":memory:", queue.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	err = store.Ensure(tb.Context(),
		queue.Spec{Name: "jobs", Visibility: 30 * time.Second, Retention: 4 * 24 * time.Hour, DeadLetter: "dead", MaxReceives: 2},
		queue.Spec{Name: "dead", Visibility: 30 * time.Second, Retention: 14 * 24 * time.Hour},
		queue.Spec{Name: "other", Visibility: 7 * time.Second, Delay: 3 * time.Second, Retention: time.Minute},
	)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

func newRig(tb testing.TB) rig { return rigOver(tb, newStore(tb), awsapi.Options{}) }

func rigOver(tb testing.TB, store sqs.Store, options awsapi.Options) rig {
	tb.Helper()
	server := awsapitest.Serve(tb, awsapi.NewHandler(options, sqs.New(store).API()))
	return rig{
		Client:   awssqs.NewFromConfig(awsapitest.Config(server.URL, server.Client())),
		endpoint: server.URL,
		http:     server.Client(),
	}
}

// An answer is what both protocols tell.
type answer struct {
	Status  int
	Code    string
	Message string
	Body    string
}

// json sends a request in the JSON protocol. The code is the one in the header.
func (r rig) json(tb testing.TB, action, body string) answer {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, r.endpoint, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	a, header := r.do(tb, req)
	if a.Status != http.StatusOK {
		a.Code, _, _ = strings.Cut(header.Get("X-Amzn-Query-Error"), ";")
		var e struct{ Message string }
		if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
			tb.Fatalf("%s: %v", a.Body, err)
		}
		a.Message = e.Message
	}
	return a
}

// form sends a request in the query protocol to the URL of a queue, or to the
// endpoint itself where queue is "".
func (r rig) form(tb testing.TB, queue, action string, fields ...string) answer {
	tb.Helper()
	values := url.Values{"Action": {action}, "Version": {"2012-11-05"}}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	to := r.endpoint
	if queue != "" {
		to = *r.URL(queue)
	}
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, to, strings.NewReader(values.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, header := r.do(tb, req)
	a.Body = strings.ReplaceAll(a.Body, header.Get("X-Amzn-Requestid"), "ID")
	if a.Status != http.StatusOK {
		var e struct {
			Error struct{ Code, Message string }
		}
		if err := xml.Unmarshal([]byte(a.Body), &e); err != nil {
			tb.Fatalf("%s: %v", a.Body, err)
		}
		a.Code, a.Message = e.Error.Code, e.Error.Message
	}
	return a
}

func (r rig) do(tb testing.TB, req *http.Request) (answer, http.Header) {
	tb.Helper()
	resp, err := r.http.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer{Status: resp.StatusCode, Body: string(body)}, resp.Header
}
