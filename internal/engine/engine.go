// Package engine is the local cloud: it carries out a plan on one machine, with
// AWS's semantics.
//
// An event's way through it: the gateway of an API turns an HTTP request into an
// event and invokes the route's function; the function, a process behind a
// Lambda Runtime API, calls SNS on the engine's AWS port; SNS writes one row per
// subscribed queue in one transaction, and only then answers; each queue's event
// source mapping is woken, receives the row, which stores its receive count
// first, and invokes the subscriber's function; success deletes the row, failure
// leaves it until its visibility timeout ends, and after the last receive the
// store moves it to the dead-letter queue.
//
// A client of AWS can invoke a function too, now or later: then the invocation is
// a row in a queue of the engine's own, and a worker in place of the mapping runs
// it with the retries of asynchronous invocation.
//
// Clients of AWS make functions, APIs and rules too, beside those of the plan. All parts
// know one set of functions from both; what a client has made runs only for whom its
// permissions let in.
//
// Delivery is at least once and in no promised order. Stopping is in the
// opposite order of the way above: no new requests, no new receives, running
// invocations may end, then the processes, the AWS port and the store go.
package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation"
	"github.com/less-go/less/internal/cloudformation/resources"
	"github.com/less-go/less/internal/cloudwatch"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/s3"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/sqs"
)

// Account and Region are where the engine pretends to be.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Options say where an engine keeps its state and where it listens.
type Options struct {
	// State is the folder for the store and the logs, made where it is missing and
	// closed to other users. One engine at a time can use it.
	State string
	// Fresh forgets what State holds.
	Fresh bool
	// Port is the first API's; the others follow in alphabetical order. AWSPort
	// is where the services of AWS listen. 0 takes any free port.
	Port, AWSPort int
	// Sink is told what happens; it may be nil.
	Sink activity.Sink
	// Deployed is told which of the functions that clients have made are of a tree,
	// before any of them runs and when that has changed: by name, the deployment and the
	// identity in its tree, food:topics/order_placed/charge_card. It may be nil.
	Deployed func(functions map[string]string)
}

// An Endpoint is an API and where it listens.
type Endpoint struct {
	Name string
	URL  string
}

// An Engine is a running local cloud. Its methods may be called concurrently.
type Engine struct {
	opts    Options
	state   *state
	logs    *logs
	store   *queue.Store
	sns     *sns.Service
	host    *lambda.Host
	async   *async.Invoker
	rules   *rules
	callees callees
	lambda  *lambdaapi.Service
	made    *madeAPIs
	cwlogs  *cwlogs.Service
	s3      *s3.Service
	stacks  *cloudformation.Service
	sqs     *sqs.Service
	account *account
	// readPolicies are those of resources, which are asked at each call of a role's.
	readPolicies readPolicies
	keys         *keyring
	sources      sources
	// eventSources are the mappings beside those of the plan.
	eventSources *eventSources
	aws          *server
	// endPolls ends the long polls of AWS clients.
	endPolls context.CancelFunc
	// byQueue has the running *mapping.Mapping of a queue's name, apart from what
	// mu guards: Apply and Stop wait for functions, which may be asking for it.
	byQueue sync.Map

	mu        sync.Mutex                 // held while things change
	stopped   bool                       // by Stop, for ever
	ended     chan struct{}              // closed when all has
	plan      plan.Plan                  // of the last Apply
	binaries  map[string]string          // likewise
	applied   chan struct{}              // closed when there was one
	stopping  chan struct{}              // closed when nothing changes any more
	deployed  *deployments               // the functions that clients have made
	functions map[string]lambda.Function // by function identity
	mapped    map[string]*mapped         // by function identity
	apis      map[string]*api            // by API identity
	topics    *topicsAPI                 // nil where it is not served
}

// Start takes the state and starts the AWS port. Nothing runs until [Engine.Apply].
//
// It returns an error that wraps [ErrLocked] where another engine has the state,
// and a [*PortError] where somebody listens on the port.
func Start(ctx context.Context, opts Options) (*Engine, error) {
	if opts.Sink == nil {
		opts.Sink = func(activity.Event) {}
	}
	if opts.Deployed == nil {
		opts.Deployed = func(map[string]string) {}
	}
	st, err := openState(opts.State, opts.Fresh)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		opts: opts, state: st,
		logs:      newLogs(filepath.Join(opts.State, logFolder)),
		keys:      newKeyring(),
		functions: map[string]lambda.Function{},
		mapped:    map[string]*mapped{},
		apis:      map[string]*api{},
		applied:   make(chan struct{}),
		stopping:  make(chan struct{}),
		ended:     make(chan struct{}),
	}
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.Stop(ctx))
	}
	return e, nil
}

func (e *Engine) start(ctx context.Context) error {
	var err error
	e.store, err = queue.Open(ctx, filepath.Join(e.opts.State, storeFile), queue.Options{OnDeadLetter: e.deadLetter})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	// The invocations that held these leases died with the engine that made them.
	if err := e.store.EndLeases(ctx); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	e.host = lambda.New(lambda.Options{
		Sink: e.emit, Region: Region, Account: Account,
		Scratch: filepath.Join(e.opts.State, scratchFolder),
	})
	e.async = async.New(async.Options{Store: e.store, Host: e.host, Sink: e.emit})
	if e.eventSources, err = openEventSources(ctx, e.store, e.host, e.emit); err != nil {
		return err
	}
	if e.deployed, err = openDeployments(ctx, e.store, filepath.Join(e.opts.State, codeFolder)); err != nil {
		return err
	}
	if e.s3, err = s3.Open(ctx, e.store, filepath.Join(e.opts.State, objectFolder)); err != nil {
		return err
	}
	if e.account, err = openAccount(ctx, e.store); err != nil {
		return err
	}
	e.keys.authority = &authority{account: e.account, policies: e.resourcePolicy, failed: e.failed}
	e.lambda = lambdaapi.New(lambdaapi.Options{
		Host: e.host, Queue: e.async, Sources: e.eventSources, Deployer: e, Objects: codeObjects{e.s3}, Roles: roles{e.keys.authority},
	})
	e.callees.mayInvoke = e.lambda.MayInvoke
	e.made = &madeAPIs{host: e.host, functions: e.lambda, sink: e.emit}
	apis, err := apigatewayv2.New(ctx, e.store, e.made.set)
	if err != nil {
		return err
	}
	if e.cwlogs, err = cwlogs.New(ctx, e.logs, e.store); err != nil {
		return err
	}
	e.describe(e.deployed.known()) // those of the plan follow with that
	if e.sns, err = sns.New(ctx, e.store, sns.Options{Sink: e.emit, Functions: &e.callees, MaySend: e.maySend}); err != nil {
		return fmt.Errorf("start SNS: %w", err)
	}
	e.rules = newRules(e.async, e.lambda, e.emit)
	events, err := eventsapi.New(ctx, eventsapi.Options{Store: e.store, Reserved: e.rules.planned, Changed: e.rules.set})
	if err != nil {
		return err
	}
	alarms, err := cloudwatch.New(ctx, e.store)
	if err != nil {
		return err
	}
	e.sqs = sqs.New(functionStore{e.store, e})
	e.stacks, err = e.openStacks(ctx, resources.Services{
		SQS: e.sqs, SNS: e.sns, Lambda: e.lambda, APIs: apis, Events: events, Alarms: alarms, Logs: e.cwlogs,
		S3: e.s3, IAM: e.account.iam, SSM: e.account.ssm, ECR: e.account.ecr,
	})
	if err != nil {
		return err
	}
	services := append(e.account.apis(), e.sns.API(), e.sqs.API(), e.lambda.API(), apis.API(), events.API(), alarms.API(), e.cwlogs.API(), e.stacks.API())
	handler := awsapi.NewHandler(awsapi.Options{Function: e.keys.principal, Authorizer: e.keys, Failed: e.failed}, services...)
	withS3 := e.s3.Handler(s3.Options{Principal: e.keys.principal, Authorizer: e.keys, Failed: e.failed}, handler)
	polls, endPolls := context.WithCancel(context.WithoutCancel(ctx))
	e.endPolls = endPolls
	aws := awsapi.NewServer(polls, withS3)
	aws.Handler = e.made.before(aws.Handler)
	e.aws, err = listenAndServe(aws, e.opts.AWSPort, "the AWS services", e.failed)
	if err != nil {
		return err
	}
	e.stacks.Resume()
	return nil
}

// AWS returns the URL where the services of AWS are served, and the APIs that clients
// have made.
func (e *Engine) AWS() string { return e.aws.url("localhost") }

// Stop ends everything that was started: no new requests and receives, running
// invocations end or, when ctx ends, are killed. A message whose invocation was
// killed is received again by the next engine on the same state. Stop may be
// called again, and then does nothing.
func (e *Engine) Stop(ctx context.Context) error {
	if e.stacks != nil {
		e.stacks.Close() // what it makes may have to wait for mu
	}
	e.mu.Lock()
	before := e.stopped
	e.stopped = true
	// From here on nothing changes any more. A client that wants to change something,
	// and whose request the AWS port waits for below, must learn that now.
	e.mu.Unlock()
	if before {
		<-e.ended
		return nil
	}
	close(e.stopping)
	defer close(e.ended)

	if e.rules != nil {
		e.rules.scheduler.Stop()
	}
	if e.made != nil {
		e.made.stop()
	}
	var stopping sync.WaitGroup
	gaveUp := make(chan error, len(e.mapped)+2)
	for _, a := range e.apis {
		stopping.Go(func() { a.server.stop(ctx) })
	}
	if e.topics != nil {
		stopping.Go(func() { e.topics.server.stop(ctx) })
	}
	for _, m := range e.mapped {
		stopping.Go(func() { gaveUp <- m.mapping.Stop(ctx) })
	}
	if e.async != nil {
		stopping.Go(func() { gaveUp <- e.async.Stop(ctx) })
	}
	if e.eventSources != nil {
		stopping.Go(func() { gaveUp <- e.eventSources.stop(ctx) })
	}
	stopping.Wait()
	close(gaveUp)
	var errs []error
	for err := range gaveUp {
		errs = append(errs, err)
	}
	if e.host != nil {
		errs = append(errs, e.host.Stop(ctx))
	}
	for _, a := range e.apis {
		a.gateway.Wait() // for those whose client has gone
	}
	if e.made != nil {
		e.made.wait()
	}
	if e.endPolls != nil {
		e.endPolls()
	}
	if e.aws != nil {
		e.aws.stop(ctx)
	}
	if e.sns != nil {
		errs = append(errs, e.sns.Close(ctx))
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	return errors.Join(append(errs, e.logs.close(), e.state.close())...)
}

// emit writes what belongs to a log before anybody is told of it.
func (e *Engine) emit(event activity.Event) {
	if event.Time.IsZero() {
		event.Time = time.Now()
	}
	if err := e.logs.write(event); err != nil {
		e.opts.Sink(activity.Event{Time: event.Time, Kind: activity.Notice, Function: event.Function, Line: "write the log: " + err.Error()})
	}
	if e.lambda != nil { // nil before anything can be invoked
		e.lambda.Watch(event)
	}
	e.opts.Sink(event)
}

// failed tells of an error that is the engine's own and nobody's answer.
func (e *Engine) failed(err error) {
	e.emit(activity.Event{Kind: activity.Notice, Err: err.Error(), Line: "the engine failed: " + err.Error()})
}
