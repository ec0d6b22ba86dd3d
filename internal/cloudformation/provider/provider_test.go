package provider_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/template"
)

type queueProperties struct {
	QueueName      string `cfn:",replace"`
	DelaySeconds   *int
	FifoQueue      bool    `cfn:",replace"`
	Rate           float64 `cfn:"ThrottleRate"`
	RedrivePolicy  map[string]any
	Document       any
	Tags           []provider.Tag
	Variables      map[string]string
	KMSMasterKeyID string `cfn:"KmsMasterKeyId"`
}

func TestPropertiesAreReadAsLenientlyAsCloudFormationDoes(t *testing.T) {
	ten := 10
	for _, tt := range []struct {
		name       string
		properties map[string]any
		want       queueProperties
	}{
		{"nothing", nil, queueProperties{}},
		{
			"as declared",
			map[string]any{"QueueName": "q", "DelaySeconds": json.Number("10"), "FifoQueue": true, "ThrottleRate": json.Number("0.5")},
			queueProperties{QueueName: "q", DelaySeconds: &ten, FifoQueue: true, Rate: 0.5},
		},
		{"as text", map[string]any{"DelaySeconds": "10", "FifoQueue": "true", "ThrottleRate": "1e3"}, queueProperties{DelaySeconds: &ten, FifoQueue: true, Rate: 1000}},
		{"text as others", map[string]any{"QueueName": json.Number("1209600"), "KmsMasterKeyId": false}, queueProperties{QueueName: "1209600", KMSMasterKeyID: "false"}},
		{"an integer with a point", map[string]any{"DelaySeconds": 10.0}, queueProperties{DelaySeconds: &ten}},
		{"one for a list", map[string]any{"Tags": map[string]any{"Key": "k"}}, queueProperties{Tags: []provider.Tag{{Key: "k"}}}},
		{
			"free JSON",
			map[string]any{"RedrivePolicy": map[string]any{"a": []any{"b"}}, "Document": "text"},
			queueProperties{RedrivePolicy: map[string]any{"a": []any{"b"}}, Document: "text"},
		},
		{"a map", map[string]any{"Variables": map[string]any{"A": json.Number("1")}}, queueProperties{Variables: map[string]string{"A": "1"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := provider.Decode[queueProperties]("Queue", tt.properties)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverythingThatIsWrongIsTold(t *testing.T) {
	_, err := provider.Decode[queueProperties]("Queue", map[string]any{
		"DelaySecond": "1", "DelaySeconds": "soon", "FifoQueue": "1", "ThrottleRate": []any{}, "QueueName": map[string]any{},
		"Tags": []any{map[string]any{"Value": "v", "Colour": "red"}}, "RedrivePolicy": "text",
	})
	want := `Properties validation failed for resource Queue with message:
#: extraneous key [DelaySecond] is not permitted. Did you mean DelaySeconds?
#/DelaySeconds: expected type: Integer, found: String
#/FifoQueue: expected type: Boolean, found: String
#/QueueName: expected type: String, found: JSONObject
#/RedrivePolicy: expected type: JSONObject, found: String
#/Tags/0: required key [Key] not found
#/Tags/0: extraneous key [Colour] is not permitted
#/ThrottleRate: expected type: Number, found: JSONArray`
	f, ok := errors.AsType[*provider.Failure](err)
	if !ok || f.Code != provider.CodeInvalidRequest {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(want, f.Message); diff != "" {
		t.Error(diff)
	}
}

func TestASchemaKnowsWhatReplacesAndWhatMayBeAskedFor(t *testing.T) {
	s := provider.SchemaOf[queueProperties](provider.Options{Name: "QueueName", Attributes: []string{"Arn", "Outputs.*"}})
	if !s.Replaces("FifoQueue") || s.Replaces("DelaySeconds") || s.Replaces("Unheard") || s.NameProperty() != "QueueName" {
		t.Error("what replaces a resource is not as declared")
	}
	if !s.HasAttribute("Arn") || !s.HasAttribute("Outputs.Url") || s.HasAttribute("Url") {
		t.Error("the attributes are not as declared")
	}
	if p := s.Problems(map[string]any{"DelaySeconds": template.Unknown{}, "Tags": []any{map[string]any{"Key": template.Unknown{}}}}); p != nil {
		t.Errorf("what is not known yet is wrong: %q", p)
	}
}

func TestANameIsTheSameForTheSameTokenAndFits(t *testing.T) {
	r := provider.Resource{StackName: strings.Repeat("s", 90), StackID: "arn", LogicalID: strings.Repeat("L", 70), Token: "a"}
	for _, limit := range []int{20, 32, 64, 80, 140, 255} {
		name := r.Name(limit)
		if len(name) > limit || name != r.Name(limit) {
			t.Errorf("%d characters of %d: %s", len(name), limit, name)
		}
		other := r
		other.Token = "b"
		if other.Name(limit) == name {
			t.Errorf("two resources are called %s", name)
		}
	}
	short := provider.Resource{StackName: "shop", LogicalID: "Queue"}
	if name := short.Name(80); !strings.HasPrefix(name, "shop-Queue-") || len(name) != len("shop-Queue-")+12 {
		t.Error(name)
	}
}

func TestAResourcesOwnTagsComeFirst(t *testing.T) {
	r := provider.Resource{Tags: []provider.Tag{{Key: "a", Value: "stack"}, {Key: "b", Value: "stack"}}}
	want := []provider.Tag{{Key: "a", Value: "own"}, {Key: "b", Value: "stack"}}
	if diff := cmp.Diff(want, r.MergeTags([]provider.Tag{{Key: "a", Value: "own"}})); diff != "" {
		t.Error(diff)
	}
}

func TestAnErrorOfAServiceIsAFailureWithItsMessage(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want provider.Failure
	}{
		{awsapi.Errorf("InvalidAttributeValue", "no"), provider.Failure{Code: provider.CodeInvalidRequest, Message: "no"}},
		{&awsapi.Error{Status: 404, Message: "gone"}, provider.Failure{Code: provider.CodeNotFound, Message: "gone"}},
		{errors.New("disk"), provider.Failure{Code: provider.CodeInternal, Message: "disk"}},
		{provider.AlreadyExists("AWS::SQS::Queue", "q"), provider.Failure{Code: provider.CodeAlreadyExists, Message: "Resource of type 'AWS::SQS::Queue' with identifier 'q' already exists."}},
	} {
		if diff := cmp.Diff(tt.want, *provider.AsFailure(tt.err)); diff != "" {
			t.Error(diff)
		}
	}
}
