package sns_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestErrors(t *testing.T) {
	r := newRig(t)
	publish := func(fields ...string) []string { return append([]string{"TopicArn", orders}, fields...) }
	attribute := func(name, kind, value string) []string {
		return publish("Message", "x", "MessageAttributes.entry.1.Name", name, "MessageAttributes.entry.1.Value.DataType", kind, "MessageAttributes.entry.1.Value.StringValue", value)
	}
	batch := func(message string, ids ...string) []string {
		fields := publish()
		for i, id := range ids {
			prefix := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i+1)
			fields = append(fields, prefix+"Id", id, prefix+"Message", message)
		}
		return fields
	}
	long := strings.Repeat("x", 81)
	for _, tt := range []struct {
		name, action string
		fields       []string
		status       int
		code         string
		message      string
	}{
		{"no topic", "Publish", []string{"Message", "x"}, 400, "InvalidParameter", "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"},
		{"a name for an ARN", "Publish", []string{"TopicArn", "shop-orders", "Message", "x"}, 400, "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"},
		{"the ARN of a queue", "Publish", []string{"TopicArn", "arn:aws:sqs:us-east-1:000000000000:raw", "Message", "x"}, 400, "InvalidParameter", "Invalid parameter: TopicArn"},
		{"the ARN of a subscription", "Publish", []string{"TopicArn", orders + ":1", "Message", "x"}, 400, "InvalidParameter", "Invalid parameter: TopicArn"},
		{"unknown topic", "Publish", []string{"TopicArn", "arn:aws:sns:us-east-1:000000000000:nowhere", "Message", "x"}, 404, "NotFound", "Topic does not exist"},
		{"a telephone", "Publish", []string{"PhoneNumber", "+2389999999", "Message", "x"}, 501, "NotImplemented", "Less does not implement text messages."},
		{"no message", "Publish", publish(), 400, "InvalidParameter", "Invalid parameter: Empty message"},
		{"empty message", "Publish", publish("Message", ""), 400, "InvalidParameter", "Invalid parameter: Empty message"},
		{"empty subject", "Publish", publish("Message", "x", "Subject", ""), 400, "InvalidParameter", "Invalid parameter: Subject"},
		{"subject of 101 characters", "Publish", publish("Message", "x", "Subject", strings.Repeat("é", 101)), 400, "InvalidParameter", "Invalid parameter: Subject"},
		{"subject of two lines", "Publish", publish("Message", "x", "Subject", "a\nb"), 400, "InvalidParameter", "Invalid parameter: Subject"},
		{"message of 256 KiB and a byte", "Publish", publish("Message", strings.Repeat("x", 262_145)), 400, "InvalidParameter", "Invalid parameter: Message too long"},
		{"message too long by its attributes", "Publish", attribute("name", "String", strings.Repeat("x", 262_144)), 400, "InvalidParameter", "Invalid parameter: Message too long"},
		{"character that no queue takes", "Publish", publish("Message", "\x00"), 400, "InvalidParameter", "Invalid parameter: Message Reason: it has a character that SQS does not allow: a control character, U+FFFE or U+FFFF"},
		{"telephone number", "Publish", []string{"PhoneNumber", "+1a234", "Message", "x"}, 400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to"},
		{"a telephone app", "Publish", []string{"TargetArn", "arn:aws:sns:us-east-1:000000000000:endpoint/APNS/a/b", "Message", "x"}, 400, "InvalidParameter", "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"},
		{"structure without default", "Publish", publish("Message", `{"sqs":"x"}`, "MessageStructure", "json"), 400, "InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body"},
		{"structure whose default is no string", "Publish", publish("Message", `{"default":1}`, "MessageStructure", "json"), 400, "InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body"},
		{"structure that is no JSON", "Publish", publish("Message", `{"default"`, "MessageStructure", "json"), 400, "InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse"},
		{"structure that is no object", "Publish", publish("Message", `[]`, "MessageStructure", "json"), 400, "InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse"},
		{"structure with a character that no queue takes", "Publish", publish("Message", `{"default":"\u0001"}`, "MessageStructure", "json"), 400, "InvalidParameter", "Invalid parameter: Message Reason: it has a character that SQS does not allow: a control character, U+FFFE or U+FFFF"},
		{"another structure", "Publish", publish("Message", "x", "MessageStructure", "xml"), 400, "InvalidParameter", "Invalid parameter: MessageStructure Reason: it can only be json"},
		{"deduplication id", "Publish", publish("Message", "x", "MessageDeduplicationId", "1"), 400, "InvalidParameter", "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"},
		{"group with a space", "Publish", publish("Message", "x", "MessageGroupId", "a b"), 400, "InvalidParameter", "Invalid parameter: MessageGroupId Reason: it can only include alphanumeric and punctuation characters, 1 to 128 in length"},
		{"empty attribute", "Publish", attribute("attr1", "String", ""), 400, "ParameterValueInvalid", "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'."},
		{"empty binary attribute", "Publish", attribute("attr1", "Binary", ""), 400, "ParameterValueInvalid", "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'Binary'."},
		{"binary attribute with a string", "Publish", attribute("attr1", "Binary", "not binary"), 400, "ParameterValueInvalid", "The message attribute 'attr1' with type 'Binary' must use field 'Binary'."},
		{"number with bytes", "Publish", publish("Message", "x", "MessageAttributes.entry.1.Name", "attr1", "MessageAttributes.entry.1.Value.DataType", "Number", "MessageAttributes.entry.1.Value.BinaryValue", "eA=="), 400, "ParameterValueInvalid", "The message attribute 'attr1' with type 'Number' must use field 'String'."},
		{"attribute type without a label", "Publish", attribute("attr1", "String.", "x"), 400, "ParameterValueInvalid", "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"attribute without a type", "Publish", attribute("attr1", "", "x"), 400, "ValidationError", "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null"},
		{"attribute of an unknown type", "Publish", attribute("attr1", "Text", "x"), 400, "ParameterValueInvalid", "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"number that is none", "Publish", attribute("price", "Number", "free"), 400, "ParameterValueInvalid", "Could not cast message attribute 'price' value to number."},
		{"array that is none", "Publish", attribute("a", "String.Array", "[1"), 400, "ParameterValueInvalid", "The message attribute 'a' must contain a JSON array for message attribute type 'String.Array'."},
		{"array that is null", "Publish", attribute("a", "String.Array", "null"), 400, "ParameterValueInvalid", "The message attribute 'a' must contain a JSON array for message attribute type 'String.Array'."},
		{"attribute's name", "Publish", attribute("a^b", "String", "x"), 400, "ParameterValueInvalid", "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."},
		{"attribute's name that begins with a dot", "Publish", attribute(".a", "String", "x"), 400, "ParameterValueInvalid", "Invalid message attribute name starting with character '.' was found."},
		{"attribute's name that ends with a dot", "Publish", attribute("a.", "String", "x"), 400, "ParameterValueInvalid", "Invalid message attribute name ending with character '.' was found."},
		{"attribute's name with two dots", "Publish", attribute("a..b", "String", "x"), 400, "ParameterValueInvalid", "Message attribute name can not have successive '.' character."},
		{"attribute's long name", "Publish", attribute(strings.Repeat("a", 257), "String", "x"), 400, "ParameterValueInvalid", "Length of message attribute name must be less than 256 bytes."},
		{"attribute's character", "Publish", attribute("a", "String", "\x1b"), 400, "ParameterValueInvalid", "The message attribute 'a' has a character that SQS does not allow."},
		{"batch for an unknown topic", "PublishBatch", []string{"TopicArn", "arn:aws:sns:us-east-1:000000000000:nowhere"}, 404, "NotFound", "Topic does not exist"},
		{"batch of none", "PublishBatch", publish(), 400, "EmptyBatchRequest", "The batch request doesn't contain any entries."},
		{"batch of 11", "PublishBatch", batch("x", strings.Split("abcdefghijk", "")...), 400, "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible."},
		{"batch with a repeated id", "PublishBatch", batch("x", "a", "a"), 400, "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."},
		{"batch with a bad id", "PublishBatch", batch("x", "a:b"), 400, "InvalidBatchEntryId", "The Id of a batch entry in a batch request contains an impermissible character: a:b"},
		{"batch with a long id", "PublishBatch", batch("x", long), 400, "InvalidBatchEntryId", "The Id of a batch entry in a batch request is too long: " + long},
		{"batch of more than 256 KiB", "PublishBatch", batch(strings.Repeat("x", 131_073), "a", "b"), 400, "BatchRequestTooLong", "The length of all the messages put together is more than the limit."},
		{"batch with an empty message", "PublishBatch", batch("", "a"), 400, "InvalidParameter", "Invalid parameter: Empty message"},
		{"batch with an attribute without a type", "PublishBatch", append(batch("x", "a"), "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name", "attr1"), 400, "ValidationError", "1 validation error detected: Value null at 'publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null"},
		{"attributes of an unknown topic", "GetTopicAttributes", []string{"TopicArn", "arn:aws:sns:us-east-1:000000000000:nowhere"}, 404, "NotFound", "Topic does not exist"},
		{"subscriptions of an unknown topic", "ListSubscriptionsByTopic", []string{"TopicArn", "arn:aws:sns:us-east-1:000000000000:nowhere"}, 404, "NotFound", "Topic does not exist"},
		{"a page that was never given", "ListTopics", []string{"NextToken", "-1"}, 400, "InvalidParameter", "Invalid parameter: NextToken"},
		{"action that is not there", "CreatePlatformEndpoint", []string{"Token", "x"}, 501, "NotImplemented", "Less does not implement the action CreatePlatformEndpoint of sns."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.form(t, tt.action, tt.fields...)
			if got.Status != tt.status || got.Code != tt.code || got.Message != tt.message {
				t.Errorf("%d %s: %s\nwant %d %s: %s", got.Status, got.Code, got.Message, tt.status, tt.code, tt.message)
			}
		})
	}
	if n := len(r.peek(t, "raw")) + len(r.peek(t, "envelope")) + len(r.peek(t, "dead")); n != 0 {
		t.Errorf("%d messages were delivered all the same", n)
	}
}

func TestLargestMessage(t *testing.T) {
	r := newRig(t)
	if got := r.form(t, "Publish", "TopicArn", orders, "Message", strings.Repeat(`"`, 262_144)); got.Status != 200 {
		t.Fatalf("%+v", got)
	}
	if n := len(r.peek(t, "envelope")); n != 1 {
		t.Errorf("%d messages in the envelope queue, want 1", n)
	}
}
