package cli

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// ofTheDisk is what to do about an error of the disk, as a sentence to add; "" for
// any other error.
func ofTheDisk(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ". Make room there and try again"
	case errors.Is(err, syscall.EROFS):
		return ". Work in a folder that can be written to"
	case errors.Is(err, syscall.EFBIG):
		return ". Raise the limit for the size of files, ulimit -f, and try again"
	case errors.Is(err, fs.ErrPermission):
		return ". Look at who may read and write there"
	}
	return ""
}

// results is where a command writes, and remembers that this has failed: what is lost
// on a full disk must not look like what is done.
type results struct {
	to io.Writer

	mu  sync.Mutex
	err error
}

func (r *results) Write(p []byte) (int, error) {
	n, err := r.to.Write(p)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = cmp.Or(r.err, err)
	}
	return n, err
}
