package lambda

import "time"

// memoryPeriod is how often the memory of processes that have something to do is
// looked at. A process can be above its limit for as long as that.
const memoryPeriod = 50 * time.Millisecond

// watchMemory ends processes that use more memory than their function has, as long
// as there are processes. Lambda does so at once, by the kernel; here a process
// reserves addresses as it likes, and what it uses counts. It wants the host's mutex.
func (h *Host) watchMemory() {
	if !h.watching && len(h.all) > 0 {
		h.watching = true
		time.AfterFunc(memoryPeriod, h.lookAtMemory)
	}
}

func (h *Host) lookAtMemory() {
	type used struct {
		*environment
		pid int
	}
	var working []used
	h.mu.Lock()
	for e := range h.all {
		if e.process != nil && !e.gone && (e.state == away || e.state == busy || e.state == settling) {
			working = append(working, used{e, e.process.Pid})
		}
	}
	h.mu.Unlock()
	var greedy []*environment
	for _, u := range working {
		if residentMemory(u.pid) > int64(u.function.MemoryMB)<<20 {
			greedy = append(greedy, u.environment)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range greedy {
		if !e.gone { // its process is the one that was looked at
			e.exhausted = true
			e.state = ending
			e.kill()
		}
	}
	h.watching = false
	h.watchMemory()
}
