package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
)

// shopTemplate is a topic, the queue of its subscriber with its dead-letter queue, and the function in its role, whose program is the object code.zip.
const shopTemplate = `{"Resources": {
	"Placed": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-order_placed"}},
	"Paid": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-payment_success"}},
	"Dead": {"Type": "AWS::SQS::Queue"},
	"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "shop-jobs", "VisibilityTimeout": 180, "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}}},
	"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Jobs"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]}, "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Placed"}}}}]}}},
	"Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Placed"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Jobs", "Arn"]}, "RawMessageDelivery": true}},
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
		"Policies": [{"PolicyName": "less", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Paid"}},
			{"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]}}]}}]}},
	"Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "shop-pay", "Runtime": "provided.al2023", "Handler": "bootstrap", "Architectures": ["ARCHITECTURE"], "Timeout": TIMEOUT,
		"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
		"Environment": {"Variables": {"LESS_FUNCTION": "` + payment + `", "LESS_TOPIC_PREFIX": {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:shop-"}}}}},
	"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Function"}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}
}, "Outputs": {"Topic": {"Value": {"Ref": "Placed"}}}}`

// roles lets a template make roles.
var roles = []types.Capability{types.CapabilityCapabilityIam}

func shop(timeout int) string {
	return strings.NewReplacer("ARCHITECTURE", string(hostArchitecture()), "TIMEOUT", fmt.Sprint(timeout)).Replace(shopTemplate)
}

func (d *demo) stacks() *cloudformation.Client { return cloudformation.NewFromConfig(d.config()) }

// upload puts an object into the bucket assets and returns its URL.
func (d *demo) upload(key string, content []byte) string {
	d.t.Helper()
	if _, err := d.s3().PutObject(d.t.Context(), &s3.PutObjectInput{Bucket: aws.String("assets"), Key: &key, Body: bytes.NewReader(content)}); err != nil {
		d.t.Fatal(err)
	}
	return "https://s3.us-east-1.amazonaws.com/assets/" + key
}

// settled waits for the end of what is done to the stack shop and returns it.
func (d *demo) settled() types.Stack {
	d.t.Helper()
	for {
		out, err := d.stacks().DescribeStacks(d.t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("shop")})
		if err != nil {
			return types.Stack{StackStatusReason: aws.String(err.Error())}
		}
		if stack := out.Stacks[0]; !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") {
			return stack
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// reasons are those of the events of the stack shop that have one.
func (d *demo) reasons() string {
	out, err := d.stacks().DescribeStackEvents(d.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("shop")})
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, e := range out.StackEvents {
		if e.ResourceStatusReason != nil {
			all = append(all, *e.LogicalResourceId+" "+string(e.ResourceStatus)+" "+*e.ResourceStatusReason)
		}
	}
	return strings.Join(all, "\n")
}

func TestAStackRunsSurvivesARestartAndLeavesNothing(t *testing.T) {
	state := t.TempDir()
	d := startEmpty(t, state)
	if _, err := d.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("assets")}); err != nil {
		t.Fatal(err)
	}
	d.upload("code.zip", d.zipped(payment))
	url := d.upload("shop.json", []byte(shop(30)))
	began := time.Now()
	if _, err := d.stacks().CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateURL: &url, Capabilities: roles}); err != nil {
		t.Fatal(err)
	}
	made := d.settled()
	if made.StackStatus != types.StackStatusCreateComplete {
		t.Fatalf("%s:\n%s", made.StackStatus, d.reasons())
	}
	t.Logf("made in %v", time.Since(began))
	works := func(d *demo) {
		t.Helper()
		if _, err := sns.NewFromConfig(d.config()).Publish(t.Context(), &sns.PublishInput{TopicArn: made.Outputs[0].OutputValue, Message: aws.String(paidOrder)}); err != nil {
			t.Fatal(err)
		}
		done := d.journal.Await(d.t, 1, activitytest.Kind(activity.Done))[0]
		if done.Function != "shop-pay" {
			t.Errorf("done %+v", done)
		}
	}
	works(d)
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d = startEmpty(t, state)
	works(d)

	// What cannot be made is rolled back, and the stack goes on serving.
	bad := strings.Replace(shop(60), `"S3Key": "code.zip"`, `"S3Key": "missing.zip"`, 1)
	if _, err := d.stacks().UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("shop"), TemplateBody: &bad, Capabilities: roles}); err != nil {
		t.Fatal(err)
	}
	if stack := d.settled(); stack.StackStatus != types.StackStatusUpdateRollbackComplete || !strings.Contains(d.reasons(), "S3 Error Code: NoSuchKey") {
		t.Errorf("%s:\n%s", stack.StackStatus, d.reasons())
	}
	if _, err := d.stacks().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	if stack := d.settled(); stack.StackStatus != "" {
		t.Errorf("%s:\n%s", stack.StackStatus, d.reasons())
	}
	queues, err := sqs.NewFromConfig(d.config()).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err != nil || len(queues.QueueUrls) != 0 {
		t.Errorf("queues are left: %q, %v", queues.QueueUrls, err)
	}
	topics, err := sns.NewFromConfig(d.config()).ListTopics(t.Context(), &sns.ListTopicsInput{})
	if err != nil || len(topics.Topics) != 0 {
		t.Errorf("topics are left: %+v, %v", topics.Topics, err)
	}
}

func TestATemplateThatIsNotInS3(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	_, err := d.stacks().CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateURL: aws.String("https://s3.us-east-1.amazonaws.com/assets/shop.json")})
	if err == nil || !strings.Contains(err.Error(), "ValidationError: S3 error: The specified bucket does not exist") {
		t.Error(err)
	}
}
