package build

import (
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
)

// flags are those of the programs that are deployed: small, reproducible, and
// the same wherever the project lies. A build id set by -ldflags would make every
// build link again.
var flags = []string{"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w"}

// settings are the environment variables that change what the go command makes.
var settings = []string{"GOFLAGS", "GOEXPERIMENT", "GOTOOLCHAIN", "GOAMD64", "GOARM64", "GOFIPS140"}

// hashToolchain adds what decides how programs are made, besides their source.
func (b *Builder) hashToolchain(h hash.Hash) error {
	goTool, err := goTool()
	if err != nil {
		return err
	}
	version, err := goVersion(goTool)
	if err != nil {
		return err
	}
	hashString(h, version)
	hashString(h, b.goos()+"/"+b.goarch())
	for _, f := range flags {
		hashString(h, f)
	}
	for _, name := range settings {
		hashString(h, os.Getenv(name))
	}
	return nil
}

func goTool() (string, error) {
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
