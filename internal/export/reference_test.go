package export_test

import (
	"strings"
	"testing"
)

// references checks that every $ref below node leads somewhere in doc.
func references(t *testing.T, doc, node any) {
	t.Helper()
	switch node := node.(type) {
	case []any:
		for _, element := range node {
			references(t, doc, element)
		}
	case map[string]any:
		for name, member := range node {
			if target, ok := member.(string); ok && name == "$ref" && !leads(doc, target) {
				t.Errorf("the reference %s leads nowhere", target)
			}
			references(t, doc, member)
		}
	}
}

func leads(doc any, target string) bool {
	path, ok := strings.CutPrefix(target, "#/")
	if !ok {
		return false
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for name := range strings.SplitSeq(path, "/") {
		object, _ := doc.(map[string]any)
		if doc = object[unescape.Replace(name)]; doc == nil {
			return false
		}
	}
	return true
}
