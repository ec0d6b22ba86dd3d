package deploy

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// leastNode is the oldest version of Node that the CDK's command line runs on.
const leastNode = 20

// installed is what npm writes when it has installed everything.
const installed = "node_modules/.package-lock.json"

// nodeVersion is the major version of the Node that is in the PATH.
func nodeVersion(ctx context.Context) (int, error) {
	const way = "Install Node 20 or newer from https://nodejs.org, or add its bin folder to PATH"
	path, err := exec.LookPath("node")
	if err != nil {
		return 0, fmt.Errorf("the CDK needs Node, and the node command is not in your PATH. %s", way)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	text := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	major, _, _ := strings.Cut(text, ".")
	n, notNumber := strconv.Atoi(major)
	if err := cmp.Or(err, notNumber); err != nil {
		return 0, fmt.Errorf("%s does not tell its version: %w. %s", path, err, way)
	}
	if n < leastNode {
		return n, fmt.Errorf("%s is version %s, and the CDK needs %d or newer. %s", path, text, leastNode, way)
	}
	return n, nil
}

// lookNPM is an error where there is no npm.
func lookNPM() error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("the CDK's command line is not installed in node_modules, and npm, which installs it, is not in your PATH. npm comes with Node: https://nodejs.org")
	}
	return nil
}

// needsInstall says whether what is installed is older than what package-lock.json pins.
func needsInstall(dir string) bool {
	pinned, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return false
	}
	done, err := os.Stat(filepath.Join(dir, filepath.FromSlash(installed)))
	return err != nil || done.ModTime().Before(pinned.ModTime())
}

// touch makes a file as new as now.
func touch(path string) error {
	now := time.Now()
	return os.Chtimes(path, now, now)
}
