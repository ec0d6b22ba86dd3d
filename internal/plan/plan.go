// Package plan turns an application into concrete resources with every number
// decided. The local engine and the CDK app both read the plan and add nothing
// of their own, so what runs on a laptop is what runs on AWS.
package plan

import (
	"time"

	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/secret"
)

// The defaults, each in this one place. docs/design.md says why.
const (
	SubscriberTimeout = 30 * time.Second
	CronTimeout       = 30 * time.Second
	RouteTimeout      = 29 * time.Second // an HTTP API gives up after 30
	Memory            = 128              // MB
	MaxReceives       = 5
	BatchSize         = 10
	Concurrency       = 10
	// VisibilityFactor is how many function timeouts a received message stays
	// hidden; AWS advises six for a queue that feeds a function.
	VisibilityFactor = 6
	Retention        = 4 * 24 * time.Hour
	// DeadLetterRetention exceeds Retention because a message keeps its sent
	// time when it moves to the dead-letter queue.
	DeadLetterRetention = 14 * 24 * time.Hour
)

// A Plan is every resource of one deployment. Lists are sorted by identity.
type Plan struct {
	// Name is the deployment's name, the first part of every resource name.
	Name      string
	APIs      []API
	Topics    []Topic
	External  []ExternalTopic
	Crons     []Cron
	Functions []Function
	// Key encrypts the queues and topics on AWS; nil leaves that to SQS.
	Key *Key
	// TopicsAPI says that other systems publish to the topics by HTTP.
	TopicsAPI bool
	// TopicPrefix is what stands before a topic's folder name in its resource name.
	TopicPrefix string
}

// An API is an HTTP API.
type API struct {
	// ID is "apis/orders".
	ID     string
	Name   string
	Routes []Route
	// CORS is what pages of other origins may do; nil is for the functions to say.
	CORS *cors.Policy
}

// A Route sends one method and path of an API to a function.
type Route struct {
	Method   string
	Path     string // "/orders/{order_id}"
	Function string // identity
}

// A Topic is an SNS topic with its subscriptions.
type Topic struct {
	// ID is "topics/order_placed".
	ID string
	// Name is the folder's name: order_placed.
	Name string
	// Resource is the name on AWS.
	Resource      string
	Subscriptions []Subscription
}

// An ExternalTopic is a topic of another deployment, with this one's subscriptions to
// it. Its ID is "external_topics/chat/message_sent", and its Resource begins with the
// name of that deployment.
type ExternalTopic struct {
	Topic
	// App is the placeholder for the deployment that has the topic: chat.
	App string
	// Deployment is that deployment's name: chat-dev.
	Deployment string
	// Assumed says that nobody has named the deployment, and that its name is taken to
	// be the placeholder. That will do on one machine; [Deploy] refuses it.
	Assumed bool
}

// Label is what people and logs call the topic: "chat/message_sent".
func (t ExternalTopic) Label() string { return t.App + "/" + t.Name }

// A Cron is an EventBridge rule that invokes a function.
type Cron struct {
	// Function is the cron's identity.
	Function string
	// Rule is the rule's name, at most 64 characters.
	Rule string
	// Schedule is an expression of EventBridge's, in UTC.
	Schedule string
}

// A Subscription is what one subscriber adds to its topic: a queue fed by raw
// delivery, its dead-letter queue, and the event source mapping to its function.
// The dead-letter queue is also the subscription's own redrive target.
type Subscription struct {
	// Topic is the topic's folder name, or the label of an external one.
	Topic string
	// Resource is the topic's name on AWS.
	Resource string
	// Function is the subscriber's identity.
	Function   string
	Queue      Queue
	DeadLetter Queue
	Mapping    Mapping
}

// A Queue is an SQS queue.
type Queue struct {
	Name       string
	Visibility time.Duration
	Retention  time.Duration
	// MaxReceives is how often a message may be received before it moves to the
	// dead-letter queue; 0 on a dead-letter queue.
	MaxReceives int
}

// A Mapping is an event source mapping. It always reports batch item failures.
type Mapping struct {
	BatchSize   int
	Window      time.Duration
	Concurrency int
}

// A Function is one Lambda function.
type Function struct {
	// ID is the function's identity: its folder under less/ and functions/.
	ID string
	// App is the name of its application, and TopicPrefix what begins the names of its
	// topics, where it is not the plan's own: see [Beside].
	App, TopicPrefix string
	// Name is the name on AWS, at most 64 characters.
	Name string
	// Main is the folder of its entry point, relative to the project.
	Main    string
	Timeout time.Duration
	Memory  int // MB
	// Publishes lists the topics, by folder name, that the function may publish to.
	Publishes []string
	// Env are the environment variables that the project gives to all its functions.
	Env map[string]secret.Text
}

// LogGroup is the log group of f on AWS.
func (f Function) LogGroup() string { return "/aws/lambda/" + f.Name }

// Subscriptions lists the subscriptions to every topic.
func (p Plan) Subscriptions() []Subscription {
	var out []Subscription
	for _, t := range p.Topics {
		out = append(out, t.Subscriptions...)
	}
	for _, t := range p.External {
		out = append(out, t.Subscriptions...)
	}
	return out
}
