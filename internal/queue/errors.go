package queue

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// What callers branch on. The errors returned wrap them with the queue or the
// file they are about.
var (
	// ErrNoQueue says that there is no queue of that name.
	ErrNoQueue = errors.New("no such queue")
	// ErrInvalidReceipt says that a receipt is malformed or belongs to another queue.
	ErrInvalidReceipt = errors.New("invalid receipt")
	// ErrGone says that the message of a receipt, which has to exist, does not.
	ErrGone = errors.New("message is gone")
	// ErrNotInFlight says that the receive a receipt stands for is over: the message
	// is visible again, or somebody else has received it since.
	ErrNotInFlight = errors.New("message is not in flight")
	// ErrVisibilityTooLong says that a message would stay in flight for more than
	// 12 hours after its receive.
	ErrVisibilityTooLong = errors.New("visibility would end more than 12 hours after the receive")
	// ErrReceiptExpired says that the receive from a FIFO queue which a receipt stands
	// for is over, so that the message may be somebody else's by now.
	ErrReceiptExpired = errors.New("receipt has expired")
	// ErrOverLimit says that a queue has as many messages in flight as it can have.
	ErrOverLimit = errors.New("too many messages are in flight")
	// ErrMoveRunning says that a queue's messages are being moved already.
	ErrMoveRunning = errors.New("a move task is running")
	// ErrNoMove says that there is no move task of that handle.
	ErrNoMove = errors.New("no such move task")
	// ErrInUse says that another store, mostly in another process, has the file open.
	ErrInUse = errors.New("in use by another process")
	// ErrFailed says that the disk failed the store, which does nothing any more.
	ErrFailed = errors.New("queue store has stopped after an error of its disk")
	// ErrDamaged says that the files of the store are not as it has written them. It
	// leaves them as they are: what is served must be right.
	ErrDamaged = errors.New("the files are damaged: they are not as they were written. " +
		"Restore them from a copy, or keep them aside and begin with a new file")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("queue store is closed")
)

// A CorruptError tells of a stored message whose content no longer has the
// checksum it was stored with. The content is never given to anybody.
type CorruptError struct {
	Queue string
	ID    string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("queue %s: message %s is damaged on disk: its checksum does not match; "+
		"it will not be delivered, and the other messages are", e.Queue, e.ID)
}

// isDamage says whether SQLite has found content that it did not write.
func isDamage(err error) bool {
	for _, code := range []error{sqlite3.CORRUPT, sqlite3.NOTADB, sqlite3.IOERR_DATA, sqlite3.IOERR_CORRUPTFS} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// failure is what everybody is told after an error of the disk.
func failure(cause error) error {
	if isDamage(cause) {
		return fmt.Errorf("%w: %w: %w", ErrFailed, ErrDamaged, cause)
	}
	return fmt.Errorf("%w: %w; start again to recover what was acknowledged", ErrFailed, cause)
}
