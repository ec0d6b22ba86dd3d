package queue

import (
	"encoding/binary"
	"errors"
)

// meta is what a message carries beside its body.
type meta struct {
	trace, group, deduplicationID string
	attributes                    map[string]Attribute
}

// encode writes each text as its length and its bytes: trace header, group id,
// then name, type, string and binary of each attribute. The deduplication id
// stands among them as the string of one without a name, which no attribute has.
func (m meta) encode() []byte {
	size := len(m.trace) + len(m.group) + len(m.deduplicationID) + 6*binary.MaxVarintLen32
	for name, a := range m.attributes {
		size += len(name) + len(a.Type) + len(a.String) + len(a.Binary) + 4*binary.MaxVarintLen32
	}
	b := make([]byte, 0, size)
	b = appendText(b, m.trace)
	b = appendText(b, m.group)
	if m.deduplicationID != "" {
		b = appendAttribute(b, "", Attribute{String: m.deduplicationID})
	}
	for name, a := range m.attributes {
		b = appendAttribute(b, name, a)
	}
	return b
}

func appendAttribute(b []byte, name string, a Attribute) []byte {
	b = appendText(b, name)
	b = appendText(b, a.Type)
	b = appendText(b, a.String)
	return appendText(b, a.Binary)
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errMeta = errors.New("malformed message attributes")

// decodeMeta is the reverse of encode. It takes any bytes: what the checksum let
// through may still come from another program.
func decodeMeta(b []byte) (m meta, err error) {
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
	m.trace, m.group = string(next()), string(next())
	for len(b) > 0 {
		name := string(next())
		a := Attribute{Type: string(next()), String: string(next())}
		if binary := next(); len(binary) > 0 {
			a.Binary = binary
		}
		if name == "" {
			m.deduplicationID = a.String
			continue
		}
		if m.attributes == nil {
			m.attributes = make(map[string]Attribute)
		}
		m.attributes[name] = a
	}
	if !ok {
		return meta{}, errMeta
	}
	return m, nil
}
