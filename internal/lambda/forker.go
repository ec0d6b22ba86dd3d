package lambda

import (
	"os"
	"runtime"
)

// A forker starts processes, all from one operating system thread that lives as
// long as the host: on Linux a child is killed when the thread that forked it
// ends, and Go ends threads as it likes.
type forker struct {
	requests chan func()
}

func newForker() *forker {
	f := &forker{requests: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for request := range f.requests {
			request()
		}
	}()
	return f
}

// start starts the binary with nothing to read on its standard input. It takes
// the path of the binary as it is.
func (f *forker) start(binary, dir string, env []string, output *os.File) (process *os.Process, err error) {
	input, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer input.Close()
	attr := &os.ProcAttr{
		Dir:   dir,
		Env:   env,
		Files: []*os.File{input, output, output},
		Sys:   processAttributes(),
	}
	done := make(chan struct{})
	f.requests <- func() {
		process, err = os.StartProcess(binary, []string{binary}, attr)
		close(done)
	}
	<-done
	return process, err
}

func (f *forker) stop() { close(f.requests) }
