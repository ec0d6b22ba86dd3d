package less_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/event"
)

func TestPublishOutsideAMessageStartsACorrelation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Setenv(event.EnvFunction, "apis/orders/orders/post")
		ctx, cloud, _ := invocation(t)
		if err := placed.Publish(ctx, order{ID: "<17>"}); err != nil {
			t.Fatal(err)
		}
		id := cloud.published[0].Attributes["ce-id"]
		want := []event.Outgoing{{
			Topic: "order_placed",
			Body:  []byte(`{"id":"<17>"}`), // as the publisher would write it, not as for HTML
			Attributes: map[string]string{
				"ce-id":            id,
				"ce-specversion":   "1.0",
				"ce-type":          "order_placed",
				"ce-source":        "/apis/orders/orders/post",
				"ce-time":          "2000-01-01T00:00:00.000Z", // synctest's midnight
				"ce-correlationid": id,
			},
		}}
		if diff := cmp.Diff(want, cloud.published); diff != "" {
			t.Error(diff)
		}
		if u, err := uuid.Parse(id); err != nil || u.Version() != 7 {
			t.Errorf("the id %q is not a UUIDv7", id)
		}
	})
}

func TestPublishWhileHandlingAMessageContinuesIt(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx, cloud, _ := invocation(t)
	ctx = less.WithMessage(ctx, less.Message{ID: "cause", CorrelationID: "all", TraceParent: trace})
	if err := paid.Publish(ctx, order{}); err != nil {
		t.Fatal(err)
	}
	got := cloud.published[0].Attributes
	for name, want := range map[string]string{"ce-correlationid": "all", "ce-causationid": "cause", "traceparent": trace} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if got["ce-id"] == "cause" {
		t.Error("the new event has the id of the old one")
	}
}

func TestPublishDerivesTheTraceFromXRay(t *testing.T) {
	for header, want := range map[string]string{
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1":          "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00",
		"Root=1-5759e988-bd862e3fe1be46a994272793":                                            "",
		"Root=1-nonsense;Parent=53995c3f42cd8ad8":                                             "",
		"": "",
	} {
		ctx, cloud, _ := invocation(t)
		ctx = context.WithValue(ctx, "x-amzn-trace-id", header) //nolint:staticcheck // aws-lambda-go's own key
		if err := paid.Publish(ctx, order{}); err != nil {
			t.Fatal(err)
		}
		if got := cloud.published[0].Attributes["traceparent"]; got != want {
			t.Errorf("from %q: traceparent %q, want %q", header, got, want)
		}
	}
}

func TestPublishDropsABrokenTrace(t *testing.T) {
	for _, trace := range []string{
		"nonsense",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
	} {
		ctx, cloud, _ := invocation(t)
		if err := paid.Publish(less.WithMessage(ctx, less.Message{TraceParent: trace}), order{}); err != nil {
			t.Fatal(err)
		}
		if got, found := cloud.published[0].Attributes["traceparent"]; found {
			t.Errorf("%q was passed on as %q", trace, got)
		}
	}
}

func TestPublishRefuses(t *testing.T) {
	a := less.WithAttribute
	for name, test := range map[string]struct {
		options []less.PublishOption
		want    string
	}{
		"an 11th attribute":           {[]less.PublishOption{a("a", "1"), a("b", "2"), a("c", "3")}, "11 attributes are too many"},
		"a reserved name":             {[]less.PublishOption{a("ce-id", "1")}, `"ce-id" is reserved`},
		"the name of the trace":       {[]less.PublishOption{a("traceparent", "1")}, `"traceparent" is reserved`},
		"a name of AWS's":             {[]less.PublishOption{a("AWS.x", "1")}, "reserved by AWS"},
		"an empty name":               {[]less.PublishOption{a("", "1")}, "empty name"},
		"an empty value":              {[]less.PublishOption{a("a", "")}, `"a" is empty`},
		"a name with a space":         {[]less.PublishOption{a("a b", "1")}, "cannot be the name"},
		"a name that ends in a dot":   {[]less.PublishOption{a("a.", "1")}, "cannot be the name"},
		"a name that is too long":     {[]less.PublishOption{a(strings.Repeat("a", 257), "1")}, "cannot be the name"},
		"a value that is not UTF-8":   {[]less.PublishOption{a("a", "\xff")}, "not text"},
		"a value with a control code": {[]less.PublishOption{a("a", "\x00")}, "not text"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cloud, _ := invocation(t)
			err := placed.Publish(ctx, order{}, test.options...)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "publish order_placed: ") {
				t.Errorf("got error %v, want %q", err, test.want)
			}
			if len(cloud.published) > 0 {
				t.Error("it was published all the same")
			}
		})
	}
}

func TestAnEventCanHaveTwoAttributes(t *testing.T) {
	ctx, cloud, _ := invocation(t)
	ctx = less.WithMessage(ctx, less.Message{
		ID: "1", CorrelationID: "2", TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	})
	err := placed.Publish(ctx, order{}, less.WithAttribute("a", "1"), less.WithAttribute("b.c", "2"), less.WithAttribute("a", "3"))
	if err != nil {
		t.Fatal(err)
	}
	got := cloud.published[0].Attributes
	if got["a"] != "3" || got["b.c"] != "2" || len(got) != event.MaxAttributes {
		t.Errorf("attributes are %v", got)
	}
}

// The limit counts names, types and values of the attributes, like SNS does.
func TestPublishRefusesWhatIsTooLarge(t *testing.T) {
	text := less.NewTopic[string]("text")
	ctx, cloud, _ := invocation(t)
	if err := text.Publish(ctx, ""); err != nil {
		t.Fatal(err)
	}
	size := len(`""`)
	for name, value := range cloud.published[0].Attributes {
		size += len(name) + len("String") + len(value)
	}
	room := 262_144 - size
	if err := text.Publish(ctx, strings.Repeat("x", room)); err != nil {
		t.Errorf("an event of 262,144 bytes is refused: %v", err)
	}
	err := text.Publish(ctx, strings.Repeat("x", room+1))
	if err == nil || !strings.Contains(err.Error(), "262145 bytes, 1 more than SNS takes") {
		t.Errorf("an event of 262,145 bytes: %v", err)
	}
}

func TestPublishRefusesATopicWithoutAName(t *testing.T) {
	ctx, _, _ := invocation(t)
	var topic less.Topic[order]
	if err := topic.Publish(ctx, order{}); err == nil || !strings.Contains(err.Error(), "no name") {
		t.Errorf("got %v", err)
	}
}

func TestPublishSaysWhatItCannotEncode(t *testing.T) {
	ctx, _, _ := invocation(t)
	err := less.NewTopic[func()]("f").Publish(ctx, func() {})
	if unsupported := (*json.UnsupportedTypeError)(nil); err == nil || !strings.Contains(err.Error(), "publish f: ") || !errors.As(err, &unsupported) {
		t.Errorf("got %v", err)
	}
}

func TestPublishWithoutACloudNamesTheWayOut(t *testing.T) {
	t.Setenv(event.EnvTopicPrefix, "")
	err := placed.Publish(t.Context(), order{})
	want := "publish order_placed: LESS_TOPIC_PREFIX is not set. A function gets it from AWS and from less-cli run; " +
		"in a test, use the context that lesstest.New returns."
	if fmt.Sprint(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
