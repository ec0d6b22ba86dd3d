package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/secret"
)

// AWS's limits on names.
const (
	maxFunctionName = 64
	maxQueueName    = 80
	// deadLetterSuffix ends the name of each dead-letter queue, also of one whose
	// name is cut, so that they can be searched for.
	deadLetterSuffix = "-dlq"
)

// Options change what New decides.
type Options struct {
	// Name is the deployment's name; the application's own where it is empty.
	Name string
	// Visibility replaces the visibility timeout of every subscriber's queue,
	// which is otherwise VisibilityFactor times its function's timeout.
	Visibility time.Duration
	// Env are the environment variables of every function.
	Env map[string]secret.Text
	// External are the names of deployments by the placeholders that stand for them.
	// One that is not named is taken to be called as its placeholder.
	External map[string]string
	// Key is the KMS key of the queues and topics: "create", "alias/shop", or an ARN; ""
	// is none.
	Key string
	// TopicsAPI makes the Topics API, where there are topics.
	TopicsAPI bool
	// Origins are, by the name of an API, those of the pages that may call it; those of
	// "" may call each API that is not named.
	Origins map[string][]string
}

// New decides every resource of a. Each function may publish to the topics that f
// has for it, and to no other.
func New(a app.App, f flow.Flow, opts Options) Plan {
	name := opts.Name
	if name == "" {
		name = a.Name()
	}
	name = sanitize(name)
	p := Plan{Name: name, TopicPrefix: topicPrefix(name)}

	for _, api := range a.APIs {
		out := API{ID: "apis/" + api.Name, Name: api.Name}
		for _, r := range api.Routes {
			id := r.ID()
			out.Routes = append(out.Routes, Route{Method: r.Method, Path: r.Path, Function: id})
			p.Functions = append(p.Functions, Function{
				ID:        id,
				Name:      resourceName(maxFunctionName, name, append([]string{"api"}, strings.Split(id, "/")[1:]...)...),
				Main:      "functions/" + id,
				Timeout:   or(r.Settings.Timeout, RouteTimeout),
				Memory:    or(r.Settings.Memory, Memory),
				Publishes: grants(f, id),
			})
		}
		out.CORS = policy(out, opts.Origins)
		p.APIs = append(p.APIs, out)
	}
	for _, t := range a.Topics {
		out := Topic{ID: "topics/" + t.Name, Name: t.Name, Resource: p.TopicPrefix + t.Name}
		p.subscribe(&out, t.Name, t.Subscribers, f, opts, t.Name)
		p.Topics = append(p.Topics, out)
	}
	for _, t := range a.External {
		deployment, named := opts.External[t.App]
		deployment = sanitize(or(deployment, t.App))
		out := ExternalTopic{
			App: t.App, Deployment: deployment, Assumed: !named,
			Topic: Topic{ID: t.ID(), Name: t.Name, Resource: topicPrefix(deployment) + t.Name},
		}
		p.subscribe(&out.Topic, t.Label(), t.Subscribers, f, opts, "external", t.App, t.Name)
		p.External = append(p.External, out)
	}
	for _, c := range a.Crons {
		resource := resourceName(maxFunctionName, name, "cron", c.Name)
		p.Crons = append(p.Crons, Cron{Function: c.ID(), Rule: resource, Schedule: c.Schedule})
		p.Functions = append(p.Functions, Function{
			ID:        c.ID(),
			Name:      resource,
			Main:      "functions/" + c.ID(),
			Timeout:   or(c.Settings.Timeout, CronTimeout),
			Memory:    or(c.Settings.Memory, Memory),
			Publishes: grants(f, c.ID()),
		})
	}
	p.Key = newKey(name, opts.Key)
	p.TopicsAPI = opts.TopicsAPI && len(p.Topics) > 0
	for i := range p.Functions {
		p.Functions[i].Env = opts.Env
	}
	slices.SortFunc(p.Functions, func(a, b Function) int { return strings.Compare(a.ID, b.ID) })
	return p
}

// policy is what pages of other origins may do with api.
func policy(api API, origins map[string][]string) *cors.Policy {
	allowed, named := origins[api.Name]
	if !named {
		allowed = origins[""]
	}
	if len(allowed) == 0 {
		return nil
	}
	methods := []string{http.MethodOptions}
	for _, r := range api.Routes {
		methods = append(methods, r.Method)
	}
	slices.Sort(methods)
	return &cors.Policy{
		Origins: allowed, Methods: slices.Compact(methods), MaxAge: new(time.Hour),
		Headers: []string{"authorization", "content-type", "traceparent", "x-correlation-id"},
	}
}

// grants are the topics that the function with the identity id may publish to.
func grants(f flow.Flow, id string) []string {
	fn, _ := f.Function(id)
	return fn.Topics()
}

// subscribe adds the functions and queues of the subscribers of t, which logs call
// label. parts are what their names on AWS have of the topic.
func (p *Plan) subscribe(t *Topic, label string, subscribers []app.Subscriber, f flow.Flow, opts Options, parts ...string) {
	for _, s := range subscribers {
		parts := append(slices.Clone(parts), s.Name)
		fn := Function{
			ID:        s.ID(),
			Name:      resourceName(maxFunctionName, p.Name, parts...),
			Main:      "functions/" + s.ID(),
			Timeout:   or(s.Settings.Timeout, SubscriberTimeout),
			Memory:    or(s.Settings.Memory, Memory),
			Publishes: grants(f, s.ID()),
		}
		p.Functions = append(p.Functions, fn)
		sub := subscription(p.Name, parts, s, fn, opts)
		sub.Topic, sub.Resource = label, t.Resource
		t.Subscriptions = append(t.Subscriptions, sub)
	}
}

// topicPrefix is what stands before a topic's folder name in the resource names of a
// deployment.
func topicPrefix(deployment string) string { return deployment + "-" }

func subscription(name string, parts []string, s app.Subscriber, f Function, opts Options) Subscription {
	return Subscription{
		Function: f.ID,
		Queue: Queue{
			Name:        resourceName(maxQueueName, name, parts...),
			Visibility:  or(opts.Visibility, VisibilityFactor*f.Timeout),
			Retention:   Retention,
			MaxReceives: or(s.Settings.MaxReceives, MaxReceives),
		},
		DeadLetter: Queue{
			Name:       resourceName(maxQueueName-len(deadLetterSuffix), name, parts...) + deadLetterSuffix,
			Visibility: 30 * time.Second, // SQS's own default: people read it, no function does
			Retention:  DeadLetterRetention,
		},
		Mapping: Mapping{
			BatchSize:   or(s.Settings.BatchSize, BatchSize),
			Concurrency: or(s.Settings.Concurrency, Concurrency),
		},
	}
}

// Function returns the function with the identity id.
func (p Plan) Function(id string) (Function, bool) {
	i, found := slices.BinarySearchFunc(p.Functions, id, func(f Function, id string) int {
		return strings.Compare(f.ID, id)
	})
	if !found {
		return Function{}, false
	}
	return p.Functions[i], true
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// resourceName joins the deployment's name and the parts with dashes into a name
// of at most limit characters. A name that is too long is cut and ends in a hash
// of the whole; so does one with a dash in a part, which could be read as another
// one's parts. It depends on nothing else, so no name moves as an application grows.
func resourceName(limit int, name string, parts ...string) string {
	full := name + "-" + strings.Join(parts, "-")
	ambiguous := slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(part, "-") })
	if len(full) <= limit && !ambiguous {
		return full
	}
	sum := sha256.Sum256([]byte(name + "/" + strings.Join(parts, "/")))
	return full[:min(len(full), limit-9)] + "-" + hex.EncodeToString(sum[:4])
}

// sanitize maps s to the characters that function, queue and topic names share.
func sanitize(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, s)
}
