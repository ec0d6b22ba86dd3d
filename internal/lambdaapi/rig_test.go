package lambdaapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/bundle"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	chargeID   = "topics/order_placed/charge"
	chargeName = "shop-order_placed-charge"
	chargeARN  = "arn:aws:lambda:eu-west-1:000000000000:function:" + chargeName
)

// A rig is Lambda over a fake host and queue, behind HTTP, and the SDK's client for it.
type rig struct {
	*awslambda.Client
	service  *lambdaapi.Service
	endpoint string
	http     *http.Client

	sources  sources
	deployer deployer

	mu     sync.Mutex
	events []async.Event
	refuse error // what the queue says
	run    func(ctx context.Context, function string, payload []byte) (lambda.Result, error)
}

// Invoke is the host's.
func (r *rig) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	return r.run(ctx, function, payload)
}

// Enqueue is the queue's.
func (r *rig) Enqueue(_ context.Context, e async.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	return r.refuse
}

// echo returns the payload.
func echo(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
	return lambda.Result{Payload: payload}, nil
}

// newRig has the function charge, which echoes, and refund, which is not built yet.
func newRig(t *testing.T, options awsapi.Options) *rig {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(binary, []byte("code"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(binary, time.Time{}, time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)); err != nil {
		t.Fatal(err)
	}
	r := &rig{run: echo}
	code, err := bundle.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.deployer = deployer{code: code, functions: []lambdaapi.Function{
		{ID: chargeID, Name: chargeName, Binary: binary, Timeout: 30 * time.Second, MemoryMB: 256, Env: map[string]string{"A": "b"}},
		{ID: "topics/order_placed/refund", Name: "shop-order_placed-refund", Timeout: 3 * time.Second, MemoryMB: 128},
	}}
	r.service = lambdaapi.New(lambdaapi.Options{Host: r, Queue: r, Sources: &r.sources, Deployer: &r.deployer, Objects: objects{}, Roles: roles{}})
	r.deployer.service = r.service
	r.service.SetFunctions(r.deployer.functions)
	server := awsapitest.Serve(t, awsapi.NewHandler(options, r.service.API()))
	r.endpoint, r.http = server.URL, server.Client()
	r.Client = awslambda.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
	return r
}

// logs has the host tell of an invocation as lambda.Host does.
func (r *rig) logs(ctx context.Context, lines ...string) {
	id := lambda.RequestIDFrom(ctx)
	r.service.Watch(activity.Event{Kind: activity.Start, RequestID: id, Line: "START RequestId: " + id + " Version: $LATEST"})
	for _, line := range lines {
		r.service.Watch(activity.Event{Kind: activity.Log, RequestID: id, Line: line})
		r.service.Watch(activity.Event{Kind: activity.Log, RequestID: "another", Line: "not this one's"})
	}
	r.service.Watch(activity.Event{Kind: activity.End, RequestID: id, Line: "END RequestId: " + id + "\nREPORT RequestId: " + id + "\t"})
}

// A failure is an error as the SDK understands it.
type failure struct {
	Status        int
	Code, Message string
}

func failed(t *testing.T, err error) failure {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	f := failure{Code: api.ErrorCode(), Message: api.ErrorMessage()}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		f.Status = response.HTTPStatusCode()
	}
	return f
}

// body returns the JSON object that a request is answered with.
func (r *rig) body(t *testing.T, req *http.Request) (*http.Response, map[string]any) {
	t.Helper()
	resp, err := r.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var object map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&object); err != nil {
		t.Fatalf("status %s: %v", resp.Status, err)
	}
	return resp, object
}
