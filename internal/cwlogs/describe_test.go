package cwlogs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cwlogs"
)

var function = cwlogs.Function{ID: chargeID, Name: chargeName}

func TestAGroupForEachFunction(t *testing.T) {
	log := said(noon, time.Second, "one", "two")
	c := clientOf(t, files{chargeID: {log}}, function, cwlogs.Function{ID: "apis/shop/get", Name: "shop-api-shop-get"})
	out, err := c.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.LogGroups) != 2 || *out.LogGroups[0].LogGroupName != "/aws/lambda/shop-api-shop-get" || *out.LogGroups[0].StoredBytes != 0 {
		t.Fatalf("groups %+v", out.LogGroups)
	}
	if age := time.Since(time.UnixMilli(*out.LogGroups[0].CreationTime)); age < 0 || age > time.Minute {
		t.Errorf("a group without a log was made %v ago", age)
	}
	want := types.LogGroup{
		LogGroupName: aws.String(chargeGroup), CreationTime: aws.Int64(noon.UnixMilli()), MetricFilterCount: aws.Int32(0),
		Arn: aws.String(groupARN + ":*"), LogGroupArn: aws.String(groupARN), StoredBytes: aws.Int64(int64(len(log))), LogGroupClass: types.LogGroupClassStandard,
	}
	if diff := cmp.Diff(want, out.LogGroups[1], cmpopts.IgnoreUnexported(types.LogGroup{})); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
}

func TestGroupsAreChosenAndPaged(t *testing.T) {
	var functions []cwlogs.Function
	for i := range 60 {
		functions = append(functions, cwlogs.Function{ID: fmt.Sprintf("topics/t/f%02d", i), Name: fmt.Sprintf("f%02d", i)})
	}
	c := clientOf(t, files{}, functions...)
	for name, tt := range map[string]struct {
		in    cloudwatchlogs.DescribeLogGroupsInput
		pages []int
	}{
		"all":        {cloudwatchlogs.DescribeLogGroupsInput{}, []int{50, 10}},
		"limit":      {cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(30)}, []int{30, 30}},
		"prefix":     {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/f1")}, []int{10}},
		"no prefix":  {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("f1")}, []int{0}},
		"pattern":    {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("da/f2")}, []int{10}},
		"identifier": {cloudwatchlogs.DescribeLogGroupsInput{LogGroupIdentifiers: []string{"/aws/lambda/f01", "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/f02"}}, []int{2}},
		"class":      {cloudwatchlogs.DescribeLogGroupsInput{LogGroupClass: types.LogGroupClassInfrequentAccess}, []int{0}},
	} {
		var pages []int
		seen := map[string]bool{}
		for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(c, &tt.in); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, len(page.LogGroups))
			for _, g := range page.LogGroups {
				if seen[*g.LogGroupName] {
					t.Errorf("%s: %s is told twice", name, *g.LogGroupName)
				}
				seen[*g.LogGroupName] = true
			}
		}
		if diff := cmp.Diff(tt.pages, pages); diff != "" {
			t.Errorf("%s: pages (-want +got):\n%s", name, diff)
		}
	}
}

func TestAStreamForEachDay(t *testing.T) {
	c := client(t, said(noon, 24*time.Hour, "one", "two", "three")+said(noon.Add(time.Hour), 0, "late"))
	out, err := c.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(chargeGroup)})
	if err != nil || len(out.LogStreams) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	first := noon.UnixMilli()
	want := types.LogStream{
		LogStreamName: aws.String(dayStream(0)), Arn: aws.String(groupARN + ":log-stream:" + dayStream(0)),
		CreationTime: &first, FirstEventTimestamp: &first, LastEventTimestamp: aws.Int64(first + time.Hour.Milliseconds()), LastIngestionTime: aws.Int64(first + time.Hour.Milliseconds()),
	}
	if diff := cmp.Diff(want, out.LogStreams[0], cmpopts.IgnoreUnexported(types.LogStream{}), cmpopts.IgnoreFields(types.LogStream{}, "StoredBytes")); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		in   cloudwatchlogs.DescribeLogStreamsInput
		want []int // days
	}{
		"by name":    {cloudwatchlogs.DescribeLogStreamsInput{Limit: aws.Int32(2)}, []int{0, 1, 2}},
		"descending": {cloudwatchlogs.DescribeLogStreamsInput{Limit: aws.Int32(2), Descending: aws.Bool(true)}, []int{2, 1, 0}},
		"by time":    {cloudwatchlogs.DescribeLogStreamsInput{Limit: aws.Int32(1), Descending: aws.Bool(true), OrderBy: types.OrderByLastEventTime}, []int{2, 1, 0}},
		"prefix":     {cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("2026/01/03")}, []int{1}},
	} {
		tt.in.LogGroupIdentifier = aws.String(groupARN + ":*")
		var got, wanted []string
		for p := cloudwatchlogs.NewDescribeLogStreamsPaginator(c, &tt.in); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.LogStreams {
				got = append(got, *s.LogStreamName)
			}
		}
		for _, day := range tt.want {
			wanted = append(wanted, dayStream(day))
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s: streams (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	const (
		noGroup  = "ResourceNotFoundException: The specified log group does not exist."
		noStream = "ResourceNotFoundException: The specified log stream does not exist."
		noToken  = "InvalidParameterException: The specified nextToken is invalid."
		tooLow   = "InvalidParameterException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
	)
	c := client(t, said(noon, 0, "one"))
	group, stream := aws.String(chargeGroup), aws.String(dayStream(0))
	ctx := t.Context()
	filter := func(in *cloudwatchlogs.FilterLogEventsInput) error {
		_, err := c.FilterLogEvents(ctx, in)
		return err
	}
	get := func(in *cloudwatchlogs.GetLogEventsInput) error {
		_, err := c.GetLogEvents(ctx, in)
		return err
	}
	streams := func(in *cloudwatchlogs.DescribeLogStreamsInput) error {
		_, err := c.DescribeLogStreams(ctx, in)
		return err
	}
	groups := func(in *cloudwatchlogs.DescribeLogGroupsInput) error {
		_, err := c.DescribeLogGroups(ctx, in)
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"filter: unknown group":    {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("x")}), noGroup},
		"filter: unknown ARN":      {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: aws.String(groupARN + "x")}), noGroup},
		"filter: no group":         {filter(&cloudwatchlogs.FilterLogEventsInput{}), "InvalidParameterException: Either logGroupName"},
		"filter: two groups":       {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, LogGroupIdentifier: group}), "InvalidParameterException: LogGroupName and"},
		"filter: unknown stream":   {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, LogStreamNames: []string{dayStream(0), dayStream(1)}}), noStream},
		"filter: names and prefix": {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, LogStreamNames: []string{dayStream(0)}, LogStreamNamePrefix: stream}), "InvalidParameterException: logStreamNames and"},
		"filter: 101 streams":      {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, LogStreamNames: make([]string, 101)}), "InvalidParameterException: 1 validation error"},
		"filter: limit 0":          {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, Limit: aws.Int32(0)}), tooLow},
		"filter: limit 10001":      {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, Limit: aws.Int32(10_001)}), "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		"filter: token":            {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, NextToken: aws.String("?")}), noToken},
		"filter: another token":    {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, NextToken: aws.String("eA==")}), noToken},
		"filter: pattern":          {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String("a:b")}), "InvalidParameterException: Invalid character(s) in term ':'"},
		"filter: long pattern":     {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String(strings.Repeat("x", 1025))}), "InvalidParameterException: 1 validation error"},
		"filter: fields":           {filter(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String("[a, b]")}), "NotImplemented: Less does not implement filter patterns of space-delimited fields, in brackets."},
		"get: unknown group":       {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("x"), LogStreamName: stream}), noGroup},
		"get: another day":         {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String(dayStream(1))}), noStream},
		"get: no day":              {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String("x")}), noStream},
		"get: another function":    {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String(dayStream(0) + "0")}), noStream},
		"get: limit 0":             {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, Limit: aws.Int32(0)}), tooLow},
		"get: token":               {get(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, NextToken: aws.String("f/1/s")}), noToken},
		"streams: unknown group":   {streams(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("x")}), noGroup},
		"streams: time, prefix":    {streams(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: stream}), "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix."},
		"streams: order":           {streams(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "Size"}), "InvalidParameterException: 1 validation error detected: Value 'Size' at 'orderBy'"},
		"streams: limit 51":        {streams(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, Limit: aws.Int32(51)}), "InvalidParameterException: 1 validation error detected: Value '51' at 'limit'"},
		"streams: token":           {streams(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, NextToken: aws.String("?")}), noToken},
		"groups: prefix, pattern":  {groups(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group, LogGroupNamePattern: group}), "InvalidParameterException: LogGroup name prefix"},
		"groups: limit 0":          {groups(&cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(0)}), tooLow},
		"groups: token":            {groups(&cloudwatchlogs.DescribeLogGroupsInput{NextToken: aws.String("?")}), noToken},
	} {
		if got := failed(t, tt.err); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestAnErrorOfTheDiskIsTheEngines(t *testing.T) {
	c := client(t, broken)
	_, err := c.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(chargeGroup)})
	if got := failed(t, err); !strings.HasPrefix(got, "InternalError: ") || strings.Contains(got, "fire") {
		t.Errorf("%s", got)
	}
}

func TestALiveTailIsRefusedWithTheReason(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"logGroupIdentifiers":["x"]}`))
	r.Header.Set("X-Amz-Target", "Logs_20140328.StartLiveTail")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	w := httptest.NewRecorder()
	service, err := cwlogs.New(t.Context(), files{}, openStore(t))
	if err != nil {
		t.Fatal(err)
	}
	awsapi.NewHandler(awsapi.Options{}, service.API()).ServeHTTP(w, r)
	if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "Use FilterLogEvents") || w.Header().Get("Content-Type") != "application/x-amz-json-1.1" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
