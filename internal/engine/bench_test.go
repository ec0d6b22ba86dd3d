package engine_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/engine"
)

const (
	route       = "apis/orders/orders/post"
	confirmed   = `{"customer":"Cesaria","items":["cachupa"],"simulate":"confirm"}`
	clients     = 16
	runsAnOrder = 8
)

// BenchmarkPostOrders posts orders over 16 connections while no subscriber runs,
// and compares with the same gateway and Runtime API before a route that
// publishes nothing. ratio is the part of its rate that a durable event leaves.
func BenchmarkPostOrders(b *testing.B) {
	built, err := binaries()
	if err != nil {
		b.Fatal(err)
	}
	dir, err := filepath.Abs(project)
	if err != nil {
		b.Fatal(err)
	}
	silent, err := (&build.Builder{Dir: dir, Out: b.TempDir()}).Build(b.Context(), []string{"internal/bench/silent"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	durable := startOnly(b, map[string]string{route: built[route]})
	baseline := startOnly(b, map[string]string{route: silent["internal/bench/silent"]})
	rates := compare(b, durable.APIs()[0].URL, baseline.APIs()[0].URL)
	b.ReportMetric(rates[0], "orders/s")
	b.ReportMetric(rates[1], "silent/s")
	b.ReportMetric(rates[0]/rates[1], "ratio")
}

// startOnly runs the demo with some of its functions; the others' messages wait.
func startOnly(b *testing.B, some map[string]string) *engine.Engine {
	b.Helper()
	p, err := demoPlan(0)
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.Start(b.Context(), engine.Options{State: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Stop(context.Background()) })
	if err := e.Apply(b.Context(), p, some); err != nil {
		b.Fatal(err)
	}
	return e
}

// compare posts to the two in turn, so that both see the same machine, and
// returns their rates.
func compare(b *testing.B, urls ...string) []float64 {
	b.Helper()
	const round = 400
	spent := make([]time.Duration, len(urls))
	posted := make([]int, len(urls))
	for _, url := range urls {
		postMany(b, url, round) // warm
	}
	b.ResetTimer()
	for n := 0; n < b.N; n += round {
		for i, url := range urls {
			began := time.Now()
			postMany(b, url, round)
			spent[i] += time.Since(began)
			posted[i] += round
		}
	}
	b.StopTimer()
	rates := make([]float64, len(urls))
	for i := range urls {
		rates[i] = float64(posted[i]) / spent[i].Seconds()
	}
	return rates
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}

// postMany posts n orders over 16 connections and fails unless each is accepted.
func postMany(b *testing.B, url string, n int) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				resp, err := client.Post(url+"/orders", "application/json", bytes.NewReader([]byte(confirmed)))
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusCreated {
					b.Errorf("status %d", resp.StatusCode)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkOrders posts orders over 16 connections with the whole choreography
// running, and waits until all have finished: orders/s are whole orders of 8
// runs each, acknowledged/s is the rate of the posts alone.
func BenchmarkOrders(b *testing.B) {
	var done, retries atomic.Int64
	finished := make(chan struct{}, 1)
	want := int64(b.N) * runsAnOrder
	sink := func(e activity.Event) {
		switch e.Kind {
		case activity.Done:
			if done.Add(1) == want {
				finished <- struct{}{}
			}
		case activity.Retry, activity.DeadLetter:
			retries.Add(1)
		}
	}
	e := startAll(b, sink)
	b.ResetTimer()
	began := time.Now()
	postMany(b, e.APIs()[0].URL, b.N)
	acknowledged := time.Since(began)
	<-finished
	whole := time.Since(began)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/acknowledged.Seconds(), "acknowledged/s")
	b.ReportMetric(float64(b.N)/whole.Seconds(), "orders/s")
	b.ReportMetric(float64(retries.Load()), "retries")
	if extra := done.Load() - want; extra != 0 {
		b.Errorf("%d runs more than 8 an order", extra)
	}
}

func startAll(b *testing.B, sink activity.Sink) *engine.Engine {
	b.Helper()
	built, err := binaries()
	if err != nil {
		b.Fatal(err)
	}
	p, err := demoPlan(0)
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.Start(b.Context(), engine.Options{State: b.TempDir(), Sink: sink})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Stop(context.Background()) })
	if err := e.Apply(b.Context(), p, built); err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkOneOrder posts one order at a time to an idle, warm engine, and takes
// the time until its eighth run is done. floors is the sum of what no engine can
// do without, measured in the same run: a synced write for each of the 9 durable
// steps one after the other on the longest chain, and a bare loopback round trip
// for each of its 10 HTTP exchanges (5 invocations of two each).
func BenchmarkOneOrder(b *testing.B) {
	var done atomic.Int64
	finished := make(chan struct{}, 1)
	e := startAll(b, func(e activity.Event) {
		if e.Kind == activity.Done && done.Add(1)%runsAnOrder == 0 {
			finished <- struct{}{}
		}
	})
	url := e.APIs()[0].URL
	for range 20 { // warm
		postMany(b, url, 1)
		<-finished
	}
	floor := newFloor(b)
	var times, syncs, trips []time.Duration
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		postMany(b, url, 1)
		<-finished
		times = append(times, time.Since(began))
		syncs = append(syncs, floor.sync())
		trips = append(trips, floor.trip())
	}
	b.StopTimer()
	floors := 9*median(syncs) + 10*median(trips)
	b.ReportMetric(median(times).Seconds()*1e3, "ms/order")
	b.ReportMetric(floors.Seconds()*1e3, "ms-floors")
	b.ReportMetric(median(times).Seconds()/floors.Seconds(), "ratio")
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// A floor measures what the machine itself takes.
type floor struct {
	b    *testing.B
	file *os.File
	url  string
}

func newFloor(b *testing.B) *floor {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go server.Serve(listener)
	b.Cleanup(func() { server.Close() })
	return &floor{b: b, file: file, url: "http://" + listener.Addr().String()}
}

// sync appends 4 KiB and waits for the disk.
func (f *floor) sync() time.Duration {
	began := time.Now()
	if _, err := f.file.Write(make([]byte, 4096)); err != nil {
		f.b.Fatal(err)
	}
	if err := f.file.Sync(); err != nil {
		f.b.Fatal(err)
	}
	return time.Since(began)
}

// trip is one request to a server that does nothing.
func (f *floor) trip() time.Duration {
	began := time.Now()
	resp, err := client.Get(f.url)
	if err != nil {
		f.b.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return time.Since(began)
}
