package engine_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/scan"
)

// What runs is what was read from the code: with every function free to publish
// to every topic, the publishes that the engine sees are the edges of the graph,
// and the other way round.
func TestTheEngineSeesThePublishesThatTheCodeHas(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Second)
	var all []string
	for _, topic := range d.plan.Topics {
		all = append(all, topic.Name)
	}
	for i := range d.plan.Functions {
		d.plan.Functions[i].Publishes = all
	}
	d.apply(d.built)
	d.order("confirm")
	d.order("reject")
	d.journal.Await(d.t, 14, activitytest.Kind(activity.Done))
	d.order("crash")
	d.journal.Await(d.t, 1, activitytest.Kind(activity.DeadLetter))

	seen := map[string]bool{}
	for _, e := range d.journal.Of(activity.Publish) {
		seen[e.Function+" -> topics/"+strings.TrimPrefix(e.Topic, d.plan.TopicPrefix)] = true
	}
	f, err := demoFlow()
	if err != nil {
		t.Fatal(err)
	}
	a, err := scan.Dir(os.DirFS(project))
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	for _, e := range graph.New(a, d.plan, f).Edges {
		if e.Kind == graph.Publishes {
			read[e.From+" -> "+e.To] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("publishes (-in the code +in the engine):\n%s", diff)
	}
	if len(read) != 6 {
		t.Errorf("%d publishes in the code, want the article's 6", len(read))
	}
}
