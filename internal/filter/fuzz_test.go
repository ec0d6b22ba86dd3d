package filter_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/less-go/less/internal/filter"
)

// policies are seeds with every operator in them.
var policies = []string{
	``, `{}`, `{"a":["x",1,1.5e3,true,false,null]}`, `{"a":[{"prefix":"x"}],"b":[{"suffix":"y"}]}`,
	`{"a":[{"equals-ignore-case":"x"}]}`, `{"a":[{"anything-but":["x","y"]}]}`, `{"a":[{"anything-but":[1,2]}]}`,
	`{"a":[{"anything-but":{"prefix":"x"}},{"exists":false}]}`, `{"a":{"b":[{"exists":true}],"c":[{"exists":false}]}}`,
	`{"a":[{"numeric":[">",0,"<=",10]}],"b":[{"numeric":["=",3]}]}`, `{"a":[{"cidr":"10.0.0.0/8"},"::1"]}`,
	`{"a":[{"wildcard":"x*y\\\\*"},{"anything-but":{"wildcard":"*x*"}},{"anything-but":{"suffix":"y"}}]}`,
	`{"$or":[{"a":["x"]},{"b":["y"],"$or":[{"c":["z"]},{"d":{"e":[1]}}]}],"f":[2]}`, `{"$or":["x"],"a.b":["\ud83d\ude00\n"]}`,
	`{"a":[[]]}`, `{"a":{}}`, `{"$or":[{"prefix":"x"},{"a":["y"]}]}`, "{\"a\":[\"\\u00\"", `{"a":1,}`, "[\xff", `{"a":{"b":{"x":[1],"y":[2]},"z":[3]}}`,
}

// FuzzParse checks that a policy is refused as no JSON only if it is none, that
// white space does not matter, and that every refusal is in SNS's form.
func FuzzParse(f *testing.F) {
	for _, policy := range policies {
		f.Add(policy)
	}
	f.Fuzz(func(t *testing.T, policy string) {
		for _, scope := range []filter.Scope{filter.MessageAttributes, filter.MessageBody} {
			got, err := filter.Parse([]byte(policy), scope)
			if err == nil {
				got.MatchBody([]byte(`{"a":[{"b":1},"x"]}`))
				got.MatchAttributes(map[string]filter.Attribute{"a": {Type: "String", Value: "x"}})
			}
			checkRefusal(t, policy, err)
			if !json.Valid([]byte(policy)) || !utf8.ValidString(policy) {
				continue
			}
			indented, _ := json.MarshalIndent(json.RawMessage(policy), "\t", "  ")
			if len(indented) > 1<<16 {
				continue // it could be too long
			}
			if _, again := filter.Parse(indented, scope); message(again) != message(err) && !strings.Contains(message(err), "REDACTED") {
				t.Errorf("%q: %v, and with white space %v", policy, err, again)
			}
		}
	})
}

func checkRefusal(t *testing.T, policy string, err error) {
	t.Helper()
	isJSON := json.Valid([]byte(policy)) && utf8.ValidString(policy) && nesting(policy) <= 1000 || policy == ""
	if err == nil {
		if !isJSON {
			t.Errorf("%q accepted", policy)
		}
		return
	}
	var refusal *filter.Error
	switch text := message(err); {
	case !errors.As(err, &refusal), !strings.HasPrefix(text, "FilterPolicy: ") && !strings.HasPrefix(text, "Filter policy scope "):
		t.Errorf("%q: not in SNS's form: %v", policy, err)
	case strings.HasPrefix(text, "FilterPolicy: failed to parse JSON. ") == isJSON:
		t.Errorf("%q is JSON: %t, but %v", policy, isJSON, err)
	case utf8.ValidString(policy) && !utf8.ValidString(text):
		t.Errorf("%q: not UTF-8: %q", policy, text)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// nesting is how deep a JSON document is.
func nesting(document string) int {
	depth, deepest := 0, 0
	for d := json.NewDecoder(strings.NewReader(document)); ; {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// FuzzBody checks the matching of bodies against a second implementation, which
// tries all there is.
func FuzzBody(f *testing.F) {
	for _, policy := range policies {
		f.Add(policy, `{"a":"x","b":"y"}`)
		f.Add(policy, `{"a":[{"b":1,"x":1},{"c":2,"y":2}],"a.b":3,"z":[3]}`)
	}
	f.Add(`{"a":{"x":[1],"y":[2]}}`, `{"a":[{"x":[1,3]},{"x":3,"y":2},{"y":[[2],{}]}]}`)
	f.Add(`{"a":{"x":[1],"y":[{"exists":false}]}}`, `{"a":[{"x":1},{"y":[]}],"a.y":{}}`)
	f.Add(`{"a":[{"exists":false}]}`, `{`)
	f.Fuzz(func(t *testing.T, policy, body string) {
		p, err := filter.Parse([]byte(policy), filter.MessageBody)
		if err != nil {
			return
		}
		want, ok := naive(policy, body)
		if !ok {
			return
		}
		if got := p.MatchBody([]byte(body)); got != want {
			t.Errorf("%s of %s: %t, want %t", policy, body, got, want)
		}
	})
}

// FuzzAttributes checks that an attribute matches as the same value in a body does.
func FuzzAttributes(f *testing.F) {
	for _, policy := range policies {
		f.Add(policy, "a", "String", "x")
		f.Add(policy, "b", "Number", "3")
		f.Add(policy, "a", "String.Array", `["x",1,null,true]`)
	}
	f.Fuzz(func(t *testing.T, policy, name, kind, value string) {
		p, err := filter.Parse([]byte(policy), filter.MessageAttributes)
		if err != nil {
			return
		}
		got := p.MatchAttributes(map[string]filter.Attribute{name: {Type: kind, Value: value}})
		same := json.RawMessage(value)
		switch {
		case strings.ContainsAny(value, `"\`) && kind == "String", strings.Contains(value, `\`), strings.Contains(name, ".") || !utf8.ValidString(name+value):
			return
		case kind == "String":
			same, _ = json.Marshal(value)
		case kind != "Number" && kind != "String.Array" || !json.Valid(same):
			return
		case kind == "Number" && strings.Trim(value, "0123456789+-.eE") != "", kind == "String.Array" && (!strings.HasPrefix(value, "[") || nesting(value) > 1):
			return
		}
		key, _ := json.Marshal(name)
		body := `{` + string(key) + `:` + string(same) + `}`
		if want := p.MatchBody([]byte(body)); got != want {
			t.Errorf("%s of %s %s %q: %t, of %s %t", policy, name, kind, value, got, body, want)
		}
	})
}
