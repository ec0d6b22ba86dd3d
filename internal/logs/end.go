package logs

import "strings"

// What package less says at the end of a message, a request and a run: one line for
// each, with its outcome and duration, so that one which logs nothing itself leaves
// a sign too. A handler that panicked has more after the colon.
const (
	Handled   = "message handled"
	Discarded = "message discarded"
	Failed    = "message failed"
	Running   = "message still running"
	Answered  = "request answered"
	Ran       = "run done"
	RunFailed = "run failed"
)

// The attributes that such a line has besides whose it is.
const (
	Outcome  = "outcome"
	Duration = "duration_ms"
)

// EndedWell says whether msg is that of an end with nothing to tell about it.
func EndedWell(msg string) bool { return msg == Handled || msg == Answered || msg == Ran }

// Ended says whether msg is that of an end.
func Ended(msg string) bool {
	return EndedWell(msg) || msg == Discarded || EndedBadly(msg)
}

// EndedBadly says whether msg is that of a message or a run that has failed.
func EndedBadly(msg string) bool {
	for _, end := range []string{Failed, Running, RunFailed} {
		if rest, found := strings.CutPrefix(msg, end); found && (rest == "" || rest[0] == ':' || rest[0] == ' ') {
			return true
		}
	}
	return false
}
