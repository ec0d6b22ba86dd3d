package queue

import "sync"

// A notifier tells OnDeadLetter what was moved, on a goroutine of its own: the
// writer must not wait for somebody who may be waiting for the writer.
type notifier struct {
	call func(Moved)

	mu      sync.Mutex
	pending []moved
	wake    chan struct{} // one place: something is pending
	calling sync.WaitGroup
	stop    sync.Once
}

// moved is a Moved whose attributes are not decoded yet.
type moved struct {
	Moved
	meta []byte
}

func newNotifier(call func(Moved)) *notifier {
	n := &notifier{call: call, wake: make(chan struct{}, 1)}
	if call != nil {
		n.calling.Go(n.run)
	}
	return n
}

// add hands over what was moved and does not wait.
func (n *notifier) add(list []moved) {
	if n.call == nil || len(list) == 0 {
		return
	}
	n.mu.Lock()
	n.pending = append(n.pending, list...)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// close returns when everything added before has been told.
func (n *notifier) close() {
	n.stop.Do(func() { close(n.wake) })
	n.calling.Wait()
}

func (n *notifier) run() {
	for open := true; open; {
		_, open = <-n.wake
		n.mu.Lock()
		list := n.pending
		n.pending = nil
		n.mu.Unlock()
		for _, m := range list {
			// What cannot be decoded is told without attributes: the move happened.
			carried, _ := decodeMeta(m.meta)
			m.Attributes = carried.attributes
			n.call(m.Moved)
		}
	}
}
