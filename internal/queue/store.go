package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options are what a store may be told. The zero value is good.
type Options struct {
	// OnDeadLetter is called for every message that went to a dead-letter queue,
	// once the move is committed, one call at a time and in the order of the moves.
	// It may use the store, but not close it, and it delays nobody but itself.
	OnDeadLetter func(Moved)

	// For tests: the name of another SQLite file system, and limits that are soon
	// reached, of the write-ahead log and of the messages in flight.
	vfs             string
	checkpointPages int
	maxInFlight     int
}

// A Store holds queues. Its methods may be called from several goroutines; what
// they promise about durability and cancellation is in the package's doc.
type Store struct {
	ops     chan *op
	stop    func()        // asks the writer to end
	stopped chan struct{} // closed when it has

	infos    atomic.Pointer[map[string]Info]
	writing  sync.WaitGroup
	notifier *notifier
	closeErr error
}

// Open opens the store in the file path and makes it where there is none; its
// folder has to exist. Nobody else can read the file (its mode becomes 0600) or
// have it open at the same time: then the error is [ErrInUse]. It is [ErrDamaged]
// where the files are not as they were written. The path ":memory:"
// makes a store that ends with Close. The context bounds nothing after Open.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db, err := openDatabase(path, opts.vfs)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(db, opts)
	if err != nil {
		if isDamage(err) {
			err = fmt.Errorf("open queue store %s: %w: %w", path, ErrDamaged, err)
		}
		return nil, errors.Join(err, db.close())
	}
	stopping := make(chan struct{})
	s := &Store{
		ops:      make(chan *op, maxGroup),
		stop:     sync.OnceFunc(func() { close(stopping) }),
		stopped:  make(chan struct{}),
		notifier: newNotifier(opts.OnDeadLetter),
	}
	w.ops, w.stopping, w.notifier, w.infos = s.ops, stopping, s.notifier, &s.infos
	w.publish()
	s.writing.Go(func() {
		defer close(s.stopped)
		w.run()
		s.closeErr = db.close()
	})
	return s, nil
}

// Close ends the store: operations that are being committed end well, all others
// and later ones fail with [ErrClosed]. It returns when the file is closed and the
// last OnDeadLetter has returned. It may be called more than once.
func (s *Store) Close() error {
	s.stop()
	s.writing.Wait()
	s.notifier.close()
	return s.closeErr
}

// maxGroup is how many operations share a transaction at most.
const maxGroup = 256

// An op is an operation on its way to the writer and back.
type op struct {
	// run does the work, in the writer. An error of it is the operation's own, and
	// it has then written nothing. A receive has none: see receive.
	run     func(*writer) error
	receive *receive

	state atomic.Int32
	done  chan struct{}
	err   error // valid once done is closed
}

// An operation belongs to its caller until the writer takes it, and either of
// them can be first: the caller by giving up, the writer by doing it.
const (
	waiting int32 = iota
	taken
	withdrawn
)

func newOp(run func(*writer) error) *op { return &op{run: run, done: make(chan struct{})} }

func (o *op) take() bool     { return o.state.CompareAndSwap(waiting, taken) }
func (o *op) withdraw() bool { return o.state.CompareAndSwap(waiting, withdrawn) }
func (o *op) gone() bool     { return o.state.Load() == withdrawn }

// do has the writer run an operation and returns its outcome.
func (s *Store) do(ctx context.Context, run func(*writer) error) error {
	o := newOp(run)
	return s.submit(ctx, o)
}

// submit waits until the writer has done an operation, or the context ends
// before the writer has taken it.
func (s *Store) submit(ctx context.Context, o *op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.ops <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return ErrClosed
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		if o.withdraw() {
			return ctx.Err()
		}
	case <-s.stopped:
		if o.withdraw() {
			return ErrClosed
		}
	}
	<-o.done
	return o.err
}

// Remove deletes the files of a store that is closed; one that is not there is no error.
func Remove(path string) error {
	var errs []error
	for _, suffix := range []string{"", logSuffix, markSuffix, "-journal"} {
		if err := os.Remove(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there, and need not be
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
