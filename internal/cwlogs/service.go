// Package cwlogs is a part of CloudWatch Logs' actions: to read what functions
// have written, with Lambda's START, END and REPORT lines, and to say how long it is
// to be kept.
//
// Each function has a log group, made or not. Its streams are one for each day, because what is
// stored does not say which process wrote a line; on AWS each process has its own.
// Nothing can be written here, and the oldest goes when there is too much.
package cwlogs

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/shelf"
)

// A Source has the logs of functions.
type Source interface {
	// Open returns the files of a function's log, the older first, none where there
	// is no log. Each has an activity event in JSON on each line, in about the order
	// of their times. The caller closes them.
	Open(function string) ([]fs.File, error)
}

// A Function is one that may have a log.
type Function struct {
	// ID is the function's identity, and Name its name on AWS.
	ID, Name string
}

// A Service is CloudWatch Logs. Its methods are its actions; they may be called
// at the same time.
type Service struct {
	source Source
	groups atomic.Pointer[map[string]group] // by name

	mu        sync.Mutex
	functions map[string]group // by name
	made      *shelf.Shelf[made]
}

// A group is a log group: of a function, or one without lines.
type group struct {
	Function
	name      string
	since     time.Time // when the engine has heard of it
	retention int
}

// New returns CloudWatch Logs over source, with the groups that the store keeps and
// without functions.
func New(ctx context.Context, source Source, store shelf.Store) (*Service, error) {
	all, err := shelf.Open[made](ctx, store, "log group")
	if err != nil {
		return nil, err
	}
	s := &Service{source: source, functions: map[string]group{}, made: all}
	s.join()
	return s, nil
}

// SetFunctions replaces all functions. The log of one that is gone is not shown.
func (s *Service) SetFunctions(list []Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[string]group{}
	for _, f := range list {
		g := group{Function: f, name: "/aws/lambda/" + f.Name, since: time.Now()}
		if old, found := s.functions[g.name]; found && old.Function == f {
			g = old
		}
		next[g.name] = g
	}
	s.functions = next
	s.join()
}

// join shows the groups of functions and those that clients have made as one. The
// caller holds s.mu, but for New.
func (s *Service) join() {
	all := maps.Clone(s.functions)
	for _, m := range s.made.All() {
		g := all[m.Name]
		g.name, g.since, g.retention = m.Name, m.Created, m.Retention
		all[m.Name] = g
	}
	s.groups.Store(&all)
}

func (g group) arn(ctx context.Context) string {
	return groupARN(awsapi.RequestFrom(ctx).Region, g.name)
}

func groupARN(region, name string) string { return awsapi.LocalARN("logs", region, "log-group:"+name) }

// sorted returns the groups in the order of their names.
func (s *Service) sorted() []group {
	return slices.SortedFunc(maps.Values(*s.groups.Load()), func(a, b group) int { return strings.Compare(a.name, b.name) })
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:   "logs",
		Target: "Logs_20140328",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "AccessDeniedException", Message: d.Sentence("logs:" + d.Action)}
		},
	}
	awsapi.Register(api, "CreateLogGroup", s.CreateLogGroup)
	awsapi.Register(api, "DeleteLogGroup", s.DeleteLogGroup)
	awsapi.Register(api, "DeleteRetentionPolicy", s.DeleteRetentionPolicy)
	awsapi.Register(api, "DescribeLogGroups", s.DescribeLogGroups)
	awsapi.Register(api, "DescribeLogStreams", s.DescribeLogStreams)
	awsapi.Register(api, "FilterLogEvents", s.FilterLogEvents)
	awsapi.Register(api, "GetLogEvents", s.GetLogEvents)
	awsapi.Register(api, "ListTagsForResource", s.ListTagsForResource)
	awsapi.Register(api, "PutRetentionPolicy", s.PutRetentionPolicy)
	awsapi.Register(api, "StartLiveTail", startLiveTail)
	awsapi.Register(api, "TagResource", s.TagResource)
	awsapi.Register(api, "UntagResource", s.UntagResource)
	return api
}

// startLiveTail says why it cannot be done.
func startLiveTail(context.Context, *struct{}) (*struct{}, error) {
	return nil, awsapi.NotImplemented("the action StartLiveTail of logs: its answer is an event stream from a host with the prefix stream-, " +
		"which a local endpoint cannot have. Use FilterLogEvents, as aws logs tail --follow does")
}

// A Reference is the part of an input that says which log group is meant.
type Reference struct {
	LogGroupName string `json:"logGroupName"`
	// LogGroupIdentifier is the group's name or ARN.
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

// Resource returns the ARN of the group's streams.
func (r Reference) Resource(region string) string {
	return groupARN(region, r.name()) + ":log-stream:"
}

func (r Reference) name() string {
	if r.LogGroupName != "" {
		return r.LogGroupName
	}
	if a, err := awsapi.ParseARN(r.LogGroupIdentifier); err == nil {
		name, _ := strings.CutPrefix(a.Resource, "log-group:")
		return strings.TrimSuffix(name, ":*")
	}
	return r.LogGroupIdentifier
}

// find returns the group that r means.
func (s *Service) find(r Reference) (group, error) {
	// AWS's words for none and for both were not seen.
	switch {
	case r.LogGroupName == "" && r.LogGroupIdentifier == "":
		return group{}, invalid("Either logGroupName or logGroupIdentifier must be specified.")
	case r.LogGroupName != "" && r.LogGroupIdentifier != "":
		return group{}, invalid("LogGroupName and LogGroupIdentifier cannot be specified together.")
	}
	g, found := (*s.groups.Load())[r.name()]
	if !found {
		return group{}, awsapi.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	return g, nil
}

func noStream() *awsapi.Error {
	return awsapi.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterException", format, args...)
}

func invalidToken() *awsapi.Error { return invalid("The specified nextToken is invalid.") }

// limitOf returns the limit of a request, at most and by default most.
func limitOf(limit *int, most int) (int, error) {
	const detected = "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value %s"
	switch {
	case limit == nil:
		return most, nil
	case *limit < 1:
		return 0, invalid(detected, *limit, "greater than or equal to 1")
	case *limit > most:
		return 0, invalid(detected, *limit, fmt.Sprintf("less than or equal to %d", most))
	}
	return *limit, nil
}
