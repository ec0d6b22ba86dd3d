package lambdaapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
)

func TestAFunctionIsInvokedByAnyOfItsNames(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	r.run = func(_ context.Context, function string, payload []byte) (lambda.Result, error) {
		return lambda.Result{Payload: fmt.Appendf(nil, "%q", function+string(payload))}, nil
	}
	for _, name := range []string{
		chargeName, chargeName + ":$LATEST", "function:" + chargeName,
		"000000000000:function:" + chargeName, "123456789012:function:" + chargeName + ":$LATEST",
		chargeARN, chargeARN + ":$LATEST", "arn:aws:lambda:us-east-1:123456789012:function:" + chargeName,
		chargeID, chargeID + ":$LATEST",
	} {
		out, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: &name, Payload: []byte("1")})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(out.Payload) != `"`+chargeID+`1"` || out.StatusCode != 200 || *out.ExecutedVersion != "$LATEST" || out.FunctionError != nil || out.LogResult != nil {
			t.Errorf("%s: %s %+v", name, out.Payload, out)
		}
	}
	out, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String(chargeName), Qualifier: aws.String("$LATEST")})
	if err != nil || string(out.Payload) != `"`+chargeID+`{}"` {
		t.Errorf("without a payload: %s, %v", out.Payload, err)
	}
}

func TestRefusedInvocations(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	r.run = func(context.Context, string, []byte) (lambda.Result, error) {
		t.Error("the function runs")
		return lambda.Result{}, nil
	}
	charge := aws.String(chargeName)
	for name, tt := range map[string]struct {
		in   awslambda.InvokeInput
		want failure
	}{
		"unknown name": {
			awslambda.InvokeInput{FunctionName: aws.String("nobody")},
			failure{404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nobody"},
		},
		"unknown identity": {
			awslambda.InvokeInput{FunctionName: aws.String("topics/order_placed/nobody")},
			failure{404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:topics/order_placed/nobody"},
		},
		"another version": {
			awslambda.InvokeInput{FunctionName: charge, Qualifier: aws.String("7")},
			failure{404, "ResourceNotFoundException", "Function not found: " + chargeARN + ":7"},
		},
		"an alias in the name": {
			awslambda.InvokeInput{FunctionName: aws.String(chargeID + ":prod")},
			failure{404, "ResourceNotFoundException", "Function not found: " + chargeARN + ":prod"},
		},
		"two qualifiers": {
			awslambda.InvokeInput{FunctionName: aws.String(chargeName + ":prod"), Qualifier: aws.String("$LATEST")},
			failure{400, "InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier."},
		},
		"a payload that is not JSON": {
			awslambda.InvokeInput{FunctionName: charge, Payload: []byte("{")},
			failure{400, "InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json: unexpected end of JSON input"},
		},
		"a payload that is not UTF-8": {
			awslambda.InvokeInput{FunctionName: charge, Payload: []byte("\"\xff\"")},
			failure{400, "InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json: it is not valid UTF-8"},
		},
		"too much": {
			awslambda.InvokeInput{FunctionName: charge, Payload: jsonOf(6<<20 + 1)},
			failure{413, "RequestEntityTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
		},
		"too much for an event": {
			awslambda.InvokeInput{FunctionName: charge, InvocationType: types.InvocationTypeEvent, Payload: jsonOf(1<<20 + 1)},
			failure{413, "RequestEntityTooLargeException", "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"},
		},
		"a client context that is not Base64": {
			awslambda.InvokeInput{FunctionName: charge, ClientContext: aws.String("{}")},
			failure{400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."},
		},
		"a client context that is not an object": {
			awslambda.InvokeInput{FunctionName: charge, ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte("[1]")))},
			failure{400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."},
		},
		"no such type of invocation": {
			awslambda.InvokeInput{FunctionName: charge, InvocationType: "Later"},
			failure{400, "ValidationException", "1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"},
		},
		"no such type of log": {
			awslambda.InvokeInput{FunctionName: charge, LogType: "All"},
			failure{400, "ValidationException", "1 validation error detected: Value 'All' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail]"},
		},
		"a function that is not built": {
			awslambda.InvokeInput{FunctionName: aws.String("shop-order_placed-refund")},
			failure{409, "ResourceConflictException", "The operation cannot be performed at this time. The function is currently in the following state: Pending"},
		},
		"a tenant": {
			awslambda.InvokeInput{FunctionName: charge, TenantId: aws.String("x")},
			failure{501, "NotImplemented", "Less does not implement functions with tenants."},
		},
		"a durable execution": {
			awslambda.InvokeInput{FunctionName: charge, DurableExecutionName: aws.String("x")},
			failure{501, "NotImplemented", "Less does not implement durable executions of functions."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Client.Invoke(t.Context(), &tt.in)
			if diff := cmp.Diff(tt.want, failed(t, err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	if len(r.events) != 0 {
		t.Errorf("events were accepted: %+v", r.events)
	}
}

func jsonOf(size int) []byte {
	return fmt.Appendf(nil, "%q", bytes.Repeat([]byte("x"), size-2))
}

func TestNamesThatNoFunctionCanHave(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	for _, name := range []string{"a b", "a:b:c", "arn:aws:sqs:eu-west-1:000000000000:queue", strings.Repeat("x", 257), "/", "a//", ":$LATEST"} {
		_, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: &name})
		f := failed(t, err)
		if f.Status != 400 && f.Status != 404 || f.Code != "ValidationException" && f.Code != "ResourceNotFoundException" {
			t.Errorf("%q: %+v", name, f)
		}
	}
	_, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("a b")})
	if f := failed(t, err); !strings.HasPrefix(f.Message, "1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:") {
		t.Errorf("%+v", f)
	}
}

func TestErrorsHaveTheMembersOfTheModel(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	for name, want := range map[string]map[string]any{
		"nobody":                   {"Type": "User", "Message": "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody"},
		"shop-order_placed-refund": {"Type": "User", "message": "The operation cannot be performed at this time. The function is currently in the following state: Pending"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+"/2015-03-31/functions/"+name+"/invocations", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, got := r.body(t, req)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, status %s (-want +got):\n%s", name, resp.Status, diff)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+"/2015-03-31/functions/"+chargeName+"/invocations", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Client-Context", "x")
	want := map[string]any{"Type": nil, "message": "Client context must be a valid Base64-encoded JSON object."}
	if _, got := r.body(t, req); !cmp.Equal(want, got) {
		t.Errorf("a bad client context: %v", got)
	}
}

func TestAFunctionsErrorIsAnAnswer(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	r.run = func(context.Context, string, []byte) (lambda.Result, error) {
		return lambda.Result{FunctionError: lambda.Unhandled, Payload: []byte(`{"errorMessage":"no money","errorType":"errorString"}`)}, nil
	}
	out, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String(chargeName)})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 200 || *out.FunctionError != "Unhandled" || string(out.Payload) != `{"errorMessage":"no money","errorType":"errorString"}` {
		t.Errorf("%d %s %s", out.StatusCode, aws.ToString(out.FunctionError), out.Payload)
	}
}

func TestTheEndOfTheLogIsReturnedToWhoAsksForIt(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	r.run = func(ctx context.Context, _ string, payload []byte) (lambda.Result, error) {
		r.logs(ctx, string(payload))
		return lambda.Result{Payload: []byte("1")}, nil
	}
	in := &awslambda.InvokeInput{FunctionName: aws.String(chargeName), LogType: types.LogTypeTail, Payload: []byte(`"hello"`)}
	out, err := r.Client.Invoke(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	log, err := base64.StdEncoding.DecodeString(*out.LogResult)
	if err != nil {
		t.Fatal(err)
	}
	id := requestID(out)
	want := "START RequestId: " + id + " Version: $LATEST\n\"hello\"\nEND RequestId: " + id + "\nREPORT RequestId: " + id + "\t\n"
	if diff := cmp.Diff(want, string(log)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	in.Payload = jsonOf(100_000)
	if out, err = r.Client.Invoke(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	log, err = base64.StdEncoding.DecodeString(*out.LogResult)
	if err != nil || len(log) != 4096 || !strings.HasPrefix(string(log), "xxxx") || !strings.HasSuffix(string(log), "\t\n") {
		t.Errorf("%d bytes of a long log, %v", len(log), err)
	}
}

// requestID is the request's id as the SDK has it.
func requestID(out *awslambda.InvokeOutput) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	return id
}

func TestTheCallersFactsReachTheFunction(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	var id, object string
	r.run = func(ctx context.Context, _ string, _ []byte) (lambda.Result, error) {
		id, object = lambda.RequestIDFrom(ctx), lambda.ClientContextFrom(ctx)
		return lambda.Result{Payload: []byte("1")}, nil
	}
	out, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{
		FunctionName:  aws.String(chargeName),
		ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte("{\n\t\"custom\": {\"a\": \"b\x7f\"}\n}"))),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := requestID(out); id != want || id == "" || object != `{"custom":{"a":"b\u007f"}}` {
		t.Errorf("request %s, want %s; client context %s", id, want, object)
	}
}

func TestADryRunRunsNothing(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	r.run = func(context.Context, string, []byte) (lambda.Result, error) {
		t.Error("the function runs")
		return lambda.Result{}, nil
	}
	out, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String(chargeName), InvocationType: types.InvocationTypeDryRun})
	if err != nil || out.StatusCode != 204 || len(out.Payload) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAnEventIsAcceptedOnceItIsInTheQueue(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	in := &awslambda.InvokeInput{FunctionName: aws.String(chargeName), InvocationType: types.InvocationTypeEvent, Payload: jsonOf(1 << 20)}
	out, err := r.Client.Invoke(t.Context(), in)
	if err != nil || out.StatusCode != 202 || len(out.Payload) != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if len(r.events) != 1 {
		t.Fatalf("%d events", len(r.events))
	}
	e := r.events[0]
	if e.Function != chargeID || e.ID != requestID(out) || !bytes.Equal(e.Payload, in.Payload) {
		t.Errorf("event %s for %s with %d bytes, want request %s and what was sent", e.ID, e.Function, len(e.Payload), requestID(out))
	}
	// One that is not built yet will be.
	in.FunctionName = aws.String("shop-order_placed-refund")
	if out, err := r.Client.Invoke(t.Context(), in); err != nil || out.StatusCode != 202 {
		t.Errorf("for a function that is not built: %+v, %v", out, err)
	}
	r.refuse = errors.New("disk on fire")
	_, err = r.Client.Invoke(t.Context(), in)
	if f := failed(t, err); f.Status != 500 || strings.Contains(f.Message, "disk") {
		t.Errorf("when the disk fails: %+v", f)
	}
}

func TestWhatTheHostCannotDo(t *testing.T) {
	var told []string
	r := newRig(t, awsapi.Options{Failed: func(err error) { told = append(told, err.Error()) }})
	stopping := failure{503, "ServiceUnavailable", "The engine is stopping."}
	for name, tt := range map[string]struct {
		err  error
		want failure
	}{
		"removed meanwhile": {fmt.Errorf("invoke: %w", lambda.ErrNoFunction), failure{404, "ResourceNotFoundException", "Function not found: " + chargeARN}},
		"stopping":          {fmt.Errorf("invoke: %w", lambda.ErrStopped), stopping},
		"a request's end":   {fmt.Errorf("invoke: %w", context.Canceled), stopping},
		"out of time":       {fmt.Errorf("invoke: %w", context.DeadlineExceeded), stopping},
		"a broken binary":   {errors.New("exec format error"), failure{500, "ServiceException", "The engine failed; its log says why."}},
	} {
		r.run = func(context.Context, string, []byte) (lambda.Result, error) { return lambda.Result{}, tt.err }
		_, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String(chargeName)})
		if diff := cmp.Diff(tt.want, failed(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "exec format error") {
		t.Errorf("the engine was told %q, want the broken binary alone", told)
	}
}

func TestAThousandInvocationsAtATimeAreTheLimit(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	started, goOn := make(chan struct{}), make(chan struct{})
	r.run = func(context.Context, string, []byte) (lambda.Result, error) {
		started <- struct{}{}
		<-goOn
		return lambda.Result{Payload: []byte("1")}, nil
	}
	var running sync.WaitGroup
	for range 1000 {
		running.Go(func() {
			// Without a connection each, which would take more files than a process may open.
			if _, err := r.service.Invoke(t.Context(), &lambdaapi.InvokeInput{Reference: lambdaapi.Reference{FunctionName: chargeName}}); err != nil {
				t.Error(err)
			}
		})
	}
	for range 1000 {
		<-started
	}
	_, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String(chargeName)})
	throttled, ok := errors.AsType[*types.TooManyRequestsException](err)
	if !ok || *throttled.Message != "Rate Exceeded." || throttled.Reason != types.ThrottleReasonConcurrentInvocationLimitExceeded || *throttled.Type != "User" {
		t.Errorf("error %v", err)
	}
	close(goOn)
	running.Wait()
}
