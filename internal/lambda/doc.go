// Package lambda runs function binaries as processes behind a Lambda Runtime
// API, so that what is deployed is what runs on the laptop.
//
// One execution environment is one process with a Runtime API of its own on a
// random loopback port. It handles one invocation at a time and is used again
// while it lives; more are started under load, up to the function's
// MaxConcurrency, and beyond that invocations wait in the order in which they
// came. An environment that timed out, crashed or was told to end is replaced
// when the next invocation needs one; one that died while it was idle costs
// nobody anything.
//
// What a caller may rely on:
//
//   - Before [Host.Invoke] returns, every line that the process wrote before its
//     answer has been handed to the sink, and then Lambda's END and REPORT lines.
//     What it writes later, before its next invocation, still bears the same
//     request id.
//   - A timeout kills the whole process group. No process outlives its
//     environment unless it has left the group on purpose, and on Linux none
//     outlives the host, not even when that is killed with SIGKILL.
//   - On Linux a process that uses more memory than its function has is killed within
//     a twentieth of a second or two. Elsewhere memory is not limited.
//   - A function that is swapped with [Host.Set] fails no invocation: those that
//     run end in the old process, those that wait run in a new one.
//   - A process inherits nothing from the host's own environment.
//
// Response streaming is understood but buffered: a caller gets the
// whole answer, within the same limit.
package lambda
