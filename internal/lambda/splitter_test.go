package lambda

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzSplitter cuts a stream into pieces, flushes after each, and feeds it in
// portions that have nothing to do with either.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("hello\nworld"), uint8(3), uint8(1), uint16(5))
	f.Add([]byte("\n\nx\n"), uint8(1), uint8(4), uint16(0))
	f.Add(bytes.Repeat([]byte("x"), 100), uint8(17), uint8(7), uint16(19))
	f.Add(bytes.Repeat([]byte("x"), 100), uint8(255), uint8(255), uint16(19))
	f.Fuzz(func(t *testing.T, data []byte, pieces, portions uint8, length uint16) {
		longest := int(length) + 1
		var got, want []string
		s := &splitter{max: longest, line: func(line []byte) { got = append(got, string(line)) }}
		for piece := range slices.Chunk(data, int(pieces)+1) {
			for line := range strings.Lines(string(piece)) {
				line = strings.TrimSuffix(line, "\n")
				for len(line) > longest {
					want = append(want, line[:longest])
					line = line[longest:]
				}
				want = append(want, line)
			}
			for len(piece) > 0 {
				space := s.space()
				if len(space) == 0 || cap(s.buf) > longest+1 {
					t.Fatalf("%d bytes of space in a buffer of %d", len(space), cap(s.buf))
				}
				n := copy(space, piece[:min(int(portions)+1, len(piece))])
				s.filled(n)
				piece = piece[n:]
			}
			s.flush()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}
