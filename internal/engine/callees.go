package engine

import (
	"strings"
	"sync"

	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// callees are the functions that topics can invoke, by the names in their ARNs. They
// are apart from what Apply holds while it waits for functions, which may be
// publishing.
type callees struct {
	async *async.Invoker

	mu  sync.RWMutex
	ids map[string]string // by name
}

func (c *callees) set(p plan.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids = map[string]string{}
	for _, f := range p.Functions {
		c.ids[f.Name] = f.ID
	}
}

// Entry returns what to send to have a function invoked with event.
func (c *callees) Entry(functionARN string, event []byte) (queue.Entry, bool) {
	a, err := awsapi.ParseARN(functionARN)
	if err != nil {
		return queue.Entry{}, false
	}
	name, isFunction := strings.CutPrefix(a.Resource, "function:")
	name = strings.TrimSuffix(name, ":$LATEST")
	c.mu.RLock()
	id, found := c.ids[name]
	unknown := c.ids == nil
	c.mu.RUnlock()
	switch {
	case !isFunction:
		return queue.Entry{}, false
	case unknown:
		// Before the first plan of this engine, the functions are those whose queues
		// are there from the last one.
		return queue.Entry{Queue: async.Queues([]async.Function{{Name: name}})[0].Name, Body: event}, true
	case !found:
		return queue.Entry{}, false
	}
	return c.async.Entry(async.Event{Function: id, Payload: event}), true
}
