package awstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/projecttest"
)

// bucket is where the CDK's bootstrap has assets put.
const bucket = "cdk-hnb659fds-assets-" + engine.Account + "-" + engine.Region

// An assembly is the food delivery as the CDK wrote it, and what it was made from.
type assembly struct {
	template []byte
	// assets are by their key in the bucket.
	assets map[string][]byte
	plan.Deployment
	roles []iam.Role
}

// assemblyDir is removed when the tests are over.
var assemblyDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "less-awstest-")
	if err != nil {
		panic(err)
	}
	assemblyDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// synthesized is the food delivery in one stack, with all that a deployment can have
// beside it: every alarm, and a topic that they tell.
func synthesized(t *testing.T) assembly {
	t.Helper()
	if runtime.GOOS != "linux" {
		skip(t, "what is deployed are programs for Linux")
	}
	if _, err := exec.LookPath("node"); err != nil {
		skip(t, "node is not installed: the template is not tested")
	}
	out, err := synthesize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var synthesize = sync.OnceValues(func() (assembly, error) {
	settings := map[string]any{"stage": "test", "stacks": "single", "alarms": "full", "opsTopic": "create", "architecture": "x86_64"}
	if runtime.GOARCH == "arm64" {
		settings["architecture"] = "arm64"
	}
	context, err := json.Marshal(settings)
	if err != nil {
		return assembly{}, err
	}
	synth := exec.Command("go", "run", "./infra")
	synth.Dir = projecttest.Checkout()
	synth.Env = append(os.Environ(), "CDK_OUTDIR="+assemblyDir, "CDK_VALIDATION=false", "CDK_CONTEXT_JSON="+string(context))
	if said, err := synth.CombinedOutput(); err != nil {
		return assembly{}, fmt.Errorf("go run ./infra: %w\n%s", err, said)
	}
	var out assembly
	if out.Deployment, out.roles, err = planned(settings); err != nil {
		return assembly{}, err
	}
	if out.template, err = os.ReadFile(filepath.Join(assemblyDir, out.Root+".template.json")); err != nil {
		return assembly{}, err
	}
	out.assets, err = readAssets(filepath.Join(assemblyDir, out.Root+".assets.json"))
	return out, err
})

// planned is what the food delivery is to be with settings.
func planned(settings map[string]any) (plan.Deployment, []iam.Role, error) {
	dir := projecttest.Checkout()
	a, _, err := project.Scan(dir)
	if err != nil {
		return plan.Deployment{}, nil, err
	}
	f, err := project.Analyse(context.Background(), dir, a)
	if err != nil {
		return plan.Deployment{}, nil, err
	}
	c, err := config.Read(os.DirFS(dir))
	if err == nil {
		c, err = c.Override(func(name string) any { return settings[name] })
	}
	if err != nil {
		return plan.Deployment{}, nil, err
	}
	name, stage := c.Identity(a.Name())
	c.Deploy.Stage = stage
	p := plan.New(a, f, plan.Options{Name: name, Origins: c.Origins})
	d, err := plan.Deploy(p, c.Deploy)
	return d, iam.Roles(a, p, f), err
}

// readAssets reads the zip files that a manifest of the CDK names.
func readAssets(manifest string) (map[string][]byte, error) {
	content, err := os.ReadFile(manifest)
	if err != nil {
		return nil, err
	}
	var assets struct {
		Files map[string]struct {
			Source       struct{ Path string }
			Destinations map[string]struct{ ObjectKey string }
		}
	}
	if err := json.Unmarshal(content, &assets); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, file := range assets.Files {
		if !strings.HasSuffix(file.Source.Path, ".zip") {
			continue // the template itself
		}
		content, err := os.ReadFile(filepath.Join(filepath.Dir(manifest), file.Source.Path))
		if err != nil {
			return nil, err
		}
		for _, d := range file.Destinations {
			out[d.ObjectKey] = content
		}
	}
	return out, nil
}

// A rig is an engine that knows nothing but what is deployed to it, as an account that
// has been bootstrapped.
type rig struct {
	cloud
	t       *testing.T
	journal activitytest.Journal
	stacks  *cloudformation.Client
	a       assembly
}

func newRig(t *testing.T, a assembly) *rig {
	t.Helper()
	r := &rig{t: t, a: a}
	e, err := engine.Start(t.Context(), engine.Options{State: t.TempDir(), Sink: r.journal.Record})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := e.Apply(t.Context(), plan.Plan{Name: "nothing"}, nil); err != nil {
		t.Fatal(err)
	}
	r.cloud = cloud{config: awsapitest.Config(e.AWS(), nil), account: engine.Account}
	r.config.Region = engine.Region
	r.stacks = cloudformation.NewFromConfig(r.config)
	if _, err := ssm.NewFromConfig(r.config).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/cdk-bootstrap/hnb659fds/version"), Value: aws.String("30"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
	objects := s3.NewFromConfig(r.config, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	for key, content := range a.assets {
		r.put(objects, key, content)
	}
	return r
}

func (r *rig) put(objects *s3.Client, key string, content []byte) {
	r.t.Helper()
	if _, err := objects.PutObject(r.t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(content)}); err != nil {
		r.t.Fatal(err)
	}
}

// create makes the stack of the deployment from template. The error says why it could not
// be made.
func (r *rig) create(template string) (cfntypes.Stack, error) {
	url := r.upload(template)
	_, err := r.stacks.CreateStack(r.t.Context(), &cloudformation.CreateStackInput{
		StackName: &r.a.Root, TemplateURL: &url, Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	if err != nil {
		return cfntypes.Stack{}, err
	}
	return r.settled(cfntypes.StackStatusCreateComplete)
}

// update is [rig.create] of a stack that is there.
func (r *rig) update(template string) error {
	url := r.upload(template)
	_, err := r.stacks.UpdateStack(r.t.Context(), &cloudformation.UpdateStackInput{
		StackName: &r.a.Root, TemplateURL: &url, Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	if err != nil {
		return err
	}
	_, err = r.settled(cfntypes.StackStatusUpdateComplete)
	return err
}

// upload puts a template where CloudFormation reads those that are too long for a request.
func (r *rig) upload(template string) string {
	r.t.Helper()
	const key = "stack.template.json"
	r.put(s3.NewFromConfig(r.config, func(o *s3.Options) { o.UsePathStyle = true }), key, []byte(template))
	return "https://s3." + engine.Region + ".amazonaws.com/" + bucket + "/" + key
}

// settled waits for the end of what is done to the stack, which should be want.
func (r *rig) settled(want cfntypes.StackStatus) (cfntypes.Stack, error) {
	for {
		out, err := r.stacks.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: &r.a.Root})
		if err != nil {
			return cfntypes.Stack{}, err
		}
		stack := out.Stacks[0]
		switch {
		case stack.StackStatus == want:
			return stack, nil
		case !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS"):
			return stack, fmt.Errorf("%s: %s", stack.StackStatus, r.reasons())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// reasons are why operations on the stack failed, but for what was given up because of others.
func (r *rig) reasons() string {
	out, err := r.stacks.DescribeStackEvents(r.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &r.a.Root})
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, e := range out.StackEvents {
		reason := aws.ToString(e.ResourceStatusReason)
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !strings.HasSuffix(reason, " cancelled") {
			all = append(all, aws.ToString(e.LogicalResourceId)+": "+reason)
		}
	}
	return strings.Join(all, "\n")
}
