package analysis

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
)

// An effect is a publish that a function may lead to.
type effect struct {
	topic     string
	condition flow.Condition
	pos       token.Pos
	steps     []flow.Step // from what the function calls
	declared  bool
}

// A summary is what a function does, if it is called in a frame.
type summary struct {
	effects []effect
	endings []ending
	// cut says that it does not come back, or is a turn of a recursion that is not
	// followed: what it does, an earlier turn does.
	cut bool
}

func (s *summary) empty() bool { return len(s.effects) == 0 && !s.cut }

// A walker follows the calls of one handler.
type walker struct {
	*slice
	conditions conditions
	summaries  map[*frame]*summary
	plain      map[*ssa.Function]*summary // of functions whose arguments do not matter
	declaring  int                        // how many functions on the way declare what they publish
	refusals   map[flow.Refusal]bool
	findings   map[flow.Finding]bool
	many       bool // there are too many outcomes to tell apart
	cuts       int  // how many recursions were not followed
	handling   bool // whether the handler itself is followed, not what runs before it
}

func newWalker(s *slice) *walker {
	return &walker{
		slice: s, conditions: conditions{}, summaries: map[*frame]*summary{}, plain: map[*ssa.Function]*summary{},
		refusals: map[flow.Refusal]bool{}, findings: map[flow.Finding]bool{},
	}
}

func (w *walker) refuse(pos token.Pos, format string, args ...any) {
	if w.declaring == 0 {
		w.refusals[flow.Refusal{Pos: w.Pos(pos), Message: fmt.Sprintf(format, args...)}] = true
	}
}

func (w *walker) find(rule flow.Rule, pos token.Pos, format string, args ...any) {
	w.findings[flow.Finding{Rule: rule, Pos: w.Pos(pos), Message: fmt.Sprintf(format, args...)}] = true
}

// summarize follows what the function of fr does.
func (w *walker) summarize(fr *frame) *summary {
	if known := w.summaries[fr]; known != nil {
		return known
	}
	simple := w.simple(fr)
	if simple {
		if known := w.plain[fr.fn]; known != nil {
			return known
		}
	}
	cuts := w.cuts
	declared := w.declared(fr.fn)
	if len(declared) > 0 {
		w.declaring++
	}
	does := map[ssa.Instruction][]ending{}
	var rescue []ending
	var effects []effect
	for _, block := range fr.fn.Blocks {
		for _, instr := range block.Instrs {
			site, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			called := w.call(site, fr)
			if called.empty() {
				continue
			}
			w.lintCall(site, fr, called)
			if _, deferred := instr.(*ssa.Defer); deferred && called.onFailure() {
				rescue = append(rescue, called.endings...)
			} else {
				does[instr] = called.endings
			}
			condition := w.conditions.of(block)
			for _, e := range called.effects {
				e.condition = both(condition, e.condition)
				effects = append(effects, e)
			}
		}
	}
	w.lintContext(fr)
	ends, complete := endings(fr.fn, does, rescue)
	if !complete {
		w.many = true
		ends = []ending{{topics: topicsOf(effects)}}
	}
	if len(declared) > 0 {
		w.declaring--
		effects, ends = w.declare(declared, effects, ends)
	}
	w.lintEndings(ends)
	out := &summary{effects: merge(effects), endings: ends, cut: len(ends) == 0}
	w.summaries[fr] = out
	if simple && w.cuts == cuts {
		w.plain[fr.fn] = out
	}
	return out
}

// onFailure says whether s publishes only when something went wrong.
func (s *summary) onFailure() bool {
	return len(s.effects) > 0 && !slices.ContainsFunc(s.effects, func(e effect) bool { return e.condition != flow.OnFailure })
}

// simple says whether what fr does depends on its function alone: no argument can
// hold a topic, a function or an unknown type.
func (w *walker) simple(fr *frame) bool {
	if fr.closure != nil {
		return false
	}
	return !w.carries(fr.fn)
}

// carries says whether an argument of fn can hold a topic, a function or an
// unknown type.
func (s *slice) carries(fn *ssa.Function) bool {
	for _, p := range fn.Params {
		if isContext(p.Type()) || isError(p.Type()) && !s.errorsCarry {
			continue
		}
		if inspected(p.Type()) {
			return true
		}
	}
	return false
}

// declare adds what the //less:publishes lines of a function say.
func (w *walker) declare(declared []declaration, effects []effect, ends []ending) ([]effect, []ending) {
	for _, d := range declared {
		if !w.topicNames[d.topic] {
			w.refuse(d.pos, "there is no topic %s. Name the folder of a topic: %s order_placed.", d.topic, publishesDirective)
			continue
		}
		if slices.ContainsFunc(effects, func(e effect) bool { return e.topic == d.topic }) {
			continue
		}
		effects = append(effects, effect{topic: d.topic, condition: flow.Conditional, pos: d.pos, declared: true})
		for _, e := range slices.Clone(ends) {
			if e.failed != isFailure {
				e.topics = join(e.topics, d.topic)
				ends = append(ends, e)
			}
		}
	}
	return effects, ends
}

// merge keeps one effect of each topic, condition and place: the one with the
// shortest way.
func merge(effects []effect) []effect {
	type key struct {
		topic     string
		condition flow.Condition
		pos       token.Pos
	}
	at := map[key]int{}
	var out []effect
	for _, e := range effects {
		k := key{e.topic, e.condition, e.pos}
		i, found := at[k]
		switch {
		case !found:
			at[k] = len(out)
			out = append(out, e)
		case len(e.steps) < len(out[i].steps):
			out[i] = e
		}
	}
	return out
}

func topicsOf(effects []effect) string {
	all := ""
	for _, e := range effects {
		all = join(all, e.topic)
	}
	return all
}

// call is what a call may do.
func (w *walker) call(site ssa.CallInstruction, fr *frame) *summary {
	common := site.Common()
	static := common.StaticCallee()
	switch {
	case topicMethod(static, "Publish"):
		return w.publish(site, operand{common.Args[0], fr})
	case topicMethod(static, "Name"):
		return &summary{}
	}
	callees, _ := w.callees(site, fr)
	var all []*summary
	external := len(callees) == 0
	for _, c := range callees {
		switch {
		case topicMethod(c.fn, "Publish") && c.receiver.v != nil:
			all = append(all, w.publish(site, c.receiver))
		case topicMethod(c.fn, "Publish") || topicMethod(c.fn, "Name"):
		case c.fn.Blocks == nil:
			external = true
		case w.relevant[c.fn]:
			next := w.enter(site, fr, c)
			if next == nil {
				w.cuts++
				all = append(all, &summary{cut: true})
				continue
			}
			all = append(all, w.step(site, next))
		}
	}
	if _, builtin := common.Value.(*ssa.Builtin); !builtin && external {
		all = append(all, w.handOver(site, fr)...)
		return sequence(all)
	}
	return alternatives(all, len(callees))
}

// step is what the function of next does, as seen by its caller.
func (w *walker) step(site ssa.CallInstruction, next *frame) *summary {
	inner := w.summarize(next)
	out := &summary{endings: inner.endings, cut: inner.cut}
	for _, e := range inner.effects {
		if !e.pos.IsValid() { // in a wrapper, which stands nowhere
			e.pos = site.Pos()
		}
		if next.fn.Synthetic == "" || next.fn.Origin() != nil {
			e.steps = append([]flow.Step{{Function: display(next.fn), Pos: w.Pos(site.Pos())}}, e.steps...)
		}
		out.effects = append(out.effects, e)
	}
	return out
}

// alternatives is what one of several callees does.
func alternatives(all []*summary, callees int) *summary {
	out := &summary{}
	for _, s := range all {
		out.cut = out.cut || s.cut
		for _, e := range s.effects {
			if callees > 1 {
				e.condition = both(flow.Conditional, e.condition)
			}
			out.effects = append(out.effects, e)
		}
		out.endings = append(out.endings, s.endings...)
	}
	if len(all) < callees {
		out.endings = append(out.endings, ending{})
	}
	return out
}

// sequence is what foreign code does that calls all of the functions it was handed.
func sequence(all []*summary) *summary {
	out := &summary{endings: []ending{{}}}
	for _, s := range all {
		if s.empty() {
			continue
		}
		out.effects = append(out.effects, s.effects...)
		var next []ending
		seen := map[string]bool{}
		for _, before := range out.endings {
			for _, e := range s.endings {
				if e.failed == isFailure && len(s.endings) > 1 {
					continue // the one who called it has the error
				}
				if topics := join(before.topics, e.topics); !seen[topics] {
					seen[topics] = true
					next = append(next, ending{topics: topics})
				}
			}
		}
		out.endings = next
	}
	return out
}

// publish is a call of Publish on the topic that receiver holds.
func (w *walker) publish(site ssa.CallInstruction, receiver operand) *summary {
	var topics []string
	followed := true
	for _, o := range w.origins(receiver) {
		if o.topic != "" {
			topics = append(topics, o.topic)
		} else {
			followed = false
		}
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if !followed || len(topics) == 0 {
		w.refuse(site.Pos(), "it cannot be seen which topic this publishes to. "+
			"Call Publish on a variable of the package topics, as in topics.OrderPlaced.Publish(ctx, m), or declare the topic above the function: %s order_placed.", publishesDirective)
	}
	out := &summary{}
	if !followed || len(topics) == 0 {
		out.endings = append(out.endings, ending{failed: isNoError})
	}
	for _, topic := range topics {
		condition := flow.Always
		if len(topics) > 1 {
			condition = flow.Conditional
		}
		out.effects = append(out.effects, effect{topic: topic, condition: condition, pos: site.Pos()})
		out.endings = append(out.endings, ending{topics: topic, failed: isNoError})
	}
	out.endings = append(out.endings, ending{failed: isFailure})
	return out
}

// handOver is what happens when values are handed to foreign code: functions
// count as called, and so do the methods of values; topics are refused.
func (w *walker) handOver(site ssa.CallInstruction, fr *frame) []*summary {
	h := &handing{walker: w, site: site, fr: fr}
	for _, arg := range site.Common().Args {
		h.value(operand{arg, fr}, nil, arg.Type(), 0)
	}
	return h.called
}

// A handing is one call of foreign code.
type handing struct {
	*walker
	site   ssa.CallInstruction
	fr     *frame
	called []*summary
}

// maxHandingDepth is how deep into a handed value functions are looked for.
const maxHandingDepth = 4

// value looks at what p leads to from op, of type t.
func (h *handing) value(op operand, p path, t types.Type, depth int) {
	if depth > maxHandingDepth {
		return
	}
	if isTopic(t) {
		h.refuse(h.site.Pos(), "a topic is handed to code that cannot be followed, %s. "+
			"Hand over a function that publishes, or publish here: topics.OrderPlaced.Publish(ctx, m); its name is topics.OrderPlaced.Name().", h.target())
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		for _, o := range h.originsAt(op, p) {
			if o.function.fn != nil {
				h.call(o.function, operand{})
			}
		}
	case *types.Interface:
		if isContext(t) || isError(t) {
			return
		}
		for _, o := range h.dynamic(op, p) {
			if o.concrete.v != nil && !types.IsInterface(o.concrete.v.Type()) {
				h.methods(o.concrete, u)
				h.value(o.concrete, nil, o.concrete.v.Type(), depth+1)
			}
			if o.function.fn != nil {
				h.call(o.function, operand{})
			}
		}
	case *types.Pointer:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{pointee}), u.Elem(), depth+1)
		}
	case *types.Slice:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Array:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Map:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Chan:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Struct:
		for i := range u.NumFields() {
			if f := u.Field(i); inspected(f.Type()) {
				h.value(op, p.then(path{selector(i)}), f.Type(), depth+1)
			}
		}
	}
}

// inspected says whether a value of type t can hold functions or topics.
func inspected(t types.Type) bool {
	return holds(t, func(t types.Type) bool {
		_, isFunc := t.Underlying().(*types.Signature)
		return isFunc || types.IsInterface(t) || isTopic(t)
	})
}

// asked are methods that libraries call on any value that has them.
var asked = []string{
	"String", "GoString", "Format", "Error", "Unwrap", "LogValue", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	"MarshalBinary", "UnmarshalBinary", "Scan", "Value", "Close", "ServeHTTP", "Read", "Write",
}

// methods are called of a value that was handed over as an interface: those of
// the interface, and those that libraries ask for.
func (h *handing) methods(v operand, iface *types.Interface) {
	set := h.ssa.MethodSets.MethodSet(v.v.Type())
	for sel := range set.Methods() {
		name := sel.Obj().Name()
		named := slices.Contains(asked, name)
		for m := range iface.Methods() {
			named = named || m.Name() == name
		}
		if !named {
			continue
		}
		if fn := h.ssa.MethodValue(sel); fn != nil {
			h.call(function{fn: fn}, v)
		}
	}
}

// call counts f as called.
func (h *handing) call(f function, receiver operand) {
	if topicMethod(f.fn, "Publish") && receiver.v != nil {
		h.called = append(h.called, h.publish(h.site, receiver))
		return
	}
	if f.fn.Blocks == nil || !h.relevant[f.fn] {
		return
	}
	var params []operand
	if receiver.v != nil {
		params = []operand{receiver}
	}
	if next := h.fr.enter(h.site, f, params, true); next != nil {
		h.called = append(h.called, h.step(h.site, next))
	}
}

// target names what the values are handed to.
func (h *handing) target() string {
	if fn := h.site.Common().StaticCallee(); fn != nil {
		return display(fn)
	}
	if h.site.Common().IsInvoke() {
		return "the method " + h.site.Common().Method.Name()
	}
	return "a function of a library"
}

// display is what people call a function: "orders.Post", "orders.(*Repo).Save",
// "orders.Post.func1".
func display(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	name := fn.Name()
	if fn.Pkg != nil {
		name = fn.Pkg.Pkg.Name() + "." + fn.RelString(fn.Pkg.Pkg)
	} else if obj := fn.Object(); obj != nil && obj.Pkg() != nil {
		name = obj.Pkg().Name() + "." + fn.RelString(obj.Pkg())
	}
	return strings.ReplaceAll(name, "$", ".func")
}
