// Package export writes what an application promises as documents that other
// tools read: AsyncAPI 3.0 for its topics, OpenAPI 3.1 for its routes.
//
// The documents say what callers rely on and nothing that changes with every
// edit: no places in the source, so that a document that is committed changes when
// the contract does. Everything in them is sorted, or in the order of the source.
package export

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/less-go/less/internal/schema"
)

// Options are what a document says of itself. The zero value is version 0.0.0.
type Options struct {
	// Version is that of the application.
	Version string
	// Server is the base URL of the API in an OpenAPI document, "/" where it is empty:
	// the URLs then begin where the document is.
	Server string
}

func (o Options) version() string {
	if o.Version == "" {
		return "0.0.0"
	}
	return o.Version
}

// An info is the head of both documents.
type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description,omitempty"`
}

// A reference is a $ref.
type reference struct {
	Ref string `json:"$ref"`
}

// ref refers to what the path of names leads to, in the same document.
func ref(names ...string) reference {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	path := make([]string, len(names))
	for i, name := range names {
		path[i] = escape.Replace(name)
	}
	return reference{"#/" + strings.Join(path, "/")}
}

// dotted is a function's identity as a name in a document, where a slash would
// have to be escaped: apis.orders.orders.post.
func dotted(id string) string { return strings.ReplaceAll(id, "/", ".") }

// definitions are the components that schemas need.
func definitions(schemas []*schema.Schema) map[string]*schema.Schema {
	out := map[string]*schema.Schema{}
	for _, d := range schema.Definitions(schemas...) {
		out[d.Name] = d.Schema
	}
	return out
}

// firstSentence is the beginning of a description, for a summary.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if i := strings.Index(text, ". "); i > 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, ".")
}

// write encodes a document for people: indented, and with <, > and & as they are.
func write(doc any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
