package s3

import (
	"crypto/md5" // an ETag is an MD5
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// blobs are the contents of objects, in files called by their SHA-256.
type blobs struct {
	dir string

	mu    sync.Mutex
	users map[string]int // how many need a blob, by its name
}

// A blob is a content and what is known of it.
type blob struct {
	SHA256, MD5 string // in hex
	Size        int64
}

// scratch is the folder of what is not complete.
const scratch = "incomplete"

func openBlobs(dir string) (*blobs, error) {
	incomplete := filepath.Join(dir, scratch)
	if err := errors.Join(os.RemoveAll(incomplete), os.MkdirAll(incomplete, 0o700)); err != nil {
		return nil, err
	}
	return &blobs{dir: dir, users: map[string]int{}}, nil
}

func (b *blobs) path(name string) string { return filepath.Join(b.dir, name) }

// use says that one more needs a blob.
func (b *blobs) use(name string) {
	if name == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users[name]++
}

// release says that one needs it no more. The last one removes it.
func (b *blobs) release(name string) error {
	if name == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users[name]--; b.users[name] > 0 {
		return nil
	}
	delete(b.users, name)
	return os.Remove(b.path(name))
}

// sweep removes the files that nobody needs.
func (b *blobs) sweep() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != scratch && b.users[e.Name()] == 0 {
			err = errors.Join(err, os.Remove(b.path(e.Name())))
		}
	}
	return err
}

// write stores what r has, and uses it. Nothing is kept where check, which is asked
// when all has been read, returns an error.
func (b *blobs) write(r io.Reader, check func(blob) error) (blob, error) {
	path := filepath.Join(b.dir, scratch, rand.Text())
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return blob{}, err
	}
	whole, sum := sha256.New(), md5.New() // an ETag is an MD5
	size, err := io.Copy(io.MultiWriter(f, whole, sum), r)
	written := blob{hex.EncodeToString(whole.Sum(nil)), hex.EncodeToString(sum.Sum(nil)), size}
	if err == nil {
		err = check(written)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = b.adopt(path, written.SHA256)
	}
	if err != nil {
		return blob{}, errors.Join(err, removed(path))
	}
	return written, nil
}

func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// adopt gives a complete file its name, or removes it where there is one of that name.
func (b *blobs) adopt(path, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users[name] > 0 {
		b.users[name]++
		return os.Remove(path)
	}
	if err := os.Rename(path, b.path(name)); err != nil {
		return err
	}
	dir, err := os.Open(b.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	b.users[name]++
	return dir.Sync()
}

func (b *blobs) open(name string) (*os.File, error) { return os.Open(b.path(name)) }
