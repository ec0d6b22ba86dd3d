package startup_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// maxInit is what the packages of less-cli may allocate before main begins: what
// takes its time there also takes memory, and the one can be counted.
const maxInit = 12_000_000

// TestTheCommandLineLoadsNothingItDoesNotNeed counts what its packages do at their
// start, which every command pays for.
func TestTheCommandLineLoadsNothingItDoesNotNeed(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles less-cli")
	}
	cli := buildCLI(t)
	for _, args := range [][]string{{"--help"}, {"version"}} {
		var trace bytes.Buffer
		cmd := exec.Command(cli, args...)
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		total, most, whose := 0, 0, ""
		for line := range strings.Lines(trace.String()) {
			// init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
			fields := strings.Fields(line)
			if len(fields) != 11 || fields[0] != "init" {
				t.Fatalf("the Go runtime writes %q", line)
			}
			n, err := strconv.Atoi(fields[7])
			if err != nil {
				t.Fatal(err)
			}
			if total += n; n > most {
				most, whose = n, fields[1]
			}
		}
		t.Logf("less-cli %s: %d bytes, %d of them by %s", args[0], total, most, whose)
		if total == 0 || total > maxInit {
			t.Errorf("less-cli %s allocates %d bytes before it begins, more than %d; most of them, %d, by %s", args[0], total, maxInit, most, whose)
		}
		if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
			t.Errorf("less-cli %s leaves %v, %v", args[0], left, err)
		}
	}
}

// BenchmarkHelp measures less-cli --help from exec to its end, and a program that
// does nothing. They take turns.
func BenchmarkHelp(b *testing.B) {
	programs := map[string]*exec.Cmd{"help": exec.Command(buildCLI(b), "--help"), "nothing": exec.Command(build(b, "nothing"))}
	times := map[string][]time.Duration{}
	for b.Loop() {
		for name, program := range programs {
			cmd := exec.Command(program.Path, program.Args[1:]...)
			began := time.Now()
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			times[name] = append(times[name], time.Since(began))
		}
	}
	median := func(name string) float64 {
		slices.Sort(times[name])
		return float64(times[name][len(times[name])/2]) / float64(time.Millisecond)
	}
	b.ReportMetric(median("nothing"), "nothing-ms")
	b.ReportMetric(median("help"), "help-ms")
	b.ReportMetric(median("help")/median("nothing"), "ratio")
}

// buildCLI compiles less-cli as its users do.
func buildCLI(tb testing.TB) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), "less-cli")
	if out, err := exec.Command("go", "build", "-o", binary, "../../../cmd/less-cli").CombinedOutput(); err != nil {
		tb.Fatalf("build less-cli: %v\n%s", err, out)
	}
	return binary
}
