package lambda

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// processAttributes gives a process a group of its own, to be killed as a whole,
// and has the kernel kill it when the host dies.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// residentMemory is how many bytes of memory a process uses; 0 for one that has ended.
func residentMemory(pid int) int64 {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(content), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// wait returns when the process has ended. It calls left before the process is
// reaped, while its id, which is its group's too, cannot be another's.
func wait(process *os.Process, left func()) (*os.ProcessState, error) {
	for {
		err := unix.Waitid(unix.P_PID, process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, syscall.EINTR) {
			break // any other error is for Wait to tell
		}
	}
	left()
	return process.Wait()
}
