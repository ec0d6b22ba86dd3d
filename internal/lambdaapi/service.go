// Package lambdaapi is a part of Lambda's actions: to invoke a function, to have
// it run on the messages of a queue, and to ask about those that there are. How functions run is package lambda's, what
// becomes of asynchronous invocations is package async's.
//
// There is one version of each function, $LATEST, and no alias.
package lambdaapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambda"
)

// A Host runs a function once; [lambda.Host] is one. An error means that it was
// not run, or that ctx ended; a function that failed is told by the result.
type Host interface {
	Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error)
}

// A Queue accepts asynchronous invocations, durably; [async.Invoker] is one.
type Queue interface {
	Enqueue(ctx context.Context, e async.Event) error
}

// A Function is what clients are told about.
type Function struct {
	// ID is the function's identity, and Name its name on AWS.
	ID, Name string
	// Binary is the path of the executable, empty as long as there is none.
	Binary   string
	Timeout  time.Duration
	MemoryMB int
	// Env are the variables that were set for the function.
	Env map[string]string
}

// A Service is Lambda. Its methods are its actions; they may be called at the same time.
type Service struct {
	host      Host
	queue     Queue
	sources   Sources
	mapping   sync.Mutex // held while a mapping is made, changed or deleted
	functions atomic.Pointer[functions]
	tails     tails
	running   atomic.Int32 // synchronous invocations
}

// functions are those that there are, with what has been found out about them.
type functions struct {
	byName map[string]*Function
	byID   map[string]*Function
	code   map[string]func() (code, error) // by path of the binary
	since  time.Time
}

// New returns Lambda over host, queue and sources, without functions.
func New(host Host, queue Queue, sources Sources) *Service {
	s := &Service{host: host, queue: queue, sources: sources}
	s.SetFunctions(nil)
	return s
}

// SetFunctions replaces all functions.
func (s *Service) SetFunctions(list []Function) {
	next := &functions{byName: map[string]*Function{}, byID: map[string]*Function{}, code: map[string]func() (code, error){}, since: time.Now()}
	before := s.functions.Load()
	for i := range list {
		f := &list[i]
		next.byName[f.Name], next.byID[f.ID] = f, f
		next.code[f.Binary] = codeOf(f.Binary)
		if before != nil && before.code[f.Binary] != nil {
			next.code[f.Binary] = before.code[f.Binary]
		}
	}
	s.functions.Store(next)
}

// sorted returns the functions in the order of their names.
func (f *functions) sorted() []*Function {
	return slices.SortedFunc(maps.Values(f.byName), func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name: "lambda",
		Permissions: map[string]string{
			"Invoke": "InvokeFunction",
		},
		Denied:    denied,
		RESTError: errorBody,
		TooLarge:  requestTooLarge(),
	}
	awsapi.RegisterREST(api, "CreateEventSourceMapping", "POST "+mappingPath, s.CreateEventSourceMapping)
	awsapi.RegisterREST(api, "DeleteEventSourceMapping", "DELETE "+mappingPath+"/{UUID}", s.DeleteEventSourceMapping)
	awsapi.RegisterREST(api, "GetEventSourceMapping", "GET "+mappingPath+"/{UUID}", s.GetEventSourceMapping)
	awsapi.RegisterREST(api, "GetFunction", "GET /2015-03-31/functions/{FunctionName}", s.GetFunction)
	awsapi.RegisterREST(api, "GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency", s.GetFunctionConcurrency)
	awsapi.RegisterREST(api, "GetFunctionConfiguration", "GET /2015-03-31/functions/{FunctionName}/configuration", s.GetFunctionConfiguration)
	awsapi.RegisterREST(api, "Invoke", "POST /2015-03-31/functions/{FunctionName}/invocations", s.Invoke)
	awsapi.RegisterREST(api, "ListEventSourceMappings", "GET "+mappingPath, s.ListEventSourceMappings)
	awsapi.RegisterREST(api, "ListFunctions", "GET /2015-03-31/functions", s.ListFunctions)
	awsapi.RegisterREST(api, "ListTags", "GET /2017-03-31/tags/{Resource}", s.ListTags)
	awsapi.RegisterREST(api, "UpdateEventSourceMapping", "PUT "+mappingPath+"/{UUID}", s.UpdateEventSourceMapping)
	return api
}
