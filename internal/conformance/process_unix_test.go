//go:build unix

package conformance_test

import (
	"os/exec"
	"syscall"
)

// endInGroup has a command and what it starts be one group of processes.
func endInGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the group.
func killGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
