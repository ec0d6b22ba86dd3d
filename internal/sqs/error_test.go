package sqs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// TestErrors sends bad requests in both protocols. Codes are those that the
// query protocol has and that the JSON protocol has in x-amzn-query-error.
func TestErrors(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("x", 1<<20+1)
	entries := func(n int, id func(int) string) (jsonEntries string, fields []string) {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"Id":%q,"MessageBody":"x","ReceiptHandle":"r","VisibilityTimeout":1}`, id(i)))
			for _, action := range []string{"SendMessage", "DeleteMessage", "ChangeMessageVisibility"} {
				prefix := fmt.Sprintf("%sBatchRequestEntry.%d.", action, i+1)
				fields = append(fields, prefix+"Id", id(i), prefix+"MessageBody", "x", prefix+"ReceiptHandle", "r", prefix+"VisibilityTimeout", "1")
			}
		}
		return "[" + strings.Join(list, ",") + "]", fields
	}
	attribute := func(name, kind, value string) (string, []string) {
		return fmt.Sprintf(`{%q:{"DataType":%q,"StringValue":%q}}`, name, kind, value),
			[]string{"MessageAttribute.1.Name", name, "MessageAttribute.1.Value.DataType", kind, "MessageAttribute.1.Value.StringValue", value}
	}

	type test struct {
		name, action string
		json         string   // members besides QueueUrl
		fields       []string // the same for the query protocol
		status       int
		code         string
		message      string
	}
	tests := []test{
		{"empty message", "SendMessage", `"MessageBody":""`, []string{"MessageBody", ""}, 400, "MissingParameter", "The request must contain the parameter MessageBody."},
		{"no message", "SendMessage", ``, nil, 400, "MissingParameter", "The request must contain the parameter MessageBody."},
		{"message of 1 MiB and a byte", "SendMessage", `"MessageBody":"` + long + `"`, []string{"MessageBody", long}, 400, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"character that SQS does not take", "SendMessage", `"MessageBody":"a\ufffe"`, []string{"MessageBody", "a\ufffe"}, 400, "InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"},
		{"long delay", "SendMessage", `"MessageBody":"x","DelaySeconds":901`, []string{"MessageBody", "x", "DelaySeconds", "901"}, 400, "InvalidParameterValue", "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"empty group", "SendMessage", `"MessageBody":"x","MessageGroupId":""`, []string{"MessageBody", "x", "MessageGroupId", ""}, 400, "InvalidParameterValue", "Value  for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"group with a space", "SendMessage", `"MessageBody":"x","MessageGroupId":"a b"`, []string{"MessageBody", "x", "MessageGroupId", "a b"}, 400, "InvalidParameterValue", "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"bad deduplication id", "SendMessage", `"MessageBody":"x","MessageDeduplicationId":"a b"`, []string{"MessageBody", "x", "MessageDeduplicationId", "a b"}, 400, "InvalidParameterValue", "Value a b for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"deduplication id", "SendMessage", `"MessageBody":"x","MessageDeduplicationId":"a"`, []string{"MessageBody", "x", "MessageDeduplicationId", "a"}, 400, "InvalidParameterValue", "Value a for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"too many to receive", "ReceiveMessage", `"MaxNumberOfMessages":11`, []string{"MaxNumberOfMessages", "11"}, 400, "InvalidParameterValue", "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"none to receive", "ReceiveMessage", `"MaxNumberOfMessages":0`, []string{"MaxNumberOfMessages", "0"}, 400, "InvalidParameterValue", "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"long wait", "ReceiveMessage", `"WaitTimeSeconds":21`, []string{"WaitTimeSeconds", "21"}, 400, "InvalidParameterValue", "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"negative wait", "ReceiveMessage", `"WaitTimeSeconds":-1`, []string{"WaitTimeSeconds", "-1"}, 400, "InvalidParameterValue", "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"long visibility", "ReceiveMessage", `"VisibilityTimeout":43201`, []string{"VisibilityTimeout", "43201"}, 400, "InvalidParameterValue", "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided."},
		{"unknown system attribute", "ReceiveMessage", `"AttributeNames":["Foo"]`, []string{"AttributeName.1", "Foo"}, 400, "InvalidAttributeName", "Unknown Attribute Foo."},
		{"no receipt", "DeleteMessage", ``, nil, 400, "MissingParameter", "The request must contain the parameter ReceiptHandle."},
		{"bad receipt", "DeleteMessage", `"ReceiptHandle":"r"`, []string{"ReceiptHandle", "r"}, 404, "ReceiptHandleIsInvalid", `The input receipt handle "r" is not a valid receipt handle.`},
		{"no receipt to change", "ChangeMessageVisibility", ``, nil, 400, "MissingParameter", "The request must contain the parameter ReceiptHandle."},
		{"no visibility", "ChangeMessageVisibility", `"ReceiptHandle":"r"`, []string{"ReceiptHandle", "r"}, 400, "MissingParameter", "The request must contain the parameter VisibilityTimeout."},
		{"visibility of more than 12 hours", "ChangeMessageVisibility", `"ReceiptHandle":"r","VisibilityTimeout":43201`, []string{"ReceiptHandle", "r", "VisibilityTimeout", "43201"}, 400, "InvalidParameterValue", "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200."},
		{"unknown queue attribute", "GetQueueAttributes", `"AttributeNames":["Foo"]`, []string{"AttributeName.1", "Foo"}, 400, "InvalidAttributeName", "Unknown Attribute Foo."},
		{
			"system attribute that is none", "SendMessage", `"MessageBody":"x","MessageSystemAttributes":{"Foo":{"DataType":"String","StringValue":"x"}}`,
			[]string{"MessageBody", "x", "MessageSystemAttribute.1.Name", "Foo", "MessageSystemAttribute.1.Value.DataType", "String", "MessageSystemAttribute.1.Value.StringValue", "x"},
			400, "InvalidParameterValue", "Message system attribute name 'Foo' is invalid.",
		},
	}
	for _, a := range []struct{ name, kind, value, code, message string }{
		{"ErrorDetails", "String", "", "InvalidParameterValue", "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."},
		{"Age", "Number", "Hello", "InvalidParameterValue", "Can't cast the value of message (user) attribute 'Age' to a number."},
		{"Age", "Number", "0x10", "InvalidParameterValue", "Can't cast the value of message (user) attribute 'Age' to a number."},
		{"a", "", "x", "InvalidParameterValue", "The message (user) attribute 'a' must contain a non-empty message attribute type."},
		{"a", "Text", "x", "InvalidParameterValue", "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String."},
		{"a..b", "String", "x", "InvalidParameterValue", "Invalid non-alphanumeric character was found in the message (user) attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."},
		{"aws.b", "String", "x", "InvalidParameterValue", "You can't use message (user) attribute names beginning with 'AWS.' or 'Amazon.' because these strings are reserved for internal use."},
	} {
		jsonAttribute, fields := attribute(a.name, a.kind, a.value)
		tests = append(tests, test{"attribute " + a.name + " " + a.kind, "SendMessage", `"MessageBody":"x","MessageAttributes":` + jsonAttribute, append(fields, "MessageBody", "x"), 400, a.code, a.message})
	}
	for _, action := range []string{"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"} {
		batch := func(name string, n int, id func(int) string, code, message string) {
			jsonEntries, fields := entries(n, id)
			tests = append(tests, test{action + " " + name, action, `"Entries":` + jsonEntries, fields, 400, "AWS.SimpleQueueService." + code, message})
		}
		unique := func(i int) string { return fmt.Sprint("id", i) }
		batch("of none", 0, unique, "EmptyBatchRequest", "There should be at least one "+action+"RequestEntry in the request.")
		batch("of 11", 11, unique, "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11.")
		batch("with a repeated id", 2, func(int) string { return "same" }, "BatchEntryIdsNotDistinct", "Id same repeated.")
		for _, id := range []string{"", "a:b", strings.Repeat("x", 81)} {
			batch("with the id "+id, 1, func(int) string { return id }, "InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			members := `"QueueUrl":"` + *r.URL("jobs") + `"`
			if tt.json != "" {
				members += "," + tt.json
			}
			for protocol, got := range map[string]answer{
				"json":  r.json(t, tt.action, "{"+members+"}"),
				"query": r.form(t, "jobs", tt.action, tt.fields...),
			} {
				if got.Status != tt.status || got.Code != tt.code || got.Message != tt.message {
					t.Errorf("%s: %d %s: %s\nwant %d %s: %s", protocol, got.Status, got.Code, got.Message, tt.status, tt.code, tt.message)
				}
			}
		})
	}
	r.checkCounts(t, "jobs", "0 0 0")
}

func TestQueueThatDoesNotExist(t *testing.T) {
	r := newRig(t)
	url, err := json.Marshal(*r.URL("nowhere"))
	if err != nil {
		t.Fatal(err)
	}
	for action, members := range map[string]string{
		"SendMessage":                  `"MessageBody":"x"`,
		"SendMessageBatch":             `"Entries":[{"Id":"1","MessageBody":"x"}]`,
		"ReceiveMessage":               `"WaitTimeSeconds":20`,
		"DeleteMessage":                `"ReceiptHandle":"r"`,
		"DeleteMessageBatch":           `"Entries":[{"Id":"1","ReceiptHandle":"r"}]`,
		"ChangeMessageVisibility":      `"ReceiptHandle":"r","VisibilityTimeout":1`,
		"ChangeMessageVisibilityBatch": `"Entries":[{"Id":"1","ReceiptHandle":"r","VisibilityTimeout":1}]`,
		"GetQueueAttributes":           `"AttributeNames":["All"]`,
		"GetQueueUrl":                  `"QueueName":"nowhere"`,
	} {
		got := r.json(t, action, fmt.Sprintf(`{"QueueUrl":%s,%s}`, url, members))
		if got.Code != "AWS.SimpleQueueService.NonExistentQueue" || got.Message != "The specified queue does not exist." || got.Status != 400 {
			t.Errorf("%s: %+v", action, got)
		}
		if !strings.Contains(got.Body, `"com.amazonaws.sqs#QueueDoesNotExist"`) {
			t.Errorf("%s: %s does not name QueueDoesNotExist", action, got.Body)
		}
	}
	got := r.form(t, "nowhere", "SendMessage", "MessageBody", "x")
	if got.Code != "AWS.SimpleQueueService.NonExistentQueue" || got.Message != "The specified queue does not exist for this wsdl version." {
		t.Errorf("query: %+v", got)
	}
	if got := r.json(t, "SendMessage", `{"MessageBody":"x"}`); got.Code != "MissingParameter" {
		t.Errorf("without a QueueUrl: %+v", got)
	}
	for _, in := range []string{`{"MaxResults":0}`, `{"MaxResults":1001}`, `{"NextToken":"?"}`} {
		if got := r.json(t, "ListQueues", in); got.Code != "InvalidParameterValue" {
			t.Errorf("ListQueues %s: %+v", in, got)
		}
	}
}

func TestElevenAttributes(t *testing.T) {
	r := newRig(t)
	in := &awssqs.SendMessageInput{QueueUrl: r.URL("jobs"), MessageBody: aws.String("x")}
	in.MessageAttributes = map[string]types.MessageAttributeValue{}
	for i := range 10 {
		in.MessageAttributes[fmt.Sprint("a", i)] = text("x")
	}
	if _, err := r.SendMessage(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	in.MessageAttributes["eleventh"] = text("x")
	_, err := r.SendMessage(t.Context(), in)
	checkError(t, err, "InvalidParameterValue", "Number of message attributes [11] exceeds the allowed maximum [10].")
}

func TestReceiptOfAnotherQueue(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	m := r.receive(t, "jobs")[0]
	_, err := r.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: r.URL("dead"), ReceiptHandle: m.ReceiptHandle})
	checkError(t, err, "ReceiptHandleIsInvalid", fmt.Sprintf("The input receipt handle %q is not a valid receipt handle.", *m.ReceiptHandle))
	r.checkCounts(t, "jobs", "0 1 0")
}

func TestVisibilityOfWhatIsNotInFlight(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	m := r.receive(t, "jobs")[0]
	change := func() error {
		_, err := r.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{QueueUrl: r.URL("jobs"), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 43_200})
		return err
	}
	old := m
	r.release(t, "jobs", m)
	m = r.receive(t, "jobs")[0]
	r.release(t, "jobs", m)
	m, old = old, m
	// This error has no message in the SDK's model.
	checkError(t, change(), "AWS.SimpleQueueService.MessageNotInflight", "")
	m = old
	if _, err := r.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: r.URL("jobs"), ReceiptHandle: m.ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	checkError(t, change(), "InvalidParameterValue", "Value "+*m.ReceiptHandle+" for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
}
