package scan

import (
	"errors"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

var (
	resourceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	segmentName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// CheckName says whether an API, a topic or a subscriber can be called name. The
// error completes a sentence that begins with the place, and says what to do.
func CheckName(name string) error {
	if !resourceName.MatchString(name) {
		return nameError(name, "should start with a letter and contain only letters, numbers and underscores")
	}
	return checkImportable(name)
}

func nameError(name, should string) error {
	if looksLikeParameter(name) {
		return fmt.Errorf("a folder called %q cannot be imported, and one such folder breaks go build for the whole module. %s", name, rename(name, ""))
	}
	return fmt.Errorf("the name %q %s. %s", name, should, rename(name, ""))
}

// checkImportable refuses the well-formed names that mean something else to Go or Windows.
func checkImportable(name string) error {
	if slices.Contains([]string{"internal", "vendor", "testdata"}, name) {
		return fmt.Errorf("the name %q has a meaning of its own in Go. Use another; code that handlers share belongs in less/shared", name)
	}
	if err := module.CheckImportPath(name); err != nil {
		if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
			err = invalid.Err
		}
		return fmt.Errorf("a folder called %q cannot be imported: %w. Use another name", name, err)
	}
	return nil
}

// looksLikeParameter recognizes the ways in which people write a path parameter.
func looksLikeParameter(name string) bool {
	return strings.ContainsAny(name, "{}[]<>") || strings.HasPrefix(name, ":") || strings.HasPrefix(name, "$")
}

// rename is the advice to rename a folder: to the nearest good name that begins
// with prefix, where there is an obvious one.
func rename(name, prefix string) string {
	near := prefix + strings.TrimPrefix(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("- .", r):
			return '_'
		case strings.ContainsRune("{}[]<>:$+", r):
			return -1
		}
		return r
	}, name), prefix)
	if near == name || CheckName(near) != nil {
		return "Rename it"
	}
	return "Rename it to " + near
}

// GoName is the exported Go name of a topic: "order_placed" gives "OrderPlaced".
// It is meant for names that pass [CheckName].
func GoName(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// PackageName is the package clause for new code in a folder: its name in lower
// case, without _ and -. Where that is no name for an importable package, as for
// the folder "type", it ends in "pkg".
func PackageName(folder string) string {
	name := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(folder))
	if token.IsKeyword(name) || name == "main" || name == "init" {
		name += "pkg"
	}
	return name
}
