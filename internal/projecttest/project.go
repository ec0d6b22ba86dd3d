// Package projecttest makes projects for tests: folders that the go command
// works in, without the network, against the framework as it is in this checkout.
package projecttest

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/scaffold"
)

// Checkout is the folder of this repository.
func Checkout() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Write writes files into a new folder, which the test removes, and returns it.
func Write(tb testing.TB, files []txtar.File) string {
	tb.Helper()
	dir := tb.TempDir()
	for _, f := range files {
		WriteFile(tb, dir, f.Name, f.Data)
	}
	return dir
}

// WriteFile writes the file name, slash-separated and relative to dir.
func WriteFile(tb testing.TB, dir, name string, content []byte) {
	tb.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		tb.Fatal(err)
	}
}

// UseCheckout makes the module in dir depend on the framework in this checkout,
// and on what that depends on.
func UseCheckout(tb testing.TB, dir string) {
	tb.Helper()
	if err := Adapt(dir); err != nil {
		tb.Fatal(err)
	}
}

// Adapt is [UseCheckout] for who has no test.
func Adapt(dir string) error {
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	mod, sum, err := scaffold.Modules(goMod, Checkout())
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644),
	)
}
