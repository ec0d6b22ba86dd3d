package analysis

import (
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
)

// lintCall looks for mistakes in a call that publishes.
func (w *walker) lintCall(site ssa.CallInstruction, fr *frame, called *summary) {
	if len(called.effects) == 0 {
		return
	}
	topics := list(topicsOf(called.effects))
	if concurrent(site) && !awaited(site, fr) {
		w.find(flow.NotAwaited, site.Pos(), "%s is published in a goroutine that the handler does not wait for: Lambda freezes the process when the handler returns, "+
			"and the event is published late or never. Publish before returning, or wait, with an errgroup or a sync.WaitGroup.", topics)
	}
	static := site.Common().StaticCallee()
	direct := topicMethod(static, "Publish") || site.Common().IsInvoke() && site.Common().Method.Name() == "Publish"
	i := errorResult(site.Common().Signature())
	if i < 0 || !direct && (static == nil || static.Blocks == nil) {
		return
	}
	switch site := site.(type) {
	case *ssa.Go, *ssa.Defer:
	case *ssa.Call:
		if used(site, i) {
			return
		}
	}
	w.find(flow.IgnoredError, site.Pos(), "nobody looks at the error of publishing %s: when it fails, the event is lost without a word. "+
		"Return the error, so that the message is tried again.", topics)
}

// used says whether anything looks at the i-th result of a call.
func used(call *ssa.Call, i int) bool {
	if call.Call.Signature().Results().Len() == 1 {
		return read(call)
	}
	for _, ref := range *call.Referrers() {
		if extract, ok := ref.(*ssa.Extract); ok && extract.Index == i && read(extract) {
			return true
		}
		if _, ok := ref.(*ssa.Return); ok {
			return true
		}
	}
	return false
}

func read(v ssa.Value) bool {
	for _, ref := range *v.Referrers() {
		if _, debug := ref.(*ssa.DebugRef); !debug {
			return true
		}
	}
	return false
}

// concurrent says whether what a call does goes on beside the caller: a go
// statement, or one of the library functions that start a goroutine.
func concurrent(site ssa.CallInstruction) bool {
	if _, ok := site.(*ssa.Go); ok {
		return true
	}
	fn := site.Common().StaticCallee()
	if fn == nil || fn.Blocks != nil {
		return false
	}
	switch fn.Name() {
	case "Go", "TryGo":
		return fn.Signature.Recv() != nil
	case "AfterFunc":
		return isFunc(fn, "time", "AfterFunc") || isFunc(fn, "context", "AfterFunc")
	}
	return false
}

// awaited says whether something certainly waits after site: in its function, or
// in one that called it.
func awaited(site ssa.Instruction, fr *frame) bool {
	for ; fr != nil && site != nil; site, fr = fr.call, fr.caller {
		after := false
		for _, instr := range site.Block().Instrs {
			if instr == site {
				after = true
			} else if after && waits(instr) {
				return true
			}
		}
		for _, b := range site.Parent().Blocks {
			if b == site.Block() || !alwaysAfter(b, site.Block()) {
				continue
			}
			if slices.ContainsFunc(b.Instrs, waits) {
				return true
			}
		}
		// A deferred wait runs before the function returns.
		for _, b := range site.Parent().Blocks {
			for _, instr := range b.Instrs {
				if d, ok := instr.(*ssa.Defer); ok && waiting(d.Common()) {
					return true
				}
			}
		}
	}
	return false
}

// waits says whether an instruction waits for a goroutine: for a group of them,
// or for a value from a channel.
func waits(instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.UnOp:
		return instr.Op == token.ARROW
	case *ssa.Select:
		return true
	case *ssa.Call:
		return waiting(instr.Common())
	}
	return false
}

func waiting(c *ssa.CallCommon) bool {
	fn := c.StaticCallee()
	return fn != nil && fn.Name() == "Wait" && fn.Signature.Recv() != nil
}

// lintContext looks for events that are published with a context of nobody's.
func (w *walker) lintContext(fr *frame) {
	if !w.handling {
		return
	}
	for _, block := range fr.fn.Blocks {
		for _, instr := range block.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			fn := call.Call.StaticCallee()
			if isFunc(fn, "context", "Background") || isFunc(fn, "context", "TODO") {
				w.find(flow.IgnoredContext, call.Pos(), "context.%s stands where the handler's context belongs: the event loses its correlation id, "+
					"and the work goes on past the function's deadline. Pass on the handler's ctx; context.WithoutCancel(ctx) keeps what it says.", fn.Name())
			}
		}
	}
}

// lintHandler looks for mistakes in a handler as a whole.
func (w *walker) lintHandler(fn *ssa.Function, background bool) {
	if !background || len(fn.Params) == 0 || read(fn.Params[0]) {
		return
	}
	for f := range w.findings {
		if f.Rule == flow.IgnoredContext {
			return // which says what is there instead
		}
	}
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			if _, builtin := call.Common().Value.(*ssa.Builtin); builtin {
				continue
			}
			w.find(flow.IgnoredContext, fn.Pos(), "the handler does not use its context: what it does goes on past the function's deadline, "+
				"and its log lines have no correlation id. Pass ctx to what it calls, and log with less.Logger(ctx).")
			return
		}
	}
}

// lintEndings looks for errors that are returned after an event is out.
func (w *walker) lintEndings(ends []ending) {
	late := map[token.Pos]string{}
	for _, e := range ends {
		if e.late.IsValid() {
			late[e.late] = join(late[e.late], e.topics)
		}
	}
	for pos, topics := range late {
		w.find(flow.FailAfterEvent, pos, "an error may be returned after publishing %s: the message comes back, or the client tries again, and it is published twice. "+
			"Do first what can fail and publish last; where two events belong together, publish one and let a subscriber publish the other.", list(topics))
	}
}

// list is a list of topics as people write it.
func list(topics string) string {
	all := strings.Split(topics, ",")
	if len(all) == 1 {
		return topics
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}

// lintImports looks for handlers that import other handlers.
func (w *walker) lintImports(pkg *packages.Package, handlers map[string]bool) {
	for _, file := range pkg.Syntax {
		for _, spec := range file.Imports {
			importPath, err := strconv.Unquote(spec.Path.Value)
			if err != nil || !handlers[importPath] {
				continue
			}
			w.find(flow.HandlerImported, spec.Pos(), "a handler imports another handler, %s: what they share is deployed twice and changes both. "+
				"Publish an event for it to handle, or move what they share to less/shared.", importPath)
		}
	}
}
