// Package queue keeps durable message queues with the semantics of Amazon SQS in
// one SQLite file.
//
// # Model
//
// A message is delayed until its delay ends, then visible. A receive makes it in
// flight: hidden from every other receive until its visibility timeout ends, when
// it is visible again. Deleting it by the receipt of its latest receive ends it.
// So a message is given at least once, and its receive count tells how often it
// was tried. When a receive would exceed the queue's MaxReceives, the message goes
// to the dead-letter queue instead; nothing moves it before that receive. A
// message older than the retention of the queue it is in is gone, wherever its
// other clocks stand; its age counts from when it was first sent.
//
// Messages are received in the order in which they became visible, which for new
// messages is the order in which they were sent. Receives that wait for a message
// are served in the order in which they came.
//
// # FIFO queues
//
// A FIFO queue keeps the order of sending within a group of messages: while a
// message is in flight, or delayed, none behind it in its group is received. A
// message that is visible again after a failure comes before those behind it. A
// message that goes to the dead-letter queue lets the next one pass, and is there
// as if it had been sent at that moment. A send with a deduplication id that was
// used within five minutes is acknowledged and does nothing.
//
// # Durability
//
// When a method returns without an error, what it did is on disk and survives a
// crash of the process and a loss of power: that holds for a send, a delete and
// also for the count of a receive. A send to several queues happens in all of
// them or in none.
//
// One goroutine, the writer, owns the file. It takes all operations that wait,
// makes one transaction of them and commits it once, and only then are they
// answered; the more callers, the larger the group that shares the cost of a sync.
// A mistake of one operation (an unknown queue, a bad receipt) is its own and
// does not touch the others of its group.
//
// After an error of the disk nobody knows what the disk holds, so the store stops:
// the operations of that group and all later ones fail with [ErrFailed]. Opening
// it again recovers what had been acknowledged.
//
// Every page of the file, every frame of its log and every payload has a checksum,
// and a mark beside the log remembers how long it has to be. So a bit that a disk
// has changed, or an end that is missing, is told ([ErrDamaged], [CorruptError])
// and never served.
//
// # Cancellation
//
// An operation whose context ends before the writer has taken it never happens and
// returns the context's error. Once taken, it is not given up: the caller gets
// its outcome, one commit later. So an error of the context means that nothing was
// sent, received or deleted, and a receive that went away never keeps a message.
package queue
