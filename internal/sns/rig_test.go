package sns_test

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const orders = "arn:aws:sns:eu-west-1:000000000000:shop-orders"

// A rig is SNS over a store with the queues "raw", "envelope" and "dead", the
// first two of them subscribed to the topic "shop-orders"; and the SDK's client
// for it. The topic "shop-nobody" has no subscriptions.
type rig struct {
	*awssns.Client
	service  *sns.Service
	store    *queue.Store
	endpoint string
	http     *http.Client
	log      *log
}

// A log is what happened.
type log struct{ activitytest.Journal }

// all returns the events so far, without their times.
func (l *log) all() []activity.Event {
	out := l.Events()
	for i := range out {
		out[i].Time = time.Time{}
	}
	return out
}

func shopTopics() []sns.Topic {
	return []sns.Topic{
		{Name: "shop-orders", Label: "orders", Subscriptions: []sns.Subscription{
			{Queue: "raw", Raw: true, DeadLetter: "dead"},
			{Queue: "envelope"},
		}},
		{Name: "shop-nobody"},
	}
}

func newRig(tb testing.TB) rig { return rigWith(tb, awsapi.Options{}) }

func rigWith(tb testing.TB, options awsapi.Options) rig {
	tb.Helper()
	r := serve(tb, openStore(tb, ":memory:"), options, sns.Options{})
	r.service.SetTopics(shopTopics())
	return r
}

// openStore opens a store with the rig's queues.
func openStore(tb testing.TB, path string) *queue.Store {
	tb.Helper()
	store, err := queue.Open(tb.Context(), path, queue.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	for _, name := range []string{"raw", "envelope", "dead"} {
		if err := store.Ensure(tb.Context(), queue.Spec{Name: name, Visibility: 30 * time.Second, Retention: time.Hour}); err != nil {
			tb.Fatal(err)
		}
	}
	return store
}

// start starts SNS without topics over store.
func start(tb testing.TB, store sns.Store, options sns.Options) (*sns.Service, *log) {
	tb.Helper()
	l := &log{}
	options.Sink = l.Record
	service, err := sns.New(tb.Context(), store, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := service.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return service, l
}

// serve starts SNS without topics behind a server.
func serve(tb testing.TB, store *queue.Store, options awsapi.Options, more sns.Options) rig {
	tb.Helper()
	service, l := start(tb, store, more)
	server := awsapitest.Serve(tb, awsapi.NewHandler(options, service.API()))
	return rig{newClient(server), service, store, server.URL, server.Client(), l}
}

func newClient(server *httptest.Server) *awssns.Client {
	return awssns.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
}

// peek returns the messages of a queue.
func (r rig) peek(t *testing.T, name string) []queue.Message {
	t.Helper()
	messages, err := r.store.Peek(t.Context(), name, 100)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// An answer is what the query protocol tells.
type answer struct {
	Status  int
	Code    string
	Message string
	Body    string
}

// form sends a request in the query protocol, without a signature.
func (r rig) form(t *testing.T, action string, fields ...string) answer {
	t.Helper()
	values := url.Values{"Action": {action}, "Version": {"2010-03-31"}}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Amzn-Trace-Id", "Root=1-2-3")
	resp, err := r.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode, Body: strings.ReplaceAll(string(body), resp.Header.Get("X-Amzn-Requestid"), "ID")}
	if a.Status != http.StatusOK {
		var e struct {
			Error struct{ Code, Message string }
		}
		if err := xml.Unmarshal(body, &e); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		a.Code, a.Message = e.Error.Code, e.Error.Message
	}
	return a
}
