package lambdaapi_test

import (
	"context"
	"fmt"
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
	"github.com/less-go/less/internal/queue"
)

// sources are mappings that run nowhere, and the queues jobs, fast and orders.fifo.
// There is one mapping of the plan.
type sources struct{ mappings []lambdaapi.Mapping }

const plannedID = "00000000-0000-0000-0000-000000000000"

func (s *sources) Queue(name string) (queue.Info, bool) {
	visibility, found := map[string]time.Duration{"jobs": 3 * time.Minute, "fast": time.Second, "orders.fifo": time.Minute}[name]
	return queue.Info{Spec: queue.Spec{Name: name, Visibility: visibility, FIFO: strings.HasSuffix(name, ".fifo")}}, found
}

func (s *sources) Mappings() []lambdaapi.Mapping {
	planned := lambdaapi.Mapping{ID: plannedID, Function: chargeID, Queue: "planned", BatchSize: 10, ReportFailures: true, Planned: true}
	all := append([]lambdaapi.Mapping{planned}, s.mappings...)
	slices.SortFunc(all, func(a, b lambdaapi.Mapping) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (s *sources) SetMapping(ctx context.Context, m lambdaapi.Mapping) error {
	_ = s.DeleteMapping(ctx, m.ID)
	s.mappings = append(s.mappings, m)
	return nil
}

func (s *sources) DeleteMapping(_ context.Context, id string) error {
	s.mappings = slices.DeleteFunc(s.mappings, func(m lambdaapi.Mapping) bool { return m.ID == id })
	return nil
}

const jobsARN = "arn:aws:sqs:eu-west-1:000000000000:jobs"

func TestAMappingsLife(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	created, err := r.CreateEventSourceMapping(t.Context(), &awslambda.CreateEventSourceMappingInput{
		EventSourceArn: aws.String(jobsARN), FunctionName: aws.String(chargeName), BatchSize: aws.Int32(100), MaximumBatchingWindowInSeconds: aws.Int32(5),
		FunctionResponseTypes: []types.FunctionResponseType{"ReportBatchItemFailures"}, ScalingConfig: &types.ScalingConfig{MaximumConcurrency: aws.Int32(2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if *created.State != "Creating" || *created.FunctionArn != chargeARN || time.Since(*created.LastModified) > time.Minute {
		t.Errorf("created %+v", created)
	}
	got, err := r.GetEventSourceMapping(t.Context(), &awslambda.GetEventSourceMappingInput{UUID: created.UUID})
	if err != nil {
		t.Fatal(err)
	}
	if *got.State != "Enabled" || *got.EventSourceArn != jobsARN || *got.BatchSize != 100 || *got.MaximumBatchingWindowInSeconds != 5 ||
		len(got.FunctionResponseTypes) != 1 || *got.ScalingConfig.MaximumConcurrency != 2 {
		t.Errorf("got %+v", got)
	}
	if _, err := r.UpdateEventSourceMapping(t.Context(), &awslambda.UpdateEventSourceMappingInput{
		UUID: created.UUID, Enabled: aws.Bool(false), BatchSize: aws.Int32(1), FunctionResponseTypes: []types.FunctionResponseType{},
	}); err != nil {
		t.Fatal(err)
	}
	if m := r.sources.mappings[0]; !m.Disabled || m.BatchSize != 1 || m.ReportFailures || m.Window != 5*time.Second || m.Concurrency != 2 {
		t.Errorf("updated to %+v", m)
	}
	deleted, err := r.DeleteEventSourceMapping(t.Context(), &awslambda.DeleteEventSourceMappingInput{UUID: created.UUID})
	if err != nil || *deleted.State != "Deleting" || len(r.sources.mappings) != 0 {
		t.Errorf("deleted %+v (%v)", deleted, err)
	}
	_, err = r.GetEventSourceMapping(t.Context(), &awslambda.GetEventSourceMappingInput{UUID: created.UUID})
	if want := (failure{404, "ResourceNotFoundException", "The resource you requested does not exist."}); failed(t, err) != want {
		t.Errorf("error %+v, want %+v", failed(t, err), want)
	}
}

func TestMappingsAreListedByQueueAndFunction(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	for _, m := range []lambdaapi.Mapping{{ID: "a", Function: chargeID, Queue: "jobs"}, {ID: "b", Function: "topics/order_placed/refund", Queue: "jobs"}} {
		if err := r.sources.SetMapping(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	list := func(in *awslambda.ListEventSourceMappingsInput) (ids []string, next *string) {
		t.Helper()
		out, err := r.ListEventSourceMappings(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.EventSourceMappings {
			ids = append(ids, *m.UUID)
		}
		return ids, out.NextMarker
	}
	check := func(got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("mappings (-want +got):\n%s", diff)
		}
	}
	all, _ := list(&awslambda.ListEventSourceMappingsInput{})
	check(all, plannedID, "a", "b")
	ofQueue, _ := list(&awslambda.ListEventSourceMappingsInput{EventSourceArn: aws.String(jobsARN)})
	check(ofQueue, "a", "b")
	ofFunction, _ := list(&awslambda.ListEventSourceMappingsInput{FunctionName: aws.String(chargeName)})
	check(ofFunction, plannedID, "a")
	first, marker := list(&awslambda.ListEventSourceMappingsInput{MaxItems: aws.Int32(2)})
	check(first, plannedID, "a")
	rest, marker := list(&awslambda.ListEventSourceMappingsInput{MaxItems: aws.Int32(2), Marker: marker})
	check(rest, "b")
	if marker != nil {
		t.Errorf("after the last mapping there is a marker %q", *marker)
	}
}

func TestNumbersOutOfTheirRange(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	create := func(change func(*awslambda.CreateEventSourceMappingInput)) error {
		in := &awslambda.CreateEventSourceMappingInput{EventSourceArn: aws.String(jobsARN), FunctionName: aws.String(chargeName)}
		change(in)
		_, err := r.CreateEventSourceMapping(t.Context(), in)
		return err
	}
	batchSize := func(n int32) error {
		return create(func(in *awslambda.CreateEventSourceMappingInput) { in.BatchSize = &n })
	}
	window := func(n int32) error {
		return create(func(in *awslambda.CreateEventSourceMappingInput) { in.MaximumBatchingWindowInSeconds = &n })
	}
	concurrency := func(n int32) error {
		return create(func(in *awslambda.CreateEventSourceMappingInput) {
			in.ScalingConfig = &types.ScalingConfig{MaximumConcurrency: &n}
		})
	}
	mappings := func(n int32) error {
		_, err := r.ListEventSourceMappings(t.Context(), &awslambda.ListEventSourceMappingsInput{MaxItems: &n})
		return err
	}
	functions := func(n int32) error {
		_, err := r.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{MaxItems: &n})
		return err
	}
	for _, tt := range []struct {
		call  func(int32) error
		n     int32
		where string
		must  string
	}{
		{batchSize, 0, "batchSize", "greater than or equal to 1"},
		{batchSize, 10_001, "batchSize", "less than or equal to 10000"},
		{window, -1, "maximumBatchingWindowInSeconds", "greater than or equal to 0"},
		{window, 301, "maximumBatchingWindowInSeconds", "less than or equal to 300"},
		{concurrency, 1, "scalingConfig.maximumConcurrency", "greater than or equal to 2"},
		{concurrency, 1001, "scalingConfig.maximumConcurrency", "less than or equal to 1000"},
		{mappings, 0, "maxItems", "greater than or equal to 1"},
		{mappings, 10_001, "maxItems", "less than or equal to 10000"},
		{functions, 0, "maxItems", "greater than or equal to 1"},
		{functions, 10_001, "maxItems", "less than or equal to 10000"},
	} {
		want := failure{
			400, "ValidationException",
			fmt.Sprintf("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value %s", tt.n, tt.where, tt.must),
		}
		if got := failed(t, tt.call(tt.n)); got != want {
			t.Errorf("error %+v\nwant  %+v", got, want)
		}
	}
}

func TestAQueueHasOneMappingToAFunction(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	const refundID = "topics/order_placed/refund"
	for _, m := range []lambdaapi.Mapping{{ID: "a", Function: chargeID, Queue: "jobs", BatchSize: 10}, {ID: "b", Function: refundID, Queue: "jobs", BatchSize: 10}} {
		if err := r.sources.SetMapping(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := failure{
		409, "ResourceConflictException", `An event source mapping with SQS arn (" ` + jobsARN + ` ") and function (" ` + chargeName +
			` ") already exists. Please update or delete the existing mapping with UUID a`,
	}
	_, err := r.CreateEventSourceMapping(t.Context(), &awslambda.CreateEventSourceMappingInput{EventSourceArn: aws.String(jobsARN), FunctionName: aws.String(chargeName)})
	if got := failed(t, err); got != want {
		t.Errorf("a second one is made: %+v\nwant %+v", got, want)
	}
	_, err = r.UpdateEventSourceMapping(t.Context(), &awslambda.UpdateEventSourceMappingInput{UUID: aws.String("b"), FunctionName: aws.String(chargeName)})
	if got := failed(t, err); got != want {
		t.Errorf("another one becomes the second: %+v\nwant %+v", got, want)
	}
	if _, err := r.UpdateEventSourceMapping(t.Context(), &awslambda.UpdateEventSourceMappingInput{UUID: aws.String("a"), FunctionName: aws.String(chargeName)}); err != nil {
		t.Errorf("the first one keeps its function: %v", err)
	}
}

func TestMappingsThatAreRefused(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	create := func(queue string, change func(*awslambda.CreateEventSourceMappingInput)) failure {
		t.Helper()
		in := &awslambda.CreateEventSourceMappingInput{
			EventSourceArn: aws.String("arn:aws:sqs:eu-west-1:000000000000:" + queue), FunctionName: aws.String(chargeName),
		}
		if change != nil {
			change(in)
		}
		_, err := r.CreateEventSourceMapping(t.Context(), in)
		return failed(t, err)
	}
	for _, test := range []struct {
		got  failure
		want failure
	}{
		{create("none", nil), failure{400, "InvalidParameterValueException", "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist for this wsdl version."}},
		{create("fast", nil), failure{400, "InvalidParameterValueException", "Queue visibility timeout: 1 seconds is less than Function timeout: 30 seconds"}},
		{create("jobs", func(in *awslambda.CreateEventSourceMappingInput) { in.BatchSize = aws.Int32(11) }), failure{400, "InvalidParameterValueException", "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"}},
		{create("orders.fifo", func(in *awslambda.CreateEventSourceMappingInput) {
			in.BatchSize, in.MaximumBatchingWindowInSeconds = aws.Int32(11), aws.Int32(1)
		}), failure{400, "InvalidParameterValueException", "Batch size must not be greater than 10 for a FIFO queue."}},
		{create("jobs", func(in *awslambda.CreateEventSourceMappingInput) { in.FunctionName = aws.String("nobody") }), failure{404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nobody"}},
		{create("jobs", func(in *awslambda.CreateEventSourceMappingInput) {
			in.FilterCriteria = &types.FilterCriteria{Filters: []types.Filter{{Pattern: aws.String("{}")}}}
		}), failure{501, "NotImplemented", "Less does not implement FilterCriteria of an event source mapping."}},
		{create("jobs", func(in *awslambda.CreateEventSourceMappingInput) { in.Tags = map[string]string{"team": "a"} }), failure{501, "NotImplemented", "Less does not implement Tags of an event source mapping."}},
	} {
		if test.got != test.want {
			t.Errorf("error %+v\nwant  %+v", test.got, test.want)
		}
	}
	if len(r.sources.mappings) != 0 {
		t.Errorf("there are mappings: %+v", r.sources.mappings)
	}
	_, err := r.DeleteEventSourceMapping(t.Context(), &awslambda.DeleteEventSourceMappingInput{UUID: aws.String(plannedID)})
	if got := failed(t, err); got.Code != "InvalidParameterValueException" || !strings.Contains(got.Message, "less/"+chargeID) {
		t.Errorf("the plan's mapping: %+v", got)
	}
}
