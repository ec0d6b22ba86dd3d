package draw_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plan"
)

func TestTextIsATreeFromEachRoute(t *testing.T) {
	golden(t, "app.txt", drawn(t, food(t), draw.Text, draw.Options{}))
	golden(t, "large.txt", drawn(t, large(), draw.Text, draw.Options{}))
}

func TestACycleEnds(t *testing.T) {
	wantText(t, graphOf(t,
		"POST /a -> ping success",
		"ping => left",
		"topics/ping/left -> pong always",
		"pong => right",
		"topics/pong/right -> ping conditional",
	), `
app: 1 route, 2 topics, 2 subscribers

POST /a
└─ ✓ on success → ping
   └─ left  ✗ dead letter after 5 attempts
      └─ • always → pong
         └─ right  ✗ dead letter after 5 attempts
            └─ ? sometimes → ping (↑ see above)
`)
}

func TestACycleThatNothingLeadsIntoIsShown(t *testing.T) {
	wantText(t, graphOf(t, "ping => self", "topics/ping/self -> ping always"), `
app: 0 routes, 1 topic, 1 subscriber

ping (published by what it leads to, and by nothing else)
└─ self  ✗ dead letter after 5 attempts
   └─ • always → ping (↑ see above)
`)
}

func TestATopicBelongsToItsNearestBeginning(t *testing.T) {
	wantText(t, graphOf(t,
		"POST /a -> first success",
		"POST /b -> second success",
		"POST /b -> second failure",
		"first => x_service_do",
		"topics/first/x_service_do -> second conditional",
		"topics/first/x_service_do -> lonely failure",
		"second => y_service_do",
		"outside => z",
		"topics/outside/z -> first always",
		"GET /c -> second always",
	), `
app: 3 routes, 4 topics, 3 subscribers

POST /a
└─ ✓ on success → first
   └─ x: do  ✗ dead letter after 5 attempts
      ├─ ? sometimes → second (↓ see POST /b)
      └─ ✗ on failure → lonely (nobody subscribes)

POST /b
└─ ✓ on success, ✗ on failure → second
   └─ y: do  ✗ dead letter after 5 attempts

GET /c
└─ • always → second (↑ see POST /b)

outside (nobody here publishes it)
└─ z  ✗ dead letter after 5 attempts
   └─ • always → first (↑ see POST /a)
`)
}

func TestADeepWorkflowBeginsAnewAtTheMargin(t *testing.T) {
	g := chain(t, 12)
	wantText(t, g, `
app: 1 route, 12 topics, 11 subscribers

POST /a
└─ ✓ on success → step_00
   └─ go  ✗ dead letter after 5 attempts
      └─ • always → step_01
         └─ go  ✗ dead letter after 5 attempts
            └─ • always → step_02
               └─ go  ✗ dead letter after 5 attempts
                  └─ • always → step_03
                     └─ go  ✗ dead letter after 5 attempts
                        └─ • always → step_04
                           └─ go  ✗ dead letter after 5 attempts
                              └─ • always → step_05
                                 └─ go  ✗ dead letter after 5 attempts
                                    └─ • always → step_06
                                       └─ go  ✗ dead letter after 5 attempts
                                          └─ • always → step_07 (↓ see below)

step_07 (from above)
└─ go  ✗ dead letter after 5 attempts
   └─ • always → step_08
      └─ go  ✗ dead letter after 5 attempts
         └─ • always → step_09
            └─ go  ✗ dead letter after 5 attempts
               └─ • always → step_10
                  └─ go  ✗ dead letter after 5 attempts
                     └─ • always → step_11 (nobody subscribes)
`)
}

func TestTextIsNeverWiderThanAsked(t *testing.T) {
	long := strings.Repeat("very_long_name_", 20)
	graphs := []graph.Graph{
		food(t), large(), hostile(t), chain(t, 40),
		graphOf(t, "POST /"+long+" -> "+long+" success", long+" => a_service_"+long, long+" => "+long,
			"topics/"+long+"/"+long+" -> "+strings.Repeat("東京", 60)+" failure"),
	}
	for _, width := range []int{0, 20, 21, 37, 80, 100, 160} {
		limit := width
		if limit == 0 {
			limit = 100
		}
		for i, g := range graphs {
			for line := range strings.Lines(drawn(t, g, draw.Text, draw.Options{Width: width})) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line) + len(wide.FindAllString(line, -1)); n > limit {
					t.Errorf("graph %d at width %d: a line has %d columns: %s", i, width, n, line)
				}
			}
		}
	}
}

var wide = regexp.MustCompile(`\p{Han}`)

func TestColoursSayNothingThatWordsDoNot(t *testing.T) {
	for _, g := range []graph.Graph{food(t), large()} {
		colourful := drawn(t, g, draw.Text, draw.Options{Color: true})
		if !strings.Contains(colourful, "\x1b[31m✗ on failure →\x1b[0m") && !strings.Contains(colourful, "\x1b[31m✗ on failure") {
			t.Error("a failure is not red")
		}
		got := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colourful, "")
		if diff := cmp.Diff(drawn(t, g, draw.Text, draw.Options{}), got); diff != "" {
			t.Errorf("with colours (-without +with):\n%s", diff)
		}
	}
}

// chain is a workflow of n topics one after the other.
func chain(t testing.TB, n int) graph.Graph {
	lines := []string{"POST /a -> step_00 success"}
	for i := range n - 1 {
		lines = append(lines,
			fmt.Sprintf("step_%02d => go", i),
			fmt.Sprintf("topics/step_%02d/go -> step_%02d always", i, i+1))
	}
	return graphOf(t, lines...)
}

func wantText(t *testing.T, g graph.Graph, want string) {
	t.Helper()
	got := drawn(t, g, draw.Text, draw.Options{})
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestAnotherApplicationsTopicIsABeginningInEveryPicture(t *testing.T) {
	a := app.App{
		Module: "example.com/shop", Topics: []app.Topic{{Name: "paid"}},
		External: []app.ExternalTopic{{App: "chat", Name: "message_sent", Subscribers: []app.Subscriber{
			{App: "chat", Topic: "message_sent", Name: "billing_service_charge"},
		}}},
	}
	f := flow.Flow{Functions: []flow.Function{{
		ID:        "external_topics/chat/message_sent/billing_service_charge",
		Publishes: []flow.Publish{{Topic: "paid", Condition: flow.Always}},
	}}}
	g := graph.New(a, plan.New(a, f, plan.Options{}), f)
	want := `shop: 0 routes, 1 topic, 1 external topic, 1 subscriber

chat: message_sent (another application publishes it)
└─ billing: charge  ✗ dead letter after 5 attempts
   └─ • always → paid (nobody subscribes)
`
	if diff := cmp.Diff(want, string(drawn(t, g, draw.Text, draw.Options{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for format, topic := range map[draw.Format]string{
		draw.Mermaid: `{{"chat#58; message_sent"}}:::topic`, draw.DOT: `[label="chat: message_sent" shape=hexagon`, draw.SVG: `<title>external_topics/chat/message_sent</title>`,
	} {
		if picture := string(drawn(t, g, format, draw.Options{})); !strings.Contains(picture, topic) {
			t.Errorf("%s does not show the topic as %s:\n%s", format, topic, picture)
		}
	}
}
