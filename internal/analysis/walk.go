package analysis

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
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
	// panicking are the endings where it was deferred and runs because of a panic.
	panicking []ending
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
	many       bool                  // there are too many outcomes to tell apart
	cuts       int                   // how many recursions were not followed
	turns      map[*ssa.Function]int // how many of which function
	handling   bool                  // whether the handler itself is followed, not what runs before it
}

func newWalker(s *slice) *walker {
	return &walker{
		slice: s, conditions: conditions{judge{s.changing}, map[*ssa.BasicBlock]flow.Condition{}}, summaries: map[*frame]*summary{}, plain: map[*ssa.Function]*summary{},
		turns:    map[*ssa.Function]int{},
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
	cuts, turns := w.cuts, w.turns[fr.fn]
	declared := w.declared(fr.fn)
	if len(declared) > 0 {
		w.declaring++
	}
	does := map[ssa.Instruction][]ending{}
	var rescue []*summary
	recovers := recovers(fr.fn)
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
				rescue = append(rescue, called)
			} else {
				does[instr] = called.endings
			}
			condition := w.conditions.of(block)
			if _, deferred := instr.(*ssa.Defer); recovers && !deferred {
				condition = both(condition, flow.OnSuccess) // what panics before is no failure
			}
			for _, e := range called.effects {
				e.condition = both(condition, e.condition)
				effects = append(effects, e)
			}
		}
	}
	w.lintContext(fr)
	ends, complete := w.endings(fr.fn, does, rescue, false)
	if complete && w.turns[fr.fn] > turns {
		ends, complete = repeated(ends)
	}
	if !complete {
		w.many = true
		ends = []ending{{topics: topicsOf(effects)}}
	}
	if len(declared) > 0 {
		w.declaring--
		effects, ends = w.declare(declared, effects, ends)
	}
	w.lintEndings(ends)
	out := &summary{effects: merge(effects), endings: ends, panicking: ends, cut: len(ends) == 0}
	if recovering(fr.fn) && complete && len(declared) == 0 {
		out.panicking, _ = w.endings(fr.fn, does, rescue, true)
	}
	w.summaries[fr] = out
	if simple && w.cuts == cuts && w.declaring == 0 {
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
		if s.mayCarry(p.Type()) {
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
	callees, complete := w.callees(site, fr)
	if _, builtin := common.Value.(*ssa.Builtin); !complete && !builtin {
		w.refuse(site.Pos(), "it cannot be seen which function this calls. Call it by its name, or declare above the function what it publishes: %s order_placed.", publishesDirective)
	}
	var all []*summary
	external := len(callees) == 0
	for _, c := range callees {
		switch {
		case topicMethod(c.fn, "Publish") && c.receiver.v != nil:
			all = append(all, w.publish(site, c.receiver))
		case topicMethod(c.fn, "Publish") || topicMethod(c.fn, "Name"):
		case c.fn.Blocks == nil:
			external = true
		case w.relevant[c.fn] || w.moves[c.fn] && w.brings(site, fr, c):
			next := w.enter(site, fr, c)
			if next == nil {
				w.cut(site, fr, c)
				all = append(all, &summary{cut: true})
				continue
			}
			all = append(all, w.step(site, next))
		}
	}
	if _, builtin := common.Value.(*ssa.Builtin); !builtin && external {
		all = append(all, w.handOver(site, fr)...)
		out, complete := sequence(all, callsOnce(static))
		w.many = w.many || !complete
		return out
	}
	return alternatives(all, len(callees))
}

// cut notes that the call of c is not followed: it is another turn of a recursion,
// which does what the turns before it do, if it gets the same; or it is too deep.
func (w *walker) cut(site ssa.CallInstruction, fr *frame, c callee) {
	if w.turn(site, fr, c.fn); fr.deep() {
		return
	}
	args := callArgs(site.Common())
	for i, param := range c.fn.Params {
		if i >= len(args) || !w.mayCarry(param.Type()) {
			continue
		}
		known := map[string]bool{}
		for turn := fr; turn != nil; turn = turn.caller {
			if turn.fn == c.fn && i < len(turn.params) {
				w.leads(turn.params[i], nil, param.Type(), 0, known)
			}
		}
		before := len(known)
		w.leads(operand{args[i], fr}, nil, param.Type(), 0, known)
		if len(known) > before {
			w.refuse(site.Pos(), "a function calls itself with another topic or function each time, which cannot be followed. "+
				"Go through them in a loop, or declare above the function what it publishes: %s order_placed.", publishesDirective)
			return
		}
	}
}

// turn notes that a call of fn is not followed.
func (w *walker) turn(site ssa.CallInstruction, fr *frame, fn *ssa.Function) {
	w.cuts++
	w.turns[fn]++
	if fr.deep() {
		w.refuse(site.Pos(), "the way of calls to here is too long to follow, %d calls. "+
			"Declare above a function on it what is published beyond: %s order_placed.", maxDepth, publishesDirective)
	}
}

// brings says whether the arguments of a call, or what a literal closes over, hold
// functions that publish.
func (w *walker) brings(site ssa.CallInstruction, fr *frame, c callee) bool {
	found := map[string]bool{}
	for _, arg := range callArgs(site.Common()) {
		if w.mayCarry(arg.Type()) {
			w.leads(operand{arg, fr}, nil, arg.Type(), 0, found)
		}
	}
	w.closesOver(c.function, 0, found)
	return found[publishing]
}

func (w *walker) closesOver(f function, depth int, found map[string]bool) {
	if f.closure == nil {
		return
	}
	for _, b := range f.closure.Bindings {
		w.leads(operand{b, f.made}, nil, b.Type(), depth+1, found)
	}
}

// publishing is what leads finds where there is a topic, or a function that may
// publish.
const publishing = "publishing"

// leads adds to found what topics, functions and types of values p leads to from
// op, of type t.
func (w *walker) leads(op operand, p path, t types.Type, depth int, found map[string]bool) {
	if depth > maxHandingDepth || !inspected(t) {
		return
	}
	into := func(step selector, t types.Type) { w.leads(op, p.then(path{step}), t, depth+1, found) }
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Interface:
		for _, o := range w.dynamic(op, p) {
			switch {
			case o.function.fn != nil:
				found[o.function.fn.String()] = true
				if w.relevant[o.function.fn] {
					found[publishing] = true
				}
				w.closesOver(o.function, depth, found)
			case o.concrete.v != nil && !types.IsInterface(o.concrete.v.Type()):
				found[o.concrete.v.Type().String()] = true
				set := w.ssa.MethodSets.MethodSet(o.concrete.v.Type())
				for sel := range set.Methods() {
					if w.relevant[w.ssa.MethodValue(sel)] {
						found[publishing] = true
					}
				}
				w.leads(o.concrete, nil, o.concrete.v.Type(), depth+1, found)
			default:
				found["unknown"] = true
				if o.lost {
					found[publishing] = true
				}
			}
		}
	case *types.Pointer:
		into(pointee, u.Elem())
	case *types.Slice:
		into(element, u.Elem())
	case *types.Array:
		into(element, u.Elem())
	case *types.Map:
		into(element, u.Elem())
	case *types.Chan:
		into(element, u.Elem())
	case *types.Struct:
		if isTopic(t) {
			found[publishing] = true
			for _, o := range w.originsAt(op, p) {
				found["topic "+o.topic] = true
			}
			return
		}
		for i := range u.NumFields() {
			into(selector(i), u.Field(i).Type())
		}
	}
}

// step is what the function of next does, as seen by its caller.
func (w *walker) step(site ssa.CallInstruction, next *frame) *summary {
	inner := w.summarize(next)
	out := &summary{endings: inner.endings, panicking: inner.panicking, cut: inner.cut}
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
		out.panicking = append(out.panicking, s.panicking...)
	}
	if len(all) < callees {
		out.endings = append(out.endings, ending{})
		out.panicking = append(out.panicking, ending{})
	}
	return out
}

// sequence is what foreign code does that calls the functions it was handed: each
// of them once, if surely, and else in any order, any number of times.
func sequence(all []*summary, surely bool) (out *summary, complete bool) {
	out = &summary{endings: []ending{{}}}
	for _, s := range all {
		if s.empty() {
			continue
		}
		for _, e := range s.effects {
			if !surely {
				e.condition = both(flow.Conditional, e.condition)
			}
			out.effects = append(out.effects, e)
		}
		var may []ending
		for _, e := range s.endings {
			switch {
			case e.failed == panicked:
				may = append(may, ending{topics: e.topics, failed: panicked})
			case surely && e.failed == isFailure: // which who waits for it gets
				may = append(may, ending{topics: e.topics, failed: isFailure})
			default:
				may = append(may, ending{topics: e.topics})
			}
		}
		if !surely {
			var complete bool
			if may, complete = repeated(append(may, ending{})); !complete {
				return out, false
			}
		}
		seen := map[ending]bool{}
		for _, before := range out.endings {
			for _, e := range may {
				next := ending{topics: join(before.topics, e.topics), failed: e.failed}
				switch {
				case before.failed == panicked:
					next = before
				case before.failed == isFailure && e.failed == unknown:
					next.failed = isFailure
				}
				seen[next] = true
			}
		}
		out.endings = slices.Collect(maps.Keys(seen))
	}
	slices.SortFunc(out.endings, compareEndings)
	return out, true
}

// repeated are the endings of what may run again and again: any of them together.
func repeated(ends []ending) (list []ending, complete bool) {
	seen := map[ending]bool{}
	for _, e := range ends {
		seen[e] = true
	}
	for list := ends; len(list) > 0; {
		var next []ending
		for _, a := range list {
			for _, b := range ends {
				both := a
				both.topics = join(a.topics, b.topics)
				if !seen[both] {
					seen[both] = true
					next = append(next, both)
				}
			}
		}
		if len(seen) > maxStates {
			return nil, false
		}
		list = next
	}
	return slices.SortedFunc(maps.Keys(seen), compareEndings), true
}

// callsOnce says whether a call of foreign code surely runs the function that it
// gets, and once.
func callsOnce(fn *ssa.Function) bool {
	if fn == nil || fn.Name() != "Go" || fn.Signature.Recv() == nil {
		return false
	}
	recv, ok := types.Unalias(deref(fn.Signature.Recv().Type())).(*types.Named)
	if !ok || recv.Obj().Pkg() == nil {
		return false
	}
	p := recv.Obj().Pkg().Path()
	return recv.Obj().Name() == "WaitGroup" && p == "sync" || recv.Obj().Name() == "Group" && p == "golang.org/x/sync/errgroup"
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
	if depth > maxHandingDepth && !holds(t, isTopic) {
		return
	}
	if isTopic(t) || depth > maxHandingDepth {
		h.refuse(h.site.Pos(), "a topic is handed to code that cannot be followed, %s. "+
			"Hand over a function that publishes, or publish here: topics.OrderPlaced.Publish(ctx, m); its name is topics.OrderPlaced.Name().", h.target())
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		for _, o := range h.originsAt(op, p) {
			if o.function.fn != nil {
				h.call(o.function, operand{}, depth)
			}
		}
	case *types.Interface:
		if !h.mayCarry(t) {
			return
		}
		for _, o := range h.dynamic(op, p) {
			if o.concrete.v != nil && !types.IsInterface(o.concrete.v.Type()) {
				h.methods(o.concrete, u, depth)
				h.value(o.concrete, nil, o.concrete.v.Type(), depth+1)
			}
			if o.function.fn != nil {
				h.call(o.function, operand{}, depth)
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
func (h *handing) methods(v operand, iface *types.Interface, depth int) {
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
			h.call(function{fn: fn}, v, depth)
		}
	}
}

// call counts f as called, and what it returns as handed over too.
func (h *handing) call(f function, receiver operand, depth int) {
	if topicMethod(f.fn, "Publish") && receiver.v != nil {
		h.called = append(h.called, h.publish(h.site, receiver))
		return
	}
	if f.fn.Blocks == nil {
		return
	}
	var params []operand
	found := map[string]bool{}
	if receiver.v != nil {
		params = []operand{receiver}
		h.leads(receiver, nil, receiver.v.Type(), depth, found)
	}
	h.closesOver(f, depth, found)
	next := h.fr.enter(h.site, f, params, true)
	if next == nil {
		h.turn(h.site, h.fr, f.fn)
		return
	}
	if h.relevant[f.fn] || h.moves[f.fn] && found[publishing] {
		h.called = append(h.called, h.step(h.site, next))
	}
	for _, block := range f.fn.Blocks {
		ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for _, result := range ret.Results {
			if inspected(result.Type()) {
				h.value(operand{result, next}, nil, result.Type(), depth+1)
			}
		}
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
