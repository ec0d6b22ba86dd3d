// Package app is the model of an application: what the less/ tree says, as
// plain data. It imports nothing of this project; scan fills it, gen and plan
// read it.
package app

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An App is the architecture that a less/ tree describes. Every list is sorted
// by name, so that what is derived from it is the same on every machine.
type App struct {
	// Module is the module path of the go.mod beside less/.
	Module string
	APIs   []API
	Topics []Topic
	// External are topics of other applications, sorted by application and name.
	External []ExternalTopic
	Crons    []Cron
}

// Name is the last element of the module path, without a major version: what
// the application is called where nobody gave it a deployment name.
func (a App) Name() string {
	name := path.Base(a.Module)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(a.Module))
	}
	return name
}

// A Package is a Go package of the application.
type Package struct {
	// Dir is the folder, slash-separated and relative to the project: "less/topics/order_placed".
	Dir string
	// ImportPath is what another package imports it by.
	ImportPath string
	// Name is its package clause, which need not match the folder.
	Name string
}

// Pos is a place in a file of the project: "less/topics/order_placed/message.go:12".
type Pos string

// Split takes p apart; a file or folder as a whole has the line 0.
func (p Pos) Split() (file string, line int) {
	if i := strings.LastIndexByte(string(p), ':'); i >= 0 {
		if line, err := strconv.Atoi(string(p[i+1:])); err == nil {
			return string(p[:i]), line
		}
	}
	return string(p), 0
}

// Compare sorts places by file and then by line, 9 before 10.
func (p Pos) Compare(q Pos) int {
	file, line := p.Split()
	otherFile, otherLine := q.Split()
	return cmp.Or(strings.Compare(file, otherFile), cmp.Compare(line, otherLine))
}

// An API is one folder of less/apis: a set of routes with a base URL of its own.
type API struct {
	Name   string
	Routes []Route
}

// A Shape is the form of a route's handler.
type Shape string

// The two forms a route's handler can have.
const (
	// Typed is func(ctx context.Context, req Req) (Resp, error).
	Typed Shape = "typed"
	// HTTP is func(w http.ResponseWriter, r *http.Request).
	HTTP Shape = "http"
)

// A Route is one verb file below an API's folder.
type Route struct {
	API     string
	Package Package
	// Method is the HTTP method in capitals: POST.
	Method string
	// Path as people write it, "/orders/{order_id}", made from the folder names.
	Path string
	// Func is the handler's name in Package: Post.
	Func  string
	Shape Shape
	// Middleware says that Package declares <Func>Middleware.
	Middleware bool
	Settings   Settings
	Pos        Pos
}

// ID is the route's identity everywhere: "apis/orders/orders/post".
func (r Route) ID() string {
	return strings.TrimPrefix(r.Package.Dir, "less/") + "/" + strings.ToLower(r.Method)
}

// A Topic is one folder of less/topics.
type Topic struct {
	Name string
	// GoName is the field of the generated package topics: OrderPlaced.
	GoName string
	// Package declares the topic's Message.
	Package     Package
	Subscribers []Subscriber
	Pos         Pos
}

// An ExternalTopic is one folder of less/external_topics/<app>: a topic that another
// application publishes to, and this one subscribes to.
type ExternalTopic struct {
	// App is the folder it is in: a placeholder for a deployment of the application
	// that has the topic.
	App  string
	Name string
	// Package declares what this application takes from the topic, its Message.
	Package     Package
	Subscribers []Subscriber
	Pos         Pos
}

// ID is the topic's identity everywhere: "external_topics/chat/message_sent".
func (t ExternalTopic) ID() string { return "external_topics/" + t.Label() }

// Label is what people and logs call it, as they call a topic by its name:
// "chat/message_sent".
func (t ExternalTopic) Label() string { return t.App + "/" + t.Name }

// A Subscriber is one folder below a topic's, whose package declares Process.
type Subscriber struct {
	// App is the placeholder of an external topic's application; "" for a topic of
	// one's own.
	App      string
	Topic    string
	Name     string
	Package  Package
	Settings Settings
	Pos      Pos
}

// ID is the subscriber's identity everywhere:
// "topics/order_placed/payment_service_process_payment", or
// "external_topics/chat/message_sent/notification_service_notify_user".
func (s Subscriber) ID() string {
	if s.App != "" {
		return ExternalTopic{App: s.App, Name: s.Topic}.ID() + "/" + s.Name
	}
	return "topics/" + s.Topic + "/" + s.Name
}

// Subscribers are those of all topics, one's own first.
func (a App) Subscribers() []Subscriber {
	var out []Subscriber
	for _, t := range a.Topics {
		out = append(out, t.Subscribers...)
	}
	for _, t := range a.External {
		out = append(out, t.Subscribers...)
	}
	return out
}

// Placeholders are the names that less/external_topics has for other applications.
func (a App) Placeholders() []string {
	var out []string
	for _, t := range a.External {
		out = append(out, t.App)
	}
	return slices.Compact(out)
}

// A Cron is one folder of less/crons, whose package declares Process and Schedule.
type Cron struct {
	Name    string
	Package Package
	// Schedule is an expression of EventBridge's: "rate(5 minutes)".
	Schedule string
	Settings Settings
	Pos      Pos
}

// ID is the cron's identity everywhere: "crons/send_report".
func (c Cron) ID() string { return "crons/" + c.Name }

// Service is the part of a subscriber's name before "_service_", with
// underscores read as spaces ("delivery partner"), or "" where the name has none.
func (s Subscriber) Service() string { return ServiceOf(s.Name) }

// ServiceOf is [Subscriber.Service] for a bare name.
func ServiceOf(name string) string {
	service, _, found := strings.Cut(name, "_service_")
	if !found {
		return ""
	}
	return strings.ReplaceAll(service, "_", " ")
}

// Settings are the literals a handler's package may declare (Config, PostConfig).
// Zero means the default of the plan.
type Settings struct {
	// Declared says that the package declares them, so generated code may name the variable.
	Declared    bool
	Timeout     time.Duration
	Memory      int // MB
	MaxReceives int
	BatchSize   int
	Concurrency int
}
