package engine

import (
	"strings"
	"sync"

	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// callees are the functions that topics can invoke. They are apart from what Apply
// holds while it waits for functions, which may be publishing.
type callees struct {
	mu    sync.RWMutex
	names map[string]bool // those in the functions' ARNs; nil before the first plan
}

// set replaces all functions. Their queues are there already, since it is to them
// that a topic sends from now on.
func (c *callees) set(p plan.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = map[string]bool{}
	for _, f := range p.Functions {
		c.names[f.Name] = true
	}
}

// known says whether there is a function. Before the first plan of this engine that
// is left to the queues: the functions are those that have one from the last plan.
func (c *callees) known(name string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.names == nil || c.names[name]
}

// Entry returns what to send to have a function invoked with event.
func (c *callees) Entry(functionARN string, event []byte) (queue.Entry, bool) {
	a, err := awsapi.ParseARN(functionARN)
	if err != nil {
		return queue.Entry{}, false
	}
	name, isFunction := strings.CutPrefix(a.Resource, "function:")
	name = strings.TrimSuffix(name, ":$LATEST")
	if !isFunction || !c.known(name) {
		return queue.Entry{}, false
	}
	return queue.Entry{Queue: async.Function{Name: name}.Queue(), Body: event}, true
}
