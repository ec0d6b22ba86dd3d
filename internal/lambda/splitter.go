package lambda

import "bytes"

// minBuffer is what reading the output of a quiet process takes.
const minBuffer = 8 << 10

// A splitter cuts a stream into lines.
type splitter struct {
	max  int               // the longest line; a longer one is cut into pieces of this length
	line func(line []byte) // takes a line, without its newline
	buf  []byte            // the beginning of a line, of at most max bytes
}

// space returns where the next bytes of the stream are to be put, which is
// never empty.
func (s *splitter) space() []byte {
	if len(s.buf) == cap(s.buf) {
		size := min(max(minBuffer, 2*cap(s.buf)), s.max+1)
		s.buf = append(make([]byte, 0, size), s.buf...)
	}
	return s.buf[len(s.buf):cap(s.buf)]
}

// filled takes the first n bytes of space.
func (s *splitter) filled(n int) {
	rest := s.buf[:len(s.buf)+n]
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		s.line(rest[:end])
		rest = rest[end+1:]
	}
	if len(rest) > s.max {
		s.line(rest[:s.max])
		rest = rest[s.max:]
	}
	if len(rest) == 0 && cap(s.buf) > minBuffer {
		s.buf = nil // what one long line took is not kept
		return
	}
	s.buf = s.buf[:copy(s.buf[:cap(s.buf)], rest)]
}

// flush ends a line that has begun.
func (s *splitter) flush() {
	if len(s.buf) > 0 {
		s.line(s.buf)
		s.buf = s.buf[:0]
	}
}
