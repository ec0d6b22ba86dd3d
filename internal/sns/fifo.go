package sns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/queue"
)

// An order gives the messages of FIFO topics their sequence numbers, and sees to it
// that those of one group are stored in the order of these.
type order struct {
	mu   sync.Mutex
	last uint64

	turns [64]sync.Mutex // by group
}

var turnSeed = maphash.MakeSeed()

// turn is what publishers of one group take, so that one publishes at a time.
func (o *order) turn(t *topic, group string) *sync.Mutex {
	return &o.turns[maphash.String(turnSeed, t.Name+"/"+group)%uint64(len(o.turns))]
}

// next is a number of 20 digits, larger than those before it. After a restart it goes
// on from the time of day.
func (o *order) next() string {
	const first = 10_000_000_000_000_000_000
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = max(o.last+1, first+uint64(time.Now().UnixNano()))
	return fmt.Sprintf("%020d", o.last)
}

// deduplication is the id by which a FIFO topic knows a message: the publisher's, or
// the hash of the body.
func (o *Outgoing) deduplication() string {
	if o.MessageDeduplicationID != nil && *o.MessageDeduplicationID != "" {
		return *o.MessageDeduplicationID
	}
	sum := sha256.Sum256([]byte(o.Message))
	return hex.EncodeToString(sum[:])
}

// deliverOnce is deliver for a message of a FIFO topic. One that was published in
// the last five minutes is not delivered again, and gets the id and the sequence
// number that it had then.
func (s *Service) deliverOnce(ctx context.Context, t *topic, m *message) error {
	turn := s.order.turn(t, *m.MessageGroupID)
	turn.Lock()
	defer turn.Unlock()
	m.sequence = s.order.next()
	once := queue.Once{
		// A topic that was deleted and made again remembers nothing.
		Scope: "sns/" + t.Name + "/" + t.Born.Format(time.RFC3339Nano),
		Key:   m.deduplication,
		ID:    m.id + " " + m.sequence,
	}
	if t.byGroup {
		once.Key = *m.MessageGroupID + " " + once.Key // neither has a space in it
	}
	var sent queue.Sent
	deliveries := s.deliveries(t, m)
	err := s.send(deliveries, func(entries []queue.Entry) (err error) {
		sent, err = s.store.SendOnce(ctx, once, entries...)
		return err
	})
	if err != nil {
		return err
	}
	if sent.Duplicate {
		m.id, m.sequence, _ = strings.Cut(sent.ID, " ")
		return nil
	}
	s.report(t, []*message{m}, deliveries)
	return nil
}
