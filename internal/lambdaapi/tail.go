package lambdaapi

import (
	"encoding/base64"
	"sync"
	"sync/atomic"

	"github.com/less-go/less/internal/activity"
)

// maxTail is how much of its end an invocation's log is returned by.
const maxTail = 4 << 10

// tails are the logs of running invocations that somebody has asked for.
type tails struct {
	wanted atomic.Int32 // how many there are; most of the time none

	mu   sync.Mutex
	byID map[string]*tail // by request id
}

// A tail is the end of an invocation's log. The zero tail and nil are empty.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Watch is told of everything that happens, before the invocation returns that it
// happened in.
func (s *Service) Watch(e activity.Event) {
	if s.tails.wanted.Load() == 0 {
		return
	}
	switch e.Kind {
	case activity.Start, activity.Log, activity.End:
	default:
		return
	}
	s.tails.mu.Lock()
	t := s.tails.byID[e.RequestID]
	s.tails.mu.Unlock()
	if t != nil {
		t.write(e.Line)
	}
}

func (t *tails) open(requestID string) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[string]*tail{}
	}
	t.byID[requestID] = &tail{}
	t.wanted.Add(1)
	return t.byID[requestID]
}

func (t *tails) close(requestID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, requestID)
	t.wanted.Add(-1)
}

func (t *tail) write(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(append(t.text, line...), '\n')
	if over := len(t.text) - maxTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
}

func (t *tail) base64() string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return base64.StdEncoding.EncodeToString(t.text)
}
