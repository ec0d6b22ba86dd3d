package lambdaapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/policy"
)

func TestWhatThereIsToKnowAboutAFunction(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	out, err := r.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String(chargeID)})
	if err != nil {
		t.Fatal(err)
	}
	architecture := types.Architecture(runtime.GOARCH)
	if runtime.GOARCH == "amd64" {
		architecture = types.ArchitectureX8664
	}
	want := &types.FunctionConfiguration{
		FunctionName: aws.String(chargeName), FunctionArn: aws.String(chargeARN), Version: aws.String("$LATEST"),
		Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"), PackageType: types.PackageTypeZip,
		Role:     aws.String("arn:aws:iam::000000000000:role/" + chargeName),
		CodeSize: 4, CodeSha256: aws.String("VpTQii5T/8rgwxA+Wtb2B2q9lg6x+KVldwQLwQKPcCs="), Description: aws.String(""),
		Timeout: aws.Int32(30), MemorySize: aws.Int32(256), LastModified: aws.String("2026-01-02T03:04:05.006+0000"),
		Environment:   &types.EnvironmentResponse{Variables: map[string]string{"A": "b"}},
		TracingConfig: &types.TracingConfigResponse{Mode: types.TracingModePassThrough},
		State:         types.StateActive, LastUpdateStatus: types.LastUpdateStatusSuccessful,
		Architectures: []types.Architecture{architecture}, EphemeralStorage: &types.EphemeralStorage{Size: aws.Int32(512)},
		SnapStart:     &types.SnapStartResponse{ApplyOn: types.SnapStartApplyOnNone, OptimizationStatus: types.SnapStartOptimizationStatusOff},
		LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatText, LogGroup: aws.String("/aws/lambda/" + chargeName)},
	}
	ignore := []cmp.Option{cmpopts.IgnoreUnexported(types.FunctionConfiguration{}, types.EnvironmentResponse{}, types.TracingConfigResponse{},
		types.EphemeralStorage{}, types.SnapStartResponse{}, types.LoggingConfig{}), cmpopts.IgnoreFields(types.FunctionConfiguration{}, "RevisionId")}
	if diff := cmp.Diff(want, out.Configuration, ignore...); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(*out.Code.Location, "file:///") || !strings.HasSuffix(*out.Code.Location, "/bootstrap") || *out.Code.RepositoryType != "S3" {
		t.Errorf("code %+v", out.Code)
	}
	c, err := r.GetFunctionConfiguration(t.Context(), &awslambda.GetFunctionConfigurationInput{FunctionName: aws.String(chargeARN), Qualifier: aws.String("$LATEST")})
	if err != nil || *c.FunctionArn != chargeARN+":$LATEST" || *c.RevisionId != *out.Configuration.RevisionId {
		t.Errorf("qualified: %+v, %v", c, err)
	}
}

func TestAFunctionWithoutABinaryIsPending(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	c, err := r.GetFunctionConfiguration(t.Context(), &awslambda.GetFunctionConfigurationInput{FunctionName: aws.String("topics/order_placed/refund")})
	if err != nil || c.State != types.StatePending || c.StateReasonCode != types.StateReasonCodeCreating || c.CodeSize != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestUnknownFunctionsAreTheModeledError(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	_, err := r.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("nobody")})
	missing, ok := errors.AsType[*types.ResourceNotFoundException](err)
	if !ok || *missing.Type != "User" || *missing.Message != "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nobody" {
		t.Errorf("GetFunction: %v", err)
	}
	if _, err := r.GetFunctionConcurrency(t.Context(), &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String("nobody")}); failed(t, err).Status != 404 {
		t.Errorf("GetFunctionConcurrency: %v", err)
	}
	if _, err := r.ListTags(t.Context(), &awslambda.ListTagsInput{Resource: aws.String(strings.Replace(chargeARN, "charge", "nobody", 1))}); failed(t, err).Status != 404 {
		t.Errorf("ListTags: %v", err)
	}
}

func TestConcurrencyAndTagsAreNone(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	concurrency, err := r.GetFunctionConcurrency(t.Context(), &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String(chargeName)})
	if err != nil || concurrency.ReservedConcurrentExecutions != nil {
		t.Errorf("%+v, %v", concurrency, err)
	}
	tags, err := r.ListTags(t.Context(), &awslambda.ListTagsInput{Resource: aws.String(chargeARN)})
	if err != nil || tags.Tags == nil || len(tags.Tags) != 0 {
		t.Errorf("%+v, %v", tags, err)
	}
}

func TestAMappingHasNoTags(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	const mappings = "arn:aws:lambda:eu-west-1:000000000000:event-source-mapping:"
	tags, err := r.ListTags(t.Context(), &awslambda.ListTagsInput{Resource: aws.String(mappings + plannedID)})
	if err != nil || tags.Tags == nil || len(tags.Tags) != 0 {
		t.Errorf("%+v, %v", tags, err)
	}
	_, err = r.ListTags(t.Context(), &awslambda.ListTagsInput{Resource: aws.String(mappings + "none")})
	if got, want := failed(t, err), (failure{404, "ResourceNotFoundException", "The resource you requested does not exist."}); got != want {
		t.Errorf("of a mapping that is not there: %+v, want %+v", got, want)
	}
}

func TestFunctionsAreListedInPages(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	var list []lambdaapi.Function
	for i := range 120 {
		list = append(list, lambdaapi.Function{ID: fmt.Sprintf("topics/t/f%03d", i), Name: fmt.Sprintf("f%03d", i)})
	}
	slices.Reverse(list)
	r.service.SetFunctions(list)
	for _, tt := range []struct {
		items *int32
		sizes []int
	}{
		{nil, []int{50, 50, 20}},
		{aws.Int32(10_000), []int{50, 50, 20}},
		{aws.Int32(40), []int{40, 40, 40}},
	} {
		var names []string
		var sizes []int
		pages := awslambda.NewListFunctionsPaginator(r.Client, &awslambda.ListFunctionsInput{MaxItems: tt.items})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(page.Functions))
			for _, f := range page.Functions {
				names = append(names, *f.FunctionName)
			}
		}
		if !cmp.Equal(tt.sizes, sizes) || !slices.IsSorted(names) || len(slices.Compact(names)) != 120 {
			t.Errorf("pages of %v, names %v", sizes, names)
		}
	}
	all, err := r.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{FunctionVersion: types.FunctionVersionAll, MaxItems: aws.Int32(1)})
	if err != nil || *all.Functions[0].FunctionArn != "arn:aws:lambda:eu-west-1:000000000000:function:f000:$LATEST" {
		t.Errorf("all versions: %+v, %v", all, err)
	}
	for _, in := range []*awslambda.ListFunctionsInput{{MaxItems: aws.Int32(0)}, {MaxItems: aws.Int32(10_001)}, {Marker: aws.String("?")}, {FunctionVersion: "SOME"}} {
		if _, err := r.ListFunctions(t.Context(), in); failed(t, err).Status != 400 {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// denyInvoke allows everything but to invoke.
type denyInvoke struct{ asked string }

func (d *denyInvoke) Decide(p awsapi.Principal, action, resource string) policy.Decision {
	d.asked = action + " " + resource
	return policy.Decision{Allowed: action != "lambda:InvokeFunction"}
}

func TestInvokingNeedsThePermissionInvokeFunctionOnTheFunctionsARN(t *testing.T) {
	d := &denyInvoke{}
	r := newRig(t, awsapi.Options{Authorizer: d})
	_, err := r.Client.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("000000000000:function:" + chargeName + ":$LATEST")})
	want := failure{403, "AccessDeniedException", "User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:InvokeFunction on resource: " +
		chargeARN + " because no identity-based policy allows the lambda:InvokeFunction action"}
	if diff := cmp.Diff(want, failed(t, err)); diff != "" || d.asked != "lambda:InvokeFunction "+chargeARN {
		t.Errorf("asked %s (-want +got):\n%s", d.asked, diff)
	}
	if _, err := r.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String(chargeName)}); err != nil || d.asked != "lambda:GetFunction "+chargeARN {
		t.Errorf("asked %s, %v", d.asked, err)
	}
}

func TestOtherActionsAreNotImplemented(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	_, err := r.PublishVersion(t.Context(), &awslambda.PublishVersionInput{FunctionName: aws.String(chargeName)})
	if f := failed(t, err); f.Status != 501 || f.Code != "NotImplemented" || !strings.Contains(f.Message, "POST /2015-03-31/functions/"+chargeName+"/versions of the service lambda") {
		t.Errorf("%+v", f)
	}
}

// FuzzFunctionName checks that any name gets an answer that blames the caller,
// or the function.
func FuzzFunctionName(f *testing.F) {
	f.Add(chargeName, "$LATEST")
	f.Add(chargeARN+":7", "")
	f.Add(chargeID+":$LATEST", "prod")
	f.Add("000000000000:function:a", "a b")
	service := lambdaapi.New(lambdaapi.Options{Host: &rig{run: echo}})
	service.SetFunctions([]lambdaapi.Function{{ID: chargeID, Name: chargeName, Binary: "/none", Timeout: time.Second}})
	h := awsapi.NewHandler(awsapi.Options{}, service.API())
	f.Fuzz(func(t *testing.T, name, qualifier string) {
		path := "/2015-03-31/functions/" + pathEscape(name) + "/invocations?Qualifier=" + pathEscape(qualifier)
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "http://localhost"+path, strings.NewReader("1"))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK:
			if w.Body.String() != "1" || !strings.Contains(name, chargeName) && !strings.HasPrefix(name, chargeID) {
				t.Errorf("%q is answered %s", name, w.Body)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusNotImplemented:
			if !json.Valid(w.Body.Bytes()) && w.Code != http.StatusNotImplemented {
				t.Errorf("%q: %s", name, w.Body)
			}
		default:
			t.Errorf("%q: status %d", name, w.Code)
		}
	})
}

// pathEscape escapes every byte.
func pathEscape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
