// Package failpoint names the steps at which a test can end the process: before and
// after each thing that the engine makes durable, and around each invocation. Without
// a test a step costs one comparison.
package failpoint

// A Step is a place in the engine where it matters whether the process is there a
// moment later.
type Step string

// The steps, in the order in which a message comes to them.
const (
	// Commit is before a transaction is committed, Committed after it and before
	// anybody is answered, Answered after that.
	Commit    Step = "commit"
	Committed Step = "committed"
	Answered  Step = "answered"
	// Checkpoint and Checkpointed are around the writing of the log into the database.
	Checkpoint   Step = "checkpoint"
	Checkpointed Step = "checkpointed"
	// Bury is in the transaction that moves a message to a dead-letter queue, Move in
	// one that moves it out of there.
	Bury Step = "bury"
	Move Step = "move"
	// Migrate is before a store of another version is brought up to date, and Migrated
	// after that.
	Migrate  Step = "migrate"
	Migrated Step = "migrated"
	// Dispatch is between the receive of messages, which is stored, and the
	// invocation of their function; Returned is after its result, and Deleted after
	// what it has handled is.
	Dispatch Step = "dispatch"
	Returned Step = "returned"
	Deleted  Step = "deleted"
)

// Steps lists all steps.
func Steps() []Step {
	return []Step{
		Commit, Committed, Answered, Checkpoint, Checkpointed, Bury, Move, Migrate, Migrated, Dispatch, Returned, Deleted,
	}
}

var hook func(Step)

// Watch has f called at every step, by several goroutines at once. It comes before
// anything that has steps is started.
func Watch(f func(Step)) { hook = f }

// Hit is called by a step.
func Hit(s Step) {
	if hook != nil {
		hook(s)
	}
}
