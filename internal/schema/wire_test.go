package schema_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/less-go/less/internal/schema/schematest"
	"github.com/less-go/less/internal/schema/schematest/wire"
)

// TestWhatIsWrittenIsAsDescribed writes the zero value and many others of a type
// with fields of every kind, and has each checked against the type's schema.
func TestWhatIsWrittenIsAsDescribed(t *testing.T) {
	doc, err := describe("", schematest.Load(t, "schematest/wire", "."))
	if err != nil {
		t.Fatal(err)
	}
	compiled := compile(t, doc)
	event, embedded := map[string]bool{}, map[string]bool{} // the members that were written
	note := func(written map[string]bool, members map[string]any) {
		for name := range members {
			written[name] = true
		}
	}
	check := func(v wire.Event) {
		t.Helper()
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		members := value.(map[string]any)
		note(event, members)
		note(embedded, members["embedded"].(map[string]any))
	}
	check(wire.Event{})
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var v wire.Event
		fill(random, reflect.ValueOf(&v).Elem(), 0)
		check(v)
	}

	var described struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(doc, &described); err != nil {
		t.Fatal(err)
	}
	for name, written := range map[string]map[string]bool{"Event": event, "Embedded": embedded} {
		definition := described.Components.Schemas["github.com.less-go.less.internal.schema.schematest.wire."+name]
		want, got := slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(definition.Properties))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("members of %s (-written +described):\n%s", name, diff)
		}
	}
}

// fill sets v to something, with nil and empty values among it.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<32), 0).UTC()))
		return
	}
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes([]byte(`{"raw":1}`))
		return
	}
	empty := depth > 5 || r.IntN(3) == 0
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "\n\"<&>é"}[r.IntN(3)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64() >> (64 - v.Type().Bits()))
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(r.NormFloat64() * 1e20)
	case reflect.Struct:
		for _, f := range v.Fields() {
			if f.CanSet() {
				fill(r, f, depth+1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Pointer:
		if !empty {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth+1)
		}
	case reflect.Slice:
		if !empty {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
			for i := range v.Len() {
				fill(r, v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if !empty {
			v.Set(reflect.MakeMap(v.Type()))
			for range r.IntN(3) {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(r, key, depth+1)
				fill(r, value, depth+1)
				v.SetMapIndex(key, value)
			}
		}
	}
}
