package less

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"
)

// An App is every topic and every function of an application. The generated package functions
// has one, and lesstest runs it in memory.
type App struct {
	// Module is the application's module path.
	Module string
	// Topics are the folder names of all topics, those without a subscriber included.
	// Other applications' topics are not among them.
	Topics    []string
	Functions []Function
}

// Subscriber holds what a subscriber may change about its function and queue, in
// a variable of its package:
//
//	var Config = less.Subscriber{Timeout: 10 * time.Second, MaxReceives: 3}
//
// It must be a literal, because it is read without running it. A field that is
// zero keeps the default.
type Subscriber struct {
	// Timeout is how long one invocation may take; 30 s.
	Timeout time.Duration
	// Memory is in MB; 128.
	Memory int
	// MaxReceives is how often a message is tried before it goes to the
	// dead-letter queue; 5.
	MaxReceives int
	// BatchSize is how many messages one invocation gets at most; 10.
	BatchSize int
	// Concurrency is how many invocations run at once at most; 10.
	Concurrency int
}

// Route holds what a route may change about its function, in a variable of its
// package that is named after the handler: PostConfig for Post. See [Subscriber].
type Route struct {
	// Timeout is how long one request may take; 29 s.
	Timeout time.Duration
	// Memory is in MB; 128.
	Memory int
}

// A Function is one Lambda function: a subscriber, a route or a cron, with its handler.
type Function struct {
	id         string
	topic      string
	subscriber *Subscriber // of a topic's function
	route      *Route      // of a route's function
	cron       *Cron       // of a cron's function
	invoke     func(context.Context, []byte) ([]byte, error)
}

// TopicFunction returns the function with the given identity that handles the
// messages of t with process, as [ServeTopic] describes. It takes the settings
// that the subscriber declares, at most one value.
func TopicFunction[M any](id string, t Topic[M], process func(context.Context, M) error, settings ...Subscriber) Function {
	return topicFunction("less.TopicFunction", id, t.name, process, settings)
}

func topicFunction[M any](maker, id, topic string, process func(context.Context, M) error, settings []Subscriber) Function {
	if process == nil {
		panic(fmt.Sprintf("%s: %s has no handler", maker, id))
	}
	s := subscriber{function: id, topic: topic, process: func(ctx context.Context, body []byte) error {
		var m M
		if err := json.Unmarshal(body, &m); err != nil {
			return fmt.Errorf("the message is not a valid %s: %w", reflect.TypeFor[M](), err)
		}
		return process(ctx, m)
	}}
	config := only(id, settings)
	return Function{id: id, topic: topic, subscriber: &config, invoke: s.invoke}
}

// RouteFunction returns the function with the given identity that answers
// requests with h, as [ServeAPI] describes. It takes the settings that the route
// declares, at most one value.
func RouteFunction(id string, h http.Handler, settings ...Route) Function {
	if h == nil {
		panic(fmt.Sprintf("less.RouteFunction: %s has no handler", id))
	}
	config := only(id, settings)
	r := route{function: id, handler: h, cors: readableBy()}
	return Function{id: id, route: &config, invoke: r.invoke}
}

// only returns the one element of s, or the zero value.
func only[T any](id string, s []T) (one T) {
	switch len(s) {
	case 0:
	case 1:
		one = s[0]
	default:
		panic(fmt.Sprintf("less: %s has %d settings, it can have one", id, len(s)))
	}
	return one
}

// ID is the function's identity, its folder under less/ and under functions/:
// topics/order_placed/payment_service_process_payment.
func (f Function) ID() string { return f.id }

// Topic is the folder name of the topic that f subscribes to, with the application
// before it where that is another one, "chat/message_sent", or "" for any other function.
func (f Function) Topic() string { return f.topic }

// Subscriber returns the settings that f declares; ok is false for any but a subscriber.
func (f Function) Subscriber() (settings Subscriber, ok bool) {
	if f.subscriber == nil {
		return Subscriber{}, false
	}
	return *f.subscriber, true
}

// Route returns the settings that f declares; ok is false for any but a route.
func (f Function) Route() (settings Route, ok bool) {
	if f.route == nil {
		return Route{}, false
	}
	return *f.route, true
}

// Cron returns the settings that f declares; ok is false for any but a cron.
func (f Function) Cron() (settings Cron, ok bool) {
	if f.cron == nil {
		return Cron{}, false
	}
	return *f.cron, true
}

// Invoke is one invocation of the Lambda function: an SQS event or an API
// Gateway event in, the answer for it out. An error fails the invocation as a
// whole; what a handler returns does not. It is safe for concurrent use, and
// keeps nothing of payload.
func (f Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if f.invoke == nil {
		panic("less: Invoke of a zero Function: make one with TopicFunction, RouteFunction or CronFunction")
	}
	return f.invoke(ctx, payload)
}
