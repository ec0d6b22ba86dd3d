package lesscdk

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/less-go/less/internal/plan"
)

func TestTheContextWinsOverTheFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "less.config"), []byte("alarms: full\nstacks: single\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	context := map[string]any{"stacks": "split", "stage": "prod"}
	c, err := readSettings(dir, func(key string) any { return context[key] })
	if err != nil || c.Deploy.Stage != "prod" || c.Deploy.Alarms != plan.FullAlarms || c.Deploy.Layout != plan.Split {
		t.Errorf("%+v, %v", c.Deploy, err)
	}
}

func TestAPanicOfTheCDKIsOneLineWithTheFolder(t *testing.T) {
	err := explain("Error: There is already a Construct with name 'Queue' in less-dev/topics/paid/notify_user\n    at Node.addChild (/x/y.js:1:2)\n    at more")
	want := "less/topics/paid/notify_user: Error: There is already a Construct with name 'Queue' in less-dev/topics/paid/notify_user"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if got := explain("no place").Error(); got != "no place" {
		t.Errorf("%q", got)
	}
}
