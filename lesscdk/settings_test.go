package lesscdk

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/plan"
)

func get(context map[string]any) func(string) any {
	return func(key string) any { return context[key] }
}

func TestSettingsAreReadFromCdkJSONAndFromTheCommandLine(t *testing.T) {
	want := settings{name: "shop", deploy: plan.DeployOptions{
		Stage: "prod", Gateway: plan.REST, Layout: plan.Split, Alarms: plan.FullAlarms, Ops: "create",
		Origins: []string{"https://a.example", "https://b.example"}, Shards: map[string]int{"topics/a": 8, "topics/b": 2},
		Tracing: true, ThrottleRate: 10, ThrottleBurst: 20, LogRetention: 90 * 24 * time.Hour,
	}}
	common := map[string]any{"name": "shop", "stage": "prod", "api": "rest", "stacks": "split", "alarms": "full", "opsTopic": "create"}
	for name, context := range map[string]map[string]any{
		"cdk.json": {
			"cors": []any{"https://a.example", "https://b.example"}, "shards": map[string]any{"topics/a": 8.0, "topics/b": 2.0},
			"tracing": true, "throttleRate": 10.0, "throttleBurst": 20.0, "logRetention": 90.0,
		},
		"command line": {
			"cors": "https://a.example,https://b.example", "shards": "topics/a=8,topics/b=2",
			"tracing": "true", "throttleRate": "10", "throttleBurst": "20", "logRetention": "90",
		},
	} {
		t.Run(name, func(t *testing.T) {
			maps.Copy(context, common)
			got, err := readSettings(get(context))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheStageIsDevWhereNobodySaysAnother(t *testing.T) {
	s, err := readSettings(get(nil))
	if err != nil || s.deploy.Stage != "dev" {
		t.Errorf("stage %q, %v", s.deploy.Stage, err)
	}
}

func TestASettingThatIsWrongIsNamed(t *testing.T) {
	for key, value := range map[string]any{
		"stage": 3.0, "tracing": "maybe", "throttleRate": "many", "throttleBurst": -1.0, "cors": 1.0,
		"shards": map[string]any{"topics/a": "x"}, "logRetention": true,
	} {
		_, err := readSettings(get(map[string]any{key: value}))
		if err == nil || !strings.HasPrefix(err.Error(), "cdk.json: "+key+" is ") {
			t.Errorf("%s = %v: %v", key, value, err)
		}
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
