package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxBody is how long a template may be, and MaxInline one that is in a request.
const (
	MaxBody   = 1 << 20
	MaxInline = 51200
)

// maxDepth is how deep values may be nested. AWS's limit is not known; no template comes near it.
const maxDepth = 100

// parseBody reads JSON, or else YAML.
func parseBody(body []byte) (map[string]any, error) {
	if len(body) > MaxBody {
		return nil, fail("Template may not exceed %d bytes in size.", MaxBody)
	}
	var v any
	var err error
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		v, err = parseJSON(trimmed)
		if err != nil {
			// A flow mapping is YAML, which is not JSON for its want of quotes.
			var again error
			if v, again = parseYAML(body); again == nil {
				err = nil
			}
		}
	} else {
		v, err = parseYAML(body)
	}
	if err != nil {
		return nil, err
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, fail("Template format error: unsupported structure.")
	}
	return root, nil
}

func parseJSON(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows")
		}
	}
	if err != nil {
		at := body[:min(d.InputOffset(), int64(len(body)))]
		line := bytes.Count(at, []byte("\n")) + 1
		return nil, fail("Template format error: JSON not well-formed. (line %d, column %d)", line, len(at)-bytes.LastIndexByte(at, '\n'))
	}
	if depth(v) > maxDepth {
		return nil, fail("Template format error: the template is nested too deeply.")
	}
	return v, nil
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			deepest = max(deepest, depth(one))
		}
	case map[string]any:
		for _, one := range v {
			deepest = max(deepest, depth(one))
		}
	}
	return deepest + 1
}

func parseYAML(body []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(body, &document); err != nil {
		return nil, fail("Template format error: YAML not well-formed. (%s)", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return nil, fail("Template format error: unsupported structure.")
	}
	return yamlValue(document.Content[0], 0)
}

func yamlValue(n *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fail("Template format error: the template is nested too deeply. (line %d)", n.Line)
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return nil, fail("Template error: YAML aliases are not allowed in CloudFormation templates (line %d)", n.Line)
	}
	tag := n.Tag
	short := strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") && tag != "!"
	v, err := yamlContent(n, short, depth)
	if err != nil || !short {
		return v, err
	}
	return shortForm(tag[1:], v, n.Line)
}

// yamlContent is the value of n without its short form.
func yamlContent(n *yaml.Node, short bool, depth int) (any, error) {
	switch n.Kind {
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, one := range n.Content {
			v, err := yamlValue(one, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return nil, fail("Template format error: YAML not well-formed. (line %d, column %d)", key.Line, key.Column)
			}
			if _, twice := object[key.Value]; twice {
				return nil, fail("Template format error: %s is there twice. (line %d, column %d)", key.Value, key.Line, key.Column)
			}
			v, err := yamlValue(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			object[key.Value] = v
		}
		return object, nil
	}
	if short {
		return n.Value, nil
	}
	return yamlScalar(n)
}

// yamlScalar keeps a number as it is written, and takes a date for text, as CloudFormation does with the versions of policies.
func yamlScalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strconv.ParseBool(strings.ToLower(n.Value))
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value), nil
		}
		return n.Value, nil // 0x10, .5, 1_000: what such a number means is the reader's
	}
	return n.Value, nil
}

// functions are those that a value of a template can be, by the name of their short form.
var functions = map[string]string{
	"And": "Fn::And", "Base64": "Fn::Base64", "Contains": "Fn::Contains", "EachMemberEquals": "Fn::EachMemberEquals",
	"EachMemberIn": "Fn::EachMemberIn", "Equals": "Fn::Equals", "FindInMap": "Fn::FindInMap", "GetAtt": "Fn::GetAtt", "GetAZs": "Fn::GetAZs",
	"If": "Fn::If", "ImportValue": "Fn::ImportValue", "Join": "Fn::Join", "Not": "Fn::Not", "Or": "Fn::Or", "Select": "Fn::Select",
	"Split": "Fn::Split", "Sub": "Fn::Sub", "Ref": "Ref", "Condition": "Condition",
}

func shortForm(name string, v any, line int) (any, error) {
	long, found := functions[name]
	if !found {
		return nil, fail("Template format error: Less does not implement the function !%s (line %d)%s", name, line, guess(name, sorted(functions)))
	}
	if text, ok := v.(string); ok && name == "GetAtt" {
		resource, attribute, _ := strings.Cut(text, ".")
		v = []any{resource, attribute}
	}
	return map[string]any{long: v}, nil
}
