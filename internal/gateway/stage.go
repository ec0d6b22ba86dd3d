package gateway

import (
	"math"
	"sync"
	"time"

	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/plan"
)

// A Stage is what an API has besides its routes where a client has made it. The
// zero Stage is $default, with nothing set.
type Stage struct {
	// Name begins the paths of the stage, but for $default and "", which is that.
	Name string
	// Timeout is how long a route waits for its function; nil is [IntegrationTimeout].
	Timeout func(plan.Route) time.Duration
	// Refuse says why a route may not invoke its function; nil is that each may.
	Refuse func(plan.Route) error
	// CORS is what the gateway says to browsers; nil leaves that to the functions.
	CORS *cors.Policy
	// Rate is how many requests a route takes in a second, after a burst of Burst;
	// a Rate of 0 is any number.
	Rate  float64
	Burst int
}

// defaultStage is the stage that has no name in paths.
const defaultStage = "$default"

func (s *Stage) name() string {
	if s.Name == "" {
		return defaultStage
	}
	return s.Name
}

// prefix is what the stage's paths begin with.
func (s *Stage) prefix() string {
	if s.name() == defaultStage {
		return ""
	}
	return "/" + s.Name
}

func (s *Stage) timeout(r plan.Route) time.Duration {
	if s.Timeout == nil {
		return IntegrationTimeout
	}
	return s.Timeout(r)
}

// buckets limit the requests of each route of a stage: a token for each request, of
// which a bucket holds a burst and gets some in each second.
type buckets struct {
	rate, burst float64

	mu      sync.Mutex
	byRoute map[string]*bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

func newBuckets(s Stage) *buckets {
	// A rate without a burst takes one request at a time, not none.
	return &buckets{rate: s.Rate, burst: math.Max(float64(s.Burst), 1), byRoute: map[string]*bucket{}}
}

// take says whether the route takes one more request now.
func (b *buckets) take(route string, now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.byRoute[route]
	if of == nil {
		of = &bucket{b.burst, now}
		b.byRoute[route] = of
	}
	of.tokens = math.Min(b.burst, of.tokens+b.rate*now.Sub(of.filled).Seconds())
	of.filled = now
	if of.tokens < 1 {
		return false
	}
	of.tokens--
	return true
}
