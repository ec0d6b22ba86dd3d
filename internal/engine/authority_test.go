package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi/awsapitest"
)

// createRole makes a role that Lambda and everybody of the account may assume, without
// policies.
func (d *demo) createRole(name string) {
	d.t.Helper()
	if _, err := iam.NewFromConfig(d.config()).CreateRole(d.t.Context(), &iam.CreateRoleInput{
		RoleName: &name,
		AssumeRolePolicyDocument: aws.String(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
			"Principal":{"Service":"lambda.amazonaws.com","AWS":"000000000000"}}}`),
	}); err != nil {
		d.t.Fatal(err)
	}
}

// allow gives a role the one policy that it has.
func (d *demo) allow(role, what string) {
	d.t.Helper()
	if _, err := iam.NewFromConfig(d.config()).PutRolePolicy(d.t.Context(), &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: aws.String("all"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + what + `}}`),
	}); err != nil {
		d.t.Fatal(err)
	}
}

// The function publishes, which its role and the topic must allow.
func TestAFunctionMayDoWhatItsRoleAllows(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	topics := sns.NewFromConfig(d.config())
	setPolicy := func(statement string) {
		t.Helper()
		if _, err := topics.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{
			TopicArn: aws.String("arn:aws:sns:us-east-1:000000000000:mine-payment_success"), AttributeName: aws.String("Policy"),
			AttributeValue: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sns:Publish","Resource":"*","Principal":{"AWS":"*"},"Condition":` + statement + `}}`),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("mine-payment_success")}); err != nil {
		t.Fatal(err)
	}
	d.createRole("worker")
	d.create("worker", payment)
	publishes := func() bool {
		t.Helper()
		out, err := lambda.NewFromConfig(d.config()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("worker"), Payload: []byte(paymentEvent)})
		if err != nil {
			t.Fatal(err)
		}
		return string(out.Payload) == `{"batchItemFailures":[]}`
	}
	// The policy of a topic that was given none lets everybody of the account publish.
	if !publishes() {
		t.Error("the topic's own policy does not allow it")
	}
	setPolicy(`{"Bool":{"aws:SecureTransport":"false"}}`) // which replaces that
	if publishes() {
		t.Error("nothing allows it, and it publishes")
	}
	const refusal = "User: arn:aws:sts::000000000000:assumed-role/worker/worker is not authorized to perform: SNS:Publish on resource: arn:aws:sns:us-east-1:000000000000:mine-payment_success"
	if !slices.ContainsFunc(d.journal.Of(activity.Log), func(e activity.Event) bool { return strings.Contains(e.Line, refusal) }) {
		t.Errorf("nobody is told of it: %v", d.journal.Of(activity.Log))
	}
	d.allow("worker", `"Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:000000000000:mine-*"`)
	if !publishes() {
		t.Error("its role allows it")
	}
	setPolicy(`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/worker"}}`)
	if publishes() {
		t.Error("the topic denies it")
	}
}

func TestWhoAssumesARoleMayDoWhatItAllows(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	d.createRole("publisher")
	d.allow("publisher", `"Action":["s3:CreateBucket","s3:PutObject","s3:ListBucket"],"Resource":["arn:aws:s3:::assets","arn:aws:s3:::assets/*"]`)
	session, err := sts.NewFromConfig(d.config()).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::000000000000:role/publisher"), RoleSessionName: aws.String("cdk"),
	})
	if err != nil {
		t.Fatal(err)
	}
	config := d.config()
	config.Credentials = awsapitest.Key(*session.Credentials.AccessKeyId)
	c := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	bucket, key := aws.String("assets"), aws.String("key")
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("content")}); err != nil {
		t.Error(err)
	}
	_, err = c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
	const refusal = "AccessDenied: User: arn:aws:sts::000000000000:assumed-role/publisher/cdk is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::assets/key"
	if err == nil || !strings.Contains(err.Error(), refusal) {
		t.Errorf("%v, want %s", err, refusal)
	}
	if _, err := d.s3().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(
		`{"Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::assets/key","Principal":{"AWS":"arn:aws:iam::000000000000:role/publisher"}}}`)}); err != nil {
		t.Fatal(err)
	}
	if out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key}); err != nil {
		t.Errorf("the bucket's policy allows it: %v", err)
	} else {
		out.Body.Close()
	}
	// Of several objects each needs the permission.
	gone, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: key}, {Key: aws.String("other")}, {Key: key, VersionId: aws.String("null")},
	}}})
	if err != nil || len(gone.Deleted) != 1 || len(gone.Errors) != 2 {
		t.Fatalf("%+v, %v", gone, err)
	}
	const who = "User: arn:aws:sts::000000000000:assumed-role/publisher/cdk is not authorized to perform: "
	for i, want := range []string{
		who + "s3:DeleteObject on resource: arn:aws:s3:::assets/other because no identity-based policy allows the s3:DeleteObject action",
		who + "s3:DeleteObjectVersion on resource: arn:aws:s3:::assets/key because no identity-based policy allows the s3:DeleteObjectVersion action",
	} {
		if got := gone.Errors[i]; *got.Code != "AccessDenied" || *got.Message != want {
			t.Errorf("%s: %s, want %s", *got.Code, *got.Message, want)
		}
	}
}

func TestAQueueTakesWhatItsPolicyLetsTopicsSend(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	topics, queues := sns.NewFromConfig(d.config()), sqs.NewFromConfig(d.config())
	const arn = "arn:aws:sqs:us-east-1:000000000000:"
	d.createQueue("open")
	d.createQueue("lost")
	if _, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("closed")}); err != nil {
		t.Fatal(err)
	}
	topic, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("news")})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"open", "closed"} {
		if _, err := topics.Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(arn + name),
			Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `lost"}`},
		}); err != nil {
			t.Fatal(err)
		}
	}
	publish := func() {
		t.Helper()
		if _, err := topics.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello")}); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	if o, c, l := d.depth("open"), d.depth("closed"), d.depth("lost"); o != 1 || c != 0 || l != 1 {
		t.Errorf("%d in the open queue, %d in the closed one and %d lost", o, c, l)
	}
	if !slices.ContainsFunc(d.journal.Of(activity.Notice), func(e activity.Event) bool {
		return strings.Contains(e.Line, "the policy of the queue closed does not let sns.amazonaws.com do sqs:SendMessage for "+*topic.TopicArn)
	}) {
		t.Errorf("nobody is told of it: %v", d.journal.Of(activity.Notice))
	}
	if _, err := queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String(d.AWS() + "/000000000000/closed"), Attributes: map[string]string{"Policy": fromTopics("closed")},
	}); err != nil {
		t.Fatal(err)
	}
	publish()
	if c := d.depth("closed"); c != 1 {
		t.Errorf("%d messages in the queue that is open now", c)
	}
}

func TestAMappingNeedsARoleThatMayReadTheQueue(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	d.createQueue("jobs")
	d.createRole("worker")
	d.create("worker", payment)
	mapping := func() error {
		_, err := lambda.NewFromConfig(d.config()).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
			EventSourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:jobs"), FunctionName: aws.String("worker"),
		})
		return err
	}
	d.allow("worker", `"Action":["sqs:ReceiveMessage","sqs:GetQueueAttributes"],"Resource":"*"`)
	const refusal = "InvalidParameterValueException: The provided execution role does not have permissions to call DeleteMessage on SQS"
	if err := mapping(); err == nil || !strings.Contains(err.Error(), refusal) {
		t.Errorf("%v, want %s", err, refusal)
	}
	d.allow("worker", `"Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:000000000000:jobs"`)
	if err := mapping(); err != nil {
		t.Error(err)
	}
}
