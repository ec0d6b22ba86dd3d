package sns_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/sns"
)

func (r rig) createTopic(t *testing.T, name string, attributes map[string]string) string {
	t.Helper()
	out, err := r.CreateTopic(t.Context(), &awssns.CreateTopicInput{Name: aws.String(name), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.TopicArn
}

func (r rig) topicAttributes(t *testing.T, arn string) map[string]string {
	t.Helper()
	out, err := r.GetTopicAttributes(t.Context(), &awssns.GetTopicAttributesInput{TopicArn: aws.String(arn)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func TestCreateTopicIsIdempotent(t *testing.T) {
	r := newRig(t)
	create := func(attributes map[string]string, tags ...types.Tag) (string, error) {
		out, err := r.CreateTopic(t.Context(), &awssns.CreateTopicInput{Name: aws.String("mine"), Attributes: attributes, Tags: tags})
		if err != nil {
			return "", err
		}
		return *out.TopicArn, nil
	}
	tag := func(value string) types.Tag { return types.Tag{Key: aws.String("k"), Value: aws.String(value)} }
	first, err := create(map[string]string{"DisplayName": "Mine", "DeliveryPolicy": `{"http": {"defaultHealthyRetryPolicy": {"numRetries": 1}}}`}, tag("v"))
	if err != nil || first != "arn:aws:sns:eu-west-1:000000000000:mine" {
		t.Fatalf("created %s, %v", first, err)
	}
	for _, attributes := range []map[string]string{
		nil,
		{"DisplayName": "Mine"},
		{"FifoTopic": "false"},
		{"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}`},
	} {
		if again, err := create(attributes, tag("v")); err != nil || again != first {
			t.Errorf("with %v: %s, %v", attributes, again, err)
		}
	}
	_, err = create(map[string]string{"DisplayName": "Other"})
	checkError(t, err, "InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
	_, err = create(nil, tag("w"))
	checkError(t, err, "InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
}

func TestTopicsOfClientsAndOfThePlan(t *testing.T) {
	r := newRig(t)
	mine := r.createTopic(t, "mine", nil)
	planned := r.createTopic(t, "shop-orders", nil) // which is there
	list := func() (names []string) {
		out, err := r.ListTopics(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, topic := range out.Topics {
			names = append(names, (*topic.TopicArn)[strings.LastIndex(*topic.TopicArn, ":")+1:])
		}
		return names
	}
	if diff := cmp.Diff([]string{"mine", "shop-nobody", "shop-orders"}, list()); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	for _, arn := range []string{mine, mine, planned} {
		if _, err := r.DeleteTopic(t.Context(), &awssns.DeleteTopicInput{TopicArn: aws.String(arn)}); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"shop-nobody"}, list()); diff != "" {
		t.Errorf("topics after deleting (-want +got):\n%s", diff)
	}
	r.service.SetTopics(shopTopics())
	if diff := cmp.Diff([]string{"shop-nobody", "shop-orders"}, list()); diff != "" {
		t.Errorf("topics after the next plan (-want +got):\n%s", diff)
	}
}

func TestDeletingATopicEndsItsSubscriptions(t *testing.T) {
	r := newRig(t)
	arn := r.createTopic(t, "mine", nil)
	sub := r.subscribe(t, arn, "raw", nil)
	if _, err := r.DeleteTopic(t.Context(), &awssns.DeleteTopicInput{TopicArn: aws.String(arn)}); err != nil {
		t.Fatal(err)
	}
	_, err := r.GetSubscriptionAttributes(t.Context(), &awssns.GetSubscriptionAttributesInput{SubscriptionArn: aws.String(sub)})
	checkError(t, err, "NotFound", "Subscription does not exist")
	r.createTopic(t, "mine", nil)
	if n := r.topicAttributes(t, arn)["SubscriptionsConfirmed"]; n != "0" {
		t.Errorf("the topic of the same name has %s subscriptions, want 0", n)
	}
}

func TestTopicAttributes(t *testing.T) {
	r := newRig(t)
	arn := r.createTopic(t, "mine.fifo", map[string]string{"FifoTopic": "true", "SignatureVersion": "2"})
	for name, value := range map[string]string{
		"DisplayName": "Mine", "ContentBasedDeduplication": "true", "FifoThroughputScope": "MessageGroup",
		"KmsMasterKeyId": "alias/aws/sns", "TracingConfig": "Active", "SQSSuccessFeedbackSampleRate": "100",
		"DeliveryPolicy": `{"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}}}`,
	} {
		if _, err := r.SetTopicAttributes(t.Context(), &awssns.SetTopicAttributesInput{TopicArn: aws.String(arn), AttributeName: aws.String(name), AttributeValue: aws.String(value)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := map[string]string{
		"TopicArn": arn, "Owner": "000000000000", "Policy": defaultPolicy(arn),
		"SubscriptionsConfirmed": "0", "SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
		"FifoTopic": "true", "SignatureVersion": "2", "DisplayName": "Mine", "ContentBasedDeduplication": "true",
		"FifoThroughputScope": "MessageGroup", "KmsMasterKeyId": "alias/aws/sns", "TracingConfig": "Active", "SQSSuccessFeedbackSampleRate": "100",
		"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1},"disableSubscriptionOverrides":false}}`,
		"EffectiveDeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1,"numMaxDelayRetries":0,"numNoDelayRetries":0,` +
			`"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`,
	}
	if diff := cmp.Diff(want, r.topicAttributes(t, arn)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if _, err := r.SetTopicAttributes(t.Context(), &awssns.SetTopicAttributesInput{TopicArn: aws.String(arn), AttributeName: aws.String("DeliveryPolicy")}); err != nil {
		t.Fatal(err)
	}
	got := r.topicAttributes(t, arn)
	if _, has := got["DeliveryPolicy"]; has || got["EffectiveDeliveryPolicy"] != effectivePolicy {
		t.Errorf("a removed delivery policy leaves %v", got)
	}
}

func TestPermissionsEditThePolicy(t *testing.T) {
	r := newRig(t)
	statements := func() (sids []string) {
		var policy struct{ Statement []struct{ Sid string } }
		if err := json.Unmarshal([]byte(r.topicAttributes(t, orders)["Policy"]), &policy); err != nil {
			t.Fatal(err)
		}
		for _, s := range policy.Statement {
			sids = append(sids, s.Sid)
		}
		return sids
	}
	add := func(label string, actions ...string) error {
		_, err := r.AddPermission(t.Context(), &awssns.AddPermissionInput{TopicArn: aws.String(orders), Label: aws.String(label), AWSAccountId: []string{"111111111111"}, ActionName: actions})
		return err
	}
	if err := add("friends", "Publish", "Subscribe"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"__default_statement_ID", "friends"}, statements()); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	const want = `{"Sid":"friends","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"` + orders + `"}]}`
	if policy := r.topicAttributes(t, orders)["Policy"]; !strings.HasSuffix(policy, want) {
		t.Errorf("the policy %s does not end in %s", policy, want)
	}
	checkError(t, add("friends", "Publish"), "InvalidParameter", "Invalid parameter: Statement already exists")
	checkError(t, add("others", "CreateTopic"), "InvalidParameter", "Invalid parameter: Policy statement action out of service scope!")
	for range 2 {
		if _, err := r.RemovePermission(t.Context(), &awssns.RemovePermissionInput{TopicArn: aws.String(orders), Label: aws.String("friends")}); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.topicAttributes(t, orders)["Policy"]; got != defaultPolicy(orders) {
		t.Errorf("the policy is %s after the permission is gone", got)
	}
}

func TestTags(t *testing.T) {
	r := newRig(t)
	tags := func() map[string]string {
		out, err := r.ListTagsForResource(t.Context(), &awssns.ListTagsForResourceInput{ResourceArn: aws.String(orders)})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, tag := range out.Tags {
			got[*tag.Key] = *tag.Value
		}
		return got
	}
	put := func(pairs ...string) error {
		in := &awssns.TagResourceInput{ResourceArn: aws.String(orders)}
		for i := 0; i < len(pairs); i += 2 {
			in.Tags = append(in.Tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
		}
		_, err := r.TagResource(t.Context(), in)
		return err
	}
	if err := put("a", "1", "b", "2"); err != nil {
		t.Fatal(err)
	}
	if err := put("b", "3", "c", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UntagResource(t.Context(), &awssns.UntagResourceInput{ResourceArn: aws.String(orders), TagKeys: []string{"a", "x"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"b": "3", "c": ""}, tags()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	checkError(t, put("d", "1", "d", "2"), "InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
	var many []string
	for range 49 {
		many = append(many, strings.Repeat("k", len(many)/2+1), "v")
	}
	checkError(t, put(many...), "TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
	long := strings.Repeat("k", 129)
	checkError(t, put(long, "v"), "ValidationError",
		"1 validation error detected: Value '"+long+"' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128")
	_, err := r.TagResource(t.Context(), &awssns.TagResourceInput{ResourceArn: aws.String(orders + "x"), Tags: []types.Tag{}})
	checkError(t, err, "ResourceNotFound", "Resource does not exist")
}

func TestTopicErrors(t *testing.T) {
	r := newRig(t)
	create := func(name string, attributes ...string) []string {
		return append([]string{"Name", name}, entries(attributes...)...)
	}
	set := func(name, value string) []string {
		return []string{"TopicArn", orders, "AttributeName", name, "AttributeValue", value}
	}
	long := strings.Repeat("x", 257)
	const badAction = `{"Statement":[{"Effect":"Allow","Action":["SNS:Publish","SNS:Publishx"]}]}`
	for _, tt := range []struct {
		name, action string
		fields       []string
		code         string
		message      string
	}{
		{"no name", "CreateTopic", create(""), "InvalidParameter", "Invalid parameter: Topic Name"},
		{"long name", "CreateTopic", create(long), "InvalidParameter", "Invalid parameter: Topic Name"},
		{"name with a colon", "CreateTopic", create("a:b"), "InvalidParameter", "Invalid parameter: Topic Name"},
		{"FIFO name of a standard topic", "CreateTopic", create("a.fifo"), "InvalidParameter", "Invalid parameter: Topic Name"},
		{"standard name of a FIFO topic", "CreateTopic", create("a", "FifoTopic", "true"), "InvalidParameter", "Invalid parameter: Topic Name"},
		{"FIFO attribute of a standard topic", "CreateTopic", create("a", "ContentBasedDeduplication", "true"), "InvalidParameter", "Invalid parameter: Attributes Reason: Unknown attribute ContentBasedDeduplication"},
		{"unknown attribute", "CreateTopic", create("a", "Colour", "red"), "InvalidParameter", "Invalid parameter: Attributes Reason: Unknown attribute Colour"},
		{"signature version", "CreateTopic", create("a", "SignatureVersion", "3"), "InvalidParameter", "Invalid parameter: Attributes Reason: SignatureVersion: Invalid value. Must be 1 or 2."},
		{"tracing", "CreateTopic", create("a", "TracingConfig", "Foo"), "InvalidParameter", "Invalid parameter: Attributes Reason: Invalid tracing config value: Foo"},
		{"long display name", "CreateTopic", create("a", "DisplayName", strings.Repeat("x", 101)), "InvalidParameter", "Invalid parameter: Attributes Reason: DisplayName"},
		{"sample rate", "CreateTopic", create("a", "SQSSuccessFeedbackSampleRate", "500"), "InvalidParameter", "Invalid parameter: Attributes Reason: SQSSuccessFeedbackSampleRate: 500 value provided is not an integer between 0-100"},
		{"policy", "CreateTopic", create("a", "Policy", badAction), "InvalidParameter", "Invalid parameter: Attributes Reason: Policy statement action out of service scope!"},
		{"too many retries", "CreateTopic", create("a", "DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"numRetries":300}}}`), "InvalidParameter", "Invalid parameter: Attributes Reason: DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be less than or equal to 100"},
		{"data protection", "CreateTopic", []string{"Name", "a", "DataProtectionPolicy", "{}"}, "NotImplemented", "Less does not implement data protection policies."},
		{"the type cannot change", "SetTopicAttributes", set("FifoTopic", "false"), "InvalidParameter", "Invalid parameter: AttributeName"},
		{"unknown attribute to set", "SetTopicAttributes", set("Colour", "red"), "InvalidParameter", "Invalid parameter: AttributeName"},
		{"retries below their phases", "SetTopicAttributes", set("DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"numNoDelayRetries":4}}}`), "InvalidParameter", "Invalid parameter: DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries"},
		{"delays", "SetTopicAttributes", set("DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":30}}}`), "InvalidParameter", "Invalid parameter: DeliveryPolicy: http.defaultHealthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget"},
		{"throttle", "SetTopicAttributes", set("DeliveryPolicy", `{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":0}}}`), "InvalidParameter", "Invalid parameter: DeliveryPolicy: http.defaultThrottlePolicy.maxReceivesPerSecond must be >= 1"},
		{"policy that is no JSON", "SetTopicAttributes", set("Policy", "x"), "InvalidParameter", "Invalid parameter: Policy Error: null"},
		{"attribute of an unknown topic", "SetTopicAttributes", []string{"TopicArn", orders + "x", "AttributeName", "DisplayName"}, "NotFound", "Topic does not exist"},
		{"deleting what is no topic", "DeleteTopic", []string{"TopicArn", "a:b:c"}, "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.form(t, tt.action, tt.fields...)
			if got.Code != tt.code || got.Message != tt.message {
				t.Errorf("%s: %s\nwant %s: %s", got.Code, got.Message, tt.code, tt.message)
			}
		})
	}
}

// entries are the fields of a map of attributes.
func entries(pairs ...string) (fields []string) {
	for i := 0; i < len(pairs); i += 2 {
		prefix := "Attributes.entry." + string(rune('1'+i/2))
		fields = append(fields, prefix+".key", pairs[i], prefix+".value", pairs[i+1])
	}
	return fields
}

func TestChangesOfAPlansTopicOutliveThePlan(t *testing.T) {
	r := newRig(t)
	r.subscribe(t, orders, "dead", nil)
	if _, err := r.SetTopicAttributes(t.Context(), &awssns.SetTopicAttributesInput{TopicArn: aws.String(orders), AttributeName: aws.String("DisplayName"), AttributeValue: aws.String("Orders")}); err != nil {
		t.Fatal(err)
	}
	r.service.SetTopics([]sns.Topic{{Name: "other"}})
	_, err := r.GetTopicAttributes(t.Context(), &awssns.GetTopicAttributesInput{TopicArn: aws.String(orders)})
	checkError(t, err, "NotFound", "Topic does not exist")
	if out, err := r.ListSubscriptions(t.Context(), nil); err != nil || len(out.Subscriptions) != 0 {
		t.Errorf("subscriptions %v, %v, want none", out, err)
	}
	r.service.SetTopics(shopTopics())
	if got := r.topicAttributes(t, orders); got["DisplayName"] != "Orders" || got["SubscriptionsConfirmed"] != "3" {
		t.Errorf("the topic that is back has the attributes %v", got)
	}
}
