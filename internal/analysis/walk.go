package analysis

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
)

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
