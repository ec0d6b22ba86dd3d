package lambda

import (
	"os"
	"slices"
	"sync"
)

// A pool is one function: its environments and the invocations that wait for
// one. The host's mutex guards it; every method wants it held.
type pool struct {
	host *Host
	// function is the current version, nil once it has been removed.
	// Environments of another version finish what they run, and end.
	function     *Function
	environments map[*environment]struct{}
	idle         []*environment // most recently used last
	line         []*invocation  // first come, first served
	// temp makes the function's temporary folder, which like /tmp on AWS is kept
	// when an environment is reset.
	temp func() (string, error)
}

func newPool(h *Host) *pool {
	return &pool{
		host:         h,
		environments: map[*environment]struct{}{},
		temp: sync.OnceValues(func() (string, error) {
			root, err := h.scratch()
			if err != nil {
				return "", err
			}
			return os.MkdirTemp(root, "")
		}),
	}
}

// dispatch gives waiting invocations to idle environments, and starts new ones
// for those that are left. It counts on environments that will take an
// invocation soon, so a caller that invokes again at once, before the process
// has polled again, does not cause a second process.
func (p *pool) dispatch() {
	for len(p.line) > 0 && len(p.idle) > 0 {
		e := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		e.take(p.next())
	}
	if len(p.line) == 0 || p.function == nil || p.host.stopping {
		return
	}
	live, coming := 0, 0
	for e := range p.environments {
		if e.state != ending {
			live++
		}
		if e.comesSoon() {
			coming++
		}
	}
	for ; coming < len(p.line) && live < p.function.MaxConcurrency; coming++ {
		p.start(nil)
		live++
	}
}

// start starts an environment. With an invocation it is initialised as a part of
// that, otherwise it becomes idle.
func (p *pool) start(inv *invocation) {
	e := newEnvironment(p)
	p.environments[e] = struct{}{}
	p.host.all[e] = struct{}{}
	p.host.watchMemory()
	if inv != nil {
		e.take(inv)
	}
	p.host.running.Go(func() { e.run(inv) })
}

// next takes the first invocation out of the line.
func (p *pool) next() *invocation {
	if len(p.line) == 0 {
		return nil
	}
	inv := p.line[0]
	p.line = p.line[1:]
	return inv
}

// leave takes inv out of the line, if it is still there.
func (p *pool) leave(inv *invocation) {
	if i := slices.Index(p.line, inv); i >= 0 {
		p.line = slices.Delete(p.line, i, i+1)
	}
}

// failLine fails every invocation that waits.
func (p *pool) failLine(err error) {
	for _, inv := range p.line {
		inv.finish(Result{RequestID: inv.id}, err)
	}
	p.line = nil
}

// endUnused ends the environments that have no invocation and are not of the
// current version, or all such where the host is stopping.
func (p *pool) endUnused() {
	for e := range p.environments {
		if (e.state == away || e.state == idle) && e.outdated() {
			e.end()
		}
	}
}

// drop forgets an environment whose process has ended.
func (p *pool) drop(e *environment) {
	delete(p.environments, e)
	delete(p.host.all, e)
	p.rest(e)
}

// rest takes e out of the idle ones.
func (p *pool) rest(e *environment) {
	if i := slices.Index(p.idle, e); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
}
