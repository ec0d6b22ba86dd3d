package queue

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A disk is a file system for SQLite that can fail, and lose power: it knows for
// every file what was synced and what was only written.
type disk struct {
	mu    sync.Mutex
	files map[string]*diskFile
	calls int  // writes, truncations and syncs so far
	fault int  // the call that fails
	sync  bool // the last call was a sync
	syncs int

	// before is called before each write, truncation and sync, with the disk unlocked.
	before func()
}

// A diskFile is the content as a program sees it, and how it came to be.
type diskFile struct {
	content []byte
	synced  []byte // nil before the first sync
	changes []diskChange
}

// A diskChange was made after the last sync. A nil data is a truncation.
type diskChange struct {
	offset int64
	data   []byte
}

var errDisk = errors.New("the disk is on fire")

// newDisk makes an empty disk and returns the options with which a store uses it.
func newDisk(t *testing.T) (*disk, Options) {
	d := &disk{files: make(map[string]*diskFile)}
	return d, d.mount(t)
}

func (d *disk) mount(t *testing.T) Options {
	name := t.Name() + "/" + randomText()
	vfs.Register(name, d)
	t.Cleanup(func() { vfs.Unregister(name) })
	// Eight pages are a short log, so that checkpoints are part of every test.
	return Options{vfs: name, checkpointPages: 8}
}

// afterPowerLoss returns a disk with what might be found after the power went: all
// that was synced, and of the rest any sectors in any combination.
func (d *disk) afterPowerLoss(random *rand.Rand) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := &disk{files: make(map[string]*diskFile)}
	// The order of a map would make the outcome differ for the same seed.
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[name]
		if f.synced == nil && random.IntN(2) == 0 {
			continue // not even its name was on disk
		}
		content := slices.Clone(f.synced)
		for _, change := range f.changes {
			content = change.survive(content, random)
		}
		found.files[name] = &diskFile{content: content, synced: slices.Clone(content)}
	}
	return found
}

func (c diskChange) survive(content []byte, random *rand.Rand) []byte {
	const sector = 512
	if c.data == nil {
		if random.IntN(2) == 0 {
			return truncate(content, c.offset)
		}
		return content
	}
	for at := 0; at < len(c.data); at += sector {
		if random.IntN(2) == 0 {
			content = write(content, c.data[at:min(at+sector, len(c.data))], c.offset+int64(at))
		}
	}
	return content
}

func write(content, data []byte, offset int64) []byte {
	if end := offset + int64(len(data)); end > int64(len(content)) {
		content = truncate(content, end)
	}
	copy(content[offset:], data)
	return content
}

func truncate(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

// change runs what modifies the disk, unless it is the call that fails.
func (d *disk) change(modify func()) error {
	if d.before != nil {
		d.before()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.calls++; d.calls == d.fault {
		return errDisk
	}
	d.sync = false
	modify()
	return nil
}

func (d *disk) lastWasSync() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sync
}

func (d *disk) failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fault > 0 && d.calls >= d.fault
}

func (d *disk) syncCount() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

// The methods of vfs.VFS.

func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &diskFile{}
		d.files[name] = f
	}
	return &openFile{disk: d, diskFile: f}, flags, nil
}

func (d *disk) Delete(name string, _ bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	delete(d.files, name)
	return nil
}

func (d *disk) Access(name string, _ vfs.AccessFlag) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[name] != nil, nil
}

func (d *disk) FullPathname(name string) (string, error) { return name, nil }

// An openFile is a file as SQLite has it open. The locks are always free: there is
// one store on a disk.
type openFile struct {
	disk *disk
	*diskFile
}

func (f *openFile) ReadAt(p []byte, offset int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if offset >= int64(len(f.content)) {
		return 0, io.EOF
	}
	n := copy(p, f.content[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *openFile) WriteAt(p []byte, offset int64) (int, error) {
	data := slices.Clone(p)
	return len(p), f.disk.change(func() {
		f.content = write(f.content, data, offset)
		f.changes = append(f.changes, diskChange{offset: offset, data: data})
	})
}

func (f *openFile) Truncate(size int64) error {
	return f.disk.change(func() {
		f.content = truncate(f.content, size)
		f.changes = append(f.changes, diskChange{offset: size})
	})
}

func (f *openFile) Sync(vfs.SyncFlag) error {
	return f.disk.change(func() {
		f.disk.syncs++
		f.disk.sync = true
		f.synced = append([]byte{}, f.content...)
		f.changes = nil
	})
}

func (f *openFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.content)), nil
}

func (f *openFile) Close() error                     { return nil }
func (f *openFile) Lock(vfs.LockLevel) error         { return nil }
func (f *openFile) Unlock(vfs.LockLevel) error       { return nil }
func (f *openFile) CheckReservedLock() (bool, error) { return false, nil }
func (f *openFile) SectorSize() int                  { return 512 }
func (f *openFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE
}
