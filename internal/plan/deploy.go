package plan

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Gateway is a kind of API on AWS.
type Gateway string

// The kinds of APIs. HTTP APIs are cheaper and quicker; some emulators have REST
// APIs only.
const (
	HTTP Gateway = "http"
	REST Gateway = "rest"
)

// An Architecture is the kind of processor that the functions are built for.
type Architecture string

// The architectures. ARM is cheaper; an emulator that runs the very programs has
// that of its machine.
const (
	ARM Architecture = "arm64"
	X86 Architecture = "x86_64"
)

// A Layout says how resources are divided into stacks.
type Layout string

// The layouts. To change it later makes CloudFormation move named resources from
// one stack to another, which it cannot, so it is chosen at the first deployment.
const (
	// Nested is one root stack with a nested stack for each API and topic.
	Nested Layout = "nested"
	// Single is one stack with everything.
	Single Layout = "single"
	// Split is a stack of its own for each API and topic.
	Split Layout = "split"
)

// An AlarmLevel says how much is watched.
type AlarmLevel string

// The alarm levels.
const (
	// BasicAlarms watch each dead-letter queue, and the 5xx answers of each API.
	BasicAlarms AlarmLevel = "basic"
	// FullAlarms watch the age of each queue, and the errors, throttles and times of
	// each function as well.
	FullAlarms AlarmLevel = "full"
)

// The defaults of what only AWS needs.
const (
	LogRetention = 30 * 24 * time.Hour
	// ThrottleRate and ThrottleBurst are requests to an API in a second.
	ThrottleRate  = 1000
	ThrottleBurst = 500
	// QueueWait is how long SQS keeps a receive waiting for a message.
	QueueWait = 20 * time.Second
	// AgeFactor is how many visibility timeouts old the oldest message of a queue
	// may be before the full alarms ring.
	AgeFactor = 5
	// SlowShare is how much of its timeout a function may take before they ring.
	SlowShare = 0.9
)

// retentions are the days that CloudWatch can keep logs for.
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// The limits that decide what fits into a stack.
const (
	maxResources = 500  // of a stack
	maxOperation = 2500 // of a root stack with all that is nested in it
	maxStackName = 128
	maxTopicName = 256
	// MaxSubscribers and MaxRoutes are how many functions share a stack. AWS would
	// take 49 and 80: what is left is for the constructs of a user's own.
	MaxSubscribers = 40
	MaxRoutes      = 60
	// MaxAPIRoutes is how many routes one API can have: their gateway, with what
	// each adds to it, has to be in one stack.
	MaxAPIRoutes  = 160
	maxMapping    = 1000 // concurrent invocations by one event source mapping
	minMapping    = 2
	maxRolePolicy = 10240 // characters of the policies in a role
	// maxEnvironment is bytes of a function's environment variables as a JSON object, which
	// is the text that Lambda measures.
	maxEnvironment = 4096
)

// How many resources each thing is, which a test of the templates holds to.
const (
	subscriberResources    = 10
	routeFunctionResources = 3
	subscriberAlarms       = 4 // more with full alarms
	routeAlarms            = 3 // more with full alarms
	topicResources         = 2
	cronResources          = 6
	cronAlarms             = 2 // more with full alarms
	gatewayRouteResources  = 3
	gatewayResources       = 4
	restRouteResources     = 2
	restGatewayResources   = 8
	gatewayResponses       = 2 // of a REST API that pages of other origins may call
	rootResources          = 5
	topicsAPIResources     = 14 // of the root stack
	keyResources           = 2  // likewise
)

// What a deployment's stacks say of themselves, so that it can be found and read
// where its project is not.
const (
	// AppTag is the tag of each stack that holds the deployment's name.
	AppTag = "less:app"
	// StageTag is the one that holds its stage.
	StageTag = "less:stage"
	// APIOutput begins the description of the output that is an API's URL; the API's name
	// follows.
	APIOutput = "URL of the API "
	// TopicsAPIOutput is the description of the output that is the Topics API's URL.
	TopicsAPIOutput = "URL of the Topics API, for requests that are signed for execute-api"
	// OpsOutput is the description of the output that is the topic of alarms.
	OpsOutput = "ARN of the topic that alarms tell"
)

// DeployOptions are what is chosen at a deployment. The zero value of each means
// its default.
type DeployOptions struct {
	// Stage is the environment: dev, prod. "prod" and "production" keep what has
	// data and protect the stacks.
	Stage   string
	Gateway Gateway
	Layout  Layout
	Alarms  AlarmLevel
	// Architecture is what the functions are built for.
	Architecture Architecture
	// Shards are, by identity ("topics/order_placed", "apis/orders"), how many
	// stacks its functions are divided among. The default is one, and eight times as
	// many for as long as one of them holds too much.
	Shards map[string]int
	// Tracing turns X-Ray on.
	Tracing bool
	// Ops is the ARN of the topic that alarms tell; "create" makes one, and without
	// it alarms change their state only.
	Ops           string
	LogRetention  time.Duration
	ThrottleRate  int
	ThrottleBurst int
}

// A Deployment is a plan with what only AWS needs.
type Deployment struct {
	Plan
	Stage   string
	Gateway Gateway
	Layout  Layout
	Alarms  AlarmLevel
	// Architecture is what the functions are built for.
	Architecture Architecture
	// Root is the name of the stack that everything hangs from.
	Root string
	// Stacks are in the order in which they can be made.
	Stacks []Stack
	// Retain keeps dead-letter queues and logs when their stack goes.
	Retain bool
	// Protect refuses to delete stacks.
	Protect bool
	Tracing bool
	// OpsTopic is the name of the topic to make for alarms; "" makes none.
	OpsTopic string
	// OpsARN is the topic that exists for alarms; "" is none.
	OpsARN        string
	LogRetention  time.Duration
	ThrottleRate  int
	ThrottleBurst int
}

// A Stack is what one CloudFormation stack holds.
type Stack struct {
	// ID is the identity of its API or topic, one's own or external, with ".3" for the fourth shard of its functions.
	ID string
	// Of is the identity of its API or topic.
	Of string
	// Name is its name where it is not nested.
	Name string
	// API is the API whose gateway it holds; nil for none.
	API *API
	// Topic is the topic that it holds; nil for none.
	Topic *Topic
	// Functions are the identities of the routes' functions that it holds.
	Functions []string
	// Crons are those that it holds, with their functions.
	Crons []Cron
	// Subscriptions are those that it holds, with their functions.
	Subscriptions []Subscription
	// After are the identities of the stacks that it needs.
	After []string
}

// Deploy decides what only AWS needs for p. The error names each folder that
// cannot be deployed, with a way out.
func Deploy(p Plan, o DeployOptions) (Deployment, error) {
	d := Deployment{
		Plan: p, Stage: o.Stage,
		Gateway: cmp.Or(o.Gateway, HTTP), Layout: cmp.Or(o.Layout, Nested), Alarms: cmp.Or(o.Alarms, BasicAlarms),
		Architecture: cmp.Or(o.Architecture, ARM),
		Root:         stackName(p.Name),
		Tracing:      o.Tracing,
		LogRetention: cmp.Or(o.LogRetention, LogRetention),
		ThrottleRate: cmp.Or(o.ThrottleRate, ThrottleRate), ThrottleBurst: cmp.Or(o.ThrottleBurst, ThrottleBurst),
	}
	if o.Stage == "prod" || o.Stage == "production" {
		d.Retain, d.Protect = true, true
	}
	switch o.Ops {
	case "", "create":
		if o.Ops != "" {
			d.OpsTopic = p.Name + "-ops"
		}
	default:
		d.OpsARN = o.Ops
	}
	errs := d.checkOptions(o)
	for i := range p.Topics {
		stacks, err := d.topicStacks(&p.Topics[i], o)
		d.Stacks, errs = append(d.Stacks, stacks...), append(errs, err)
	}
	for _, t := range p.External {
		stacks, err := d.externalStacks(t, o)
		d.Stacks, errs = append(d.Stacks, stacks...), append(errs, err)
	}
	for i := range p.APIs {
		stacks, err := d.apiStacks(&p.APIs[i], o)
		d.Stacks, errs = append(d.Stacks, stacks...), append(errs, err)
	}
	if len(p.Crons) > 0 {
		d.Stacks = append(d.Stacks, Stack{ID: "crons/schedules", Of: "crons", Name: d.stackName("crons", "schedules"), Crons: p.Crons})
	}
	errs = append(errs, d.check()...)
	return d, errors.Join(errs...)
}

// topicStacks divides the subscribers of t.
func (d Deployment) topicStacks(t *Topic, o DeployOptions) ([]Stack, error) {
	base := Stack{ID: t.ID, Of: t.ID, Name: d.stackName("topic", t.Name), Topic: t}
	groups, err := d.subscriberGroups(*t, o)
	if err != nil {
		return nil, err
	}
	if len(groups) == 1 {
		base.Subscriptions = t.Subscriptions
		return []Stack{base}, nil
	}
	return append([]Stack{base}, base.shards(groups, base.ID)...), nil
}

// externalStacks divides the subscribers of t, whose topic is in none of our stacks.
func (d Deployment) externalStacks(t ExternalTopic, o DeployOptions) ([]Stack, error) {
	base := Stack{ID: t.ID, Of: t.ID, Name: d.stackName("external", t.App, t.Name), Subscriptions: t.Subscriptions}
	groups, err := d.subscriberGroups(t.Topic, o)
	switch {
	case err != nil:
		return nil, err
	case len(groups) > 1:
		return base.shards(groups), nil
	case len(t.Subscriptions) == 0:
		return nil, nil
	}
	return []Stack{base}, nil
}

// subscriberGroups are those of the subscribers of t that share a stack.
func (d Deployment) subscriberGroups(t Topic, o DeployOptions) ([][]Subscription, error) {
	if d.Layout == Single {
		return [][]Subscription{t.Subscriptions}, nil
	}
	each := subscriberResources
	if d.Alarms == FullAlarms {
		each += subscriberAlarms
	}
	limit := min(MaxSubscribers, (maxResources-topicResources-10)/each)
	groups, err := shards(t.Subscriptions, func(s Subscription) string { return s.Function }, limit, o.Shards[t.ID])
	if err != nil {
		return nil, fmt.Errorf("less/%s: %d subscribers in %w", t.ID, len(t.Subscriptions), err)
	}
	return groups, nil
}

// shards are the stacks of the subscribers of s in groups, each after those in after.
func (s Stack) shards(groups [][]Subscription, after ...string) []Stack {
	var out []Stack
	for k, group := range groups {
		if len(group) > 0 {
			out = append(out, Stack{
				ID: fmt.Sprintf("%s.%d", s.ID, k), Of: s.Of, Name: fmt.Sprintf("%s-%d", s.Name, k),
				Subscriptions: group, After: after,
			})
		}
	}
	return out
}

// apiStacks divides the routes of api: past the limit, their functions move out of
// the stack of the gateway.
func (d Deployment) apiStacks(api *API, o DeployOptions) ([]Stack, error) {
	if n := len(api.Routes); n > MaxAPIRoutes {
		return nil, fmt.Errorf("less/%s: %d routes, and an API that fits into a stack has at most %d. Move some to another folder of less/apis, which is an API of its own",
			api.ID, n, MaxAPIRoutes)
	}
	base := Stack{ID: api.ID, Of: api.ID, Name: d.stackName("api", api.Name), API: api}
	var functions []string
	for _, r := range api.Routes {
		functions = append(functions, r.Function)
	}
	each := routeFunctionResources + gatewayRouteResources
	if d.Alarms == FullAlarms {
		each += routeAlarms
	}
	limit := min(MaxRoutes, (maxResources-20)/each)
	groups, err := shards(functions, func(id string) string { return id }, limit, o.Shards[api.ID])
	if err != nil {
		return nil, fmt.Errorf("less/%s: %d routes in %w", api.ID, len(functions), err)
	}
	if len(groups) == 1 || d.Layout == Single {
		base.Functions = functions
		return []Stack{base}, nil
	}
	var out []Stack
	for k, group := range groups {
		if len(group) > 0 {
			s := Stack{ID: fmt.Sprintf("%s.%d", api.ID, k), Of: api.ID, Name: fmt.Sprintf("%s-%d", base.Name, k), Functions: group}
			out = append(out, s)
			base.After = append(base.After, s.ID)
		}
	}
	return append(out, base), nil
}

// shards divides all by a hash of what name says, so that the group of each
// depends on its name and the number of groups alone: a new one moves no other.
func shards[T any](all []T, name func(T) string, limit, n int) ([][]T, error) {
	fixed := n > 0
	for n = max(n, 1); ; n *= 8 {
		out := make([][]T, n)
		most := 0
		for _, one := range all {
			k := 0
			if n > 1 {
				h := fnv.New64a()
				h.Write([]byte(name(one)))
				k = int(mix(h.Sum64()) % uint64(n))
			}
			out[k] = append(out[k], one)
			most = max(most, len(out[k]))
		}
		if most <= limit {
			return out, nil
		}
		if fixed {
			return nil, fmt.Errorf("%d stacks put %d into one, and it takes %d. Raise its number under shards in less.config", n, most, limit)
		}
	}
}

// mix spreads the bits of a hash, of which FNV changes the low ones little.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h
}

func (d Deployment) stackName(parts ...string) string {
	return stackName(resourceName(maxStackName-4, d.Name, parts...))
}

// stackName maps name to the characters of stack names.
func stackName(name string) string { return strings.ReplaceAll(name, "_", "-") }

func (d Deployment) checkOptions(o DeployOptions) []error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(slices.Contains([]Gateway{HTTP, REST}, d.Gateway), "api is %q. Set it to http or rest", d.Gateway)
	check(slices.Contains([]Layout{Nested, Single, Split}, d.Layout), "stacks is %q. Set it to nested, single or split", d.Layout)
	check(slices.Contains([]AlarmLevel{BasicAlarms, FullAlarms}, d.Alarms), "alarms is %q. Set it to basic or full", d.Alarms)
	check(d.OpsARN == "" || strings.HasPrefix(d.OpsARN, "arn:"), "opsTopic is %q. Set it to the ARN of a topic, or to create", o.Ops)
	check(d.Name != "" && (d.Name[0] >= 'a' && d.Name[0] <= 'z' || d.Name[0] >= 'A' && d.Name[0] <= 'Z'),
		"the deployment would be called %q, and stacks begin with a letter. Set name in less.config", d.Name)
	days := int(d.LogRetention.Hours() / 24)
	check(slices.Contains(retentions, days), "logRetention is %d days. Set it to one of the numbers that CloudWatch takes: %v", days, retentions)
	known := map[string]bool{}
	for _, api := range d.APIs {
		known[api.ID] = true
	}
	for _, t := range d.Topics {
		known[t.ID] = true
	}
	for _, t := range d.External {
		known[t.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(o.Shards)) {
		check(known[id], "shards names %q, and there is no folder less/%s. Name one of less/apis, less/topics or less/external_topics", id, id)
		check(o.Shards[id] > 0, "shards gives %q %d stacks. Give it one or more", id, o.Shards[id])
	}
	return errs
}

// check finds what AWS would refuse.
func (d Deployment) check() []error {
	errs := d.checkNames()
	errs = append(errs, d.checkExternal()...)
	errs = append(errs, d.checkTopicsAPI())
	for _, s := range d.Subscriptions() {
		if c := s.Mapping.Concurrency; c < minMapping || c > maxMapping {
			errs = append(errs, fmt.Errorf("less/%s: Concurrency is %d, and an event source mapping takes %d to %d. Change it in Config",
				s.Function, c, minMapping, maxMapping))
		}
		if s.Mapping.BatchSize > 10 && s.Mapping.Window == 0 {
			errs = append(errs, fmt.Errorf("less/%s: BatchSize is %d, and without a batching window at most 10 messages make a batch. Change it in Config",
				s.Function, s.Mapping.BatchSize))
		}
	}
	for _, f := range d.Functions {
		if size := d.environmentSize(f); size > maxEnvironment {
			errs = append(errs, fmt.Errorf("less/%s: its environment variables are %d bytes with their names, and Lambda takes %d. Shorten what env_vars in less.config lists, or keep the long ones in Parameter Store",
				f.ID, size, maxEnvironment))
		}
		size := 1300 // its log, its queue, its traces, its key, and what is around them
		for _, t := range f.Publishes {
			size += 200 + len(d.TopicPrefix) + len(t)
		}
		if size > maxRolePolicy {
			errs = append(errs, fmt.Errorf("less/%s: publishes to %d topics, more than the policy of one role holds. Divide it into several subscribers", f.ID, len(f.Publishes)))
		}
	}
	total := rootResources + len(d.Stacks)
	if d.Key != nil && d.Key.Create {
		total += keyResources
	}
	if d.TopicsAPI {
		total += topicsAPIResources
	}
	for _, s := range d.Stacks {
		n := d.Resources(s)
		total += n
		if n > maxResources && d.Layout != Single {
			errs = append(errs, fmt.Errorf("less/%s: %d resources, and a stack holds %d. Move some of it to another folder", s.Of, n, maxResources))
		}
	}
	switch {
	case d.Layout == Single && total > maxResources:
		errs = append(errs, fmt.Errorf("less/: about %d resources, and one stack holds %d. Set stacks to nested in less.config", total, maxResources))
	case d.Layout == Nested && total > maxOperation:
		errs = append(errs, fmt.Errorf("less/: about %d resources, and one deployment of nested stacks makes %d. Set stacks to split in less.config, and deploy with --all", total, maxOperation))
	}
	return errs
}

// checkExternal finds placeholders that stand for no other deployment.
func (d Deployment) checkExternal() []error {
	var errs []error
	placeholder := ""
	for _, t := range d.External {
		if n := len(t.Resource); n > maxTopicName {
			errs = append(errs, fmt.Errorf("less/%s: the topic would be called %s, which has %d characters, and AWS takes %d. Name it as its application does",
				t.ID, t.Resource, n, maxTopicName))
		}
		if t.App == placeholder {
			continue // it is said once
		}
		placeholder = t.App
		switch {
		case t.Assumed:
			errs = append(errs, fmt.Errorf("less/external_topics/%[1]s: nothing says which deployment %[1]s is. Write in less.config: external_topics: {%[1]s: %[1]s-%[2]s}, with its name",
				t.App, cmp.Or(d.Stage, "dev")))
		case t.Deployment == d.Name:
			errs = append(errs, fmt.Errorf("less/external_topics/%s: it is %s, this deployment itself, by external_topics in less.config. Move the subscribers to less/topics, or name another deployment",
				t.App, d.Name))
		}
	}
	return errs
}

// Resources is how many resources s holds, at most.
func (d Deployment) Resources(s Stack) int {
	subscriber, route, cron := subscriberResources, routeFunctionResources, cronResources
	if d.Alarms == FullAlarms {
		subscriber += subscriberAlarms
		route += routeAlarms
		cron += cronAlarms
	}
	n := len(s.Subscriptions)*subscriber + len(s.Functions)*route + len(s.Crons)*cron
	if s.Topic != nil {
		n += topicResources
	}
	if s.API == nil {
		return n
	}
	if d.Gateway == HTTP {
		return n + gatewayResources + len(s.API.Routes)*gatewayRouteResources
	}
	n += restGatewayResources + len(s.API.Routes)*restRouteResources
	folders := map[string]bool{}
	for _, r := range s.API.Routes {
		for path := r.Path; path != "" && path != "/"; path = path[:strings.LastIndexByte(path, '/')] {
			folders[path] = true
		}
	}
	n += len(folders)
	if s.API.CORS != nil {
		n += len(folders) + gatewayResponses
	}
	return n
}

// checkNames finds names that are too long, and those that meet. What differs in
// the case of letters only is told apart by some services and not by others.
func (d Deployment) checkNames() []error {
	var errs []error
	seen := map[string]string{}
	add := func(kind, name, folder string, limit int) {
		if len(name) > limit {
			errs = append(errs, fmt.Errorf("%s: its %s would be called %s, which has %d characters, and AWS takes %d. Give the folder a shorter name", folder, kind, name, len(name), limit))
		}
		key := kind + " " + strings.ToLower(name)
		if other, found := seen[key]; found {
			errs = append(errs, fmt.Errorf("%s: its %s would be called %s, as that of %s. Rename one of the folders", folder, kind, name, other))
			return
		}
		seen[key] = folder
	}
	for _, f := range d.Functions {
		add("function", f.Name, "less/"+f.ID, maxFunctionName)
	}
	for _, t := range d.Topics {
		add("topic", t.Resource, "less/"+t.ID, maxTopicName)
	}
	for _, s := range d.Subscriptions() {
		add("queue", s.Queue.Name, "less/"+s.Function, maxQueueName)
		add("queue", s.DeadLetter.Name, "less/"+s.Function, maxQueueName)
	}
	if d.OpsTopic != "" {
		add("topic", d.OpsTopic, "the topic of alarms", maxTopicName)
	}
	add("stack", d.Root, "less/", maxStackName)
	for _, s := range d.Stacks {
		add("stack", s.Name, "less/"+s.Of, maxStackName)
	}
	return errs
}

// AccessLogGroup is the log group of the requests to api.
func (d Deployment) AccessLogGroup(api API) string {
	return "/aws/vendedlogs/" + d.Name + "/" + api.ID
}
