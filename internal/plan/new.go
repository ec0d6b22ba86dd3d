package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/app"
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
}

// New decides every resource of a. Each function may publish to the topics that f
// has for it, and to no other.
func New(a app.App, f flow.Flow, opts Options) Plan {
	name := opts.Name
	if name == "" {
		name = a.Name()
	}
	name = sanitize(name)
	p := Plan{Name: name, TopicPrefix: name + "-"}

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
		p.APIs = append(p.APIs, out)
	}
	for _, t := range a.Topics {
		out := Topic{ID: "topics/" + t.Name, Name: t.Name, Resource: p.TopicPrefix + t.Name}
		for _, s := range t.Subscribers {
			fn := Function{
				ID:        s.ID(),
				Name:      resourceName(maxFunctionName, name, t.Name, s.Name),
				Main:      "functions/" + s.ID(),
				Timeout:   or(s.Settings.Timeout, SubscriberTimeout),
				Memory:    or(s.Settings.Memory, Memory),
				Publishes: grants(f, s.ID()),
			}
			p.Functions = append(p.Functions, fn)
			out.Subscriptions = append(out.Subscriptions, subscription(name, t, s, fn, opts))
		}
		p.Topics = append(p.Topics, out)
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
	for i := range p.Functions {
		p.Functions[i].Env = opts.Env
	}
	slices.SortFunc(p.Functions, func(a, b Function) int { return strings.Compare(a.ID, b.ID) })
	return p
}

// grants are the topics that the function with the identity id may publish to.
func grants(f flow.Flow, id string) []string {
	fn, _ := f.Function(id)
	return fn.Topics()
}

func subscription(name string, t app.Topic, s app.Subscriber, f Function, opts Options) Subscription {
	return Subscription{
		Topic:    t.Name,
		Function: f.ID,
		Queue: Queue{
			Name:        resourceName(maxQueueName, name, t.Name, s.Name),
			Visibility:  or(opts.Visibility, VisibilityFactor*f.Timeout),
			Retention:   Retention,
			MaxReceives: or(s.Settings.MaxReceives, MaxReceives),
		},
		DeadLetter: Queue{
			Name:       resourceName(maxQueueName-len(deadLetterSuffix), name, t.Name, s.Name) + deadLetterSuffix,
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
