package scan

import (
	"fmt"
	"slices"
	"strings"
)

// by is how the folder of a path parameter begins.
const by = "by_"

// RoutePath turns the folders below an API's into the path that people read:
// "orders/by_order_id" gives "/orders/{order_id}", and "" gives "/".
func RoutePath(folders string) string {
	if folders == "" {
		return "/"
	}
	var b strings.Builder
	for folder := range strings.SplitSeq(folders, "/") {
		if name, dynamic := strings.CutPrefix(folder, by); dynamic {
			folder = "{" + name + "}"
		}
		b.WriteString("/" + folder)
	}
	return b.String()
}

// RouteFolder is the opposite of [RoutePath], for a path that somebody typed: a
// slash at either end may be missing. The error says what is wrong with the path
// and what to do.
func RouteFolder(path string) (string, error) {
	trimmed := strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if trimmed == "" {
		return "", nil
	}
	var folders []string
	for segment := range strings.SplitSeq(trimmed, "/") {
		folder, err := segmentFolder(segment)
		if err != nil {
			return "", fmt.Errorf("path %q: %w", path, err)
		}
		if strings.HasPrefix(folder, by) && slices.Contains(folders, folder) {
			return "", fmt.Errorf("path %q: %s occurs twice. Give each parameter its own name", path, segment)
		}
		folders = append(folders, folder)
	}
	return strings.Join(folders, "/"), nil
}

func segmentFolder(segment string) (string, error) {
	if segment == "" {
		return "", fmt.Errorf("it has an empty segment. Write one slash, not two")
	}
	if inner, opened := strings.CutPrefix(segment, "{"); opened {
		name, closed := strings.CutSuffix(inner, "}")
		if !closed || !resourceName.MatchString(name) {
			return "", fmt.Errorf("%q is not a parameter. Write it as {name}, with letters, numbers and underscores", segment)
		}
		return by + name, nil
	}
	if looksLikeParameter(segment) {
		return "", fmt.Errorf("%q is not a segment. Write a parameter as {name}, with letters, numbers and underscores", segment)
	}
	if strings.HasPrefix(strings.ToLower(segment), by) {
		return "", fmt.Errorf("%q would be the folder of a parameter. Write {%s}, or choose another name", segment, segment[len(by):])
	}
	return segment, checkSegment(segment)
}

// checkRouteFolder says whether a folder's name can be a segment of a route's path.
func checkRouteFolder(folder string) error {
	name, dynamic := strings.CutPrefix(folder, by)
	switch {
	case dynamic && !resourceName.MatchString(name):
		return fmt.Errorf("%q is not the name of a path parameter, which should start with a letter and contain only letters, numbers and underscores. %s", name, rename(folder, by))
	case dynamic:
		return nil
	case strings.HasPrefix(strings.ToLower(folder), by):
		return fmt.Errorf("a parameter's folder begins with %s in lower case. Rename it to %s", by, by+folder[len(by):])
	case looksLikeParameter(folder):
		return fmt.Errorf("a folder called %q cannot be imported, and one such folder breaks go build for the whole module. %s", folder, rename(folder, by))
	}
	return checkSegment(folder)
}

// checkSegment is CheckName for the folder of a literal route segment, where a
// dash is common.
func checkSegment(name string) error {
	if !segmentName.MatchString(name) {
		return nameError(name, "should start with a letter and contain only letters, numbers, underscores and dashes")
	}
	return checkImportable(name)
}

// parameters are the names of the path parameters in a route's path.
func parameters(path string) []string {
	var names []string
	for segment := range strings.SplitSeq(path, "/") {
		if inner, opened := strings.CutPrefix(segment, "{"); opened {
			names = append(names, strings.TrimSuffix(inner, "}"))
		}
	}
	return names
}
