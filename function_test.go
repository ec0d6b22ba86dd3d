package less_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/less-go/less"
)

func TestAFunctionSaysWhatItIs(t *testing.T) {
	process := func(context.Context, order) error { return nil }
	config := less.Subscriber{Timeout: 10 * time.Second, MaxReceives: 3}
	f := less.TopicFunction(processPayment, placed, process, config)
	if f.ID() != processPayment || f.Topic() != "order_placed" {
		t.Errorf("got %s of topic %s", f.ID(), f.Topic())
	}
	if got, ok := f.Subscriber(); !ok || got != config {
		t.Errorf("settings are %+v, %v", got, ok)
	}
	if _, ok := f.Route(); ok {
		t.Error("a subscriber has the settings of a route")
	}
	if got, ok := less.TopicFunction(processPayment, placed, process).Subscriber(); !ok || got != (less.Subscriber{}) {
		t.Errorf("settings are %+v, %v", got, ok)
	}

	post := less.Route{Memory: 256}
	f = less.RouteFunction(postItems, http.NotFoundHandler(), post)
	if f.ID() != postItems || f.Topic() != "" {
		t.Errorf("got %s of topic %s", f.ID(), f.Topic())
	}
	if got, ok := f.Route(); !ok || got != post {
		t.Errorf("settings are %+v, %v", got, ok)
	}
	if _, ok := f.Subscriber(); ok {
		t.Error("a route has the settings of a subscriber")
	}
}

func TestAFunctionThatCannotWorkPanicsWhereItIsMade(t *testing.T) {
	for want, make := range map[string]func(){
		"TopicFunction: f has no handler": func() { less.TopicFunction("f", placed, nil) },
		"RouteFunction: f has no handler": func() { less.RouteFunction("f", nil) },
		"f has 2 settings":                func() { less.RouteFunction("f", http.NotFoundHandler(), less.Route{}, less.Route{}) },
		"zero Function":                   func() { _, _ = less.Function{}.Invoke(t.Context(), nil) },
		"the handler is nil":              func() { less.Typed[int, int](nil) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panicked with %q, want %q", got, want)
				}
			}()
			make()
		}()
	}
}
