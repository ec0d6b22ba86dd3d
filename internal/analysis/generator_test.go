package analysis_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// A generator writes the code of a handler at random, from a seed. What the code
// does depends on the bits of its message's amount.
//
// It is made of three things: values that lead to a publish, which are topics,
// functions (of the type fn) and implementations of an interface (of the type pub);
// ways, on which a value of any type gets from one place of the code to another;
// and uses, which are statements that publish with a value.
type generator struct {
	rand   *rand.Rand
	n      int
	decls  strings.Builder
	body   *strings.Builder
	ways   []way
	topics int
	next   int
}

// A way is how a value gets on: declarations of the package, statements, and the
// expression that has the value then. $V is the value, $T its type, $W another
// value of that type, $B a condition, and $n a number of its own.
type way struct{ decls, body, expr string }

const prelude = `
type (
	topic = less.Topic[placed.Message]
	fn    = func(context.Context, placed.Message) error
	pub   interface {
		Send(ctx context.Context, m placed.Message) error
	}
)

type asPub func(context.Context, placed.Message) error

func (f asPub) Send(ctx context.Context, m placed.Message) error { return f(ctx, m) }

func bit(m placed.Message, k int) bool { return m.Amount>>k&1 == 1 }

func check(m placed.Message, k int) error {
	if bit(m, k) {
		return errors.New("refused")
	}
	return nil
}

// flaky is a context with which publishing fails.
func flaky(ctx context.Context, m placed.Message, k int) context.Context {
	if bit(m, k) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		cancel()
	}
	return ctx
}
`

// bits is how many bits of the amount handlers look at.
const bits = 8

var word = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

// importPaths are those of the packages that generated code may name.
var importPaths = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "slices": "slices", "sort": "sort", "sync": "sync", "atomic": "sync/atomic",
	"maps": "maps", "iter": "iter", "list": "container/list", "strings": "strings", "errgroup": "golang.org/x/sync/errgroup",
	"less": "github.com/less-go/less", "topics": "example.com/shop/less/topics", "placed": "example.com/shop/less/topics/placed",
	"hand": "example.com/shop/less/shared/hand",
}

// newGenerator returns a generator of code that goes ways and publishes to that
// many topics, each to one after the other if topics is 0.
func newGenerator(seed uint64, topics int, ways []way) *generator {
	return &generator{rand: rand.New(rand.NewPCG(seed, 1)), ways: ways, topics: topics}
}

// handler returns the code of a handler in a package of that name, with what
// write writes.
func (g *generator) handler(name string, write func()) string {
	body := g.block(write)
	code := prelude + g.decls.String() + "\nfunc Process(ctx context.Context, m placed.Message) (err error) {\n" + body + "return err\n}\n"
	var imports []string
	for _, match := range word.FindAllStringSubmatch(code, -1) {
		if p := importPaths[match[1]]; p != "" {
			imports = append(imports, fmt.Sprintf("%q", p))
		}
	}
	slices.Sort(imports)
	return fmt.Sprintf("package %s\n\nimport (\n%s\n)\n%s", name, strings.Join(slices.Compact(imports), "\n"), code)
}

func (g *generator) block(write func()) string {
	outer := g.body
	g.body = &strings.Builder{}
	write()
	inner := g.body.String()
	g.body = outer
	return inner
}

func (g *generator) number() int { g.n++; return g.n }

func (g *generator) fill(template string, with map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(with)) {
		template = strings.ReplaceAll(template, key, with[key])
	}
	for strings.Contains(template, "$B") {
		template = strings.Replace(template, "$B", g.condition(), 1)
	}
	for strings.Contains(template, "$E") {
		template = strings.Replace(template, "$E", fmt.Sprintf("check(m, %d)", g.rand.IntN(bits)), 1)
	}
	for strings.Contains(template, "$C") {
		ctx := "ctx"
		if g.rand.IntN(6) == 0 {
			ctx = fmt.Sprintf("flaky(ctx, m, %d)", g.rand.IntN(bits))
		}
		template = strings.Replace(template, "$C", ctx, 1)
	}
	return template
}

func (g *generator) condition() string { return fmt.Sprintf("bit(m, %d)", g.rand.IntN(bits)) }

// topic is a topic by its name.
func (g *generator) topic() string {
	if g.topics == 0 {
		g.next++
		return fmt.Sprintf("topics.T%d", g.next%allTopics)
	}
	return fmt.Sprintf("topics.T%d", g.rand.IntN(g.topics))
}

// kinds are the types of values.
var kinds = []string{"topic", "fn", "pub"}

// simple is a value of a kind that has come no way.
func (g *generator) simple(kind string) string {
	switch kind {
	case "fn":
		return g.fill("func(ctx context.Context, m placed.Message) error { return $V.Publish($C, m) }", map[string]string{"$V": g.topic()})
	case "pub":
		return g.fill("pub(asPub(func(ctx context.Context, m placed.Message) error { return $V.Publish($C, m) }))", map[string]string{"$V": g.topic()})
	}
	return g.topic()
}

// value writes statements and returns an expression of that kind.
func (g *generator) value(kind string, depth int) string {
	if depth <= 0 {
		return g.simple(kind)
	}
	n := fmt.Sprint(g.number())
	switch made := makers[kind]; {
	case len(made) > 0 && g.rand.IntN(3) == 0:
		m := made[g.rand.IntN(len(made))]
		return g.take(way{m.decls, m.body, m.expr}, m.from, g.value(m.from, depth-1), n)
	default:
		w := g.ways[g.rand.IntN(len(g.ways))]
		return g.take(w, kind, g.value(kind, depth-1), n)
	}
}

func (g *generator) take(w way, kind, v, n string) string {
	with := map[string]string{"$V": v, "$T": kind, "$n": n, "$W": g.simple(kind)}
	g.decls.WriteString(g.fill(w.decls, map[string]string{"$T": kind, "$n": n}))
	g.body.WriteString(g.fill(w.body, with) + "\n")
	expr := g.fill(w.expr, with)
	if strings.HasPrefix(expr, "*") {
		expr = "(" + expr + ")"
	}
	return expr
}

// A maker makes a value of one kind of that of another.
type maker struct{ from, decls, body, expr string }

var makers = map[string][]maker{
	"fn": {
		{"topic", "", "a$n := $V", "func(ctx context.Context, m placed.Message) error { return a$n.Publish($C, m) }"},
		{"topic", "type s$n struct{ t topic }\nfunc (s s$n) send(ctx context.Context, m placed.Message) error { return s.t.Publish(ctx, m) }\n", "a$n := s$n{$V}", "a$n.send"},
		{"topic", "type s$n struct{ t topic }\nfunc (s *s$n) send(ctx context.Context, m placed.Message) error { return s.t.Publish(ctx, m) }\n", "a$n := &s$n{}\nf$n := a$n.send\na$n.t = $V", "f$n"},
		{"topic", "func f$n(t topic) fn { return func(ctx context.Context, m placed.Message) error { return t.Publish(ctx, m) } }\n", "", "f$n($V)"},
		{"topic", "func f$n(t topic) (f fn) {\n\tf = func(ctx context.Context, m placed.Message) error { return t.Publish(ctx, m) }\n\treturn\n}\n", "", "f$n($V)"},
		{"topic", "", "a$n, b$n := $V, $W\nif $B {\n\ta$n, b$n = b$n, a$n\n}\n_ = b$n", "func(ctx context.Context, m placed.Message) error { return a$n.Publish($C, m) }"},
		{"topic", "", "var a$n topic\nf$n := func(ctx context.Context, m placed.Message) error { return a$n.Publish($C, m) }\na$n = $V", "f$n"},
		{"topic", "", "p$n := topic.Publish\na$n := $V", "func(ctx context.Context, m placed.Message) error { return p$n(a$n, ctx, m) }"},
		{"topic", "", "p$n := $V.Publish", "func(ctx context.Context, m placed.Message) error { return p$n($C, m) }"},
		{"topic", "", "v$n := $V\np$n := v$n.Publish\nv$n = $W", "func(ctx context.Context, m placed.Message) error { return p$n($C, m) }"},
		{"pub", "", "a$n := $V", "a$n.Send"},
		{"pub", "", "a$n := pub.Send\nb$n := $V", "func(ctx context.Context, m placed.Message) error { return a$n(b$n, ctx, m) }"},
	},
	"pub": {
		{"fn", "", "", "pub(asPub($V))"},
		{"topic", "type s$n struct{ t topic }\nfunc (s s$n) Send(ctx context.Context, m placed.Message) error { return s.t.Publish(ctx, m) }\n", "", "pub(s$n{$V})"},
		{"topic", "type s$n struct{ t *topic }\nfunc (s *s$n) Send(ctx context.Context, m placed.Message) error { return (*s.t).Publish(ctx, m) }\n", "a$n := $V", "pub(&s$n{&a$n})"},
		{"topic", "type s$n [2]topic\nfunc (s s$n) Send(ctx context.Context, m placed.Message) error { return s[m.Amount&1].Publish(ctx, m) }\n", "", "pub(s$n{$V, $W})"},
		{"topic", "type s$n map[string]topic\nfunc (s s$n) Send(ctx context.Context, m placed.Message) error { return s[m.Status].Publish(ctx, m) }\n", "a$n := s$n{\"\": $W}\na$n[\"\"] = $V", "pub(a$n)"},
		{"topic", "type p$n interface{ Publish(context.Context, placed.Message, ...less.PublishOption) error }\ntype s$n struct{ p$n }\nfunc (s s$n) Send(ctx context.Context, m placed.Message) error { return s.Publish(ctx, m) }\n", "", "pub(s$n{$V})"},
		{"topic", "type s$n struct{ topic }\nfunc (s *s$n) Send(ctx context.Context, m placed.Message) error { return s.Publish(ctx, m) }\n", "a$n := &s$n{}\nvar b$n pub = a$n\na$n.topic = $V", "b$n"},
		{"pub", "type s$n struct{ pub }\n", "", "pub(s$n{$V})"},
		{"pub", "type s$n struct{ *t$n }\ntype t$n struct{ pub }\n", "a$n := s$n{&t$n{}}\na$n.pub = $V", "pub(a$n)"},
		{"pub", "type s$n struct{ inner, other pub }\nfunc (s s$n) Send(ctx context.Context, m placed.Message) error {\n\tif $B {\n\t\treturn s.other.Send(ctx, m)\n\t}\n\treturn s.inner.Send(ctx, m)\n}\n", "", "pub(s$n{$V, $W})"},
	},
	"topic": {
		{"topic", "type s$n struct{ t topic }\nfunc (s s$n) topic() topic { return s.t }\ntype g$n interface{ topic() topic }\n", "var a$n g$n = s$n{$V}\nif $B {\n\ta$n = &s$n{$W}\n}", "a$n.topic()"},
		{"topic", "type k$n string\nfunc (k k$n) topic(all map[k$n]topic) topic { return all[k] }\n", "a$n := map[k$n]topic{\"a\": $V, \"b\": $W}", "k$n(\"a\").topic(a$n)"},
	},
}

// inside are the ways through code that the analysis follows.
var inside = []way{
	{"", "var a$n $T\na$n = $V", "a$n"},
	{"", "a$n := $W\nif $B {\n\ta$n = $V\n}", "a$n"},
	{"", "a$n := new($T)\nb$n := a$n\n*b$n = $V", "*a$n"},
	{"", "a$n := new($T)\nb$n := &a$n\n**b$n = $V", "*a$n"},
	{"", "var a$n, b$n $T\nc$n := &a$n\nif $B {\n\tc$n = &b$n\n}\n*c$n = $V\nif c$n == &b$n {\n\ta$n = b$n\n}", "a$n"},
	{"func set$n(p *$T, v $T) { *p = v }\n", "var a$n $T\nset$n(&a$n, $V)", "a$n"},
	{"type s$n struct{ p *$T }\nfunc (s s$n) set(v $T) { *s.p = v }\n", "var a$n $T\ns$n{&a$n}.set($V)", "a$n"},
	{"type s$n struct{ p *$T }\nfunc new$n(p *$T) *s$n { return &s$n{p} }\n", "var a$n $T\nb$n := new$n(&a$n)\n*b$n.p = $V", "a$n"},
	{"type s$n struct{ n int; v $T }\n", "a$n := s$n{v: $V}\nb$n := a$n\na$n.v = $W", "b$n.v"},
	{"type s$n struct{ n int; v $T }\n", "a$n := &s$n{}\nb$n := a$n\nb$n.v = $V", "a$n.v"},
	{"type s$n struct{ v $T }\nfunc new$n() *s$n { return &s$n{} }\n", "a$n := new$n()\na$n.v = $V", "a$n.v"},
	{"type s$n struct{ v $T }\nfunc new$n() (*s$n, error) { return &s$n{}, nil }\n", "a$n, _ := new$n()\na$n.v = $V", "a$n.v"},
	{"type s$n struct{ v $T }\ntype t$n struct{ *s$n }\n", "a$n := &s$n{}\nb$n := t$n{a$n}\nb$n.v = $V", "a$n.v"},
	{"type s$n struct{ v $T }\ntype t$n struct{ s *s$n }\nfunc (t t$n) with(v $T) { t.s.v = v }\n", "a$n := &s$n{}\nt$n{a$n}.with($V)", "a$n.v"},
	{"type s$n struct{ v $T }\nfunc (s s$n) with(v $T) s$n { s.v = v; return s }\n", "a$n := s$n{}.with($W).with($V)", "a$n.v"},
	{"type s$n struct{ v $T }\nfunc (s *s$n) with(v $T) *s$n { s.v = v; return s }\n", "a$n := new(s$n)\na$n.with($V).with(a$n.v)", "a$n.v"},
	{"type o$n func(*s$n)\ntype s$n struct{ v $T }\nfunc with$n(v $T) o$n { return func(s *s$n) { s.v = v } }\nfunc new$n(opts ...o$n) *s$n {\n\ts := &s$n{}\n\tfor _, o := range opts {\n\t\to(s)\n\t}\n\treturn s\n}\n", "a$n := new$n(with$n($V))", "a$n.v"},
	{"type s$n struct{ in struct{ v [2]struct{ w $T } } }\n", "var a$n s$n\na$n.in.v[1].w = $V\nb$n := a$n.in", "b$n.v[1].w"},
	{"", "a$n := struct{ a, b $T }{$V, $W}\na$n.a, a$n.b = a$n.b, a$n.a", "a$n.b"},
	{"", "a$n := [2][2]$T{{$W, $W}, {$W, $V}}", "a$n[m.Amount&1|1][1]"},
	{"", "var a$n [3]$T\nfor i := range a$n {\n\ta$n[i] = $V\n}", "a$n[m.Amount&1]"},
	{"", "a$n := [...]$T{$V}\nb$n := a$n[:]\nc$n := [1]$T(b$n)", "c$n[0]"},
	{"", "a$n := make([]$T, 1)\nb$n := a$n[:]\nb$n[0] = $V", "a$n[0]"},
	{"", "a$n := make([]$T, 1)\ncopy(a$n, []$T{$V})", "a$n[0]"},
	{"", "a$n := make([]$T, 0, 2)\nb$n := append(a$n, $V)\n_ = b$n", "a$n[:1][0]"},
	{"", "a$n := append([]$T(nil), $V)\na$n = append(a$n, a$n...)", "a$n[1]"},
	{"", "var a$n $T\nfor _, x := range []$T{$W, $V} {\n\ta$n = x\n}", "a$n"},
	{"func set$n(to []$T, v $T) { to[0] = v }\n", "a$n := make([]$T, 1)\nset$n(a$n, $V)", "a$n[0]"},
	{"type s$n struct{ l []$T }\nfunc (s *s$n) add(v $T) { s.l = append(s.l, v) }\n", "a$n := &s$n{}\na$n.add($V)", "a$n.l[len(a$n.l)-1]"},
	{"type s$n struct{ l []$T }\n", "a$n := s$n{make([]$T, 1)}\nb$n := a$n\nb$n.l[0] = $V", "a$n.l[0]"},
	{"func last$n(all ...$T) $T { return all[len(all)-1] }\n", "", "last$n($W, $V)"},
	{"", "a$n := map[string]$T{}\nb$n := a$n\nb$n[\"x\"] = $V", "a$n[\"x\"]"},
	{"", "a$n := map[string]*$T{\"x\": new($T)}\n*a$n[\"x\"] = $V", "*a$n[\"x\"]"},
	{"", "a$n := map[string][]$T{}\na$n[\"x\"] = append(a$n[\"x\"], $V)", "a$n[\"x\"][0]"},
	{"", "a$n := map[string]map[string]$T{\"x\": {}}\na$n[\"x\"][\"y\"] = $V", "a$n[\"x\"][\"y\"]"},
	{"type s$n struct{ m map[string]$T }\nfunc (s *s$n) put(v $T) {\n\tif s.m == nil {\n\t\ts.m = map[string]$T{}\n\t}\n\ts.m[\"x\"] = v\n}\nfunc (s *s$n) get() ($T, bool) { v, ok := s.m[\"x\"]; return v, ok }\n", "a$n := &s$n{}\na$n.put($V)\nb$n, _ := a$n.get()", "b$n"},
	{"type s$n struct{ m map[string]$T }\n", "a$n := s$n{map[string]$T{}}\nb$n := &s$n{a$n.m}\nb$n.m[\"x\"] = $V", "a$n.m[\"x\"]"},
	{"func fill$n(m map[int]$T, v $T) { m[0] = v }\n", "a$n := make(map[int]$T)\nfill$n(a$n, $V)\nvar b$n $T\nfor _, v := range a$n {\n\tb$n = v\n}", "b$n"},
	{"", "a$n := make(chan $T, 1)\na$n <- $V\nb$n := <-a$n", "b$n"},
	{"", "a$n := make(chan $T)\nv$n := $V\ngo func() { a$n <- v$n; close(a$n) }()\nvar b$n $T\nfor x := range a$n {\n\tb$n = x\n}", "b$n"},
	{"", "a$n := make(chan chan $T, 1)\na$n <- make(chan $T, 1)\nb$n := <-a$n\nb$n <- $V\nvar c$n $T\nselect {\ncase c$n = <-b$n:\ncase <-ctx.Done():\n}", "c$n"},
	{"", "a$n, b$n := make(chan $T, 1), make(chan $T, 1)\nselect {\ncase a$n <- $V:\ncase b$n <- $W:\n}\nvar c$n $T\nselect {\ncase c$n = <-a$n:\ncase c$n = <-b$n:\n}", "c$n"},
	{"func out$n(v $T) <-chan $T {\n\tc := make(chan $T, 1)\n\tdefer close(c)\n\tc <- v\n\treturn c\n}\n", "a$n := <-out$n($V)", "a$n"},
	{"", "v$n := $V\na$n := func() $T { return v$n }", "a$n()"},
	{"", "var a$n $T\nfunc() { a$n = $V }()", "a$n"},
	{"", "var a$n $T\nb$n := func(v $T) { a$n = v }\nfunc(f func($T)) { f($V) }(b$n)", "a$n"},
	{"", "a$n := func() (v $T) {\n\tdefer func() { v = $V }()\n\treturn $W\n}", "a$n()"},
	{"func two$n(v, w $T) (a, b $T) { a, b = w, v; return b, a }\n", "a$n, _ := two$n($V, $W)", "a$n"},
	{"func id$n[T any](v T) T { return v }\n", "", "id$n($V)"},
	{"type b$n[T any] struct{ v T }\nfunc (b *b$n[T]) Set(v T) { b.v = v }\nfunc (b b$n[T]) Get() T { return b.v }\n", "var a$n b$n[$T]\na$n.Set($V)", "a$n.Get()"},
	{"type g$n[T any] interface{ Get() T }\ntype b$n[T any] struct{ v T }\nfunc (b b$n[T]) Get() T { return b.v }\nfunc get$n[T any, G g$n[T]](g G) T { return g.Get() }\n", "", "get$n[$T](b$n[$T]{$V})"},
	{"type g$n[T any] interface{ Get() T; Set(T) }\ntype b$n[T any] struct{ v T }\nfunc (b *b$n[T]) Get() T { return b.v }\nfunc (b *b$n[T]) Set(v T) { b.v = v }\n", "var a$n g$n[$T] = &b$n[$T]{}\na$n.Set($V)", "a$n.Get()"},
	{"func map$n[T, U any](l []T, f func(T) U) []U {\n\tvar out []U\n\tfor _, x := range l {\n\t\tout = append(out, f(x))\n\t}\n\treturn out\n}\ntype s$n struct{ v $T }\n", "a$n := map$n([]$T{$V}, func(v $T) s$n { return s$n{v} })", "a$n[0].v"},
	{"func seq$n(all ...$T) iter.Seq2[int, $T] {\n\treturn func(yield func(int, $T) bool) {\n\t\tfor i, x := range all {\n\t\t\tif !yield(i, x) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}\n", "var a$n $T\nfor _, x := range seq$n($W, $V) {\n\ta$n = x\n}", "a$n"},
	{"func seq$n(yield func($T) bool) {\n\tyield(*g$n)\n}\nvar g$n = new($T)\n", "*g$n = $V\nvar a$n $T\nfor x := range seq$n {\n\ta$n = x\n\tbreak\n}", "a$n"},
	{"", "var a$n any = $V", "a$n.($T)"},
	{"", "var a$n any = struct{ v $T }{$V}\nvar b$n $T\nswitch x := a$n.(type) {\ncase int:\ncase struct{ v $T }:\n\tb$n = x.v\n}", "b$n"},
	{"", "a$n := []any{1, $V}\nb$n, _ := a$n[1].($T)", "b$n"},
	{"type s$n struct{ v $T }\n", "b$n := &s$n{}\nvar a$n any = b$n\na$n.(*s$n).v = $V", "b$n.v"},
	{"", "b$n := map[string]$T{}\nvar a$n any = b$n\na$n.(map[string]$T)[\"x\"] = $V", "b$n[\"x\"]"},
	{"var g$n $T\n", "g$n = $V", "g$n"},
	{"var g$n $T\nfunc set$n(v $T) { g$n = v }\n", "set$n($V)", "g$n"},
	{"var g$n = map[string]$T{}\nvar h$n = g$n\n", "h$n[\"x\"] = $V", "g$n[\"x\"]"},
	{"var g$n struct{ a struct{ v [2]$T } }\n", "a$n := &g$n.a\na$n.v[1] = $V", "g$n.a.v[1]"},
	{"type s$n struct{ v $T }\nvar g$n = &s$n{}\nvar h$n = g$n\n", "h$n.v = $V", "g$n.v"},
	{"type s$n struct{ v $T }\nvar g$n *s$n\nfunc get$n() *s$n {\n\tif g$n == nil {\n\t\tg$n = &s$n{}\n\t}\n\treturn g$n\n}\n", "get$n().v = $V", "get$n().v"},
	{"var g$n []*$T\n", "g$n = append(g$n, new($T))\na$n := g$n[len(g$n)-1]\n*g$n[len(g$n)-1] = $V", "*a$n"},
	{"type s$n struct{ v $T }\ntype t$n struct{ v $T }\n", "a$n := t$n(s$n{$V})", "a$n.v"},
	{"type s$n struct{ v $T }\ntype t$n struct{ v $T }\n", "a$n := &s$n{}\n(*t$n)(a$n).v = $V", "a$n.v"},
	{"", "a$n, b$n, c$n := $W, $W, $V\nfor range 2 {\n\ta$n, b$n, c$n = b$n, c$n, a$n\n}", "a$n"},
	{"", "a$n := $W\ni$n := 0\nb$n := $V\nagain$n:\nif i$n < 2 {\n\ti$n++\n\ta$n, b$n = b$n, a$n\n\tgoto again$n\n}", "[]$T{a$n, b$n}[1]"},
	{"type e$n struct{ v $T }\nfunc (e *e$n) Error() string { return \"e\" }\n", "var x$n error = &e$n{$V}\na$n := x$n.(*e$n)", "a$n.v"},
	{"", "var o$n sync.Once\nvar a$n $T\nv$n := $V\no$n.Do(func() { a$n = v$n })", "a$n"},
	{"", "v$n := $V\na$n := hand.Over(v$n)", "a$n"},
	{"", "a$n := hand.Box[$T]{}\na$n.Put($V)", "a$n.Take()"},
	{"", "a$n := hand.Pick($B, $V, $W)", "a$n"},
}

// outside are the ways on which the analysis does not follow topics: through
// foreign code, panics and recursions.
var outside = []way{
	{"", "a$n := func() (v $T) {\n\tdefer func() { v = recover().($T) }()\n\tpanic($V)\n}", "a$n()"},
	{"func rec$n(k int, v, w $T) $T {\n\tif k == 0 {\n\t\treturn v\n\t}\n\treturn rec$n(k-1, w, v)\n}\n", "", "rec$n(m.Amount&3, $V, $W)"},
	{"func rec$n(k int, v, w, x, y $T) $T {\n\tif k == 0 {\n\t\treturn v\n\t}\n\treturn rec$n(k-1, w, x, y, v)\n}\n", "", "rec$n(3, $W, $W, $W, $V)"},
	{"type n$n[T any] struct{ v T; next *n$n[T] }\n", "a$n := &n$n[$T]{v: $W}\na$n.next = &n$n[$T]{v: $V}\nfor a$n.next != nil {\n\ta$n = a$n.next\n}", "a$n.v"},
	{"type n$n struct{ v $T; kids []*n$n }\nfunc (n *n$n) last() $T {\n\tif len(n.kids) > 0 {\n\t\treturn n.kids[0].last()\n\t}\n\treturn n.v\n}\n", "a$n := &n$n{v: $W}\na$n.kids = append(a$n.kids, &n$n{v: $V})", "a$n.last()"},
	{"", "var a$n hand.Stack[$T]\na$n.Push($W).Push($V)\nvar b$n $T\nfor x := range a$n.All() {\n\tb$n = x\n\tif $B {\n\t\tbreak\n\t}\n}", "b$n"},
	{"", "var a$n sync.Map\na$n.Store(1, $V)\nb$n, _ := a$n.Load(1)", "b$n.($T)"},
	{"", "var a$n atomic.Value\na$n.Store(struct{ v $T }{$V})", "a$n.Load().(struct{ v $T }).v"},
	{"", "var a$n atomic.Pointer[$T]\nvar v$n $T = $V\na$n.Store(&v$n)", "*a$n.Load()"},
	{"type k$n struct{}\n", "c$n := context.WithValue(ctx, k$n{}, $V)", "c$n.Value(k$n{}).($T)"},
	{"", "a$n := list.New()\na$n.PushBack($V)", "a$n.Front().Value.($T)"},
	{"", "a$n := sync.OnceValue(func() $T { return $V })", "a$n()"},
	{"", "a$n := slices.Collect(slices.Values([]$T{$V}))", "a$n[0]"},
	{"", "a$n := slices.Clone([]$T{$V})", "a$n[0]"},
	{"", "a$n := maps.Clone(map[string]$T{\"x\": $V})", "a$n[\"x\"]"},
	{"", "a$n := map[string]$T{}\nmaps.Copy(a$n, map[string]$T{\"x\": $V})", "a$n[\"x\"]"},
	{"", "var a$n $T\nv$n := $V\nfor range slices.Values([]int{1}) {\n\ta$n = v$n\n}", "a$n"},
	{"", "a$n := []$T{$W, $V}\nslices.Reverse(a$n)", "a$n[0]"},
	{"", "a$n := sync.Pool{New: func() any { return $V }}", "a$n.Get().($T)"},
	{"type e$n struct{ v $T }\nfunc (e *e$n) Error() string { return \"e\" }\n", "x$n := fmt.Errorf(\"x: %w\", &e$n{$V})\nvar a$n *e$n\nerrors.As(x$n, &a$n)", "a$n.v"},
	{"type e$n struct{ v $T }\nfunc (e e$n) Error() string { return \"e\" }\n", "x$n := errors.Join(e$n{$V}, errors.New(\"y\"))\nvar a$n e$n\nerrors.As(x$n, &a$n)", "a$n.v"},
	{"type e$n struct{ v $T }\nfunc (e e$n) Error() string { return \"e\" }\n", "x$n := fmt.Errorf(\"x: %w\", e$n{$V})", "errors.Unwrap(x$n).(e$n).v"},
	{"", "next$n, stop$n := iter.Pull(slices.Values([]$T{$V}))\na$n, _ := next$n()\nstop$n()", "a$n"},
	{"var m$n sync.Map\nfunc put$n(k string, v any) { m$n.Store(k, v) }\n", "put$n(\"x\", $V)\na$n, _ := m$n.Load(\"x\")", "a$n.($T)"},
}

// A use is a statement that publishes with $V, of one of the kinds; "" has none.
// $S are statements inside.
type use struct{ kind, decls, body string }

var uses = []use{
	{"topic", "", "if err := $V.Publish($C, m); err != nil {\n\treturn err\n}"},
	{"topic", "", "if err := $V.Publish($C, m); err != nil {\n\tif err := $W.Publish(ctx, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"topic", "", "err$n := $V.Publish($C, m)\nif err$n == nil {\n\terr$n = $E\n}\nif err$n != nil {\n\treturn fmt.Errorf(\"x: %w\", err$n)\n}"},
	{"topic", "func f$n(ctx context.Context, m placed.Message, t topic) error {\n\tif err := $E; err != nil {\n\t\treturn err\n\t}\n\treturn t.Publish($C, m)\n}\n", "if err := f$n(ctx, m, $V); err != nil {\n\treturn err\n}"},
	{"topic", "func f$n(ctx context.Context, m placed.Message, t topic) (err error) {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = t.Publish($C, m)\n\t\t}\n\t}()\n\tif $B {\n\t\tpanic(1)\n\t}\n\treturn $E\n}\n", "if err := f$n(ctx, m, $V); err != nil {\n\treturn err\n}"},
	{"topic", "", "v$n := $V\ndefer func() {\n\tif err != nil {\n\t\terr = v$n.Publish($C, m)\n\t}\n}()"},
	{"topic", "", "v$n := $V\ndefer func() { err = errors.Join(err, v$n.Publish($C, m)) }()"},
	{"topic", "", "for i := 0; i < 2; i++ {\n\tif err := check(m, i); err != nil {\n\t\tcontinue\n\t}\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"topic", "", "for i := range 3 {\n\tif err := check(m, i); err != nil {\n\t\tif err := $W.Publish(ctx, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tcontinue\n\t}\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"topic", "", "i$n := 0\nif $B {\n\ti$n = 5\n}\nif i$n < 3 {\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"topic", "var errLast$n error\n", "errLast$n = $E\nif $B {\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n\treturn errLast$n\n}"},
	{"topic", "type e$n struct{}\nfunc (*e$n) Error() string { return \"e\" }\n", "err$n := $E\nif $B {\n\terr$n = errors.Join(err$n, &e$n{})\n}\nvar as$n *e$n\nif errors.As(err$n, &as$n) {\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n} else if err$n != nil {\n\treturn err$n\n}"},
	{"topic", "", "if topics := (struct{ T0 topic }{$V}); true {\n\tif err := topics.T0.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"topic", "func f$n(ctx context.Context, m placed.Message, k int, t topic) error {\n\tif k == 0 {\n\t\treturn nil\n\t}\n\tif bit(m, k) {\n\t\tif err := t.Publish($C, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t} else if err := topics.T0.Publish(ctx, m); err != nil {\n\t\treturn err\n\t}\n\tif bit(m, k+1) {\n\t\tif err := topics.T1.Publish(ctx, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn f$n(ctx, m, k-1, t)\n}\n", "if err := f$n(ctx, m, 4, $V); err != nil {\n\treturn err\n}"},
	{"topic", "func f$n(ctx context.Context, m placed.Message, k int, a, b, c, d topic) error {\n\tif k == 0 {\n\t\treturn a.Publish(ctx, m)\n\t}\n\treturn f$n(ctx, m, k-1, b, c, d, a)\n}\n", "if err := f$n(ctx, m, 3, $W, $W, $W, $V); err != nil {\n\treturn err\n}"},
	{"fn", "", "if err := $V(ctx, m); err != nil {\n\treturn err\n}"},
	{"fn", "", "f$n := $V\nif f$n != nil {\n\terr = f$n(ctx, m)\n}\nif err != nil {\n\treturn err\n}"},
	{"fn", "", "func() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = $V(ctx, m)\n\t\t}\n\t}()\n\tif $B {\n\t\tpanic(\"no\")\n\t}\n}()\nif err != nil {\n\treturn err\n}"},
	{"fn", "", "f$n := $V\nvar g$n errgroup.Group\ng$n.Go(func() error { return f$n(ctx, m) })\nif err := g$n.Wait(); err != nil {\n\treturn err\n}"},
	{"fn", "", "f$n := $V\nvar g$n sync.WaitGroup\nvar err$n error\ng$n.Go(func() { err$n = f$n(ctx, m) })\ng$n.Wait()\nif err$n != nil {\n\treturn err$n\n}"},
	{"fn", "", "f$n := $V\nc$n := make(chan error)\ngo func() { c$n <- f$n(ctx, m) }()\nif err := <-c$n; err != nil {\n\treturn err\n}"},
	{"fn", "", "f$n := $V\nvar o$n sync.Once\nfor range 2 {\n\to$n.Do(func() { err = f$n(ctx, m) })\n}\nif err != nil {\n\treturn err\n}"},
	{"fn", "var o$n sync.Once\n", "f$n := $V\nvar err$n error\no$n.Do(func() { err$n = f$n(ctx, m) })\nif err$n != nil {\n\treturn err$n\n}"},
	{"fn", "", "f$n := $V\nl$n := []int{2, 1}[:1+m.Amount&1]\nvar err$n error\nsort.Slice(l$n, func(i, j int) bool { err$n = f$n(ctx, m); return i < j })\nif err$n != nil {\n\treturn err$n\n}"},
	{"fn", "", "f$n := $V\nif slices.ContainsFunc([]int{1, m.Amount & 3}, func(i int) bool { return i == 3 && f$n(ctx, m) != nil }) {\n\treturn errors.New(\"no\")\n}"},
	{"fn", "", "m$n := map[string]fn{\"a\": $V, \"b\": $W}\nk$n := \"a\"\nif $B {\n\tk$n = \"b\"\n}\nif f, ok := m$n[k$n]; ok {\n\tif err := f(ctx, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"fn", "", "for range $V.seq(ctx, m) {\n}"},
	{"fn", "", "f$n := $V\ndefer f$n(ctx, m)"},
	{"fn", "", "f$n := $V\n_ = f$n($C, m)"},
	{"fn", "", "f$n := $V\nerrs$n := make([]error, 2)\nfor i := range errs$n {\n\terrs$n[i] = f$n($C, m)\n}\nif err := errors.Join(errs$n...); err != nil {\n\treturn err\n}"},
	{"fn", "type j$n struct{ do fn; next *j$n }\n", "j$n := &j$n{do: $W, next: &j$n{do: $V}}\nfor j := j$n; j != nil; j = j.next {\n\tif err := j.do(ctx, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"fn", "func wrap$n(f fn) fn {\n\treturn func(ctx context.Context, m placed.Message) error {\n\t\tif err := $E; err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn f(ctx, m)\n\t}\n}\n", "if err := wrap$n(wrap$n($V))(ctx, m); err != nil {\n\treturn err\n}"},
	{"fn", "", "outer$n:\nfor i := range 3 {\n\tfor j := range 3 {\n\t\tif bit(m, i+j) {\n\t\t\tcontinue outer$n\n\t\t}\n\t\tif j == 2 {\n\t\t\tif err := $V(ctx, m); err != nil {\n\t\t\t\treturn err\n\t\t\t}\n\t\t\tbreak outer$n\n\t\t}\n\t}\n}"},
	{"pub", "", "if err := $V.Send(ctx, m); err != nil {\n\treturn err\n}"},
	{"pub", "", "p$n := []pub{$W, $V}\nfor _, p := range p$n {\n\tif err := p.Send(ctx, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"pub", "", "var p$n any = $V\nswitch p := p$n.(type) {\ncase error:\n\treturn p\ncase pub:\n\tif err := p.Send(ctx, m); err != nil {\n\t\treturn err\n\t}\n}"},
	{"pub", "func f$n[P pub](ctx context.Context, m placed.Message, all ...P) error {\n\tfor _, p := range all {\n\t\tif err := p.Send(ctx, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n}\n", "if err := f$n(ctx, m, $V); err != nil {\n\treturn err\n}"},
	{"pub", "", "if err := hand.Send(ctx, m, $V); err != nil {\n\treturn err\n}"},
	{"pub", "func f$n[P pub](ctx context.Context, m placed.Message, p P) error {\n\tf := P.Send\n\treturn f(p, ctx, m)\n}\n", "if err := f$n(ctx, m, $V); err != nil {\n\treturn err\n}"},
	{"pub", "type s$n[P pub] struct {\n\tp   P\n\tall map[string]func(P) fn\n}\nfunc (s *s$n[P]) Send(ctx context.Context, m placed.Message) error { return s.all[\"x\"](s.p)(ctx, m) }\n", "p$n := &s$n[pub]{p: $V}\np$n.all = map[string]func(pub) fn{\"x\": func(p pub) fn { return p.Send }}\nif err := hand.Send(ctx, m, p$n); err != nil {\n\treturn err\n}"},
	{"topic", "", "for _, t := range slices.Backward([]bool{true, $B}) {\n\tif !t {\n\t\tcontinue\n\t}\n\tif err := $V.Publish($C, m); err != nil {\n\t\treturn err\n\t}\n\tbreak\n}"},
	{"topic", "func f$n(ctx context.Context, m placed.Message, all iter.Seq2[int, topic]) error {\n\tfor i, t := range all {\n\t\tif bit(m, i) {\n\t\t\treturn check(m, i+1)\n\t\t}\n\t\tif err := t.Publish($C, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n}\n", "if err := f$n(ctx, m, func(yield func(int, topic) bool) { _ = yield(0, $V) && yield(1, $W) }); err != nil {\n\treturn err\n}"},
	{"topic", "type c$n struct {\n\tcontext.Context\n\tt topic\n}\nfunc f$n(ctx context.Context, m placed.Message) error { return ctx.(c$n).t.Publish(ctx, m) }\n", "if err := f$n(c$n{ctx, $W}, m); err != nil {\n\treturn err\n}\nif err := f$n(c$n{ctx, $V}, m); err != nil {\n\treturn err\n}"},
	{"topic", "type e$n struct{ t topic }\nfunc (e$n) Error() string { return \"e\" }\nfunc f$n(ctx context.Context, m placed.Message, err error) error { return err.(e$n).t.Publish(ctx, m) }\n", "if err := f$n(ctx, m, e$n{$W}); err != nil {\n\treturn err\n}\nif err := f$n(ctx, m, e$n{$V}); err != nil {\n\treturn err\n}"},
	{"fn", "", "jobs$n, errs$n := make(chan func() error), make(chan error, 2)\ngo func() {\n\tdefer close(errs$n)\n\tfor job := range jobs$n {\n\t\terrs$n <- job()\n\t}\n}()\nf$n := $V\njobs$n <- func() error { return f$n(ctx, m) }\nclose(jobs$n)\nfor err := range errs$n {\n\tif err != nil {\n\t\treturn err\n\t}\n}"},
	{"fn", "func retry$n(f func() error) error {\n\tvar g errgroup.Group\n\tg.SetLimit(1)\n\tg.Go(f)\n\treturn g.Wait()\n}\n", "f$n := $V\nif err := retry$n(func() error { return f$n(ctx, m) }); err != nil {\n\treturn err\n}"},
	{"fn", "type h$n struct{ before, after []fn }\nfunc (h *h$n) run(ctx context.Context, m placed.Message, f fn) (err error) {\n\tfor _, b := range h.before {\n\t\tdefer func() { err = errors.Join(err, b(ctx, m)) }()\n\t}\n\tfor _, a := range h.after {\n\t\tif err := a(ctx, m); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn f(ctx, m)\n}\n", "h$n := &h$n{before: []fn{$W}}\nif $B {\n\th$n.after = append(h$n.after, $V)\n}\nif err := h$n.run(ctx, m, func(ctx context.Context, m placed.Message) error { return $E }); err != nil {\n\treturn err\n}"},
	{"fn", "", "func() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = r.(error)\n\t\t}\n\t}()\n\tif err := $V(ctx, m); err != nil {\n\t\tpanic(err)\n\t}\n\tvar all []int\n\tif $B {\n\t\t_ = all[m.Amount]\n\t}\n}()\nif err != nil && $B {\n\treturn err\n}\nerr = nil"},
	{"", "", "if $B {\n$S\n}"},
	{"", "", "if $B {\n$S\n} else {\n$S\n}"},
	{"", "", "switch {\ncase $B:\n$S\ncase $B:\n$S\n\tfallthrough\ndefault:\n$S\n}"},
	{"", "", "switch m.Amount & 3 {\ncase 0:\n$S\ncase 1, 2:\n$S\n}"},
	{"", "", "if $B {\n\treturn nil\n}"},
	{"", "", "if err := $E; err != nil {\n\treturn err\n}"},
	{"", "", "if err := $E; err != nil {\n$S\n} else {\n$S\n}"},
	{"", "", "if err := $E; errors.Is(err, context.Canceled) || $B {\n$S\n}"},
	{"", "", "func() {\n\tdefer func() { recover() }()\n\tif $B {\n\t\tpanic(errors.New(\"no\"))\n\t}\n}()"},
	{"", "", "if err = $E; err != nil {\n$S\n\treturn nil\n}"},
	{"", "", "if err := func() (err error) {\n$S\n\treturn $E\n}(); err != nil {\n$S\n}"},
}

// statement writes any use.
func (g *generator) statement(depth int) {
	g.use(uses[g.rand.IntN(len(uses))], depth, func() {
		if depth > 0 {
			g.statement(depth - 1)
		}
	})
}

// use writes u, with what inner writes inside.
func (g *generator) use(u use, depth int, write func()) {
	n := fmt.Sprint(g.number())
	with := map[string]string{"$n": n}
	if u.kind != "" {
		with["$V"] = g.value(u.kind, g.rand.IntN(depth+1))
		with["$T"] = u.kind
		with["$W"] = g.simple(u.kind)
	}
	body := strings.ReplaceAll(u.body, ".seq(ctx, m)", "")
	if body != u.body { // an iterator that publishes
		body = "f$n := $V\nvar err$n error\nfor range func(yield func() bool) {\n\terr$n = f$n(ctx, m)\n\tyield()\n} {\n\tif $B {\n\t\tbreak\n\t}\n}\nif err$n != nil {\n\treturn err$n\n}"
	}
	for strings.Contains(body, "$S") {
		body = strings.Replace(body, "$S", g.block(write), 1)
	}
	g.decls.WriteString(g.fill(u.decls, with))
	g.body.WriteString(g.fill(body, with) + "\n")
}
