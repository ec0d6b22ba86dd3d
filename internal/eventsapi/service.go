// Package eventsapi is a part of EventBridge's actions: rules that invoke functions by
// a schedule. When they do is package eventbridge's.
//
// A rule may have an event pattern too, which is kept: there is no event bus here,
// and PutEvents, without which nothing could match, says so.
package eventsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store keeps the documents of rules; [queue.Store] is one.
type Store interface {
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// kind is the kind of the documents.
const kind = "event rule"

// A Rule is one that a client has made.
type Rule struct {
	Name, Region, Description string
	// Schedule or Pattern says when it is due, or both.
	Schedule, Pattern string
	Disabled          bool
	Tags              map[string]string
	Targets           []Target
}

// ARN is the rule's.
func (r *Rule) ARN() string { return awsapi.LocalARN("events", r.Region, rulePrefix+r.Name) }

const rulePrefix = "rule/"

// A Target is a function that a rule invokes.
type Target struct {
	ID  string `json:"Id"`
	ARN string `json:"Arn"`
	// Input is what the function is given, "" for the event.
	Input string `json:",omitempty"`
}

// Function is the name of the target's function.
func (t *Target) Function() string {
	name, _ := functionOf(t.ARN)
	return name
}

// Options are what a [Service] works with.
type Options struct {
	Store Store
	// Reserved says that a rule of that name is the application's own.
	Reserved func(name string) bool
	// Changed is told of all rules, at first and after each change, in the order of
	// their names. They do not change themselves.
	Changed func([]*Rule) error
}

// A Service is EventBridge. Its methods are its actions; they may be called at the
// same time.
type Service struct {
	options Options

	mu    sync.Mutex
	rules map[string]*Rule // by name; one that is in the map does not change
}

// New returns EventBridge with the rules that the store keeps.
func New(ctx context.Context, options Options) (*Service, error) {
	documents, err := options.Store.Documents(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	s := &Service{options: options, rules: map[string]*Rule{}}
	for _, d := range documents {
		r := &Rule{}
		if err := json.Unmarshal(d.Value, r); err != nil {
			return nil, fmt.Errorf("read the rule %s: %w", d.Name, err)
		}
		s.rules[r.Name] = r
	}
	return s, options.Changed(s.sorted())
}

// sorted are all rules. The caller holds s.mu, but for New.
func (s *Service) sorted() []*Rule {
	return slices.SortedFunc(maps.Values(s.rules), func(a, b *Rule) int { return strings.Compare(a.Name, b.Name) })
}

// find returns a rule, which does not change. The caller holds s.mu.
func (s *Service) find(name string) (*Rule, error) {
	if r := s.rules[name]; r != nil {
		return r, nil
	}
	return nil, missing("Rule %s does not exist on EventBus default.", name)
}

// change makes a change to a rule.
func (s *Service) change(ctx context.Context, b Bus, name string, how func(*Rule) error) error {
	if err := b.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.find(name)
	if err != nil {
		return err
	}
	r := *before
	r.Tags, r.Targets = maps.Clone(r.Tags), slices.Clone(r.Targets)
	if err := how(&r); err != nil {
		return err
	}
	return s.keep(ctx, &r)
}

// keep writes a rule down. The caller holds s.mu.
func (s *Service) keep(ctx context.Context, r *Rule) error {
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := s.options.Store.Keep(ctx, queue.Document{Kind: kind, Name: r.Name, Value: value}); err != nil {
		return err
	}
	s.rules[r.Name] = r
	return s.options.Changed(s.sorted())
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{Name: "events", Target: "AWSEvents", Denied: denied}
	awsapi.Register(api, "DeleteRule", s.DeleteRule)
	awsapi.Register(api, "DescribeRule", s.DescribeRule)
	awsapi.Register(api, "DisableRule", s.DisableRule)
	awsapi.Register(api, "EnableRule", s.EnableRule)
	awsapi.Register(api, "ListRules", s.ListRules)
	awsapi.Register(api, "ListTagsForResource", s.ListTagsForResource)
	awsapi.Register(api, "ListTargetsByRule", s.ListTargetsByRule)
	awsapi.Register(api, "PutRule", s.PutRule)
	awsapi.Register(api, "PutTargets", s.PutTargets)
	awsapi.Register(api, "RemoveTargets", s.RemoveTargets)
	awsapi.Register(api, "TagResource", s.TagResource)
	awsapi.Register(api, "UntagResource", s.UntagResource)
	return api
}

func missing(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ResourceNotFoundException", format, args...)
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ValidationException", format, args...)
}

func denied(d awsapi.Denial) *awsapi.Error {
	return &awsapi.Error{
		Code: "AccessDeniedException", Status: http.StatusBadRequest,
		Message: d.Sentence("events:" + d.Action),
	}
}

// A Bus is the part of an input that says which event bus is meant.
type Bus struct {
	EventBusName string
}

// defaultBus is the one event bus.
const defaultBus = "default"

func (b Bus) check() error {
	name := b.EventBusName[strings.LastIndexByte(b.EventBusName, '/')+1:] // of its ARN
	if name != "" && name != defaultBus {
		return missing("Event bus %s does not exist.", name)
	}
	return nil
}

// Nothing is the output of an action that says no more than that it is done.
type Nothing struct{}
