package analysis_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/flow"
)

var (
	handlers = flag.Int("handlers", 24, "how many handlers the test of generated code makes")
	seed     = flag.Uint64("seed", 1, "the seed of the first")
	keep     = flag.String("keep", "", "a folder to write the generated handlers to")
	foreign  = flag.Bool("foreign", false, "let values go through foreign code too")
)

// hand is a package of other people, as it were, that generated code uses.
const hand = `
-- less/shared/hand/hand.go --
// Package hand hands values on.
package hand

import (
	"context"
	"iter"

	"example.com/shop/less/shared/order"
)

func Over[T any](v T) T { return *pass(&v) }

func pass[T any](p *T) *T { return p }

func Pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

type Box[T any] struct{ v []T }

func (b *Box[T]) Put(v T)  { b.v = append(b.v, v) }
func (b *Box[T]) Take() T { return b.v[len(b.v)-1] }

type Stack[T any] struct {
	top  T
	rest *Stack[T]
}

func (s *Stack[T]) Push(v T) *Stack[T] {
	below := *s
	s.rest, s.top = &below, v
	return s
}

func (s *Stack[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for ; s != nil && s.rest != nil && yield(s.top); s = s.rest {
		}
	}
}

type sender interface {
	Send(ctx context.Context, o order.Order) error
}

func Send(ctx context.Context, o order.Order, s sender) error { return s.Send(ctx, o) }
`

// runner runs the handlers of a project with many messages, and writes what they
// publish.
const runner = `package run

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"example.com/shop/less/shared/order"
	"github.com/less-go/less/lesstest"
%s)

type result struct {
	Function string
	Amount   int
	Failed   string
	Topics   []string
}

var all = map[string]func(context.Context, order.Order) error{
%s}

func TestRun(t *testing.T) {
	out, err := os.Create(os.Getenv("RESULTS"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	e := json.NewEncoder(out)
	for name, process := range all {
		for i := range 1 << %d {
			amount := i * 37 %% (1 << %[3]d)
			ctx, rec := lesstest.New(t)
			r := result{Function: name, Amount: amount}
			func() {
				defer func() {
					if p := recover(); p != nil {
						r.Failed = fmt.Sprint("panic: ", p)
					}
				}()
				if err := process(ctx, order.Order{ID: "1", Amount: amount}); err != nil {
					r.Failed = err.Error()
				}
			}()
			for _, event := range rec.Events() {
				r.Topics = append(r.Topics, event.Topic)
			}
			slices.Sort(r.Topics)
			r.Topics = slices.Compact(r.Topics)
			e.Encode(r)
		}
	}
}
`

// What handlers of random code publish when they run is what is read from them,
// or what cannot be read is refused.
func TestWhatRunsIsWhatIsRead(t *testing.T) {
	sources := map[string]string{}
	for i := range *handlers {
		uses, topics := 1+i%4, 3
		if i%2 == 0 { // many topics show which is missing; few, which of them go together
			uses, topics = 6, allTopics
		}
		ways := inside
		if *foreign && i%3 == 0 {
			ways = outside
		}
		g := newGenerator(*seed+uint64(i), topics, ways)
		sources[fmt.Sprintf("h%d", i)] = g.handler(fmt.Sprintf("h%d", i), func() {
			for range uses {
				g.statement(1 + i%4)
			}
		})
	}
	if refused := runAndRead(t, sources); refused > len(sources)/2 {
		t.Errorf("%d of %d handlers are refused, which shows nothing", refused, len(sources))
	}
}

// Each way and each use, by itself.
func TestEveryWayIsFollowed(t *testing.T) {
	sources := map[string]string{}
	type step struct {
		from, to string // kinds
		way
	}
	add := func(prefix string, n int, steps []step) { // n to a handler
		for i, some := range slices.Collect(slices.Chunk(steps, n)) {
			name := fmt.Sprint(prefix, i)
			g := newGenerator(1, 0, nil)
			sources[name] = g.handler(name, func() {
				for _, s := range some {
					v := g.take(s.way, s.from, g.simple(s.from), fmt.Sprint(g.number()))
					publish := map[string]string{"topic": ".Publish(ctx, m)", "fn": "(ctx, m)", "pub": ".Send(ctx, m)"}[s.to]
					g.body.WriteString("if err := " + v + publish + "; err != nil {\n\treturn err\n}\n")
				}
			})
		}
	}
	var followed, refused, made []step
	for _, kind := range kinds {
		for _, w := range inside {
			followed = append(followed, step{kind, kind, w})
		}
		for _, w := range outside {
			if s := (step{kind, kind, w}); kind == "topic" {
				refused = append(refused, s)
			} else {
				followed = append(followed, s)
			}
		}
		for _, m := range makers[kind] {
			made = append(made, step{m.from, kind, way{m.decls, m.body, m.expr}})
		}
	}
	add("followed", 7, followed)
	add("made", 6, made)
	add("refused", 1, refused)
	for i, u := range uses {
		name := fmt.Sprintf("u%d", i)
		g := newGenerator(uint64(i), 0, nil)
		sources[name] = g.handler(name, func() {
			g.use(u, 0, func() { g.use(uses[0], 0, nil) })
		})
	}
	runAndRead(t, sources)
}

// allTopics is how many topics generated handlers have to choose from.
const allTopics = 30

// runAndRead compares what handlers do with what is read from their code, and
// returns how many are refused.
func runAndRead(t *testing.T, sources map[string]string) (refused int) {
	t.Helper()
	archive := &txtar.Archive{Files: slices.Concat(txtar.Parse([]byte(shop)).Files, txtar.Parse([]byte(hand)).Files)}
	add := func(name, content string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
	}
	for i := range allTopics {
		add(fmt.Sprintf("less/topics/t%d/message.go", i), fmt.Sprintf("package t%d\n\nimport \"example.com/shop/less/shared/order\"\n\ntype Message = order.Order\n", i))
	}
	var imports, table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		add("less/topics/placed/"+name+"/process.go", sources[name])
		fmt.Fprintf(&imports, "\t%s \"example.com/shop/less/topics/placed/%[1]s\"\n", name)
		fmt.Fprintf(&table, "\t\"topics/placed/%s\": %[1]s.Process,\n", name)
		if *keep != "" {
			if err := os.WriteFile(filepath.Join(*keep, name+".go"), []byte(sources[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("run/run_test.go", fmt.Sprintf(runner, imports.String(), table.String(), bits))
	dir := project(t, archive)
	f, err := read(t, dir, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}

	results := filepath.Join(t.TempDir(), "results")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-timeout=60s", "./run")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "RESULTS="+results, "GOFLAGS=-mod=mod", "GOPROXY=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, f, sources, content)
	published := 0
	for _, fn := range f.Functions {
		if len(fn.Refusals) > 0 {
			refused++
			if testing.Verbose() {
				t.Log(fn.ID, fn.Refusals[0])
			}
		}
		published += len(fn.Topics())
	}
	t.Logf("%d handlers, %d of them refused, %d edges", len(f.Functions), refused, published)
	return refused
}

// compare says where the results of running are not among what was read.
func compare(t *testing.T, f flow.Flow, sources map[string]string, results []byte) {
	t.Helper()
	type result struct {
		Function string
		Amount   int
		Failed   string
		Topics   []string
	}
	said := map[string]bool{}
	really := map[string]map[string]bool{}
	for line := range strings.Lines(string(results)) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		fn, found := f.Function(r.Function)
		if !found {
			t.Fatal("nothing was read of " + r.Function)
		}
		if really[r.Function] == nil {
			really[r.Function] = map[string]bool{}
		}
		for _, topic := range r.Topics {
			really[r.Function][topic] = true
		}
		if len(fn.Refusals) > 0 {
			continue
		}
		once := func(format string, args ...any) {
			if message := fmt.Sprintf(format, args...); !said[message] {
				said[message] = true
				t.Error(message)
			}
		}
		for _, topic := range r.Topics {
			if !slices.Contains(fn.Topics(), topic) {
				once("%s publishes %s, which is not read from it", fn.ID, topic)
			}
		}
		if r.Failed != "" {
			continue
		}
		if !fn.ManyOutcomes && !slices.ContainsFunc(fn.Outcomes, func(o []string) bool { return slices.Equal(o, r.Topics) }) {
			once("%s ends well with %v, which is none of %v", fn.ID, r.Topics, fn.Outcomes)
		}
		for _, p := range fn.Publishes {
			if p.Condition == flow.Always && !strings.Contains(sources[strings.TrimPrefix(r.Function, "topics/placed/")], "flaky(ctx, m, ") && !slices.Contains(r.Topics, p.Topic) {
				once("%s ends well without %s, which is always published: %s", fn.ID, p.Topic, p.Pos)
			}
		}
	}
	if *keep != "" {
		extra, total := 0, 0
		for _, fn := range f.Functions {
			for _, topic := range fn.Topics() {
				total++
				if !really[fn.ID][topic] {
					extra++
				}
			}
		}
		t.Logf("%d of %d edges were never seen", extra, total)
	}
}
