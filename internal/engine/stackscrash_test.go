package engine_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/engine"
)

// chain is a template of queues, most of which wait for another.
func chain(queues int) string {
	var out []string
	for i := range queues {
		on := ""
		if i >= 5 {
			on = fmt.Sprintf(`, "DependsOn": "Q%d"`, i-5)
		}
		out = append(out, fmt.Sprintf(`"Q%d": {"Type": "AWS::SQS::Queue"%s}`, i, on))
	}
	return `{"Resources": {` + strings.Join(out, ",") + "}}"
}

func TestADeploymentOfAKilledEngineIsRolledBackAndCanBeDoneAgain(t *testing.T) {
	state := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childState+"="+state, childBinaries+"={}")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the engine did not start")
	}
	config := awsapitest.Config(lines.Text(), nil)
	config.Region = engine.Region
	client := cloudformation.NewFromConfig(config)
	name := aws.String("shop")
	if _, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: aws.String(chain(300))}); err != nil {
		t.Fatal(err)
	}
	// It is killed when some of the queues are there.
	for made := 0; made < 10; time.Sleep(time.Millisecond) {
		all, err := client.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: name})
		if err != nil {
			t.Fatal(err)
		}
		made = len(all.StackResources)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	d := startEmpty(t, state)
	if stack := d.settled(); stack.StackStatus != types.StackStatusRollbackComplete || !strings.Contains(d.reasons(), "The engine was stopped during the operation. Rollback requested by user.") {
		t.Errorf("%s:\n%s", stack.StackStatus, d.reasons())
	}
	queues, err := sqs.NewFromConfig(d.config()).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err != nil || len(queues.QueueUrls) != 0 {
		t.Errorf("queues are left: %q, %v", queues.QueueUrls, err)
	}
	if _, err := d.stacks().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: name}); err != nil {
		t.Fatal(err)
	}
	d.settled()
	if _, err := d.stacks().CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: aws.String(chain(10))}); err != nil {
		t.Fatal(err)
	}
	if stack := d.settled(); stack.StackStatus != types.StackStatusCreateComplete {
		t.Errorf("%s:\n%s", stack.StackStatus, d.reasons())
	}
}
