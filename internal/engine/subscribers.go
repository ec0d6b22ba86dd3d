package engine

import (
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/queue"
)

// subscribers are the functions as subscribers of topics: what is published is an
// asynchronous invocation, accepted in the transaction of the publish.
type subscribers struct{ engine *Engine }

// Entry returns what to send to have the function with the given ARN run on event.
func (s subscribers) Entry(functionARN string, event []byte) (queue.Entry, bool) {
	id, found := s.engine.lambda.Identity(functionARN)
	if !found {
		return queue.Entry{}, false
	}
	return s.engine.async.Entry(async.Event{Function: id, Payload: event}), true
}
