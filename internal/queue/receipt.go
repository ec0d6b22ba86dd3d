package queue

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A receipt stands for one receive of one message.
type receipt struct {
	token    uint64 // of the queue, random: a queue made anew does not know the old one's receipts
	seq      int64
	receives int64 // the message's count at this receive
	received int64 // when, in milliseconds since 1970
}

// receiptSize is three 64-bit numbers, a 32-bit one and the checksum.
const receiptSize = 8 + 8 + 8 + 4 + 4

var receiptText = base64.RawURLEncoding

func (r receipt) String() string {
	b := make([]byte, 0, receiptSize)
	b = binary.BigEndian.AppendUint64(b, r.token)
	b = binary.BigEndian.AppendUint64(b, uint64(r.seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.received))
	b = binary.BigEndian.AppendUint32(b, uint32(r.receives))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return receiptText.EncodeToString(b)
}

func parseReceipt(s string) (receipt, error) {
	// The length is checked first: a stranger's text may be long.
	if len(s) != receiptText.EncodedLen(receiptSize) {
		return receipt{}, ErrInvalidReceipt
	}
	b, err := receiptText.Strict().DecodeString(s)
	if err != nil || len(b) != receiptSize {
		return receipt{}, ErrInvalidReceipt
	}
	body, sum := b[:receiptSize-4], b[receiptSize-4:]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(sum) {
		return receipt{}, ErrInvalidReceipt
	}
	return receipt{
		token:    binary.BigEndian.Uint64(b),
		seq:      int64(binary.BigEndian.Uint64(b[8:])),
		received: int64(binary.BigEndian.Uint64(b[16:])),
		receives: int64(binary.BigEndian.Uint32(b[24:])),
	}, nil
}
