package lambdaapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambda"
)

// Lambda's limits.
const (
	maxPayload = lambda.MaxPayload
	maxEvent   = 1 << 20
	// maxUpload is the longest request that brings a function's code.
	maxUpload = 70_167_211
	// maxRunning is how many synchronous invocations run or wait at a time: the
	// quota that an AWS account begins with.
	maxRunning = 1000
	// maxClientContext is the longest client context, in Base64.
	maxClientContext = 3583
)

// The types of invocation.
const (
	typeSync  = "RequestResponse"
	typeAsync = "Event"
	typeDry   = "DryRun"
)

// The types of log.
const (
	logNone = "None"
	logTail = "Tail"
)

// InvokeInput is the input of Invoke.
type InvokeInput struct {
	Reference
	InvocationType string `json:"-" rest:"header=X-Amz-Invocation-Type"`
	LogType        string `json:"-" rest:"header=X-Amz-Log-Type"`
	// ClientContext is Base64 of a JSON object, for the function.
	ClientContext        string `json:"-" rest:"header=X-Amz-Client-Context"`
	DurableExecutionName string `json:"-" rest:"header=X-Amz-Durable-Execution-Name"`
	TenantID             string `json:"-" rest:"header=X-Amz-Tenant-Id"`
	Payload              []byte `json:"-" rest:"payload"`
}

// InvokeOutput is the output of Invoke.
type InvokeOutput struct {
	StatusCode      int    `json:"-" rest:"status"`
	FunctionError   string `json:"-" rest:"header=X-Amz-Function-Error"`
	LogResult       string `json:"-" rest:"header=X-Amz-Log-Result"`
	ExecutedVersion string `json:"-" rest:"header=X-Amz-Executed-Version"`
	Payload         []byte `json:"-" rest:"payload"`
}

// Invoke runs a function, now or later. The id of the request is that of the
// invocation, in the function's log and at each attempt.
func (s *Service) Invoke(ctx context.Context, in *InvokeInput) (*InvokeOutput, error) {
	f, _, err := s.find(ctx, in.Reference)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.InvocationType == typeDry {
		return &InvokeOutput{StatusCode: http.StatusNoContent}, nil
	}
	payload, err := in.payload()
	if err != nil {
		return nil, err
	}
	if in.InvocationType == typeAsync {
		req := awsapi.RequestFrom(ctx)
		e := async.Event{Function: f.ID, ID: req.ID, Payload: payload, TraceHeader: req.TraceHeader}
		if err := s.queue.Enqueue(ctx, e); err != nil {
			return nil, err
		}
		return &InvokeOutput{StatusCode: http.StatusAccepted}, nil
	}
	return s.invoke(ctx, f, in, payload)
}

func (s *Service) invoke(ctx context.Context, f *Function, in *InvokeInput, payload []byte) (*InvokeOutput, error) {
	if f.Binary == "" {
		return nil, pending()
	}
	object, err := clientContext(in.ClientContext)
	if err != nil {
		return nil, err
	}
	defer s.running.Add(-1)
	if s.running.Add(1) > maxRunning {
		return nil, throttled()
	}
	req := awsapi.RequestFrom(ctx)
	ctx = lambda.WithClientContext(lambda.WithTrace(lambda.WithRequestID(ctx, req.ID), req.TraceHeader), object)
	var log *tail
	if in.LogType == logTail {
		log = s.tails.open(req.ID)
		defer s.tails.close(req.ID)
	}
	result, err := s.host.Invoke(ctx, f.ID, payload)
	switch {
	case errors.Is(err, lambda.ErrNoFunction):
		return nil, notFound(arn(req.Region, f.Name))
	case err != nil:
		return nil, broken(err)
	}
	return &InvokeOutput{
		StatusCode:      http.StatusOK,
		FunctionError:   result.FunctionError,
		LogResult:       log.base64(),
		ExecutedVersion: latest,
		Payload:         result.Payload,
	}, nil
}

// check refuses what the service's model forbids, and what is not done here.
func (in *InvokeInput) check() error {
	switch in.InvocationType {
	case "", typeSync, typeAsync, typeDry:
	default:
		return invalidMember(in.InvocationType, "invocationType", "Member must satisfy enum value set: [Event, RequestResponse, DryRun]")
	}
	switch in.LogType {
	case "", logNone, logTail:
	default:
		return invalidMember(in.LogType, "logType", "Member must satisfy enum value set: [None, Tail]")
	}
	switch {
	case in.DurableExecutionName != "":
		return awsapi.NotImplemented("durable executions of functions")
	case in.TenantID != "":
		return awsapi.NotImplemented("functions with tenants")
	}
	return nil
}

// payload returns what the function is given: an empty object where there is nothing.
func (in *InvokeInput) payload() ([]byte, error) {
	switch size := len(in.Payload); {
	case in.InvocationType == typeAsync && size > maxEvent:
		return nil, eventTooLarge(size)
	case size > maxPayload:
		return nil, requestTooLarge("Invoke")
	case len(bytes.TrimSpace(in.Payload)) == 0:
		return []byte("{}"), nil
	case !utf8.Valid(in.Payload):
		return nil, unreadable("it is not valid UTF-8")
	}
	if json.Valid(in.Payload) {
		return in.Payload, nil
	}
	var any json.RawMessage
	return nil, unreadable(json.Unmarshal(in.Payload, &any).Error())
}

// unreadable begins as AWS's error does, which ends in the words of its parser.
func unreadable(why string) error {
	return invalidContent("Could not parse request body into json: Could not parse payload into json: %s", why)
}

// clientContext returns the JSON object as a header can carry it: on one line, and
// without DEL, the one control character that JSON has unescaped.
func clientContext(encoded string) (string, error) {
	if encoded == "" {
		return "", nil
	}
	object, err := base64.StdEncoding.DecodeString(encoded)
	var line bytes.Buffer
	if err != nil || len(encoded) > maxClientContext || json.Compact(&line, object) != nil || line.Bytes()[0] != '{' {
		return "", invalidContent("%s", badClientContext)
	}
	return strings.ReplaceAll(line.String(), "\x7f", `\u007f`), nil
}
