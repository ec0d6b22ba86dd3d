package queue

import "time"

// A clock tells the time of day and never goes back. Where the system's clock was
// set back it goes on at the pace of the monotonic one, so that no timeout takes
// an hour longer because somebody corrected the time; where it was set forward,
// or the machine slept, it follows.
type clock struct {
	read time.Time     // the last reading
	last time.Duration // since 1970, at that reading
}

// newClock makes a clock that shows at least floor.
func newClock(floor time.Duration) *clock {
	return &clock{read: time.Now(), last: floor}
}

// now is the time since 1970.
func (c *clock) now() time.Duration {
	t := time.Now()
	c.last = max(time.Duration(t.UnixNano()), c.last+t.Sub(c.read))
	c.read = t
	return c.last
}

// Times are stored as milliseconds since 1970.

// millis rounds down: it is what has passed.
func millis(d time.Duration) int64 { return int64(d / time.Millisecond) }

// millisUp rounds up: a wait must not end early.
func millisUp(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// never is later than every stored time.
const never = int64(1<<63 - 1)

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// A message's sequence number is the millisecond it was sent in and a counter:
// unique in the store, rising, and enough to find what has expired without
// another index.
const seqCounterBits = 20

func firstSeq(ms int64) int64 { return ms << seqCounterBits }
func sentAt(seq int64) int64  { return seq >> seqCounterBits }
