package cwlogs_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
)

// found pages through all that FilterLogEvents finds, and returns its lines and
// how many were on each page.
func found(t *testing.T, c *cloudwatchlogs.Client, in *cloudwatchlogs.FilterLogEventsInput) (lines []string, pages []int) {
	t.Helper()
	if in.LogGroupName == nil && in.LogGroupIdentifier == nil {
		in.LogGroupName = aws.String(chargeGroup)
	}
	ids := map[string]bool{}
	for p := cloudwatchlogs.NewFilterLogEventsPaginator(c, in); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			line, ended := strings.CutSuffix(*e.Message, "\n")
			if !ended || !regexp.MustCompile(`^\d{56}$`).MatchString(*e.EventId) || ids[*e.EventId] || *e.IngestionTime != *e.Timestamp {
				t.Errorf("event %+v", e)
			}
			ids[*e.EventId] = true
			lines = append(lines, line)
		}
		pages = append(pages, len(page.Events))
	}
	return lines, pages
}

func TestLinesAreShownAsLambdaWritesThem(t *testing.T) {
	var log []byte
	for _, e := range []activity.Event{
		{Time: noon, Kind: activity.Start, RequestID: "r", Line: "START RequestId: r Version: $LATEST"},
		{Time: noon.Add(time.Millisecond), Kind: activity.Log, RequestID: "r", Line: `{"level":"INFO","msg":"<paid>"}`},
		{Time: noon.Add(2 * time.Millisecond), Kind: activity.End, RequestID: "r", Line: "END RequestId: r\nREPORT RequestId: r\tDuration: 1.00 ms\t"},
	} {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		log = append(append(log, line...), '\n')
	}
	c := client(t, string(log)+`{"time":"2026-01-02T12:00:01Z","kind":"lo`) // killed while it wrote
	out, err := c.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(chargeGroup)})
	if err != nil {
		t.Fatal(err)
	}
	ms := noon.UnixMilli()
	var got []types.OutputLogEvent
	for _, e := range out.Events {
		if *e.LogStreamName != dayStream(0) {
			t.Errorf("stream %s", *e.LogStreamName)
		}
		got = append(got, types.OutputLogEvent{Message: e.Message, Timestamp: e.Timestamp, IngestionTime: e.IngestionTime})
	}
	want := []types.OutputLogEvent{
		{Message: aws.String("START RequestId: r Version: $LATEST\n"), Timestamp: aws.Int64(ms)},
		{Message: aws.String(`{"level":"INFO","msg":"<paid>"}` + "\n"), Timestamp: aws.Int64(ms + 1)},
		{Message: aws.String("END RequestId: r\n"), Timestamp: aws.Int64(ms + 2)},
		{Message: aws.String("REPORT RequestId: r\tDuration: 1.00 ms\t\n"), Timestamp: aws.Int64(ms + 2)},
	}
	for i := range want {
		want[i].IngestionTime = want[i].Timestamp
	}
	equal := cmp.Comparer(func(a, b types.OutputLogEvent) bool {
		return *a.Message == *b.Message && *a.Timestamp == *b.Timestamp && *a.IngestionTime == *b.IngestionTime
	})
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Errorf("FilterLogEvents (-want +got):\n%s", diff)
	}
	events, err := c.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(chargeGroup), LogStreamName: aws.String(dayStream(0))})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, events.Events, equal); diff != "" {
		t.Errorf("GetLogEvents (-want +got):\n%s", diff)
	}
	if out.SearchedLogStreams == nil || len(out.SearchedLogStreams) != 0 {
		t.Errorf("searched streams %v, want an empty list", out.SearchedLogStreams)
	}
}

func TestFilteringByTimeStreamAndPattern(t *testing.T) {
	lines := numbered(6) // two in the older file, and two on each of two days
	c := client(t, said(noon, time.Second, lines[:2]...), said(noon.Add(2*time.Second), time.Second, lines[2:4]...)+said(noon.AddDate(0, 0, 1), time.Second, lines[4:]...))
	ms := noon.UnixMilli()
	for name, tt := range map[string]struct {
		in   cloudwatchlogs.FilterLogEventsInput
		want []string
	}{
		"all":              {cloudwatchlogs.FilterLogEventsInput{}, lines},
		"by ARN":           {cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: aws.String(groupARN)}, lines},
		"by name":          {cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: aws.String(chargeGroup)}, lines},
		"start":            {cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(ms + 1000)}, lines[1:]},
		"just after start": {cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(ms + 1001)}, lines[2:]},
		"end":              {cloudwatchlogs.FilterLogEventsInput{EndTime: aws.Int64(ms + 1000)}, lines[:2]},
		"just before end":  {cloudwatchlogs.FilterLogEventsInput{EndTime: aws.Int64(ms + 999)}, lines[:1]},
		"start and end":    {cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(ms + 1000), EndTime: aws.Int64(ms + 2000)}, lines[1:3]},
		"stream":           {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{dayStream(1)}}, lines[4:]},
		"streams":          {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{dayStream(1), dayStream(0)}}, lines},
		"prefix":           {cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("2026/01/02")}, lines[:4]},
		"month":            {cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("2026/01")}, lines},
		"another prefix":   {cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("2025")}, nil},
		"pattern":          {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String(`?"line 1" ?"line 5"`)}, []string{lines[1], lines[5]}},
		"end of the line":  {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String(`%3$%`)}, lines[3:4]},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := found(t, c, &tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventsComeInTheOrderOfTimeAndEachOnce(t *testing.T) {
	// Ten at the very same time, some later ones, and one that is late in the file.
	same := said(noon, 0, numbered(10)...)
	c := client(t, same+said(noon.Add(time.Second), 0, "later")+said(noon.Add(-time.Second), 0, "first"))
	want := slices.Concat([]string{"first"}, numbered(10), []string{"later"})
	for _, limit := range []int32{1, 3, 12, 10_000} {
		got, pages := found(t, c, &cloudwatchlogs.FilterLogEventsInput{Limit: &limit})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
		if pages[0] != min(int(limit), 12) {
			t.Errorf("limit %d: pages of %v", limit, pages)
		}
	}
}

func TestAPageHasAtMostAMegabyte(t *testing.T) {
	long := strings.Repeat("x", 256<<10)
	c := client(t, said(noon, time.Second, long, long, long, long, long))
	got, pages := found(t, c, &cloudwatchlogs.FilterLogEventsInput{})
	if len(got) != 5 || !cmp.Equal([]int{3, 2}, pages) {
		t.Errorf("pages of %v", pages)
	}
	out, err := c.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(chargeGroup), LogStreamName: aws.String(dayStream(0))})
	if err != nil || len(out.Events) != 3 {
		t.Errorf("GetLogEvents: %d events, %v", len(out.Events), err)
	}
}

// A reader calls GetLogEvents on the first day's stream.
type reader struct {
	t *testing.T
	c *cloudwatchlogs.Client
}

func (r reader) read(in cloudwatchlogs.GetLogEventsInput) (lines []string, forward, backward string) {
	r.t.Helper()
	in.LogGroupName, in.LogStreamName = aws.String(chargeGroup), aws.String(dayStream(0))
	out, err := r.c.GetLogEvents(r.t.Context(), &in)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range out.Events {
		lines = append(lines, strings.TrimSuffix(*e.Message, "\n"))
	}
	token := regexp.MustCompile(`^[fb]/\d{56}/s$`)
	if !token.MatchString(*out.NextForwardToken) || !token.MatchString(*out.NextBackwardToken) {
		r.t.Errorf("tokens %s, %s", *out.NextForwardToken, *out.NextBackwardToken)
	}
	return lines, *out.NextForwardToken, *out.NextBackwardToken
}

func TestAStreamIsReadForwardsFromItsHead(t *testing.T) {
	lines := numbered(5)
	r := reader{t, client(t, said(noon, 0, lines...))}
	got, forward, _ := r.read(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true), Limit: aws.Int32(2)})
	for _, want := range [][]string{lines[:2], lines[2:4], lines[4:]} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
		got, forward, _ = r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &forward, StartFromHead: aws.Bool(true), Limit: aws.Int32(2)})
	}
	end := forward
	got, forward, backward := r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &end, StartFromHead: aws.Bool(true)})
	if len(got) != 0 || forward != end {
		t.Errorf("at the end: %v, the token %s became %s", got, end, forward)
	}
	if got, _, _ = r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &backward, Limit: aws.Int32(2)}); !cmp.Equal(lines[3:], got) {
		t.Errorf("back from the end: %v", got)
	}
}

func TestAStreamIsReadBackwardsFromItsTail(t *testing.T) {
	lines := numbered(5)
	r := reader{t, client(t, said(noon, 0, lines...))}
	got, forward, backward := r.read(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2)})
	if after, same, _ := r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &forward}); len(after) != 0 || same != forward {
		t.Errorf("after the tail: %v, %s became %s", after, forward, same)
	}
	for _, want := range [][]string{lines[3:], lines[1:3], lines[:1]} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
		got, _, backward = r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &backward, Limit: aws.Int32(2)})
	}
	head := backward
	got, forward, backward = r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &head})
	if len(got) != 0 || backward != head {
		t.Errorf("at the head: %v, the token %s became %s", got, head, backward)
	}
	if got, _, _ = r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &forward, Limit: aws.Int32(2)}); !cmp.Equal(lines[:2], got) {
		t.Errorf("on from the head: %v", got)
	}
}

func TestAForwardTokenFindsWhatIsWrittenLater(t *testing.T) {
	source := files{chargeID: {said(noon, time.Second, "one")}}
	r := reader{t, clientOf(t, source, function)}
	_, forward, _ := r.read(cloudwatchlogs.GetLogEventsInput{})
	source[chargeID] = []string{source[chargeID][0], said(noon.Add(time.Second), 0, "two")} // and set aside
	if got, _, _ := r.read(cloudwatchlogs.GetLogEventsInput{NextToken: &forward}); !cmp.Equal([]string{"two"}, got) {
		t.Errorf("%v", got)
	}
	// So does one from a range that had nothing.
	in := cloudwatchlogs.GetLogEventsInput{StartTime: aws.Int64(noon.Add(2 * time.Second).UnixMilli()), StartFromHead: aws.Bool(true)}
	got, forward, _ := r.read(in)
	if len(got) != 0 {
		t.Errorf("%v", got)
	}
	source[chargeID] = append(source[chargeID], said(noon.Add(3*time.Second), 0, "three"))
	in.NextToken = &forward
	if got, _, _ := r.read(in); !cmp.Equal([]string{"three"}, got) {
		t.Errorf("%v", got)
	}
}

func TestTheEndOfARangeIsExcludedInAStream(t *testing.T) {
	r := reader{t, client(t, said(noon, time.Second, numbered(4)...))}
	got, _, _ := r.read(cloudwatchlogs.GetLogEventsInput{StartTime: aws.Int64(noon.UnixMilli() + 1000), EndTime: aws.Int64(noon.UnixMilli() + 3000)})
	if !cmp.Equal([]string{"line 1", "line 2"}, got) {
		t.Errorf("%v", got)
	}
}
