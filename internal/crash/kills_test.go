package crash

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/failpoint"
)

var (
	kills = flag.Int("kills", 100, "how often to kill the engine")
	seed  = flag.Uint64("seed", 0, "choose the moments of an earlier run; 0 chooses new ones")
)

// An engine with eight writers and four consumers is killed again and again. What
// must hold after each death, and while it lives, is in record and verify.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	program := buildHandler(t)
	state := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(state, "queues.db")
	r := newRecord()
	report := httptest.NewServer(r)
	defer report.Close()

	// A store that is being made when its engine dies, and one whose engine died then.
	for _, step := range []failpoint.Step{failpoint.Migrate, failpoint.Migrated} {
		born(t, state, program, end{step: step, times: 1}).killed(t)
	}
	first := born(t, state, program, end{})
	newClients(first.url, report.URL, r).setUp(t)
	first.killed(t)

	var slowest time.Duration
	for r.life = 1; r.life <= *kills; r.life++ {
		e := chooseEnd(random, r.life)
		began := time.Now()
		l := born(t, state, program, e)
		slowest = max(slowest, time.Since(began))
		if l.url != "" {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				select {
				case <-l.dead:
				case <-time.After(e.after):
					_ = l.cmd.Process.Kill()
					<-l.dead
				}
				cancel()
			}()
			newClients(l.url, report.URL, r).work(ctx)
			cancel()
		}
		l.killed(t)
		r.verify(t, store)
		if len(r.violations) > 0 {
			said, _ := os.ReadFile(filepath.Join(state, "..", "engine.log"))
			t.Fatalf("in life %d, which ended at %v:\n%q\nthe engines said: %.2000s", r.life, e, r.violations[:min(len(r.violations), 20)], said)
		}
	}
	t.Logf("%d kills: %d events acknowledged, %d handled (%d once more), %d deleted, %d dead letters; the slowest start took %v",
		*kills, r.acknowledged, r.handled, r.again, r.deleted, r.buried, slowest.Round(time.Millisecond))
	if r.handled == 0 || r.deleted == 0 || *kills >= 50 && r.buried == 0 {
		t.Error("the engine has not done all that it was to be killed in")
	}
}

// ServeHTTP hears of the function's attempts.
func (r *record) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	attempt, err := strconv.Atoi(req.FormValue("attempt"))
	if err != nil {
		r.change(func() { r.wrong("told %s", req.URL) })
		return
	}
	r.attempt(req.FormValue("name"), attempt, req.URL.Path == "/handled")
}

func buildHandler(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	const main = "internal/crash/testdata/handler"
	built, err := (&build.Builder{Dir: root, Out: t.TempDir()}).Build(t.Context(), []string{main}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return built[main]
}
