package export_test

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// asyncSchema is the official schema of AsyncAPI documents.
var asyncSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	data, err := os.ReadFile("testdata/asyncapi/3.0.0.json")
	if err != nil {
		return nil, err
	}
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	const id = "http://asyncapi.com/definitions/3.0.0/asyncapi.json"
	if err := c.AddResource(id, content); err != nil {
		return nil, err
	}
	return c.Compile(id)
})

func validAsyncAPI(t *testing.T, doc []byte) {
	t.Helper()
	s, err := asyncSchema()
	if err != nil {
		t.Fatal(err)
	}
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(content); err != nil {
		t.Errorf("not a valid AsyncAPI document: %v\n%s", err, doc)
	}
	// The official schema does not follow references.
	references(t, content, content)
}

func validOpenAPI(t *testing.T, doc []byte) {
	t.Helper()
	document, err := libopenapi.NewDocument(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := document.BuildV3Model(); err != nil {
		t.Errorf("not a valid OpenAPI document: %v\n%s", err, doc)
	}
	schema, err := openSchema(document.GetSpecInfo().APISchema)
	if err != nil {
		t.Fatal(err)
	}
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(content); err != nil {
		t.Errorf("not a valid OpenAPI document: %v\n%s", err, doc)
	}
	references(t, content, content)
}

// openSchema compiles the official schema of OpenAPI documents, which libopenapi has.
func openSchema(text string) (*jsonschema.Schema, error) {
	content, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", content); err != nil {
		return nil, err
	}
	return c.Compile("openapi.json")
}
