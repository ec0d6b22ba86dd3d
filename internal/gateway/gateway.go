// Package gateway is API Gateway's HTTP API: it turns a request into an event of
// payload 2.0, has the route's function run on it, and turns what the function
// answers into a response, with the statuses, bodies and limits of AWS.
//
// A client that goes away ends nothing: the function runs to its end, as it does
// on AWS, and so it does when a request has waited longer than AWS lets it.
package gateway

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

// AWS's limits.
const (
	// IntegrationTimeout is how long a request waits for its function, where nothing
	// else is said.
	IntegrationTimeout = 30 * time.Second
	// maxHeader is of the request line and the values of all headers.
	maxHeader = 10_240
	maxBody   = 10 << 20
	// maxEvent is Lambda's limit on what a function is called with. It is what
	// a large body meets first, above all as base64.
	maxEvent = 6 << 20
)

// An Invoker runs a function once. An error means that it was not run;
// a function that failed is told by the result.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error)
}

// Options are what a gateway works with.
type Options struct {
	API     plan.API
	Invoker Invoker
	// Sink is told of every request once its answer is known, before the client
	// has it. It may be nil.
	Sink activity.Sink
}

// A Gateway serves one API. It answers whatever host it is asked for; use
// [NewServer] to serve it.
type Gateway struct {
	api     string
	invoker Invoker
	sink    activity.Sink
	served  atomic.Pointer[served]
	running sync.WaitGroup
}

// served is what requests are answered by, and does not change.
type served struct {
	routes  routes
	stage   Stage
	buckets *buckets
}

// New returns the gateway of opts.API.
func New(opts Options) *Gateway {
	g := &Gateway{api: opts.API.Name, invoker: opts.Invoker, sink: opts.Sink}
	if g.sink == nil {
		g.sink = func(activity.Event) {}
	}
	g.Set(opts.API)
	return g
}

// Set replaces the routes. Each request is answered by the routes before or by
// those after, and one that is already with its function is left alone.
func (g *Gateway) Set(api plan.API) { g.SetStage(api, Stage{CORS: api.CORS}) }

// SetStage replaces the routes and the stage they are served in. A route's method may
// be ANY, and $default without a path is for what no other route takes.
func (g *Gateway) SetStage(api plan.API, stage Stage) {
	g.served.Store(&served{newRoutes(api), stage, newBuckets(stage)})
}

// Wait returns when every invocation has come back, those included that no
// client waits for any more. Call it when no request can arrive.
func (g *Gateway) Wait() { g.running.Wait() }

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := g.served.Load()
	req := request{Request: r, id: newRequestID(), time: time.Now(), api: g.api, path: rawPath(r), stage: now.stage}
	// The path as it was sent, which hides nothing from the terminal it is shown on.
	e := activity.Event{Kind: activity.Request, Method: r.Method, Path: r.URL.EscapedPath()}
	answer := g.answer(w, req, now, &e)
	if policy := now.stage.CORS; policy != nil && !cors.IsPreflight(r) {
		// Also on answers of the gateway's own, which was not seen on AWS.
		policy.Apply(answer.header, r.Header.Get("Origin"))
	}

	answer.header.Set("Apigw-Requestid", req.id)
	e.Time = time.Now()
	e.Duration = e.Time.Sub(req.time)
	e.Status = answer.status
	e.CorrelationID = answer.header.Get("X-Correlation-Id")
	g.sink(e)
	answer.write(w)
}

// answer returns what the client gets, and notes in e what only it knows.
func (g *Gateway) answer(w http.ResponseWriter, r request, now *served, e *activity.Event) response {
	if headerSize(r.Request) > maxHeader {
		e.Err = fmt.Sprintf("the request line and the headers are longer than %d bytes", maxHeader)
		return headersTooLarge()
	}
	if now.stage.CORS != nil && cors.IsPreflight(r.Request) { // also where there is a route for it
		return response{status: http.StatusNoContent, header: now.stage.CORS.Preflight(r.Header.Get("Origin"))}
	}
	var found bool
	if r.route, r.parameters, found = now.routes.match(r.Method, r.path); !found {
		return notFound()
	}
	e.Function = r.route.Function
	if !now.buckets.take(r.route.key, r.time) {
		e.Err = fmt.Sprintf("the route takes %g requests a second", now.stage.Rate)
		return tooMany()
	}

	var err error
	r.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		e.Err = fmt.Sprintf("the body is longer than %d bytes", maxBody)
		return tooLarge()
	} else if err != nil {
		e.Err = "read the body: " + err.Error()
		return badRequest()
	}
	r.trace = cmp.Or(r.Header.Get("X-Amzn-Trace-Id"), newTrace(r.time))
	payload := r.event()
	if len(payload) > maxEvent {
		e.Err = fmt.Sprintf("the event is longer than the %d bytes that Lambda takes", maxEvent)
		return tooLarge()
	}

	if now.stage.Refuse != nil {
		if err := now.stage.Refuse(r.route.Route); err != nil {
			e.Err = err.Error()
			return internalError()
		}
	}
	result, err := g.invoke(lambda.WithTrace(r.Context(), r.trace), r.route.Function, payload, now.stage.timeout(r.route.Route))
	e.RequestID = result.RequestID
	if err != nil {
		// Throttled and stopping functions alike: whether AWS says 500 or 503
		// to a throttled one was not seen.
		e.Err = err.Error()
		return unavailable()
	}
	if result.FunctionError != "" {
		e.Err = result.Message()
		return internalError()
	}
	answer, err := parseResponse(result.Payload)
	if err != nil {
		e.Err = "the function's answer is not a response: " + err.Error()
		return internalError()
	}
	return answer
}

// invoke runs the function to its end, but waits no longer than its route does.
func (g *Gateway) invoke(ctx context.Context, function string, payload []byte, timeout time.Duration) (lambda.Result, error) {
	type outcome struct {
		result lambda.Result
		err    error
	}
	ended := make(chan outcome, 1)
	g.running.Go(func() {
		result, err := g.invoker.Invoke(context.WithoutCancel(ctx), function, payload)
		ended <- outcome{result, err}
	})
	patience := time.NewTimer(timeout)
	defer patience.Stop()
	select {
	case o := <-ended:
		return o.result, o.err
	case <-patience.C:
		return lambda.Result{}, fmt.Errorf("the function has not answered within %v; it goes on", timeout)
	}
}

// headerSize is what AWS's limit counts: the request line and the values.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for _, values := range r.Header {
		for _, v := range values {
			size += len(v)
		}
	}
	return size
}

// newRequestID returns an id of the form that API Gateway's have.
func newRequestID() string {
	id := make([]byte, 11)
	rand.Read(id)
	return base64.StdEncoding.EncodeToString(id)
}

// newTrace returns a trace header of the form that X-Ray's have.
func newTrace(now time.Time) string {
	id := make([]byte, 12)
	rand.Read(id)
	return fmt.Sprintf("Root=1-%08x-%s", now.Unix(), hex.EncodeToString(id))
}
