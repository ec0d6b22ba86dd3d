package startup_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// maxSize is what the issue of start-up cost allows for a stripped arm64 binary.
const maxSize = 8_000_000

func TestFunctionsStaySmall(t *testing.T) {
	if testing.Short() {
		t.Skip("cross-compiles the AWS SDK")
	}
	for _, name := range []string{"subscriber", "route"} {
		t.Run(name, func(t *testing.T) {
			info, err := os.Stat(build(t, name, "GOOS=linux", "GOARCH=arm64"))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes", info.Size())
			if info.Size() > maxSize {
				t.Errorf("the function has %d bytes, more than %d: a dependency has grown", info.Size(), maxSize)
			}
		})
	}
}

// BenchmarkStart measures the time from exec to the first request for work, at
// the median, of functions on package less and of a bare one. They take turns, so
// that whatever else the machine does falls on all of them.
func BenchmarkStart(b *testing.B) {
	names := []string{"bare", "subscriber", "route"}
	binaries := make(map[string]string)
	for _, name := range names {
		binaries[name] = build(b, name)
	}
	asked := make(chan time.Time, 1)
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- time.Now()
		<-r.Context().Done() // there is never any work
	}))
	b.Cleanup(api.Close)
	address := strings.TrimPrefix(api.URL, "http://")

	times := make(map[string][]time.Duration)
	for b.Loop() {
		for _, name := range names {
			times[name] = append(times[name], start(b, binaries[name], address, asked))
		}
	}
	median := func(name string) float64 {
		slices.Sort(times[name])
		return float64(times[name][len(times[name])/2]) / float64(time.Millisecond)
	}
	bare := median("bare")
	b.ReportMetric(bare, "bare-ms")
	for _, name := range names[1:] {
		b.ReportMetric(median(name)-bare, name+"-extra-ms")
	}
}

// start runs a function until it asks for work, and returns how long that took.
func start(b *testing.B, binary, address string, asked <-chan time.Time) time.Duration {
	cmd := exec.Command(binary)
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + address, "LESS_FUNCTION=bench"}
	cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	end := <-asked
	if err := cmd.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait() // killed, which is what it says
	return end.Sub(begin)
}

// build compiles one of the functions as a deployment does.
func build(tb testing.TB, name string, env ...string) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), name)
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, "./"+name)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return binary
}
