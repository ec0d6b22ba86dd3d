// Package toolchain is how the go command is called for functions: with the same
// flags and settings wherever one is compiled, loaded or analysed, so that all
// see the same code and share what the go command caches.
package toolchain

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// flags are those of the programs that are deployed: small, reproducible, and
// the same wherever the project lies. A build id set by -ldflags would make every
// build link again.
var flags = []string{"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w"}

// settings are the environment variables that change what the go command makes.
var settings = []string{"GOFLAGS", "GOEXPERIMENT", "GOTOOLCHAIN", "GOAMD64", "GOARM64", "GOFIPS140"}

// A Target is what functions are made for. The zero value is this machine.
type Target struct {
	GOOS, GOARCH string
}

// Flags are the flags of go build and go list.
func (t Target) Flags() []string { return slices.Clone(flags) }

// Environ is the environment of the go command.
func (t Target) Environ() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.goos(), "GOARCH="+t.goarch())
}

// Identity lists all that decides how programs are made, besides their source:
// the version of Go, the target, the flags, and the settings of the environment.
func (t Target) Identity() ([]string, error) {
	goTool, err := Go()
	if err != nil {
		return nil, err
	}
	version, err := goVersion(goTool)
	if err != nil {
		return nil, err
	}
	identity := append([]string{version, t.goos() + "/" + t.goarch()}, flags...)
	for _, name := range settings {
		identity = append(identity, os.Getenv(name))
	}
	return identity, nil
}

func (t Target) goos() string {
	if t.GOOS == "" {
		return runtime.GOOS
	}
	return t.GOOS
}

func (t Target) goarch() string {
	if t.GOARCH == "" {
		return runtime.GOARCH
	}
	return t.GOARCH
}

// Windows says whether programs for t need a name that ends in .exe.
func (t Target) Windows() bool { return t.goos() == "windows" }

// Go returns the path of the go command. The error says how to get one.
func Go() (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("the go command is not in your PATH (%w). Install Go from https://go.dev/dl, or add its bin folder to PATH", err)
	}
	return path, nil
}

// goVersion reads the version beside the go command, which is quicker than to
// ask the command; where a script stands for it, the script has to be asked.
func goVersion(goTool string) (string, error) {
	if real, err := filepath.EvalSymlinks(goTool); err == nil {
		version, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(real)), "VERSION"))
		if err == nil {
			return string(version), nil
		}
	}
	version, err := exec.Command(goTool, "version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", goTool, err)
	}
	return string(version), nil
}
