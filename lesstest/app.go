package lesstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/eventbridge"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/wiring"
)

// An App is a whole application that runs in the test's own process: its routes
// behind the HTTP API, its subscribers behind queues, with the retries, visibility
// timeouts and dead letters of AWS. Only the processes and the network are left out.
//
// Time is virtual, as in [synctest.Test]: three minutes of visibility timeout
// pass at once when nothing else is left to do.
type App struct {
	t         *testing.T
	plan      plan.Plan
	functions map[string]less.Function
	store     *queue.Store
	sns       *sns.Service
	apis      map[string]*gateway.Gateway // by name
	mappings  []*mapping.Mapping

	mu   sync.Mutex
	runs []Run
}

// A Run is one attempt of a subscriber at one message.
type Run struct {
	// Function is the subscriber's identity.
	Function  string
	MessageID string
	// Attempt is the message's receive count: 1 the first time.
	Attempt int
	// Failed says that the message will be received again, or has moved to the
	// dead-letter queue.
	Failed bool
	// Time is the virtual time at which the attempt had ended.
	Time time.Time
}

// A DeadLetter is a message that its subscriber has failed MaxReceives times.
type DeadLetter struct {
	// Function is the identity of the subscriber.
	Function  string
	MessageID string
	Body      json.RawMessage
	// Attempts is how often it was received.
	Attempts int
}

// A Response is what a route answered.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// RunApp runs a in memory and in virtual time, and test on it. What is not done
// when test returns is given up.
//
//	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
//		app.Call("POST", "/orders", order)
//		app.Settle()
//		...
//	})
func RunApp(t *testing.T, a less.App, test func(t *testing.T, app *App)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		app := start(t, a)
		defer app.stop()
		test(t, app)
	})
}

func start(t *testing.T, a less.App) *App {
	t.Helper()
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatalf("open the queues: %v", err)
	}
	topics, err := sns.New(t.Context(), store, sns.Options{})
	if err != nil {
		t.Fatalf("start SNS: %v", err)
	}
	app := &App{
		t: t, store: store,
		plan:      plan.New(model(a), flow.Flow{}, plan.Options{}),
		functions: map[string]less.Function{},
		sns:       topics,
		apis:      map[string]*gateway.Gateway{},
	}
	for _, f := range a.Functions {
		app.functions[f.ID()] = f
	}
	if err := store.Ensure(t.Context(), wiring.Queues(app.plan)...); err != nil {
		t.Fatalf("create the queues: %v", err)
	}
	app.sns.SetTopics(wiring.Topics(app.plan))
	invoker := invoker{app}
	for _, api := range app.plan.APIs {
		app.apis[api.Name] = gateway.New(gateway.Options{API: api, Invoker: invoker})
	}
	for _, s := range app.plan.Subscriptions() {
		m := mapping.New(mapping.Options{Topic: s.Topic, Subscription: s, Store: store, Invoker: invoker, Sink: app.record})
		m.Start()
		app.mappings = append(app.mappings, m)
	}
	return app
}

// RunCron runs the cron of that name once, as if its schedule were due, and returns
// what it failed with. Schedules do not come due by themselves here: they never would be at
// an end.
func (app *App) RunCron(name string) error {
	app.t.Helper()
	payload := eventbridge.Event("arn:aws:events:us-east-1:000000000000:rule/"+name, time.Now())
	result, err := invoker{app}.Invoke(app.t.Context(), "crons/"+name, payload)
	if errors.Is(err, lambda.ErrNoFunction) {
		app.t.Fatalf("the application has no cron %s", name)
	}
	if err != nil || result.FunctionError == "" {
		return err
	}
	var failed struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(result.Payload, &failed); err != nil {
		return err
	}
	return errors.New(failed.Message)
}

func (app *App) stop() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // a test that is over waits for nothing
	for _, m := range app.mappings {
		m.Stop(ctx) //nolint:errcheck // it says that something was given up, which is the point
	}
	app.sns.Close(ctx) //nolint:errcheck // likewise
	if err := app.store.Close(); err != nil {
		app.t.Errorf("close the queues: %v", err)
	}
}

// record keeps what became of each message.
func (app *App) record(e activity.Event) {
	switch e.Kind {
	case activity.Done, activity.Retry:
		app.mu.Lock()
		defer app.mu.Unlock()
		app.runs = append(app.runs, Run{
			Function: e.Function, MessageID: e.MessageID, Attempt: e.Attempt,
			Failed: e.Kind == activity.Retry, Time: e.Time,
		})
	case activity.Notice:
		app.t.Log(e.Line)
	}
}

// Call sends a request to the application's one API, with body as JSON; a
// []byte, a string or an io.Reader goes as it is, nil is no body. An application
// of several APIs uses [App.CallAPI].
func (app *App) Call(method, path string, body any) Response {
	app.t.Helper()
	if len(app.plan.APIs) != 1 {
		app.t.Fatalf("the application has %d APIs: say which one with CallAPI", len(app.plan.APIs))
	}
	return app.CallAPI(app.plan.APIs[0].Name, method, path, body)
}

// CallAPI is [App.Call] for the API of the given folder name.
func (app *App) CallAPI(api, method, path string, body any) Response {
	app.t.Helper()
	g := app.apis[api]
	if g == nil {
		app.t.Fatalf("the application has no API %q", api)
	}
	r := httptest.NewRequestWithContext(app.t.Context(), method, path, app.reader(body))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return Response{Status: w.Code, Header: w.Result().Header, Body: w.Body.Bytes()}
}

func (app *App) reader(body any) io.Reader {
	app.t.Helper()
	switch b := body.(type) {
	case nil:
		return http.NoBody
	case io.Reader:
		return b
	case []byte:
		return bytes.NewReader(b)
	case string:
		return strings.NewReader(b)
	}
	data, err := json.Marshal(body)
	if err != nil {
		app.t.Fatalf("encode the request: %v", err)
	}
	return bytes.NewReader(data)
}

// Decode reads the response's JSON body into v, and ends the test where it cannot.
func (r Response) Decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		t.Fatalf("the response is not the JSON of a %T: %v\n%s", v, err, r.Body)
	}
}

// Publish publishes m to topic from outside, as an event that nothing caused.
func Publish[M any](app *App, topic less.Topic[M], m M, opts ...less.PublishOption) {
	app.t.Helper()
	if err := topic.Publish(app.context(app.t.Context(), ""), m, opts...); err != nil {
		app.t.Fatal(err)
	}
}

// PublishExternal publishes m, as JSON, to a topic of another application that this one
// subscribes to, as that application would.
//
//	app.PublishExternal("chat", "message_sent", map[string]string{"text": "hello"})
func (app *App) PublishExternal(from, topic string, m any, opts ...less.PublishOption) {
	app.t.Helper()
	i := slices.IndexFunc(app.plan.External, func(t plan.ExternalTopic) bool { return t.App == from && t.Name == topic })
	if i < 0 {
		app.t.Fatalf("the application has no subscriber of the topic %s of %s", topic, from)
	}
	ctx := event.WithCloud(app.context(app.t.Context(), ""), foreignCloud{localCloud{app, ""}, app.plan.External[i].Resource})
	if err := less.NewTopic[any](topic).Publish(ctx, m, opts...); err != nil {
		app.t.Fatal(err)
	}
}

// maxSettle is longer than a message can live in a queue.
const maxSettle = plan.Retention + 24*time.Hour

// Settle waits, in virtual time, until every queue is empty: each message has
// been handled or stands in a dead-letter queue.
func (app *App) Settle() {
	app.t.Helper()
	for began := time.Now(); time.Since(began) < maxSettle; time.Sleep(time.Second) {
		synctest.Wait()
		if app.waiting() == 0 {
			return
		}
	}
	app.t.Fatalf("%d messages are still waiting after %v", app.waiting(), maxSettle)
}

// waiting counts the messages in all queues but the dead-letter queues.
func (app *App) waiting() int {
	app.t.Helper()
	n := 0
	for _, s := range app.plan.Subscriptions() {
		stats, err := app.store.Stats(app.t.Context(), s.Queue.Name)
		if err != nil {
			app.t.Fatal(err)
		}
		n += stats.Visible + stats.InFlight + stats.Delayed
	}
	return n
}

// Runs returns every attempt of every subscriber so far, by time and, where that
// is the same, by identity.
func (app *App) Runs() []Run {
	app.mu.Lock()
	defer app.mu.Unlock()
	runs := slices.Clone(app.runs)
	slices.SortStableFunc(runs, func(a, b Run) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Function, b.Function))
	})
	return runs
}

// DeadLetters returns what stands in the dead-letter queues, by subscriber.
func (app *App) DeadLetters() []DeadLetter {
	app.t.Helper()
	var out []DeadLetter
	for _, s := range app.plan.Subscriptions() {
		messages, err := app.store.Peek(app.t.Context(), s.DeadLetter.Name, maxPeek)
		if err != nil {
			app.t.Fatal(err)
		}
		for _, m := range messages {
			out = append(out, DeadLetter{Function: s.Function, MessageID: m.ID, Body: m.Body, Attempts: m.Receives})
		}
	}
	return out
}

// maxPeek is more dead letters than a test will make.
const maxPeek = 10_000

// Decode reads the message into v, and ends the test where it cannot.
func (d DeadLetter) Decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(d.Body, v); err != nil {
		t.Fatalf("the message is not the JSON of a %T: %v\n%s", v, err, d.Body)
	}
}
