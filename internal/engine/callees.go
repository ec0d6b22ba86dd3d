package engine

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// callees are the functions that topics can invoke. They are apart from what Apply
// holds while it waits for functions, which may be publishing.
type callees struct {
	// mayInvoke says whether a service may invoke a function for a source.
	mayInvoke func(name, service, source string) bool

	mu sync.RWMutex
	// names are those in the functions' ARNs, with whether a client has made it, which
	// then lets only some invoke it; nil before the first plan.
	names map[string]bool
}

// set replaces all functions. Their queues are there already, since it is to them
// that a topic sends from now on.
func (c *callees) set(all []function) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = map[string]bool{}
	for _, f := range all {
		c.names[f.Name] = f.deployed != nil
	}
}

// known says whether there is a function, and whether a client has made it. Before
// the first plan of this engine that is left to the queues: the functions are those
// that have one from the last plan.
func (c *callees) known(name string) (known, deployed bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	deployed, known = c.names[name]
	return known || c.names == nil, deployed
}

// Entry returns what to send to have a function invoked with event of a topic.
func (c *callees) Entry(topicARN, functionARN string, event []byte) (queue.Entry, error) {
	none := errors.New("there is no function " + functionARN)
	a, err := awsapi.ParseARN(functionARN)
	if err != nil {
		return queue.Entry{}, none
	}
	name, isFunction := strings.CutPrefix(a.Resource, "function:")
	name = strings.TrimSuffix(name, ":$LATEST")
	known, deployed := c.known(name)
	switch {
	case !isFunction || !known:
		return queue.Entry{}, none
	case deployed && !c.mayInvoke(name, "sns.amazonaws.com", topicARN):
		return queue.Entry{}, fmt.Errorf("the function %s does not let the topic invoke it: it has no permission for sns.amazonaws.com and %s", name, topicARN)
	}
	return queue.Entry{Queue: async.Function{Name: name}.Queue(), Body: event}, nil
}
