package engine_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/engine"
)

func TestAnEventByTheTopicsAPIRunsTheSubscribers(t *testing.T) {
	d := newDemo(t, t.TempDir(), 0)
	d.apply(d.built)
	if d.TopicsAPI() != "" {
		t.Fatal("it is served, and nobody asked for it")
	}
	d.plan.TopicsAPI = true
	d.apply(d.built)
	url := d.TopicsAPI()
	if slices.ContainsFunc(d.APIs(), func(api engine.Endpoint) bool { return api.URL == url }) || url == d.AWS() {
		t.Errorf("it shares the port of %s", url)
	}
	publish := func(topic string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/topics/"+topic, strings.NewReader(`{"id":"17","customer":"Cesaria","items":["cachupa"],"simulate":"confirm"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Correlation-Id", "order-17")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if got := publish("order_placed"); got != 202 {
		t.Fatalf("status %d", got)
	}
	for _, e := range d.journal.Await(t, 8, activitytest.Kind(activity.Done)) {
		if e.CorrelationID != "order-17" {
			t.Errorf("%s was handled under %s", e.Topic, e.CorrelationID)
		}
	}
	if got := publish("ops"); got != 404 {
		t.Errorf("an unknown topic is answered %d", got)
	}
	d.plan.TopicsAPI = false
	d.apply(d.built)
	if d.TopicsAPI() != "" {
		t.Error("it is served after it was turned off")
	}
}
