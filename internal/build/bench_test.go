package build_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/less-go/less/internal/toolchain"
)

// BenchmarkPackage measures deployment packages of the application's 13 functions
// for arm64 when nothing has changed, when one handler has, and when what all of
// them use has. The baseline, in turns with it, is the go command alone: asked to
// build the same again, in as few calls as their names allow, without packing.
func BenchmarkPackage(b *testing.B) {
	builder, mains := food(b)
	mustPackage(b, builder, mains)
	raw := b.TempDir()
	goBuild(b, builder.Dir, raw, mains)

	for _, change := range []struct{ name, file string }{
		{"nothing", ""},
		{"one", "less/topics/order_placed/payment_service_process_payment/process.go"},
		{"all", "less/shared/order/order.go"},
	} {
		b.Run(change.name, func(b *testing.B) {
			var ours, bare time.Duration
			n := 0
			for b.Loop() {
				edit := func() {
					if n++; change.file != "" {
						appendTo(b, filepath.Join(builder.Dir, change.file), fmt.Sprintf("\nconst C%d_%d = 1\n", time.Now().UnixNano(), n))
					}
				}
				edit()
				begin := time.Now()
				mustPackage(b, builder, mains)
				ours += time.Since(begin)
				edit()
				begin = time.Now()
				goBuild(b, builder.Dir, raw, mains)
				bare += time.Since(begin)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ours.Seconds()/float64(b.N), "s")
			b.ReportMetric(bare.Seconds()/float64(b.N), "go-build-s")
			b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
		})
	}
}

func appendTo(b *testing.B, file, text string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		b.Fatal(err)
	}
}

// goBuild builds mains with the go command alone.
func goBuild(b *testing.B, dir, out string, mains []string) {
	target := toolchain.Target{GOOS: "linux", GOARCH: "arm64"}
	seen := map[string]int{}
	var calls [][]string
	for _, main := range mains {
		n := seen[path.Base(main)]
		seen[path.Base(main)]++
		if n == len(calls) {
			calls = append(calls, nil)
		}
		calls[n] = append(calls[n], "./"+main)
	}
	for i, mains := range calls {
		folder := filepath.Join(out, fmt.Sprint(i))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command("go", append(append(append([]string{"build"}, target.Flags()...), "-o", folder+"/"), mains...)...)
		cmd.Dir, cmd.Env = dir, target.Environ()
		if output, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
	}
}
