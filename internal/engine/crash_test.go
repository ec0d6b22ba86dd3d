package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/engine"
)

// childState and childBinaries make the test binary an engine of its own, that
// can be killed. It says its URL, and then a line for each message handled. One without
// binaries has no plan, and says the URL of the AWS services.
const (
	childState    = "LESS_ENGINE_TEST_STATE"
	childBinaries = "LESS_ENGINE_TEST_BINARIES"
)

func runChild(state string) error {
	var built map[string]string
	if err := json.Unmarshal([]byte(os.Getenv(childBinaries)), &built); err != nil {
		return err
	}
	p, err := demoPlan(time.Hour)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	ctx := context.Background()
	e, err := engine.Start(ctx, engine.Options{State: state, Sink: func(e activity.Event) {
		if e.Kind == activity.Done {
			mu.Lock()
			defer mu.Unlock()
			fmt.Println("done")
		}
	}})
	if err != nil {
		return err
	}
	if len(built) == 0 {
		fmt.Println(e.AWS())
		select {}
	}
	if err := e.Apply(ctx, p, built); err != nil {
		return err
	}
	mu.Lock()
	fmt.Println(e.APIs()[0].URL)
	mu.Unlock()
	select {} // until it is killed
}

// lastLines are what the eight subscribers of a confirmed order say when they
// have done their work.
var lastLines = []string{
	"[PAYMENT SERVICE] Payment succeeded for order: ",
	"[RESTAURANT SERVICE] Order confirmed: ",
	"[ORDER SERVICE] Updated order confirmation success status: ",
	"[NOTIFICATION SERVICE] Emailed customer of order success: ",
	"[DELIVERY PARTNER SERVICE] Delivery partner assigned: ",
	"[LOYALTY SERVICE] Added points to wallet: ",
	"[ORDER SERVICE] Updated delivery status: ",
	"[NOTIFICATION SERVICE] Emailed customer of delivery partner assignment: ",
}

func TestOrdersInFlightSurviveAKilledEngine(t *testing.T) {
	built, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childState+"="+state, childBinaries+"="+string(encoded))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the engine did not start")
	}
	url := lines.Text()

	// The engine is killed in the middle: when the first of the orders have been
	// handled and the last are just being accepted.
	const orders = 200
	var mu sync.Mutex
	var accepted []string
	var posting sync.WaitGroup
	for i := range orders {
		posting.Go(func() {
			status, body, err := postTo(url, fmt.Sprintf(`{"customer":"c%d","items":[],"simulate":"confirm"}`, i))
			var placed struct{ ID string }
			if err != nil || status != http.StatusCreated || json.Unmarshal([]byte(body), &placed) != nil {
				t.Errorf("POST /orders: %d %s %v", status, body, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			accepted = append(accepted, placed.ID)
		})
	}
	posting.Wait()
	done := 0
	for done < 20 && lines.Scan() {
		done++
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		done++
	}
	if err := child.Wait(); !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("the engine ended by itself: %v", err)
	}
	if len(accepted) != orders {
		t.Fatalf("%d of %d orders accepted", len(accepted), orders)
	}
	if done >= orders*8 {
		t.Fatalf("all %d runs were done before the kill: nothing was in flight", done)
	}

	second := startDemo(t, state, time.Hour)
	// What the killed engine had handled but not said so may be missing from its
	// lines, so the end is told by the queues: nothing is left to do.
	second.journal.Await(second.t, 1, activitytest.Kind(activity.Done))
	second.untilEmpty()
	missing := 0
	log := readLogs(t, state)
	for _, id := range accepted {
		for _, line := range lastLines {
			if !strings.Contains(log, line+id) {
				missing++
			}
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d runs never happened", missing, orders*len(lastLines))
	}
	if retries := second.journal.Of(activity.Retry); len(retries) > 0 {
		t.Errorf("%d attempts failed after the restart: %+v", len(retries), retries[0])
	}
	t.Logf("%d of %d runs were done before the kill", done, orders*len(lastLines))
}

func readLogs(t *testing.T, state string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(state, "logs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
