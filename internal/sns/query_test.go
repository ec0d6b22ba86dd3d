package sns_test

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/sns"
)

// TestQueryProtocol looks at every byte of the answers.
func TestQueryProtocol(t *testing.T) {
	r := newRig(t)
	const (
		head  = `<?xml version="1.0"?>` + "\n"
		ns    = ` xmlns="http://sns.amazonaws.com/doc/2010-03-31/"`
		meta  = `<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>`
		topic = "arn:aws:sns:us-east-1:000000000000:shop-orders"
	)
	ids := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	check := func(got answer, want string) {
		t.Helper()
		if diff := cmp.Diff(head+want, ids.ReplaceAllString(got.Body, "UUID")); diff != "" || got.Status != 200 {
			t.Errorf("status %d (-want +got):\n%s", got.Status, diff)
		}
	}
	subscription := func(queue string) string {
		return `<member><SubscriptionArn>` + topic + `:UUID</SubscriptionArn><Owner>000000000000</Owner><Protocol>sqs</Protocol>` +
			`<Endpoint>arn:aws:sqs:us-east-1:000000000000:` + queue + `</Endpoint><TopicArn>` + topic + `</TopicArn></member>`
	}

	check(r.form(t, "Publish", "TopicArn", topic, "Message", "x"),
		`<PublishResponse`+ns+`><PublishResult><MessageId>UUID</MessageId></PublishResult>`+meta+`</PublishResponse>`)
	check(r.form(t, "PublishBatch", "TopicArn", topic,
		"PublishBatchRequestEntries.member.1.Id", "a", "PublishBatchRequestEntries.member.1.Message", "x"),
		`<PublishBatchResponse`+ns+`><PublishBatchResult><Successful><member><Id>a</Id><MessageId>UUID</MessageId></member></Successful>`+
			`<Failed></Failed></PublishBatchResult>`+meta+`</PublishBatchResponse>`)
	check(r.form(t, "ListTopics"),
		`<ListTopicsResponse`+ns+`><ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:us-east-1:000000000000:shop-nobody</TopicArn></member>`+
			`<member><TopicArn>`+topic+`</TopicArn></member></Topics></ListTopicsResult>`+meta+`</ListTopicsResponse>`)
	check(r.form(t, "ListSubscriptions"),
		`<ListSubscriptionsResponse`+ns+`><ListSubscriptionsResult><Subscriptions>`+subscription("raw")+subscription("envelope")+
			`</Subscriptions></ListSubscriptionsResult>`+meta+`</ListSubscriptionsResponse>`)
	check(r.form(t, "ListSubscriptionsByTopic", "TopicArn", "arn:aws:sns:us-east-1:000000000000:shop-nobody"),
		`<ListSubscriptionsByTopicResponse`+ns+`><ListSubscriptionsByTopicResult><Subscriptions></Subscriptions></ListSubscriptionsByTopicResult>`+meta+`</ListSubscriptionsByTopicResponse>`)
	check(r.form(t, "GetTopicAttributes", "TopicArn", topic),
		`<GetTopicAttributesResponse`+ns+`><GetTopicAttributesResult><Attributes><entry><key>DisplayName</key><value></value></entry>`+
			`<entry><key>EffectiveDeliveryPolicy</key><value>`+quoted(effectivePolicy)+`</value></entry><entry><key>Owner</key><value>000000000000</value></entry>`+
			`<entry><key>Policy</key><value>`+quoted(defaultPolicy(topic))+`</value></entry><entry><key>SubscriptionsConfirmed</key><value>2</value></entry>`+
			`<entry><key>SubscriptionsDeleted</key><value>0</value></entry><entry><key>SubscriptionsPending</key><value>0</value></entry>`+
			`<entry><key>TopicArn</key><value>`+topic+`</value></entry></Attributes></GetTopicAttributesResult>`+meta+`</GetTopicAttributesResponse>`)
	check(r.form(t, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "DisplayName", "AttributeValue", "Orders"),
		`<SetTopicAttributesResponse`+ns+`>`+meta+`</SetTopicAttributesResponse>`)
	// Clients look for the result of these two, though it is empty.
	check(r.form(t, "TagResource", "ResourceArn", topic, "Tags.member.1.Key", "k", "Tags.member.1.Value", "v"),
		`<TagResourceResponse`+ns+`><TagResourceResult></TagResourceResult>`+meta+`</TagResourceResponse>`)
	check(r.form(t, "UntagResource", "ResourceArn", topic, "TagKeys.member.1", "other"),
		`<UntagResourceResponse`+ns+`><UntagResourceResult></UntagResourceResult>`+meta+`</UntagResourceResponse>`)
	check(r.form(t, "ListTagsForResource", "ResourceArn", topic),
		`<ListTagsForResourceResponse`+ns+`><ListTagsForResourceResult><Tags><member><Key>k</Key><Value>v</Value></member></Tags></ListTagsForResourceResult>`+meta+`</ListTagsForResourceResponse>`)

	missing := r.form(t, "Publish", "TopicArn", topic+"x", "Message", "x")
	want := head + `<ErrorResponse` + ns + `><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>ID</RequestId></ErrorResponse>`
	if missing.Body != want {
		t.Errorf("error %s\nwant  %s", missing.Body, want)
	}
	// The trace that a publisher belongs to goes on in its queues.
	if got := r.peek(t, "raw")[0].TraceHeader; got != "Root=1-2-3" {
		t.Errorf("the trace header is %q, want Root=1-2-3", got)
	}
}

// What a topic that was given nothing has.
const effectivePolicy = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,` +
	`"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,` +
	`"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

func defaultPolicy(topicARN string) string {
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},` +
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe",` +
		`"SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + topicARN + `","Condition":{"StringEquals":{"AWS:SourceOwner":"000000000000"}}}]}`
}

func quoted(text string) string { return strings.ReplaceAll(text, `"`, "&#34;") }

func TestListsThroughTheSDK(t *testing.T) {
	r := newRig(t)
	topic, err := r.GetTopicAttributes(t.Context(), &awssns.GetTopicAttributesInput{TopicArn: aws.String(orders)})
	if err != nil {
		t.Fatal(err)
	}
	if topic.Attributes["TopicArn"] != orders || topic.Attributes["SubscriptionsConfirmed"] != "2" {
		t.Errorf("attributes %v", topic.Attributes)
	}
	byTopic, err := r.ListSubscriptionsByTopic(t.Context(), &awssns.ListSubscriptionsByTopicInput{TopicArn: aws.String(orders)})
	if err != nil {
		t.Fatal(err)
	}
	all, err := r.ListSubscriptions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(byTopic.Subscriptions) != 2 || len(all.Subscriptions) != 2 {
		t.Fatalf("%d subscriptions of the topic and %d of all, want 2 and 2", len(byTopic.Subscriptions), len(all.Subscriptions))
	}
	if a, b := *byTopic.Subscriptions[0].SubscriptionArn, *all.Subscriptions[0].SubscriptionArn; a != b {
		t.Errorf("one subscription has the ARNs %s and %s", a, b)
	}
}

func TestListTopicsInPages(t *testing.T) {
	r := newRig(t)
	var topics []sns.Topic
	for i := range 250 {
		topics = append(topics, sns.Topic{Name: fmt.Sprintf("t%03d", i)})
	}
	r.service.SetTopics(topics)
	var got []string
	var sizes []int
	for pages := awssns.NewListTopicsPaginator(r.Client, &awssns.ListTopicsInput{}); pages.HasMorePages(); {
		out, err := pages.NextPage(t.Context())
		for attempts := 1; errors.Is(err, net.ErrClosed) && attempts < 5; attempts++ {
			// On a busy machine the client has been seen to close its own connection
			// while it reads a long answer, and this one does not try again by itself.
			out, err = pages.NextPage(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(out.Topics))
		for _, topic := range out.Topics {
			got = append(got, strings.TrimPrefix(*topic.TopicArn, "arn:aws:sns:eu-west-1:000000000000:"))
		}
	}
	if diff := cmp.Diff([]int{100, 100, 50}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if len(got) != 250 || got[0] != "t000" || got[249] != "t249" {
		t.Errorf("%d topics from %s to %s, want t000 to t249", len(got), got[0], got[len(got)-1])
	}
}
