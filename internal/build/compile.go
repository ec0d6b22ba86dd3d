package build

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/toolchain"
)

// A compilation is one call of Build that found something to do.
type compilation struct {
	*Builder
	report   func(Progress)
	progress Progress
	built    map[string]string
	failures []Failure
}

// round compiles targets, whose output names differ, and installs what compiles.
func (c *compilation) round(ctx context.Context, targets []target) error {
	tmp, err := os.MkdirTemp(c.Out, "tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	// What an earlier round found broken is broken still.
	targets = slices.DeleteFunc(targets, func(t target) bool { return stop(c.failures, t) })
	for len(targets) > 0 {
		failures, err := c.goBuild(ctx, tmp, targets)
		if err != nil {
			return err
		}
		var left []target
		for _, t := range targets {
			switch err := c.install(tmp, t); {
			case err == nil:
				c.built[t.main] = t.binary
			case !errors.Is(err, fs.ErrNotExist):
				return fmt.Errorf("keep the program of %s: %w", t.main, err)
			case !stop(failures, t):
				left = append(left, t)
			}
		}
		if len(left) == len(targets) { // it may be any of them
			for i := range failures {
				for _, t := range left {
					failures[i].stops(t.main)
				}
			}
			left = nil
		}
		c.failures = merge(c.failures, failures)
		// A package that cannot even be loaded ends the whole command: go on
		// without those that need it.
		targets = left
	}
	return nil
}

// install moves the program of t to its place, in one step. It is on disk
// before, so that a power loss leaves no half of it under a valid key.
func (c *compilation) install(tmp string, t target) error {
	program := filepath.Join(tmp, t.exec)
	if c.target().Windows() {
		program += ".exe"
	}
	if err := syncFile(program); err != nil {
		return err
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	folder := filepath.Join(tmp, t.key)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, sumFile), []byte(hexSum(content)), 0o600); err != nil {
		return err
	}
	if err := os.Rename(program, filepath.Join(folder, Binary)); err != nil {
		return err
	}
	if err := os.Rename(folder, filepath.Dir(t.binary)); err == nil || isFile(t.binary) {
		return nil // it is ours, or that of another process that was as quick
	}
	// What is left of a program that somebody removed is in the way.
	return errors.Join(os.RemoveAll(filepath.Dir(t.binary)), os.Rename(folder, filepath.Dir(t.binary)))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// interruptedFor is how long an interrupted go command may take to clean up.
const interruptedFor = 5 * time.Second

// goBuild runs one go build for targets, with outputs below dir. What does not
// compile is in the failures; the error is for a command that could not be run.
func (c *compilation) goBuild(ctx context.Context, dir string, targets []target) ([]Failure, error) {
	goTool, err := toolchain.Go()
	if err != nil {
		return nil, err
	}
	args := append([]string{"build", "-json", "-v"}, c.target().Flags()...)
	args = append(args, "-o", dir+string(filepath.Separator))
	project, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	if topics := targets[0].topics; topics != "" {
		overlay, err := writeOverlay(dir, filepath.Join(project, filepath.FromSlash(topicsPackage), topicsFile), topics)
		if err != nil {
			return nil, err
		}
		args = append(args, "-overlay", overlay)
	}
	for _, t := range targets {
		args = append(args, "./"+t.main)
	}
	cmd := exec.CommandContext(ctx, goTool, args...)
	cmd.Dir = project
	// Where the way there has a link, the go command must name files as we do.
	cmd.Env = append(c.target().Environ(), "PWD="+project)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptedFor
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	failures := c.read(stdout, targets)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil && len(failures) == 0 {
		failures = []Failure{{Lines: lines(stderr.String())}}
		if stderr.Len() == 0 {
			failures[0].Lines = []string{"go build: " + err.Error()}
		}
	}
	return failures, nil
}

// writeOverlay writes content below dir, and the overlay that lets it stand for
// file, whose path it returns.
func writeOverlay(dir, file, content string) (string, error) {
	instead := filepath.Join(dir, ".overlay", filepath.Base(file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: instead}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, ".overlay", "overlay.json")
	return name, errors.Join(
		os.MkdirAll(filepath.Dir(name), 0o700),
		os.WriteFile(instead, []byte(content), 0o600),
		os.WriteFile(name, overlay, 0o600),
	)
}

// read follows what go build -json -v says: a line of output each, and which
// packages have failed.
func (c *compilation) read(stdout io.Reader, targets []target) []Failure {
	var failures []Failure
	output := map[string][]string{}
	in := bufio.NewReader(stdout)
	for {
		line, err := in.ReadBytes('\n')
		var said struct{ ImportPath, Action, Output string }
		if json.Unmarshal(line, &said) == nil {
			text := strings.TrimRight(said.Output, "\n")
			switch {
			case said.Action == "build-fail":
				failures = append(failures, Failure{Package: said.ImportPath, Lines: output[said.ImportPath]})
			case text == said.ImportPath: // -v: this package is being compiled
				c.compiling(text, targets)
			case text != "" && text != "# "+said.ImportPath:
				output[said.ImportPath] = append(output[said.ImportPath], lines(text)...)
			}
		}
		if err != nil {
			return failures
		}
	}
}

func (c *compilation) compiling(importPath string, targets []target) {
	if c.report == nil {
		return
	}
	c.progress.Packages++
	c.progress.Package = importPath
	if slices.ContainsFunc(targets, func(t target) bool { return t.importPath == importPath }) {
		c.progress.Function++
	}
	c.report(c.progress)
}
