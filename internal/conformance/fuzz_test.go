package conformance_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzScript says that a file is read or refused, and never more.
func FuzzScript(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		facts, err := parseScript(text)
		if err != nil {
			return
		}
		for _, fact := range facts {
			for _, s := range fact.steps {
				if s.do == nil {
					t.Errorf("line %d does nothing: %s", s.line, s.text)
				}
			}
		}
	})
}

// FuzzValue says that what was read as a value, and has no patterns in it, is the
// JSON that an input is made of.
func FuzzValue(f *testing.F) {
	for _, text := range []string{
		`{"QueueUrl":"$url","MessageBody":"x" * 3}`, `[{"Id":"m#"} * 11]`, `["a", ...]`, `{"a":1,...}`,
		"`{\"a\":\"b\"}`", `json {"a":[1,-2.5e3,true,null]}`, `/^[0-9]{20}$/`, `unordered ["a", {"b":"$_"}]`, `"\ud83d\ude00 \u0000"`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseValue(text)
		if err != nil {
			return
		}
		vars := variables{}
		in, err := vars.input(v)
		if err != nil {
			return
		}
		decoded, err := decodeJSON([]byte(show(in)))
		if len(show(in)) < 500 && (err != nil || !reflect.DeepEqual(decoded, in)) {
			t.Errorf("%s became %v and then %v: %v", text, in, decoded, err)
		}
	})
}
