// Package lambdaapi is a part of Lambda's actions: to make functions from zips, to
// invoke a function, to have it run on the messages of a queue, and to ask about
// those that there are. How functions run is package lambda's, what becomes of
// asynchronous invocations is package async's.
//
// The functions are those of the application's plan, which no client changes, and
// those that clients have made. There is one version of each, $LATEST, and no alias.
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
	"github.com/less-go/less/internal/policy"
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
	// Deployment is what a client has said of it; nil for a function of the plan.
	Deployment *Deployment
}

// Options are what a [Service] works with.
type Options struct {
	Host     Host
	Queue    Queue
	Sources  Sources
	Deployer Deployer
	// Objects has the code of functions that is in S3; nil where there is no S3.
	Objects Objects
	// Roles are what functions can be given; nil takes every role.
	Roles Roles
}

// A Service is Lambda. Its methods are its actions; they may be called at the same time.
type Service struct {
	host      Host
	queue     Queue
	sources   Sources
	deployer  Deployer
	objects   Objects
	roles     Roles
	mapping   sync.Mutex // held while a mapping is made, changed or deleted
	deploying sync.Mutex // held while a function is
	functions atomic.Pointer[functions]
	tails     tails
	running   atomic.Int32 // synchronous invocations
}

// functions are those that there are, with what has been found out about them.
type functions struct {
	byName map[string]*Function
	byID   map[string]*Function
	code   map[string]func() (code, error) // by path of the binary
	// policies say who may invoke a function, by its name.
	policies map[string]func() *policy.Document
	since    time.Time
}

// New returns Lambda without functions.
func New(opts Options) *Service {
	s := &Service{
		host: opts.Host, queue: opts.Queue, sources: opts.Sources,
		deployer: opts.Deployer, objects: opts.Objects, roles: opts.Roles,
	}
	s.SetFunctions(nil)
	return s
}

// SetFunctions replaces all functions.
func (s *Service) SetFunctions(list []Function) {
	next := &functions{byName: map[string]*Function{}, byID: map[string]*Function{}, code: map[string]func() (code, error){}, policies: map[string]func() *policy.Document{}, since: time.Now()}
	before := s.functions.Load()
	for i := range list {
		f := &list[i]
		next.byName[f.Name], next.byID[f.ID] = f, f
		next.policies[f.Name] = policyOf(f)
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

const (
	functionPath = "/2015-03-31/functions/{FunctionName}"
	tagsPath     = "/2017-03-31/tags/{Resource}"
)

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name: "lambda",
		Permissions: map[string]string{
			"Invoke": "InvokeFunction",
		},
		Denied:    denied,
		RESTError: errorBody,
		Bodies:    map[string]int64{"CreateFunction": maxUpload, "UpdateFunctionCode": maxUpload},
		TooLarge:  requestTooLarge,
	}
	awsapi.RegisterREST(api, "AddPermission", "POST "+functionPath+"/policy", s.AddPermission)
	awsapi.RegisterREST(api, "CreateEventSourceMapping", "POST "+mappingPath, s.CreateEventSourceMapping)
	awsapi.RegisterREST(api, "CreateFunction", "POST /2015-03-31/functions", s.CreateFunction)
	awsapi.RegisterREST(api, "DeleteEventSourceMapping", "DELETE "+mappingPath+"/{UUID}", s.DeleteEventSourceMapping)
	awsapi.RegisterREST(api, "DeleteFunction", "DELETE "+functionPath, s.DeleteFunction)
	awsapi.RegisterREST(api, "GetEventSourceMapping", "GET "+mappingPath+"/{UUID}", s.GetEventSourceMapping)
	awsapi.RegisterREST(api, "GetFunction", "GET "+functionPath, s.GetFunction)
	awsapi.RegisterREST(api, "GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency", s.GetFunctionConcurrency)
	awsapi.RegisterREST(api, "GetFunctionConfiguration", "GET "+functionPath+"/configuration", s.GetFunctionConfiguration)
	awsapi.RegisterREST(api, "GetPolicy", "GET "+functionPath+"/policy", s.GetPolicy)
	awsapi.RegisterREST(api, "Invoke", "POST "+functionPath+"/invocations", s.Invoke)
	awsapi.RegisterREST(api, "ListEventSourceMappings", "GET "+mappingPath, s.ListEventSourceMappings)
	awsapi.RegisterREST(api, "ListFunctions", "GET /2015-03-31/functions", s.ListFunctions)
	awsapi.RegisterREST(api, "ListTags", "GET "+tagsPath, s.ListTags)
	awsapi.RegisterREST(api, "RemovePermission", "DELETE "+functionPath+"/policy/{StatementId}", s.RemovePermission)
	awsapi.RegisterREST(api, "TagResource", "POST "+tagsPath, s.TagResource)
	awsapi.RegisterREST(api, "UntagResource", "DELETE "+tagsPath, s.UntagResource)
	awsapi.RegisterREST(api, "UpdateEventSourceMapping", "PUT "+mappingPath+"/{UUID}", s.UpdateEventSourceMapping)
	awsapi.RegisterREST(api, "UpdateFunctionCode", "PUT "+functionPath+"/code", s.UpdateFunctionCode)
	awsapi.RegisterREST(api, "UpdateFunctionConfiguration", "PUT "+functionPath+"/configuration", s.UpdateFunctionConfiguration)
	return api
}
