package blueprint_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/blueprint"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/secret"
)

// shop writes the deployment in testdata, with some of its text replaced.
func shop(t *testing.T, replaced ...string) string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", "shop.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if whole := string(txtar.Format(a)); len(replaced) > 0 {
		changed := strings.NewReplacer(replaced...).Replace(whole)
		if changed == whole {
			t.Fatalf("there is nothing to replace with %q", replaced)
		}
		a = txtar.Parse([]byte(changed))
	}
	return projecttest.Write(t, a.Files)
}

func TestThePlanOfADeployment(t *testing.T) {
	dir := shop(t)
	got, err := blueprint.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	want := blueprint.Blueprint{
		Stage: "dev", Architecture: plan.ARM, LogRetention: 30 * 24 * time.Hour, ThrottleRate: 1000, ThrottleBurst: 500,
		Programs: map[string]string{"apis/orders/orders/post": program, "crons/report": program, "topics/paid/ship": program},
		Plan: plan.Plan{
			Name: "shop-dev", TopicPrefix: "shop-dev-",
			APIs: []plan.API{{
				ID: "apis/orders", Name: "orders", Routes: []plan.Route{{Method: "POST", Path: "/orders", Function: "apis/orders/orders/post"}},
				CORS: &cors.Policy{
					Origins: []string{"https://example.com"}, Methods: []string{"OPTIONS", "POST"}, Headers: []string{"content-type"}, MaxAge: new(time.Hour),
				},
			}},
			Topics: []plan.Topic{{ID: "topics/paid", Name: "paid", Resource: "shop-dev-paid", Subscriptions: []plan.Subscription{{
				Topic: "paid", Resource: "shop-dev-paid", Function: "topics/paid/ship",
				Queue:      plan.Queue{Name: "shop-dev-paid-ship", Visibility: 3 * time.Minute, Retention: 24 * time.Hour, MaxReceives: 5},
				DeadLetter: plan.Queue{Name: "shop-dev-paid-ship-dlq", Visibility: 40 * time.Second, Retention: 14 * 24 * time.Hour},
				Mapping:    plan.Mapping{BatchSize: 4, Window: time.Second, Concurrency: 10},
			}}}},
			Crons: []plan.Cron{{Function: "crons/report", Rule: "shop-dev-report", Schedule: "rate(1 day)"}},
			Functions: []plan.Function{
				{
					ID: "apis/orders/orders/post", Name: "shop-dev-post", Main: "functions/apis/orders/orders/post", Timeout: 29 * time.Second, Memory: 256,
					Publishes: []string{"paid"}, Env: map[string]secret.Text{"CURRENCY": "EUR"},
				},
				{ID: "crons/report", Name: "shop-dev-report", Main: "functions/crons/report", Timeout: time.Minute, Memory: 256},
				{ID: "topics/paid/ship", Name: "shop-dev-paid-ship", Main: "functions/topics/paid/ship", Timeout: 30 * time.Second, Memory: 256},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatAPlanCannotSayIsRefusedWithItsPlace(t *testing.T) {
	const queue, grant = `"QueueName": "shop-dev-paid-ship",`, `"Action": "sns:Publish"`
	for name, c := range map[string]struct{ from, to, want string }{
		"type":          {`"AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": "{}"}`, `"AWS::S3::Bucket"`, "shop-dev/Dashboard: a plan has nothing for AWS::S3::Bucket"},
		"REST":          {`"AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": "{}"}`, `"AWS::ApiGateway::RestApi"`, "set api to http"},
		"property":      {queue, queue + `"DelaySeconds": 3,`, "shop-dev/Paid/Queue: #: extraneous key [DelaySeconds] is not permitted"},
		"attribute":     {`{"Fn::GetAtt": ["Post", "Arn"]}`, `{"Fn::GetAtt": ["Post", "Url"]}`, "the attribute Url of Post"},
		"import":        {`"rate(1 day)"`, `{"Fn::ImportValue": "rate"}`, "shop-dev/Rule: resource Rule: the value rate comes from another stack's exports"},
		"asset":         {`"objectKey": "program.zip"`, `"objectKey": "other.zip"`, "shop-dev/Post: its program assets-000000000000-us-east-1/program.zip is not among the assets"},
		"nested":        {`"objectKey": "topic.json"`, `"objectKey": "other.json"`, "shop-dev/Paid: its template"},
		"tag":           {`"less:app": "shop-dev", `, ``, "shop-dev: the stack has no tag less:app"},
		"wide grant":    {`${AWS::AccountId}:shop-dev-paid"}`, `${AWS::AccountId}:*"}`, "shop-dev/PostRole: it allows sns:Publish on arn:aws:sns:us-east-1:000000000000:*"},
		"foreign grant": {grant, `"Action": ["sns:Publish", "dynamodb:GetItem"]`, "it allows dynamodb:GetItem on"},
		"deny":          {`"Effect": "Allow", ` + grant, `"Effect": "Deny", ` + grant, "shop-dev/PostRole: it denies sns:Publish"},
		"condition":     {grant, grant + `, "Condition": {"Bool": {"aws:SecureTransport": "true"}}`, "sns:Publish depends on a condition"},
		"NotAction":     {grant, `"NotAction": "sns:Publish"`, "shop-dev/PostRole: #/Statement/0: "},
		"permission":    {`${Api}/*/POST/orders`, `${Api}/*/GET/orders`, "shop-dev/Route: apis/orders/orders/post may not be invoked by apigateway.amazonaws.com"},
		"other topic":   {`"aws:SourceArn": {"Ref": "Topic"}`, `"aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:other"`, "the policy of shop-dev-paid-ship does not let the topic"},
		"identity":      {`"LESS_FUNCTION": "topics/paid/ship"`, `"LESS_FUNCTION": "topics/sent/ship"`, "topics/sent/ship subscribes to topics/paid"},
		"authorizer":    {`"AuthorizationType": "NONE"`, `"AuthorizationType": "AWS_IAM"`, "its authorization is AWS_IAM"},
		"patience":      {`"TimeoutInMillis": 30000`, `"TimeoutInMillis": 2000`, "shop-dev/Integration: it waits for 2000 ms"},
		"any API":       {`${Api}/*/POST/orders`, `*/*/POST/orders`, "shop-dev/PostPermission: it lets others of apigateway.amazonaws.com invoke"},
		"any topic":     {`"aws:SourceArn": {"Ref": "Topic"}`, `"aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:*"`, "lets other topics send to it"},
		"disabled":      {`"ENABLED"`, `"DISABLED"`, "shop-dev/Rule: its state is DISABLED"},
		"leftover": {
			`"Topic": {"Type"`, `"Other": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}}, "Topic": {"Type"`,
			"shop-dev/Paid/Other: the AWS::SQS::Queue is a part of no subscription",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := blueprint.Read(shop(t, c.from, c.to))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestAFolderThatIsNoAssembly(t *testing.T) {
	for name, c := range map[string]struct{ manifest, want string }{
		"empty": {"", "Run 'cdk synth'"},
		"none":  {`{"artifacts": {}}`, "has no stack"},
		"stage": {`{"artifacts": {"assembly-x": {"type": "cdk:cloud-assembly"}}}`, "Name the folder"},
		"JSON":  {`{`, "manifest.json: unexpected end of JSON"},
	} {
		var files []txtar.File
		if c.manifest != "" {
			files = append(files, txtar.File{Name: "manifest.json", Data: []byte(c.manifest)})
		}
		if _, err := blueprint.Read(projecttest.Write(t, files)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
}

// same are the properties that change nothing where they are not there, and why.
var same = map[string]string{
	"/Handler":              "a program for provided.al2023 is bootstrap, whatever it is called",
	"/Version":              "a policy without it has the version before, which has no variables; there are none here",
	"/PolicyName":           "a name",
	"/Id":                   "a name",
	"/State":                "ENABLED is what is not said",
	"/AuthorizationType":    "NONE is what is not said",
	"/TimeoutInMillis":      "30 s is what is not said",
	"/Dashboard":            "a picture",
	"/DashboardBody":        "a picture",
	"/Dashboard/Properties": "a picture",
	"/Statement/0/Resource": "the policy of a queue is about that queue",
}

// TestWhatIsTakenAwayShows takes away, one at a time, each resource, property and
// element of a list, and wants the plan to be another one, or refused.
func TestWhatIsTakenAwayShows(t *testing.T) {
	dir := shop(t)
	whole, err := blueprint.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	mutants, survived := 0, map[string]bool{}
	for _, name := range []string{"root.json", "topic.json"} {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var root map[string]any
		if err := json.Unmarshal(content, &root); err != nil {
			t.Fatal(err)
		}
		try := func(at string) {
			mutants++
			text, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := blueprint.Read(dir)
			if err != nil || !cmp.Equal(whole, got) {
				return
			}
			expected := false
			for end := range same {
				if strings.HasSuffix(at, end) {
					expected, survived[end] = true, true
				}
			}
			if !expected {
				t.Errorf("%s: without %s the plan is the same", name, at)
			}
		}
		takeAway(root["Resources"], "", try)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for end := range same {
		if !survived[end] {
			t.Errorf("what is taken away from %s shows, and is listed", end)
		}
	}
	if mutants < 200 {
		t.Errorf("%d mutants, want 200 and more", mutants)
	}
}

// takeAway removes each part of v in turn and calls try with its path.
func takeAway(v any, at string, try func(at string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			takeAway(value, at+"/"+name, try)
			delete(v, name)
			try(at + "/" + name)
			v[name] = value
		}
	case []any:
		for i, value := range v {
			takeAway(value, fmt.Sprint(at, "/", i), try)
		}
	}
}
