package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"github.com/less-go/less/internal/failpoint"
)

// A MoveStatus is what has become of a move task, in the words of SQS.
type MoveStatus string

// The states of a move task.
const (
	MoveRunning   MoveStatus = "RUNNING"
	MoveCompleted MoveStatus = "COMPLETED"
	MoveCancelled MoveStatus = "CANCELLED"
	MoveFailed    MoveStatus = "FAILED"
)

// A MoveTask moves the messages of a dead-letter queue elsewhere. It goes on when
// the store is closed and opened again, where it stopped.
//
// A moved message is new: its id, sent time and receive count begin again, and
// what it carries stays. The task moves those that are visible when their turn
// comes, the longest sent first, and none that arrives while it runs. Each is at
// every time in exactly one of the two queues.
type MoveTask struct {
	Handle string
	// Source is the queue whose messages are moved.
	Source string
	// Destination is where they go; where it is empty, each goes to the queue that it
	// came from.
	Destination string
	// Rate is how many are moved a second at most; 0 is as many as can be.
	Rate   int
	Status MoveStatus
	// Failure says why the task has failed. Messages that could not be moved are
	// where they were, and the others have moved.
	Failure       string
	Started       time.Time
	Moved, ToMove int
}

// The failures that AWS has words for.
const (
	failureNoQueue  = "AWS.SimpleQueueService.NonExistentQueue"
	failureNoSource = "CouldNotDetermineMessageSource"
)

// keptTasks is how many tasks of a queue are remembered, as many as SQS lists.
const keptTasks = 10

// StartMove starts to move the messages of source, and returns when that is
// durable. One task of a queue can run at a time: the error of a second one is
// [ErrMoveRunning].
func (s *Store) StartMove(ctx context.Context, source, destination string, rate int) (started MoveTask, err error) {
	err = s.do(ctx, func(w *writer) error {
		q, err := w.queue(source)
		if err != nil {
			return err
		}
		to, err := w.queue(destination)
		switch {
		case destination == "":
		case err != nil:
			return err
		case to == q:
			return fmt.Errorf("move from %s: the destination is the queue itself", source)
		case to.spec.FIFO != q.spec.FIFO:
			return fmt.Errorf("move from %s to %s: one of the two is a FIFO queue and the other is not", source, destination)
		}
		if slices.ContainsFunc(w.tasks, func(t *moveTask) bool { return t.Source == source }) {
			return fmt.Errorf("move from %s: %w", source, ErrMoveRunning)
		}
		t := &moveTask{
			MoveTask: MoveTask{
				Handle: uuid.NewString(), Source: source, Destination: destination, Rate: max(rate, 0),
				Status: MoveRunning, Started: timeOf(w.now), ToMove: w.stats(q).Visible,
			},
			at: w.firstLive(q) - 1, last: w.seq,
		}
		t.pace(w.now)
		w.db.insertMoveTask(t)
		w.tasks = append(w.tasks, t)
		started = t.MoveTask
		return nil
	})
	return started, err
}

// MoveTasks returns the latest ten tasks of a queue, the last one first.
func (s *Store) MoveTasks(ctx context.Context, source string) (tasks []MoveTask, err error) {
	err = s.do(ctx, func(w *writer) error {
		if _, err := w.queue(source); err != nil {
			return err
		}
		w.db.bindTexts(w.db.tasksOf, 1, source)
		w.db.check(w.db.tasksOf.BindInt(2, keptTasks))
		for _, t := range w.db.moveTasks(w.db.tasksOf) {
			tasks = append(tasks, t.MoveTask)
		}
		return nil
	})
	return tasks, err
}

// CancelMove ends a task that runs; what it has moved stays moved. The error for
// any other handle is [ErrNoMove].
func (s *Store) CancelMove(ctx context.Context, handle string) (cancelled MoveTask, err error) {
	err = s.do(ctx, func(w *writer) error {
		i := slices.IndexFunc(w.tasks, func(t *moveTask) bool { return t.Handle == handle })
		if i < 0 {
			return fmt.Errorf("cancel the move %s: %w", handle, ErrNoMove)
		}
		t := w.tasks[i]
		w.tasks = slices.Delete(w.tasks, i, i+1)
		t.Status = MoveCancelled
		w.db.updateMoveTask(t)
		cancelled = t.MoveTask
		return nil
	})
	return cancelled, err
}

// A moveTask is a task at some message of its source.
type moveTask struct {
	MoveTask
	id       int64
	at, last int64 // sequence numbers: the message before, and the last there was at the start

	due  int64 // when the next message is to be moved
	from int64 // since when it keeps its pace,
	done int64 // and how many it has looked at since
}

// pace begins to count anew how fast the task is.
func (t *moveTask) pace(now int64) { t.due, t.from, t.done = now, now, 0 }

// allowed is how many messages the task may look at now.
func (t *moveTask) allowed(now int64) int64 {
	if t.Rate == 0 {
		return maxSteps
	}
	return min((now-t.from)*int64(t.Rate)/1000+1-t.done, maxSteps)
}

// moveMessages has the tasks do their share of a round.
func (w *writer) moveMessages() {
	for _, t := range w.tasks {
		if t.due > w.now {
			continue
		}
		for left := t.allowed(w.now); left > 0 && t.Status == MoveRunning; left-- {
			w.move(t)
			t.done++
		}
		if t.due = w.now; t.Rate > 0 {
			t.due = t.from + (t.done*1000+int64(t.Rate)-1)/int64(t.Rate)
		}
		w.db.updateMoveTask(t)
	}
	w.tasks = slices.DeleteFunc(w.tasks, func(t *moveTask) bool { return t.Status != MoveRunning })
}

// move moves the next message of a task, or ends it.
func (w *writer) move(t *moveTask) {
	q := w.queues[t.Source] // there: a queue takes its tasks with it
	found := w.db.messages(w.db.movable, q.id, t.at, t.last, w.now)
	if len(found) == 0 {
		t.Status = MoveCompleted
		if t.Failure != "" {
			t.Status = MoveFailed
		}
		return
	}
	failpoint.Hit(failpoint.Move)
	m := found[0]
	t.at = m.seq
	name := t.Destination
	if name == "" {
		name = m.source
	}
	destination, exists := w.queues[name]
	carried, err := decodeMeta(m.meta)
	switch {
	case name == "":
		t.Failure = failureNoSource
	case !exists && t.Destination != "":
		t.Failure, t.Status = failureNoQueue, MoveFailed
	case !exists:
		t.Failure = failureNoQueue
	case !m.intact() || err != nil:
		t.Failure = (&CorruptError{Queue: t.Source, ID: m.id}).Error()
	default:
		// It is in the other queue as one that was sent now.
		w.remove(q, m.seq, m.group)
		m.id = uuid.NewString()
		m.sum = m.checksum()
		w.insert(destination, w.now, carried.group, &m.payload)
		t.Moved++
	}
}

// dropTasks forgets the tasks of a queue that is being deleted.
func (w *writer) dropTasks(source string) {
	w.tasks = slices.DeleteFunc(w.tasks, func(t *moveTask) bool { return t.Source == source })
	w.db.bindTexts(w.db.deleteTasks, 1, source)
	w.db.exec(w.db.deleteTasks)
}

func (d *database) insertMoveTask(t *moveTask) {
	s := d.insertTask
	d.bindTexts(s, 7, t.Handle, t.Source, t.Destination, string(t.Status), t.Failure)
	d.exec(s, int64(t.Rate), t.Started.UnixMilli(), int64(t.ToMove), t.last, t.at, int64(t.Moved))
	t.id = d.conn.LastInsertRowID()
	d.bindTexts(d.tasksOf, 1, t.Source)
	d.check(d.tasksOf.BindInt(2, keptTasks))
	if kept := d.moveTasks(d.tasksOf); len(kept) == keptTasks {
		d.bindTexts(d.pruneTasks, 1, t.Source)
		d.check(d.pruneTasks.BindInt64(2, kept[keptTasks-1].id))
		d.exec(d.pruneTasks)
	}
}

func (d *database) updateMoveTask(t *moveTask) {
	s := d.updateTask
	d.bindTexts(s, 3, string(t.Status), t.Failure)
	d.check(s.BindInt64(5, t.id))
	d.exec(s, t.at, int64(t.Moved))
}

// moveTasks runs a SELECT with taskColumns.
func (d *database) moveTasks(s *sqlite3.Stmt) (found []*moveTask) {
	d.query(s, func() {
		found = append(found, &moveTask{
			id: s.ColumnInt64(0),
			MoveTask: MoveTask{
				Rate:        s.ColumnInt(1),
				Started:     timeOf(s.ColumnInt64(2)),
				ToMove:      s.ColumnInt(3),
				Moved:       s.ColumnInt(6),
				Handle:      s.ColumnText(7),
				Source:      s.ColumnText(8),
				Destination: s.ColumnText(9),
				Status:      MoveStatus(s.ColumnText(10)),
				Failure:     s.ColumnText(11),
			},
			last: s.ColumnInt64(4),
			at:   s.ColumnInt64(5),
		})
	})
	return found
}
