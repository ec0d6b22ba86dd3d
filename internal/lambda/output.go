package lambda

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// MaxLine is the longest line of output, in bytes; a longer one is cut into
// pieces of this length, each a line.
const MaxLine = 256 << 10

// maxPipe is the most that a pipe holds, of any size that its users can give it.
const maxPipe = 1 << 20

// An output is the pipe that a process has as its standard output and error. A
// goroutine reads it line by line, and so does whoever has to know that
// everything written so far has been read.
type output struct {
	r    *os.File
	raw  syscall.RawConn // of r, which does not block
	id   atomic.Pointer[string]
	done chan struct{} // the goroutine has ended

	mu    sync.Mutex // whoever reads also emits, before another reads
	lines splitter
}

// newOutput returns an output whose lines go to emit, and its write end, which
// is the caller's to close.
func newOutput(emit func(requestID, line string)) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	raw, err := r.SyscallConn()
	if err != nil {
		r.Close()
		w.Close()
		return nil, nil, err
	}
	o := &output{r: r, raw: raw, done: make(chan struct{})}
	o.lines = splitter{max: MaxLine, line: func(line []byte) { emit(*o.id.Load(), string(line)) }}
	o.attribute("")
	go o.read()
	return o, w, nil
}

// attribute says whose lines these are from now on.
func (o *output) attribute(requestID string) { o.id.Store(&requestID) }

// read reads until nobody can write any more, or the output is closed.
func (o *output) read() {
	defer close(o.done)
	_ = o.raw.Read(func(fd uintptr) (ended bool) { // fails when it is closed
		for {
			o.mu.Lock()
			n, err := o.take(int(fd))
			o.mu.Unlock()
			switch {
			case errors.Is(err, syscall.EAGAIN):
				return false // until there is more
			case err != nil || n == 0:
				return true
			}
		}
	})
}

// sync returns when everything that was written before has been emitted, a line
// without an end too.
func (o *output) sync() {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.raw.Control(func(fd uintptr) { // there is nothing to read when it is closed
		// Somebody may write all the time; what was there before is at the front.
		for left := maxPipe; left > 0; {
			n, err := o.take(int(fd))
			if err != nil || n == 0 {
				break
			}
			left -= n
		}
	})
	o.lines.flush()
}

// take reads once, and emits the lines. It wants the mutex held.
func (o *output) take(fd int) (int, error) {
	for {
		n, err := syscall.Read(fd, o.lines.space())
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n > 0 {
			o.lines.filled(n)
		}
		return n, err
	}
}

// close emits what has been written, and reads no more: a process that outlives
// the environment and still has the pipe finds it broken.
func (o *output) close() {
	o.sync()
	o.r.Close()
	<-o.done
}
