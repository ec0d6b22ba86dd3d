package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/google/uuid"
)

// A payload is the part of a message that never changes, as it is stored.
type payload struct {
	id   string
	meta []byte // trace header, group id and attributes, see encodeMeta
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

// An outgoing message is checked and encoded, ready to be written.
type outgoing struct {
	payload
	queue string
	delay *time.Duration
}

func newOutgoing(e Entry) (outgoing, error) {
	if e.Delay != nil && (*e.Delay < 0 || *e.Delay > maxDelay) {
		return outgoing{}, fmt.Errorf("send to %s: delay is %v, want 0s to %v", e.Queue, *e.Delay, maxDelay)
	}
	o := outgoing{queue: e.Queue, delay: e.Delay}
	o.id, o.body, o.meta = e.ID, e.Body, encodeMeta(e.TraceHeader, e.GroupID, e.Attributes)
	if o.id == "" {
		o.id = uuid.NewString()
	}
	if size := o.size(); size > maxMessage {
		return outgoing{}, fmt.Errorf("send to %s: message of %d bytes, want at most %d", e.Queue, size, maxMessage)
	}
	o.sum = o.checksum()
	return o, nil
}

func (p *payload) size() int { return len(p.id) + len(p.meta) + len(p.body) }

// encodeMeta writes each text as its length and its bytes:
// trace header, group id, then name, type, string and binary of each attribute.
func encodeMeta(trace, group string, attributes map[string]Attribute) []byte {
	size := len(trace) + len(group) + 2*binary.MaxVarintLen32
	for name, a := range attributes {
		size += len(name) + len(a.Type) + len(a.String) + len(a.Binary) + 4*binary.MaxVarintLen32
	}
	b := make([]byte, 0, size)
	b = appendText(b, trace)
	b = appendText(b, group)
	for name, a := range attributes {
		b = appendText(b, name)
		b = appendText(b, a.Type)
		b = appendText(b, a.String)
		b = appendText(b, a.Binary)
	}
	return b
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errMeta = errors.New("malformed message attributes")

// decodeMeta is the reverse of encodeMeta. It takes any bytes: what the checksum
// let through may still come from another program.
func decodeMeta(b []byte) (trace, group string, attributes map[string]Attribute, err error) {
	ok := true
	next := func() []byte {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			ok, b = false, nil
			return nil
		}
		text := b[used : used+int(n)]
		b = b[used+int(n):]
		return text
	}
	trace, group = string(next()), string(next())
	for len(b) > 0 {
		if attributes == nil {
			attributes = make(map[string]Attribute)
		}
		name := string(next())
		a := Attribute{Type: string(next()), String: string(next())}
		if binary := next(); len(binary) > 0 {
			a.Binary = binary
		}
		attributes[name] = a
	}
	if !ok {
		return "", "", nil, errMeta
	}
	return trace, group, attributes, nil
}
