//go:build !linux

package lambda

import (
	"os"
	"syscall"
)

// processAttributes gives a process a group of its own, to be killed as a whole.
// Nothing here kills it when the host dies; its poll breaks off then, at which
// a Lambda runtime exits.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// residentMemory is not known here, so a function's memory is not limited.
func residentMemory(int) int64 { return 0 }

// wait returns when the process has ended, and has called left.
func wait(process *os.Process, left func()) (*os.ProcessState, error) {
	state, err := process.Wait()
	left()
	return state, err
}
