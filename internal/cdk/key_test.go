package cdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
)

// TestAKeyOfOnesOwnEncryptsQueuesAndTopics tries each way to name one.
func TestAKeyOfOnesOwnEncryptsQueuesAndTopics(t *testing.T) {
	a := withRoutes(generated(1, "t"), 1)
	f := flow.Flow{Functions: []flow.Function{{ID: "apis/orders/things/thing_000/by_id/get", Publishes: []flow.Publish{{Topic: "t"}}}}}
	const arn = "arn:aws:kms:eu-west-1:123456789012:"
	byAlias := func(alias string) map[string]any {
		return map[string]any{"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": alias}}
	}
	for setting, want := range map[string]struct {
		id, resource string
		condition    map[string]any
	}{
		"create":           {"alias/less-dev", arnStart + ":kms:" + here + ":key/*", byAlias("alias/less-dev")},
		"alias/shop":       {"alias/shop", arnStart + ":kms:" + here + ":key/*", byAlias("alias/shop")},
		arn + "key/1234":   {arn + "key/1234", arn + "key/1234", nil},
		arn + "alias/shop": {arn + "alias/shop", arn + "key/*", byAlias("alias/shop")},
	} {
		t.Run(setting, func(t *testing.T) {
			s := system{app: a, flow: f, planned: plan.Options{Key: setting, TopicsAPI: true}, opts: plan.DeployOptions{Layout: plan.Single, Ops: "create"}}
			all := resources(t, s.synth(t))
			encrypted := 0
			for path, r := range all {
				switch r.Type {
				case "AWS::SQS::Queue", "AWS::SNS::Topic":
					encrypted++
					if r.Properties["KmsMasterKeyId"] != want.id || r.Properties["SqsManagedSseEnabled"] != nil {
						t.Errorf("%s: %v", path, r.Properties)
					}
				}
			}
			if encrypted != 4 {
				t.Errorf("%d queues and topics, want 4", encrypted)
			}
			for path, actions := range map[string][]any{
				"apis/orders/things/thing_000/by_id/get/Role": {"kms:Decrypt", "kms:GenerateDataKey"},
				"topics/t/subscriber_000/Role":                {"kms:Decrypt"},
				"$topics_api/Role":                            {"kms:Decrypt", "kms:GenerateDataKey"},
			} {
				var found []map[string]any
				for _, s := range list(mapOf(mapOf(list(all["less-dev/"+path].Properties["Policies"])[0])["PolicyDocument"])["Statement"]) {
					if strings.HasPrefix(fmt.Sprint(list(mapOf(s)["Action"])[0]), "kms:") {
						found = append(found, mapOf(s))
					}
				}
				if len(found) != 1 {
					t.Fatalf("%s has %d statements about the key", path, len(found))
				}
				if diff := cmp.Diff(actions, list(found[0]["Action"])); diff != "" || found[0]["Resource"] != want.resource {
					t.Errorf("%s: on %v (-want +got):\n%s", path, found[0]["Resource"], diff)
				}
				if diff := cmp.Diff(want.condition, mapOf(found[0]["Condition"])); diff != "" {
					t.Errorf("%s: condition (-want +got):\n%s", path, diff)
				}
			}
			if _, made := all["less-dev/$key/Key"]; made != (setting == "create") {
				t.Errorf("a key is made: %t", made)
			}
		})
	}
}

func TestAKeyThatIsMadeIsThereFirstAndLetsServicesDeliver(t *testing.T) {
	for _, layout := range []plan.Layout{plan.Nested, plan.Single, plan.Split} {
		s := system{app: generated(1, "t"), planned: plan.Options{Key: "create"}, opts: plan.DeployOptions{Layout: layout, Stage: "prod"}}
		all := resources(t, s.synth(t))
		key := all["less-dev/$key/Key"]
		if key.Deletion != "Retain" || key.Properties["EnableKeyRotation"] != true || all["less-dev/$key/Alias"].Properties["AliasName"] != "alias/less-dev" {
			t.Errorf("%s: key %+v", layout, key)
		}
		want := "Allow kms:Decrypt on *"
		if got := allowed(key.Properties["KeyPolicy"]); !slices.Contains(got, want) || !slices.Contains(got, "Allow kms:GenerateDataKey* on *") {
			t.Errorf("%s: the key allows %v", layout, got)
		}
		switch layout {
		case plan.Nested:
			nested := all["less-dev/topics/t.NestedStack/t.NestedStackResource"]
			if len(nested.DependsOn) == 0 {
				t.Errorf("the topic's stack waits for nothing: %+v", nested)
			}
		case plan.Single:
			if got := all["less-dev/topics/t/$topic/Topic"].DependsOn; len(got) == 0 {
				t.Errorf("the topic waits for nothing")
			}
		}
	}
}
