package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listener names the process that listens on a TCP port, as far as /proc tells
// this user, which it does on Linux; otherwise "".
func listener(port int) string { return listenerIn("/proc", port) }

func listenerIn(proc string, port int) string {
	sockets := map[string]bool{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		content, err := os.ReadFile(filepath.Join(proc, table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			if inode := listening(line, port); inode != "" {
				sockets["socket:["+inode+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return ""
	}
	descriptors, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*")) // the pattern is well-formed
	for _, fd := range descriptors {
		if target, err := os.Readlink(fd); err != nil || !sockets[target] {
			continue
		}
		process := filepath.Dir(filepath.Dir(fd))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue // it has just ended
		}
		return fmt.Sprintf("%q, process %s", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return ""
}

// listening returns the inode of the socket in a line of /proc/net/tcp, if it
// listens on port.
func listening(line string, port int) string {
	const local, state, inode, listen = 1, 3, 9, "0A"
	fields := strings.Fields(line)
	if len(fields) <= inode || fields[state] != listen {
		return ""
	}
	_, hex, _ := strings.Cut(fields[local], ":")
	if n, err := strconv.ParseUint(hex, 16, 16); err != nil || int(n) != port {
		return ""
	}
	return fields[inode]
}
