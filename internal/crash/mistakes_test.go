package crash

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var mistakes = flag.Bool("mistakes", false, "plant mistakes in the engine, to see that they are found")

// A proof that cannot fail proves nothing. Each mistake is planted into a copy of one
// file, and a test has to find it.
func TestPlantedMistakesAreFound(t *testing.T) {
	if !*mistakes {
		t.Skip("it compiles the engine for each mistake; -mistakes runs it")
	}
	kills := []string{".", "-run", "TestNothingAcknowledgedIsLost", "-kills", "60"}
	disk := []string{"../queue", "-run", "PowerLoss|BeforeItsSync"}
	for _, m := range []struct {
		name, file, right, wrong string
		test                     []string
	}{
		{
			"acknowledged before the commit", "queue/writer.go",
			"	failpoint.Hit(failpoint.Commit)\n", "	if len(w.answers) > 1 {\n		w.release()\n	}\n	failpoint.Hit(failpoint.Commit)\n", kills,
		},
		{
			"synchronous is normal", "queue/database.go",
			"PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL", disk,
		},
		{
			"deleted by its id", "queue/statements.go",
			"DELETE FROM message WHERE queue = ? AND seq = ? AND receives = ?", "DELETE FROM message WHERE queue = ? AND seq = ? AND receives >= ?", kills,
		},
		{
			"the receive is not stored before the message is handed out", "queue/receive.go",
			"w.db.exec(w.db.receive, m.visibleAt, m.receives,", "w.db.exec(w.db.receive, m.visibleAt, m.receives-1,", kills,
		},
		{
			"a fan-out of several transactions", "sns/deliver.go",
			"		_, err := s.store.Send(ctx, entries...)\n",
			"		var err error\n		for _, one := range entries {\n			_, failed := s.store.Send(ctx, one)\n			err = errors.Join(err, failed)\n		}\n", kills,
		},
		{
			"the log's end is not compared with its mark", "queue/logmark.go",
			"frames < int(says.frames)", "frames < 0",
			[]string{"../queue", "-run", "Damage"},
		},
	} {
		t.Run(m.name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-overlay", plant(t, m.file, m.right, m.wrong)}, m.test...)...)
			said, err := command.CombinedOutput()
			if !errors.As(err, new(*exec.ExitError)) || !strings.Contains(string(said), "--- FAIL: Test") {
				t.Errorf("nobody found it (%v):\n%.3000s", err, said)
			}
			t.Logf("%.600s", said)
		})
	}
}

// plant returns the name of an overlay in which a file of the engine has a mistake.
func plant(t *testing.T, file, right, wrong string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(content), right) != 1 {
		t.Fatalf("%s has no longer %q, once", file, right)
	}
	text := strings.Replace(string(content), right, wrong, 1)
	if strings.Contains(wrong, "errors.") && !strings.Contains(text, "\"errors\"") {
		text = strings.Replace(text, "import (\n", "import (\n\t\"errors\"\n", 1)
	}
	dir := t.TempDir()
	mutant := filepath.Join(dir, filepath.Base(file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.WriteFile(mutant, []byte(text), 0o600), os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "overlay.json")
}
