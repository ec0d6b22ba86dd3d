package cwlogs

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// maxDescribed is how many groups or streams one answer describes.
const maxDescribed = 50

// DescribeLogGroupsInput is the input of DescribeLogGroups.
type DescribeLogGroupsInput struct {
	LogGroupNamePrefix  string   `json:"logGroupNamePrefix"`
	LogGroupNamePattern string   `json:"logGroupNamePattern"` // a part of the name
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	LogGroupClass       string   `json:"logGroupClass"`
	NextToken           string   `json:"nextToken"`
	Limit               *int     `json:"limit"`
}

// Resource returns the ARN of all groups.
func (in *DescribeLogGroupsInput) Resource(region string) string {
	return groupARN(region, "") + ":log-stream:"
}

// DescribeLogGroupsOutput is the output of DescribeLogGroups.
type DescribeLogGroupsOutput struct {
	LogGroups []LogGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

// A LogGroup describes a group.
type LogGroup struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"` // with the streams
	StoredBytes       int64  `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupARN       string `json:"logGroupArn"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
}

// standardClass is the class of every group.
const standardClass = "STANDARD"

// DescribeLogGroups returns the groups in the order of their names.
func (s *Service) DescribeLogGroups(ctx context.Context, in *DescribeLogGroupsInput) (*DescribeLogGroupsOutput, error) {
	limit, err := limitOf(in.Limit, maxDescribed)
	if err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "" {
		return nil, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	after, err := decodeToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &DescribeLogGroupsOutput{LogGroups: []LogGroup{}}
	for _, g := range s.sorted() {
		name := g.name
		if !in.wants(name) || name <= after {
			continue
		}
		if n := len(out.LogGroups); n == limit {
			out.NextToken = encodeToken(out.LogGroups[n-1].LogGroupName)
			break
		}
		described, err := s.describe(ctx, g)
		if err != nil {
			return nil, err
		}
		out.LogGroups = append(out.LogGroups, described)
	}
	return out, nil
}

func (in *DescribeLogGroupsInput) wants(name string) bool {
	if len(in.LogGroupIdentifiers) > 0 && !slices.ContainsFunc(in.LogGroupIdentifiers, func(id string) bool {
		return Reference{LogGroupIdentifier: id}.name() == name
	}) {
		return false
	}
	return strings.HasPrefix(name, in.LogGroupNamePrefix) && strings.Contains(name, in.LogGroupNamePattern) &&
		(in.LogGroupClass == "" || in.LogGroupClass == standardClass)
}

func (s *Service) describe(ctx context.Context, g group) (LogGroup, error) {
	size, err := s.size(g)
	if err != nil {
		return LogGroup{}, err
	}
	created := g.since
	if err := s.records(g, func(at time.Time, _ []byte) {
		if at.Before(created) {
			created = at
		}
	}); err != nil {
		return LogGroup{}, err
	}
	return LogGroup{
		LogGroupName:    g.name,
		CreationTime:    created.UnixMilli(),
		ARN:             g.arn(ctx) + ":*",
		StoredBytes:     size,
		LogGroupClass:   standardClass,
		LogGroupARN:     g.arn(ctx),
		RetentionInDays: g.retention,
	}, nil
}

// DescribeLogStreamsInput is the input of DescribeLogStreams.
type DescribeLogStreamsInput struct {
	Reference
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               *int   `json:"limit"`
}

// DescribeLogStreamsOutput is the output of DescribeLogStreams.
type DescribeLogStreamsOutput struct {
	LogStreams []LogStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

// A LogStream describes a stream.
type LogStream struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp"`
	LastIngestionTime   int64  `json:"lastIngestionTime"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // 0, as on AWS since 2019
}

// The orders of streams, which are the same: a stream's name begins with its day.
const (
	byName = "LogStreamName"
	byTime = "LastEventTime"
)

// DescribeLogStreams returns the streams of a group.
func (s *Service) DescribeLogStreams(ctx context.Context, in *DescribeLogStreamsInput) (*DescribeLogStreamsOutput, error) {
	limit, err := limitOf(in.Limit, maxDescribed)
	if err != nil {
		return nil, err
	}
	switch in.OrderBy {
	case "", byName:
	case byTime:
		if in.LogStreamNamePrefix != "" {
			return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
		}
	default:
		return nil, invalid("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]", in.OrderBy)
	}
	after, err := decodeToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	g, err := s.find(in.Reference)
	if err != nil {
		return nil, err
	}
	streams, err := s.streams(g)
	if err != nil {
		return nil, err
	}
	if in.Descending {
		slices.Reverse(streams)
	}
	out := &DescribeLogStreamsOutput{LogStreams: []LogStream{}}
	for _, st := range streams {
		passed := after != "" && (st.name == after || in.Descending == (st.name > after))
		if passed || !strings.HasPrefix(st.name, in.LogStreamNamePrefix) {
			continue
		}
		if n := len(out.LogStreams); n == limit {
			out.NextToken = encodeToken(out.LogStreams[n-1].LogStreamName)
			break
		}
		out.LogStreams = append(out.LogStreams, LogStream{
			LogStreamName:       st.name,
			CreationTime:        st.first.UnixMilli(),
			FirstEventTimestamp: st.first.UnixMilli(),
			LastEventTimestamp:  st.last.UnixMilli(),
			LastIngestionTime:   st.last.UnixMilli(),
			ARN:                 groupARN(awsapi.RequestFrom(ctx).Region, g.name) + ":log-stream:" + st.name,
		})
	}
	return out, nil
}

// A token says what was told last.
func encodeToken(last string) string { return base64.StdEncoding.EncodeToString([]byte(last)) }

func decodeToken(token string) (string, error) {
	last, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", invalidToken()
	}
	return string(last), nil
}
