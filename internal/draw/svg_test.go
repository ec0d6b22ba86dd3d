package draw_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/graph"
)

func TestSVG(t *testing.T) {
	golden(t, "app.svg", drawn(t, food(t), draw.SVG, draw.Options{}))
}

// The README shows the picture of this repository's application.
func TestThePictureInTheDocumentationIsCurrent(t *testing.T) {
	const name = "../../docs/workflow.svg"
	got := drawn(t, foodFromTree(t), draw.SVG, draw.Options{})
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is old. Write it anew: go run ./cmd/less-cli graph --format svg > docs/workflow.svg", name)
	}
}

func TestSVGShowsEachNodeOnce(t *testing.T) {
	for name, g := range map[string]graph.Graph{"app": food(t), "large": large()} {
		titles := map[string]int{}
		for _, e := range elements(t, drawn(t, g, draw.SVG, draw.Options{})) {
			if e.name == "title" && !e.in("a") {
				id, _, _ := strings.Cut(e.text, " (")
				titles[id]++
			}
		}
		for _, n := range g.Nodes {
			if got := titles[n.ID]; n.Kind != graph.DeadLetter && got != 1 {
				t.Errorf("%s: %s is there %d times, want 1", name, n.ID, got)
			}
		}
	}
}

func TestSVGShowsEachDeadLetter(t *testing.T) {
	got := drawn(t, large(), draw.SVG, draw.Options{})
	if n := strings.Count(got, "✗ dead letter after 5 attempts"); n != 180 {
		t.Errorf("it has %d dead letters, want 180", n)
	}
}

func TestSVGIsWellFormedAndNeedsNothingFromElsewhere(t *testing.T) {
	for name, g := range map[string]graph.Graph{"app": food(t), "large": large(), "hostile": hostile(t), "empty": {}} {
		got := drawn(t, g, draw.SVG, draw.Options{})
		for _, e := range elements(t, got) {
			switch e.name {
			case "script", "image", "use", "foreignObject", "iframe":
				t.Errorf("%s: it has an element %s", name, e.name)
			}
			for key, value := range e.attr {
				if strings.HasPrefix(key, "on") || key == "href" && !strings.HasPrefix(value, "#panel-") {
					t.Errorf("%s: it has the attribute %s=%q", name, key, value)
				}
			}
			if e.name == "style" && (strings.Contains(e.text, "url(") || strings.Contains(e.text, "@import")) {
				t.Errorf("%s: its style needs something from elsewhere", name)
			}
		}
	}
}

func TestSVGTextFitsItsBox(t *testing.T) {
	long := strings.Repeat("very_long_name_", 12)
	for name, g := range map[string]graph.Graph{
		"app": food(t), "large": large(), "hostile": hostile(t),
		"long": graphOf(t, "POST /"+long+" -> "+long+" success", long+" => a_service_"+long, long+" => "+long+"_service_a"),
	} {
		left, right := 0.0, 0.0
		for _, e := range elements(t, drawn(t, g, draw.SVG, draw.Options{})) {
			switch {
			case e.name == "rect" && e.attr["class"] != "paper":
				left = e.number(t, "x")
				right = left + e.number(t, "width")
			case e.name == "path" && e.attr["class"] == "topic":
				d := strings.FieldsFunc(e.attr["d"], func(r rune) bool { return strings.ContainsRune("Mhlz ", r) })
				slant, _ := strconv.ParseFloat(d[3], 64)
				flat, _ := strconv.ParseFloat(d[2], 64)
				x, _ := strconv.ParseFloat(d[0], 64)
				left, right = x-slant, x+flat+slant
			case e.name == "text" && (e.in("g") || e.in("a")) && e.attr["class"] != "title" && e.attr["class"] != "quiet":
				x := e.number(t, "x")
				if legend := !e.titled; legend && e.attr["class"] == "label" {
					continue // words beside a line
				}
				if end := x + e.number(t, "textLength"); x < left || end > right {
					t.Errorf("%s: %q is from %g to %g, its box from %g to %g", name, e.text, x, end, left, right)
				}
			}
		}
	}
}

func TestSVGOfALargeWorkflowIsInPanels(t *testing.T) {
	got := drawn(t, large(), draw.SVG, draw.Options{})
	for _, want := range []string{">API orders<", ">API support<", `<a href="#panel-`, ">see API payments<"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not have %s", want)
		}
	}
	if n := strings.Count(got, ` id="panel-`); n != 10 {
		t.Errorf("it has %d panels, want 10", n)
	}
}

// An element is one of an XML document.
type element struct {
	name   string
	attr   map[string]string
	text   string
	within []string
	titled bool // the element it is in has a title
}

func (e *element) in(parent string) bool {
	return len(e.within) > 0 && e.within[len(e.within)-1] == parent
}

func (e *element) number(t *testing.T, name string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(e.attr[name], 64)
	if err != nil {
		t.Errorf("%s of %s: %v", name, e.name, err)
	}
	return n
}

// elements reads an XML document, strictly.
func elements(t *testing.T, doc string) []*element {
	t.Helper()
	var out, open []*element
	dec := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			for _, o := range open {
				e.within = append(e.within, o.name)
			}
			if n := len(open); n > 0 {
				e.titled = open[n-1].titled
				if e.name == "title" {
					open[n-1].titled = n > 1
				}
			}
			open = append(open, e)
			out = append(out, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 {
				open[n-1].text += string(token)
			}
		}
	}
	return out
}
