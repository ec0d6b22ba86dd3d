package config_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/plan"
)

var onlySaid = cmpopts.IgnoreUnexported(config.Config{})

func TestAProjectWithoutTheFileHasNoSettings(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"absent": {}, "empty": {"less.config": {}}, "comment": {"less.config": {Data: []byte("# nothing yet\n")}},
		"null": {"less.config": {Data: []byte("---\n~\n")}},
	} {
		c, err := config.Read(fsys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(config.Config{}, c, onlySaid); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEachSettingIsRead(t *testing.T) {
	got, err := config.Parse([]byte(`
# What the functions get.
env_vars:
  - PAYMENT_URL
  - PAYMENT_KEY
external_topics: {chat: "chat-${STAGE}"}
name: shop
api: rest
stacks: split
alarms: full
ops_topic: create
cors: [https://a.example, "http://localhost:8080"]
shards: {topics/a: 8, topics/b: 2}
topics_api: true
kms_key: alias/shop
tracing: true
log_retention: 90
throttle_rate: 10
throttle_burst: 20
`))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		EnvVars:        []string{"PAYMENT_URL", "PAYMENT_KEY"},
		ExternalTopics: map[string]string{"chat": "chat-${STAGE}"},
		Name:           "shop",
		Origins:        map[string][]string{"": {"https://a.example", "http://localhost:8080"}},
		TopicsAPI:      true,
		Key:            "alias/shop",
		Deploy: plan.DeployOptions{
			Gateway: plan.REST, Layout: plan.Split, Alarms: plan.FullAlarms, Ops: "create",
			Shards:  map[string]int{"topics/a": 8, "topics/b": 2},
			Tracing: true, ThrottleRate: 10, ThrottleBurst: 20, LogRetention: 90 * 24 * time.Hour,
		},
	}
	if diff := cmp.Diff(want, got, onlySaid); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheContextSaysTheSameInItsOwnNames(t *testing.T) {
	want := config.Config{
		Name: "shop", ExternalTopics: map[string]string{"chat": "chat-prod"},
		Origins: map[string][]string{"": {"https://a.example", "https://b.example"}},
		Deploy: plan.DeployOptions{
			Stage: "prod", Gateway: plan.REST, Layout: plan.Split, Alarms: plan.FullAlarms, Ops: "create",
			Shards:  map[string]int{"topics/a": 8, "topics/b": 2},
			Tracing: true, ThrottleRate: 10, ThrottleBurst: 20, LogRetention: 90 * 24 * time.Hour,
		},
	}
	common := map[string]any{"name": "shop", "stage": "prod", "api": "rest", "stacks": "split", "alarms": "full", "opsTopic": "create"}
	for name, context := range map[string]map[string]any{
		"cdk.json": {
			"cors": []any{"https://a.example", "https://b.example"}, "shards": map[string]any{"topics/a": 8.0, "topics/b": 2.0},
			"tracing": true, "throttleRate": 10.0, "throttleBurst": 20.0, "logRetention": 90.0, "externalTopics": map[string]any{"chat": "chat-prod"},
		},
		"command line": {
			"cors": "https://a.example,https://b.example", "shards": "topics/a=8,topics/b=2",
			"tracing": "true", "throttleRate": "10", "throttleBurst": "20", "logRetention": "90", "externalTopics": "chat=chat-prod",
		},
	} {
		t.Run(name, func(t *testing.T) {
			maps.Copy(context, common)
			got, err := config.Config{}.Override(func(key string) any { return context[key] })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, onlySaid); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheContextWins(t *testing.T) {
	c, err := config.Parse([]byte("alarms: full\nname: shop\n"))
	if err != nil {
		t.Fatal(err)
	}
	context := map[string]any{"alarms": "basic"}
	c, err = c.Override(func(key string) any { return context[key] })
	if err != nil || c.Deploy.Alarms != plan.BasicAlarms || c.Name != "shop" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAWrongValueInTheContextIsNamed(t *testing.T) {
	context := map[string]any{
		"stage": 3.0, "tracing": "maybe", "throttleRate": "many", "throttleBurst": -1.0, "cors": 1.0,
		"shards": map[string]any{"topics/a": "x"}, "logRetention": true, "api": "soap", "externalTopics": []any{},
	}
	_, err := config.Config{}.Override(func(key string) any { return context[key] })
	if err == nil {
		t.Fatal("no error")
	}
	for key := range context {
		if !strings.Contains(err.Error(), "cdk.json: "+key+" is ") {
			t.Errorf("%s is not named in:\n%v", key, err)
		}
	}
}

func TestEveryProblemIsToldWithItsLine(t *testing.T) {
	_, err := config.Parse([]byte(`alarm: full
api: soap
stage: prod
env_vars:
  - PAYMENT_URL
  - AWS_REGION
  - LESS_FUNCTION
  - PAYMENT_URL
  - PAYMENT_KEY=hunter2
  - KEY: hunter2
tracing: yes
cors: [https://a.example/]
log-retention: 3
shards: {topics/a: 0}
external_topics: [chat]
api: rest
`))
	want := `less.config:1: there is no setting "alarm". Did you mean alarms? The settings are alarms, api, architecture, cors, env_vars, external_topics, kms_key, log_retention, name, ops_topic, shards, stacks, throttle_burst, throttle_rate, topics_api, tracing
less.config:2: api is "soap". Set it to http or rest
less.config:3: there is no setting "stage". The stage is chosen at each deployment, in cdk.json or by -c stage=prod
less.config:6: the environment variable AWS_REGION is reserved: names that begin with AWS_, LAMBDA_, LESS_ are not yours to set. Give it another name
less.config:7: the environment variable LESS_FUNCTION is reserved: names that begin with AWS_, LAMBDA_, LESS_ are not yours to set. Give it another name
less.config:8: the environment variable PAYMENT_URL is there twice. Keep one of them
less.config:9: env_vars has something that is no name of an environment variable on Lambda: a letter, and then letters, digits and underscores. Write names only; their values are those of your shell
less.config:10: env_vars has something that is no name of an environment variable on Lambda: a letter, and then letters, digits and underscores. Write names only; their values are those of your shell
less.config:11: tracing is "yes". Set it to true or false
less.config:12: cors is [https://a.example/]. Set it to a list of origins such as ["https://example.com"], ["*"] for all, or to one for each API: {"orders": ["https://example.com"]}
less.config:13: there is no setting "log-retention". Did you mean log_retention? The settings are alarms, api, architecture, cors, env_vars, external_topics, kms_key, log_retention, name, ops_topic, shards, stacks, throttle_burst, throttle_rate, topics_api, tracing
less.config:14: shards is map[topics/a:0]. Set it to numbers by folder, {"topics/order_placed": 8}
less.config:15: external_topics is [chat]. Set it to deployments by folder of less/external_topics, {"chat": "chat-dev"}
less.config:16: api is there twice. Keep one of them`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoListOfSettingsIsToldWithItsLine(t *testing.T) {
	for content, want := range map[string]string{
		"alarms: full\nstacks: [a\n":   "less.config:",
		"- alarms\n":                   "less.config:1: it is not a list of settings. Write each as its name, a colon and its value: alarms: full",
		"alarms: full\n---\nname: b\n": "less.config:2: there is a second document. Remove what follows ---",
		"env_vars: PAYMENT_URL\n":      "less.config:1: env_vars is not a list of names.",
		"\ncors: *unknown\n":           "less.config: it is not YAML: unknown anchor 'unknown' referenced",
	} {
		_, err := config.Parse([]byte(content))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
}

func TestOriginsAreWhatBrowsersSend(t *testing.T) {
	for origin, right := range map[string]bool{
		"*": true, "https://*": true, "https://example.com": true, "http://localhost:8080": true, "http://[::1]:80": true,
		"https://example.com/": false, "https://Example.com": false, "example.com": false, "ftp://example.com": false,
		"https://": false, "https://*.example.com": false, "https://a@example.com": false, "https://example.com?x": false, "null": false,
	} {
		_, err := config.Parse([]byte("cors: ['" + origin + "']"))
		if right != (err == nil) {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestOriginsMayBeThoseOfOneAPI(t *testing.T) {
	c, err := config.Parse([]byte("name: shop\ncors: {orders: [https://a.example], admin: 'https://b.example'}"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"orders": {"https://a.example"}, "admin": {"https://b.example"}}
	if diff := cmp.Diff(want, c.Origins); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := c.Check(app.App{APIs: []app.API{{Name: "orders"}, {Name: "admin"}}}); err != nil {
		t.Error(err)
	}
	problem := `less.config:2: cors names the API "orders", and there is no folder less/apis/orders. Did you mean order? Name one of less/apis`
	if err := c.Check(app.App{APIs: []app.API{{Name: "order"}, {Name: "admin"}}}); err == nil || err.Error() != problem {
		t.Errorf("%v, want %s", err, problem)
	}
}

func TestAKeyIsMadeOrNamed(t *testing.T) {
	for key, right := range map[string]bool{
		"create": true, "alias/shop": true, "alias/team/shop_1": true, "alias/aws-own": true,
		"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab": true, "arn:aws-us-gov:kms:us-gov-west-1:123456789012:alias/shop": true,
		"alias/aws/sns": false, "alias/": false, "shop": false, "key/1234": false, "arn:aws:sns:eu-west-1:123456789012:shop": false,
		"arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs": false, "1234abcd-12ab-34cd-56ef-1234567890ab": false, "true": false,
	} {
		_, err := config.Parse([]byte("kms_key: " + key))
		if right != (err == nil) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	}
}

func TestValuesAreThoseOfTheEnvironment(t *testing.T) {
	c := config.Config{EnvVars: []string{"URL", "EMPTY"}}
	values, err := c.Values(environment(map[string]string{"URL": "https://x", "EMPTY": "", "OTHER": "1"}))
	if err != nil || len(values) != 2 || string(values["URL"]) != "https://x" || string(values["EMPTY"]) != "" {
		t.Errorf("%d values, %v", len(values), err)
	}
}

func TestAllMissingValuesAreNamedAndNoOtherIsShown(t *testing.T) {
	c := config.Config{EnvVars: []string{"URL", "KEY", "TOKEN"}}
	_, err := c.Values(environment(map[string]string{"URL": "hunter2"}))
	want := "Environment variable 'KEY' must be defined\nEnvironment variable 'TOKEN' must be defined\n" +
		"The functions get what env_vars in less.config lists. Export it in your shell, or take it off the list"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

func TestAPlaceholderIsTheDeploymentThatIsSaidOrListed(t *testing.T) {
	c, err := config.Parse([]byte("env_vars: [BILLING, CHAT]\nexternal_topics: {chat: 'chat-${STAGE}', mail: mail-prod}"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Deployments([]string{"billing", "chat", "weather"}, environment(map[string]string{"STAGE": "test", "BILLING": "billing-test", "CHAT": "other"}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"chat": "chat-test", "mail": "mail-prod", "billing": "billing-test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeploymentsThatCannotBeAreAllNamed(t *testing.T) {
	c, err := config.Parse([]byte("name: shop\nexternal_topics: {chat: 'chat-${STAGE}', mail: 'a b'}"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Deployments(nil, environment(nil))
	want := `less.config:2: external_topics names the deployment of chat by ${STAGE}. Export STAGE in your shell
less.config:2: external_topics names the deployment "a b" for mail, and names are a letter, and then letters, digits, dashes and underscores. Correct it there`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "env_vars: [A1, B2]\n", "api: rest\nshards: {topics/a: 8}\n", "a: &a [*a]\n", "? [x]\n: y\n", "<<: {api: rest}\n",
		"cors: !!binary aGVsbG8=\n", "log_retention: 1e400\n", "---\n...\n---\n", "env_vars: &x [A1]\nshards: *x\n", "name: 2001-01-01\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse(data)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if strings.TrimSpace(line) == "" {
					t.Errorf("%q has an empty line of text", err)
				}
			}
			if !strings.HasPrefix(err.Error(), "less.config") {
				t.Errorf("%v has no place", err)
			}
			return
		}
		if _, err := c.Values(func(string) (string, bool) { return "x", true }); err != nil {
			t.Error(err)
		}
		_, err = c.Deployments(nil, func(string) (string, bool) { return "", false })
		_ = errors.Unwrap(err)
	})
}
