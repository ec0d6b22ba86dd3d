package cloudformation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/template"
)

// A Store keeps documents, durably; [queue.Store] is one.
type Store interface {
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// Options are what a [Service] needs of the world.
type Options struct {
	// Providers make resources, by type. Those of nested stacks and of the CDK's metadata need not be there.
	Providers map[string]provider.Provider
	// Fetch reads a template from where a TemplateURL says; nil where there is no such place.
	Fetch func(ctx context.Context, url string) ([]byte, error)
	// Lookup reads the Parameter Store; nil where there is none.
	Lookup template.Lookup
	// URL is where clients reach the services, which is in the names of some resources; nil where there is no such place.
	URL func() string
	// Failed is told of failures that are the engine's own. It may be nil.
	Failed func(error)
}

// A Service is CloudFormation. Its methods may be called at the same time.
type Service struct {
	store     Store
	options   Options
	providers map[string]provider.Provider
	nested    *nested

	// ctx ends when the service is closed, and running are its operations.
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	mu         sync.Mutex // guards all below, and what is in the stacks
	closed     bool
	stacks     map[string]*stack // by ID, those that are deleted too
	byName     map[string]*stack // those that are not deleted
	changeSets map[string]*changeSet
	templates  map[string]string // by the hash of their text
}

// The kinds of documents.
const (
	kindStack     = "cloudformation-stack"
	kindResource  = "cloudformation-resource"
	kindEvent     = "cloudformation-event"
	kindTemplate  = "cloudformation-template"
	kindChangeSet = "cloudformation-changeset"
)

// history is how long a deleted stack can be described.
const history = 90 * 24 * time.Hour

// Open returns the service with what the store knows. It works until [Service.Close].
func Open(ctx context.Context, store Store, o Options) (*Service, error) {
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	if o.URL == nil {
		o.URL = func() string { return awsapi.RequestFrom(ctx).URL }
	}
	s := &Service{
		store: store, options: o, providers: map[string]provider.Provider{},
		stacks: map[string]*stack{}, byName: map[string]*stack{}, changeSets: map[string]*changeSet{}, templates: map[string]string{},
	}
	s.nested = &nested{s}
	s.providers[stackType] = s.nested
	s.providers["AWS::CDK::Metadata"] = metadata{}
	maps.Copy(s.providers, o.Providers)
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.load(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("read the stacks: %w", err)
	}
	return s, nil
}

// Resume goes on with the operations that were interrupted, once the providers can be asked.
func (s *Service) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.stacks {
		if st.ParentID == "" && inProgress(st.Status) && !s.closed {
			s.resume(st)
		}
	}
}

// Close ends the operations where they are. The next service goes on with them.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
}

func (s *Service) load(ctx context.Context) error {
	err := s.each(ctx, kindTemplate, func(name string, value []byte) error {
		s.templates[name] = string(value)
		return nil
	})
	if err != nil {
		return err
	}
	var forgotten []queue.Document
	err = s.each(ctx, kindStack, func(name string, value []byte) error {
		st := &stack{resources: map[string]*resource{}}
		if err := decode(value, &st.stackState); err != nil {
			return err
		}
		if st.Status == deleteComplete && time.Since(st.Deleted) > history {
			forgotten = append(forgotten, queue.Document{Kind: kindStack, Name: name})
			return nil
		}
		s.stacks[st.ID] = st
		if st.Status != deleteComplete && st.ParentID == "" {
			s.byName[st.Name] = st
		}
		return nil
	})
	if err != nil {
		return err
	}
	// What belongs to no stack belonged to one that was forgotten.
	err = s.each(ctx, kindResource, func(name string, value []byte) error {
		st, id := s.ofStack(name)
		if st == nil {
			forgotten = append(forgotten, queue.Document{Kind: kindResource, Name: name})
			return nil
		}
		r := &resource{LogicalID: id}
		st.resources[id] = r
		return decode(value, r)
	})
	if err != nil {
		return err
	}
	err = s.each(ctx, kindEvent, func(name string, value []byte) error {
		st, _ := s.ofStack(name)
		if st == nil {
			forgotten = append(forgotten, queue.Document{Kind: kindEvent, Name: name})
			return nil
		}
		st.events = append(st.events, event{})
		return decode(value, &st.events[len(st.events)-1])
	})
	if err != nil {
		return err
	}
	err = s.each(ctx, kindChangeSet, func(_ string, value []byte) error {
		c := &changeSet{}
		if err := decode(value, c); err != nil {
			return err
		}
		s.changeSets[c.ID] = c
		return nil
	})
	if err != nil || len(forgotten) == 0 {
		return err
	}
	return s.store.Keep(ctx, forgotten...)
}

func (s *Service) each(ctx context.Context, kind string, read func(name string, value []byte) error) error {
	documents, err := s.store.Documents(ctx, kind)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := read(d.Name, d.Value); err != nil {
			return fmt.Errorf("%s %s: %w", kind, d.Name, err)
		}
	}
	return nil
}

// ofStack takes the name of a document that belongs to a stack apart. The stack is nil where it is not known.
func (s *Service) ofStack(name string) (*stack, string) {
	id, rest, _ := cutLast(name, "/")
	return s.stacks[id], rest
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// keep writes documents. It is not given up when an operation is.
func (s *Service) keep(documents ...queue.Document) error {
	return s.store.Keep(context.WithoutCancel(s.ctx), documents...)
}

// keepTemplate returns the document of a template and its name. The caller holds mu.
func (s *Service) keepTemplate(body string) (queue.Document, string) {
	sum := sha256.Sum256([]byte(body))
	name := hex.EncodeToString(sum[:])
	s.templates[name] = body
	return queue.Document{Kind: kindTemplate, Name: name, Value: []byte(body)}, name
}

// decode reads JSON and keeps its numbers as they are written, as templates have them.
func decode(value []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(value)))
	d.UseNumber()
	return d.Decode(v)
}

// encode writes one of the structs of this package.
func encode(v any) []byte {
	value, err := json.Marshal(v)
	if err != nil {
		panic("cloudformation: " + err.Error()) // all of them are data
	}
	return value
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:      "cloudformation",
		Versions:  []string{"2010-05-15"},
		Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "AccessDenied", Status: 403, Message: d.Sentence("cloudformation:" + d.Action)}
		},
	}
	awsapi.Register(api, "CancelUpdateStack", s.CancelUpdateStack)
	awsapi.Register(api, "ContinueUpdateRollback", s.ContinueUpdateRollback)
	awsapi.Register(api, "CreateChangeSet", s.CreateChangeSet)
	awsapi.Register(api, "CreateStack", s.CreateStack)
	awsapi.Register(api, "DeleteChangeSet", s.DeleteChangeSet)
	awsapi.Register(api, "DeleteStack", s.DeleteStack)
	awsapi.Register(api, "DescribeChangeSet", s.DescribeChangeSet)
	awsapi.Register(api, "DescribeStackEvents", s.DescribeStackEvents)
	awsapi.Register(api, "DescribeStackResource", s.DescribeStackResource)
	awsapi.Register(api, "DescribeStackResources", s.DescribeStackResources)
	awsapi.Register(api, "DescribeStacks", s.DescribeStacks)
	awsapi.Register(api, "ExecuteChangeSet", s.ExecuteChangeSet)
	awsapi.Register(api, "GetTemplate", s.GetTemplate)
	awsapi.Register(api, "GetTemplateSummary", s.GetTemplateSummary)
	awsapi.Register(api, "ListChangeSets", s.ListChangeSets)
	awsapi.Register(api, "ListExports", s.ListExports)
	awsapi.Register(api, "ListImports", s.ListImports)
	awsapi.Register(api, "ListStackResources", s.ListStackResources)
	awsapi.Register(api, "ListStacks", s.ListStacks)
	awsapi.Register(api, "RollbackStack", s.RollbackStack)
	awsapi.Register(api, "UpdateStack", s.UpdateStack)
	awsapi.Register(api, "UpdateTerminationProtection", s.UpdateTerminationProtection)
	awsapi.Register(api, "ValidateTemplate", s.ValidateTemplate)
	return api
}
