package mapping

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/queue"
)

// hidden is the messages that were received and not deleted, for as long as no
// other receive can return them. Its zero value is ready for use.
type hidden struct {
	mu       sync.Mutex
	messages map[string]hiddenMessage // by message id
	limit    int                      // how many there may be before the old ones go
}

type hiddenMessage struct {
	receipt string    // of the latest receive
	visible time.Time // when another receive can return it
	failed  bool      // nothing works on it until then
}

// add takes in messages that were just received.
func (h *hidden) add(messages []queue.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.messages == nil {
		h.messages = map[string]hiddenMessage{}
	}
	for _, msg := range messages {
		h.messages[msg.ID] = hiddenMessage{receipt: msg.Receipt, visible: msg.VisibleAt}
	}
	if len(h.messages) > h.limit {
		now := time.Now()
		maps.DeleteFunc(h.messages, func(_ string, m hiddenMessage) bool { return !m.visible.After(now) })
		h.limit = 2*len(h.messages) + 64 // so that looking at all of them stays rare
	}
}

// fail says that this receive of msg came to nothing, and returns when the
// message is visible again: in the past, where it has been received again since.
func (h *hidden) fail(msg queue.Message) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, found := h.messages[msg.ID]
	if !found || m.receipt != msg.Receipt {
		return msg.VisibleAt
	}
	m.failed = true
	h.messages[msg.ID] = m
	return m.visible
}

// forget drops a message that is deleted or nobody's to watch any more, and
// reports whether this receive of it was the latest.
func (h *hidden) forget(msg queue.Message) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, found := h.messages[msg.ID]
	if found && m.receipt != msg.Receipt {
		return false
	}
	delete(h.messages, msg.ID)
	return true
}

// change says when the message of receipt is visible, if it is one of these. One
// that was visible already stays so: that is not changed by a receipt.
func (h *hidden) change(receipt string, visible time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for id, m := range h.messages { // few, mostly: those at work and those that failed
		if m.receipt == receipt && m.visible.After(now) {
			m.visible = visible
			h.messages[id] = m
			return
		}
	}
}

// failures returns the failed messages that are hidden still, as id and receipt.
func (h *hidden) failures() []queue.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []queue.Message
	now := time.Now()
	for id, m := range h.messages {
		if m.failed && m.visible.After(now) {
			out = append(out, queue.Message{ID: id, Receipt: m.receipt})
		}
	}
	return out
}

// VisibilityChanged tells the mapping that a function has changed when the
// message with this receipt is visible again, so that the activity says when the
// next attempt really comes. A receipt of another mapping's is ignored.
func (m *Mapping) VisibilityChanged(receipt string, visible time.Time) {
	m.hidden.change(receipt, visible)
}

// ReleaseFailed makes the messages visible at once that failed and wait for
// their visibility timeout: their function's code has changed, and may handle
// them now. Messages that failed before the mapping was made are not known.
func (m *Mapping) ReleaseFailed(ctx context.Context) error {
	name := m.opts.Subscription.Queue.Name
	var group errgroup.Group
	group.SetLimit(releasers)
	for _, msg := range m.hidden.failures() {
		group.Go(func() error {
			err := m.opts.Store.ChangeVisibility(ctx, name, msg.Receipt, 0)
			if err != nil && !notOurs(err) {
				return err
			}
			m.hidden.forget(msg)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("release the failed messages of %s: %w", name, err)
	}
	return nil
}

// notOurs says that a message is visible or gone already, maybe with its queue.
func notOurs(err error) bool {
	return slices.ContainsFunc([]error{
		queue.ErrGone, queue.ErrNotInFlight, queue.ErrReceiptExpired, queue.ErrInvalidReceipt, queue.ErrNoQueue,
	}, func(known error) bool { return errors.Is(err, known) })
}

// releasers is how many messages are released at a time, which share a commit.
const releasers = 32
