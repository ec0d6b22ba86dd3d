package queue

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/google/uuid"
)

// A payload is the part of a message that never changes, as it is stored.
type payload struct {
	id   string
	meta []byte // an encoded meta
	body []byte
	sum  uint32
}

// checksum covers all of the payload, and where one part ends and the next begins.
func (p *payload) checksum() uint32 {
	var lengths [16]byte
	binary.BigEndian.PutUint64(lengths[:], uint64(len(p.id)))
	binary.BigEndian.PutUint64(lengths[8:], uint64(len(p.meta)))
	sum := crc32.Update(0, castagnoli, lengths[:])
	sum = crc32.Update(sum, castagnoli, []byte(p.id))
	sum = crc32.Update(sum, castagnoli, p.meta)
	return crc32.Update(sum, castagnoli, p.body)
}

func (p *payload) intact() bool { return p.sum == p.checksum() }

func (p *payload) size() int { return len(p.id) + len(p.meta) + len(p.body) }

// An outgoing message is checked and encoded, ready to be written.
type outgoing struct {
	payload
	queue           string
	delay           *time.Duration
	group           string
	deduplicationID string
}

func newOutgoing(e Entry) (outgoing, error) {
	if e.Delay != nil && (*e.Delay < 0 || *e.Delay > maxDelay) {
		return outgoing{}, fmt.Errorf("send to %s: delay is %v, want 0s to %v", e.Queue, *e.Delay, maxDelay)
	}
	o := outgoing{queue: e.Queue, delay: e.Delay, group: e.GroupID, deduplicationID: e.DeduplicationID}
	o.id, o.body = e.ID, e.Body
	o.meta = meta{e.TraceHeader, e.GroupID, e.DeduplicationID, e.Attributes}.encode()
	if o.id == "" {
		o.id = uuid.NewString()
	}
	if size := o.size(); size > maxMessage {
		return outgoing{}, fmt.Errorf("send to %s: message of %d bytes, want at most %d", e.Queue, size, maxMessage)
	}
	o.sum = o.checksum()
	return o, nil
}
