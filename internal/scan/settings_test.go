package scan_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/scan"
)

// TestSettingsAreThoseOfPackageLess keeps three lists the same: what a user can
// write, what the scan reads, and what the model carries.
func TestSettingsAreThoseOfPackageLess(t *testing.T) {
	subscriber, route := fields(reflect.TypeFor[less.Subscriber]()), fields(reflect.TypeFor[less.Route]())

	if diff := cmp.Diff(subscriber, fieldsNamed(t, reflect.TypeFor[less.Subscriber](), scan.SubscriberFields())); diff != "" {
		t.Errorf("less.Subscriber and what the scan reads of it (-less +scan):\n%s", diff)
	}
	if diff := cmp.Diff(route, fieldsNamed(t, reflect.TypeFor[less.Route](), scan.RouteFields())); diff != "" {
		t.Errorf("less.Route and what the scan reads of it (-less +scan):\n%s", diff)
	}

	model := fields(reflect.TypeFor[app.Settings]())
	delete(model, "Declared")
	all := map[string]string{}
	for _, part := range []map[string]string{subscriber, route} {
		maps.Copy(all, part)
	}
	if diff := cmp.Diff(all, model); diff != "" {
		t.Errorf("package less and app.Settings (-less +app):\n%s", diff)
	}
}

// fields are the names of a struct's fields with their types.
func fields(t reflect.Type) map[string]string {
	out := map[string]string{}
	for field := range t.Fields() {
		out[field.Name] = field.Type.String()
	}
	return out
}

func fieldsNamed(t *testing.T, typ reflect.Type, names []string) map[string]string {
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a field twice: %v", names)
	}
	out := map[string]string{}
	for _, name := range names {
		field, _ := typ.FieldByName(name)
		if field.Type == nil {
			out[name] = "unknown"
			continue
		}
		out[name] = field.Type.String()
	}
	return out
}
