package lambda_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less/internal/lambda"
)

// BenchmarkInvoke invokes an echo handler of aws-lambda-go through the host and,
// in turns, the same binary behind the least that is a Runtime API. ns/op is the
// host's; bare-ns/op and the ratio x-bare are what it is held against.
func BenchmarkInvoke(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) { benchmarkInvoke(b, size) })
	}
}

func benchmarkInvoke(b *testing.B, size int) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	host := lambda.New(lambda.Options{})
	defer host.Stop(b.Context())
	host.Set(lambda.Function{ID: "f", Name: "f", Binary: self, Timeout: timeout, Env: map[string]string{roleVar: "handler"}})
	bare := newBareAPI(b, self)
	defer bare.stop()

	event := payload(request{Do: "echo", Text: strings.Repeat("x", size)})
	throughHost := func() {
		r, err := host.Invoke(b.Context(), "f", event)
		if err != nil || r.FunctionError != "" || len(r.Payload) != size+2 {
			b.Fatalf("%d bytes, %s, %v", len(r.Payload), r.FunctionError, err)
		}
	}
	throughBare := func() {
		if answer := bare.invoke(event); len(answer) != size+2 {
			b.Fatalf("%d bytes", len(answer))
		}
	}
	for range 500 { // both are warm then
		throughHost()
		throughBare()
	}
	// Turns are short, so that what else the machine does troubles both alike.
	const turn = 50
	var hostTime, bareTime time.Duration
	n := 0
	for b.Loop() {
		n++
		if n%turn != 1 {
			continue
		}
		hostTime += timeOf(turn, throughHost)
		bareTime += timeOf(turn, throughBare)
	}
	invocations := float64((n + turn - 1) / turn * turn)
	b.ReportMetric(float64(hostTime)/invocations, "ns/op")
	b.ReportMetric(float64(bareTime)/invocations, "bare-ns/op")
	b.ReportMetric(float64(hostTime)/float64(bareTime), "x-bare")
}

func timeOf(n int, f func()) time.Duration {
	start := time.Now()
	for range n {
		f()
	}
	return time.Since(start)
}

// BenchmarkInvokeParallel keeps two processes busy.
func BenchmarkInvokeParallel(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	host := lambda.New(lambda.Options{})
	defer host.Stop(b.Context())
	host.Set(lambda.Function{ID: "f", Name: "f", Binary: self, Timeout: timeout, MaxConcurrency: 2, Env: map[string]string{roleVar: "handler"}})
	event := payload(request{Do: "echo", Text: "x"})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if r, err := host.Invoke(b.Context(), "f", event); err != nil || r.FunctionError != "" {
				b.Errorf("%s, %v", r.Payload, err)
			}
		}
	})
}

// A bareAPI is one process behind the least that is a Runtime API: no states, no
// limits, no timeouts, and output that goes nowhere.
type bareAPI struct {
	events, answers chan []byte
	stop            func()
}

func newBareAPI(b *testing.B, binary string) *bareAPI {
	a := &bareAPI{events: make(chan []byte), answers: make(chan []byte)}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(a.serve)}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	process := exec.Command(binary)
	process.Env = []string{roleVar + "=handler", "AWS_LAMBDA_RUNTIME_API=" + l.Addr().String()}
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	a.stop = func() {
		process.Process.Kill()
		process.Wait()
		server.Close()
		serving.Wait()
	}
	return a
}

func (a *bareAPI) invoke(event []byte) []byte {
	a.events <- event
	return <-a.answers
}

func (a *bareAPI) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var answer bytes.Buffer
		io.Copy(&answer, r.Body)
		a.answers <- answer.Bytes()
		w.WriteHeader(http.StatusAccepted)
		return
	}
	select {
	case event := <-a.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "id")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "9999999999999")
		w.Write(event)
	case <-r.Context().Done():
	}
}
