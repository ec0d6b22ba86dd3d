package lambda

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"time"

	"github.com/less-go/less/internal/activity"
)

// Unhandled is the FunctionError of every invocation that failed.
const Unhandled = "Unhandled"

// A Result is how an invocation ended.
type Result struct {
	// Payload is the function's answer, as it was written, or the error as Lambda
	// tells it: {"errorType": ..., "errorMessage": ...}.
	Payload []byte
	// FunctionError is empty for an answer and [Unhandled] for an error.
	FunctionError string
	// RequestID is the invocation's, as in its log lines.
	RequestID string
	// Duration is from the moment a process had the invocation to its answer.
	Duration time.Duration
}

// An invocation is one call on its way. Its fields are guarded by the host's
// mutex, but for those that never change and for the outcome, which is read
// after done is closed.
type invocation struct {
	id, nonce, trace string
	clientContext    string
	payload          []byte
	pool             *pool

	attempts  int // how often a process was given it
	began     time.Time
	deadline  time.Time
	started   bool // its START line is out
	delivered bool // it was written to the process
	claimed   bool // an answer is being read
	answered  bool

	done   chan struct{}
	result Result
	err    error
}

// finish hands the outcome to the caller.
func (i *invocation) finish(r Result, err error) {
	i.result, i.err = r, err
	close(i.done)
}

// An outcome is what became of an invocation: the answer or the error, why as
// one line for people, and how Lambda's REPORT line names the failure.
type outcome struct {
	payload []byte
	failed  bool
	why     string
	status  string
}

// failure is an error as Lambda itself words it for the caller.
func failure(requestID, errorType, status, message string) outcome {
	text := message
	if requestID != "" {
		text = "RequestId: " + requestID + " Error: " + message
	}
	payload, _ := json.Marshal(struct { // strings always marshal
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}{errorType, text})
	return outcome{payload: payload, failed: true, why: message, status: status}
}

func timedOut(requestID string, timeout time.Duration) outcome {
	return failure(requestID, "Sandbox.Timedout", "timeout",
		fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds()))
}

func exited(requestID string, state *os.ProcessState) outcome {
	message := "Runtime exited without providing a reason"
	if !state.Success() {
		message = "Runtime exited with error: " + state.String()
	}
	return failure(requestID, "Runtime.ExitError", "error", message)
}

// outOfMemory is told to callers in the words for a killed process; the type of the
// error, and for people what it was killed for, say more.
func outOfMemory(requestID string, megabytes int) outcome {
	o := failure(requestID, "Runtime.OutOfMemory", "error\tError Type: Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
	o.why += fmt.Sprintf(": it used more than its %d MB of memory", megabytes)
	return o
}

func tooLarge() outcome {
	return failure("", "Function.ResponseSizeTooLarge", "error",
		fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxResponse))
}

// posted is an error that the function itself has reported.
func posted(payload []byte, errorType string) outcome {
	var e struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	_ = json.Unmarshal(payload, &e) // what is not an error object is named by its header alone
	if e.ErrorType == "" {
		e.ErrorType = normalErrorType(errorType)
	}
	why := e.ErrorType
	if e.ErrorMessage != "" {
		why += ": " + e.ErrorMessage
	}
	return outcome{payload: payload, failed: true, why: why, status: "error"}
}

var knownErrorType = regexp.MustCompile(`^(Runtime|Function)\.[A-Z][a-zA-Z]+$`)

// normalErrorType is the error type of a header, as far as Lambda believes it.
func normalErrorType(header string) string {
	if knownErrorType.MatchString(header) {
		return header
	}
	return "Runtime.Unknown"
}

// start emits the START line.
func (h *Host) start(f *Function, inv *invocation) {
	h.mu.Lock()
	again := inv.started
	inv.started = true
	h.mu.Unlock()
	if again {
		return
	}
	h.opts.Sink(activity.Event{
		Time:      time.Now(),
		Kind:      activity.Start,
		Function:  f.ID,
		RequestID: inv.id,
		Line:      "START RequestId: " + inv.id + " Version: $LATEST",
	})
}

// end emits the END and REPORT lines, then hands the outcome to the caller.
func (h *Host) end(f *Function, inv *invocation, o outcome, duration, init time.Duration) {
	h.opts.Sink(activity.Event{
		Time:      time.Now(),
		Kind:      activity.End,
		Function:  f.ID,
		RequestID: inv.id,
		Duration:  duration,
		Line:      "END RequestId: " + inv.id + "\n" + report(f, inv.id, duration, init, o.status),
		Err:       o.why,
	})
	r := Result{Payload: o.payload, RequestID: inv.id, Duration: duration}
	if o.failed {
		r.FunctionError = Unhandled
	}
	inv.finish(r, nil)
}

// report is Lambda's REPORT line. Max Memory Used is left out: to know it would
// cost every invocation a look into the process.
func report(f *Function, requestID string, duration, init time.Duration, status string) string {
	ms := milliseconds(duration)
	line := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB\t",
		requestID, ms, math.Ceil(ms), f.MemoryMB)
	if init > 0 {
		line += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(init))
	}
	if status != "" {
		line += "Status: " + status + "\t"
	}
	return line
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
