package lambdaapi_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/bundle"
	"github.com/less-go/less/internal/lambdaapi"
)

// A deployer has Lambda know its functions at once.
type deployer struct {
	service   *lambdaapi.Service
	code      *bundle.Store
	functions []lambdaapi.Function
}

func (d *deployer) Unpack(r io.Reader) (bundle.Bundle, string, error) {
	b, err := d.code.Add(r)
	return b, d.code.Folder(b), err
}

func (d *deployer) Zip(b bundle.Bundle) string { return d.code.Zip(b) }

func (d *deployer) Deploy(ctx context.Context, f lambdaapi.Function) error {
	_ = d.Withdraw(ctx, f.Name)
	d.functions = append(d.functions, f)
	d.service.SetFunctions(d.functions)
	return nil
}

func (d *deployer) Withdraw(_ context.Context, name string) error {
	d.functions = slices.DeleteFunc(slices.Clone(d.functions), func(f lambdaapi.Function) bool { return f.Name == name })
	d.service.SetFunctions(d.functions)
	return nil
}

// objects has one zip.
type objects struct{}

func (objects) Object(_ context.Context, bucket, key, _ string) (io.ReadCloser, error) {
	if bucket+"/"+key != "assets/code.zip" {
		return nil, awsapi.Errorf("InvalidParameterValueException", "Error occurred while GetObject.")
	}
	return io.NopCloser(bytes.NewReader(pack("bootstrap", "#!/bin/sh\n# from S3", 0o755))), nil
}

const roleARN = "arn:aws:iam::000000000000:role/worker"

// roles has the role worker.
type roles struct{}

func (roles) Assumable(_ context.Context, role, service string) bool {
	return role == roleARN && service == "lambda.amazonaws.com"
}

// Allows allows it all but one queue.
func (roles) Allows(role, _, resource string) bool {
	return role == roleARN && !strings.HasSuffix(resource, ":secret")
}

// pack makes a zip of one file.
func pack(name, content string, mode fs.FileMode) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: name}
	header.SetMode(mode)
	w, _ := z.CreateHeader(header) // into memory
	_, _ = io.WriteString(w, content)
	_ = z.Close()
	return out.Bytes()
}

var script = pack("bootstrap", "#!/bin/sh\n", 0o755)

// architectures are that of this machine, and another.
func architectures() (here, other types.Architecture) {
	if runtime.GOARCH == "amd64" {
		return types.ArchitectureX8664, types.ArchitectureArm64
	}
	return types.ArchitectureArm64, types.ArchitectureX8664
}

func newFunction(change func(*awslambda.CreateFunctionInput)) *awslambda.CreateFunctionInput {
	here, _ := architectures()
	in := &awslambda.CreateFunctionInput{
		FunctionName: aws.String("worker"), Role: aws.String(roleARN), Handler: aws.String("bootstrap"), Runtime: types.RuntimeProvidedal2023,
		Code: &types.FunctionCode{ZipFile: script}, Architectures: []types.Architecture{here},
	}
	if change != nil {
		change(in)
	}
	return in
}

func onlyLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what is deployed are programs for Linux")
	}
}

func TestAFunctionsLife(t *testing.T) {
	onlyLinux(t)
	r := newRig(t, awsapi.Options{})
	created, err := r.CreateFunction(t.Context(), newFunction(func(in *awslambda.CreateFunctionInput) {
		in.Description = aws.String("less/worker")
		in.MemorySize, in.Timeout = aws.Int32(256), aws.Int32(10)
		in.Environment = &types.Environment{Variables: map[string]string{"AB": "b"}}
		in.TracingConfig = &types.TracingConfig{Mode: types.TracingModeActive}
		in.LoggingConfig = &types.LoggingConfig{LogFormat: types.LogFormatJson, LogGroup: aws.String("/aws/lambda/worker")}
		in.Tags = map[string]string{"less:app": "shop"}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if created.State != types.StatePending || *created.FunctionArn != "arn:aws:lambda:eu-west-1:000000000000:function:worker" || created.LastUpdateStatus != "" {
		t.Errorf("created %+v", created)
	}
	if err := awslambda.NewFunctionActiveV2Waiter(r.Client).Wait(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("worker")}, time.Minute); err != nil {
		t.Fatal(err)
	}
	out, err := r.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("worker")})
	if err != nil {
		t.Fatal(err)
	}
	c := out.Configuration
	if c.State != types.StateActive || c.LastUpdateStatus != types.LastUpdateStatusSuccessful || *c.Role != roleARN || *c.Description != "less/worker" ||
		*c.MemorySize != 256 || *c.Timeout != 10 || c.Environment.Variables["AB"] != "b" || c.TracingConfig.Mode != types.TracingModeActive ||
		c.LoggingConfig.LogFormat != types.LogFormatJson || c.CodeSize != int64(len(script)) || out.Tags["less:app"] != "shop" {
		t.Errorf("function %+v of %+v", c, out.Tags)
	}

	location, err := url.Parse(*out.Code.Location)
	if err != nil {
		t.Fatal(err)
	}
	if packed, err := os.ReadFile(location.Path); err != nil || !bytes.Equal(packed, script) {
		t.Errorf("the code at %s is another: %v", location, err)
	}

	updated, err := r.UpdateFunctionCode(t.Context(), &awslambda.UpdateFunctionCodeInput{
		FunctionName: aws.String("worker"), S3Bucket: aws.String("assets"), S3Key: aws.String("code.zip"), RevisionId: c.RevisionId,
	})
	if err != nil || updated.LastUpdateStatus != types.LastUpdateStatusInProgress || *updated.CodeSha256 == *c.CodeSha256 {
		t.Fatalf("updated %+v, %v", updated, err)
	}
	if err := awslambda.NewFunctionUpdatedV2Waiter(r.Client).Wait(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("worker")}, time.Minute); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(r.deployer.functions[len(r.deployer.functions)-1].Binary)
	if err != nil || !strings.Contains(string(content), "from S3") {
		t.Errorf("it runs %q, %v", content, err)
	}
	_, err = r.UpdateFunctionConfiguration(t.Context(), &awslambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("worker"), RevisionId: c.RevisionId})
	if got := failed(t, err); got.Status != 412 || got.Code != "PreconditionFailedException" {
		t.Errorf("a stale revision: %v", err)
	}
	configured, err := r.UpdateFunctionConfiguration(t.Context(), &awslambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("worker"), Timeout: aws.Int32(20), Environment: &types.Environment{Variables: map[string]string{"CD": "d"}},
	})
	if err != nil || *configured.Timeout != 20 || *configured.MemorySize != 256 || !cmp.Equal(configured.Environment.Variables, map[string]string{"CD": "d"}) {
		t.Errorf("configured %+v, %v", configured, err)
	}

	if _, err := r.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("worker")}); err != nil {
		t.Fatal(err)
	}
	_, err = r.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("worker")})
	if failed(t, err).Code != "ResourceNotFoundException" {
		t.Errorf("after its deletion: %v", err)
	}
}

func TestWhatCannotBeAFunctionIsRefused(t *testing.T) {
	onlyLinux(t)
	here, other := architectures()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, awsapi.Options{})
	type input = awslambda.CreateFunctionInput
	tests := map[string]struct {
		change  func(*input)
		code    string
		message string
	}{
		"a name that is taken":   {func(in *input) { in.FunctionName = aws.String(chargeName) }, "ResourceConflictException", "Function already exist: " + chargeName},
		"a long name":            {func(in *input) { in.FunctionName = aws.String(strings.Repeat("x", 65)) }, "ValidationException", "length less than or equal to 64"},
		"a name with a space":    {func(in *input) { in.FunctionName = aws.String("a b") }, "ValidationException", "'functionName'"},
		"a role that is none":    {func(in *input) { in.Role = aws.String("worker") }, "ValidationException", "'role'"},
		"a role that is not":     {func(in *input) { in.Role = aws.String(roleARN + "2") }, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."},
		"another runtime":        {func(in *input) { in.Runtime = types.RuntimeNodejs22x }, "NotImplemented", "nodejs22.x"},
		"no handler":             {func(in *input) { in.Handler = nil }, "InvalidParameterValueException", "Runtime and Handler are mandatory"},
		"too long a timeout":     {func(in *input) { in.Timeout = aws.Int32(901) }, "ValidationException", "Value '901' at 'timeout'"},
		"too little memory":      {func(in *input) { in.MemorySize = aws.Int32(64) }, "ValidationException", "'memorySize'"},
		"another architecture":   {func(in *input) { in.Architectures = []types.Architecture{other} }, "InvalidParameterValueException", "cdk deploy -c architecture=" + string(here)},
		"no architecture":        {func(in *input) { in.Architectures = []types.Architecture{"sparc"} }, "ValidationException", "'architectures'"},
		"a reserved variable":    {func(in *input) { in.Environment = variables("AWS_REGION", "x") }, "InvalidParameterValueException", "Reserved keys used in this request: AWS_REGION"},
		"a variable's name":      {func(in *input) { in.Environment = variables("1", "x") }, "ValidationException", "environment.variables"},
		"too many variables":     {func(in *input) { in.Environment = variables("A1", strings.Repeat("x", 4096)) }, "InvalidParameterValueException", "exceeded the 4KB limit"},
		"no code":                {func(in *input) { in.Code = &types.FunctionCode{} }, "InvalidParameterValueException", "Please provide a source for function code."},
		"code that is not there": {func(in *input) { in.Code = &types.FunctionCode{S3Bucket: aws.String("assets"), S3Key: aws.String("x")} }, "InvalidParameterValueException", "GetObject"},
		"no zip":                 {withZip([]byte("program")), "InvalidParameterValueException", "Could not unzip uploaded file."},
		"no program":             {withZip(pack("main", "#!/bin/sh", 0o755)), "InvalidParameterValueException", "has no file bootstrap"},
		"no executable":          {withZip(pack("bootstrap", "#!/bin/sh", 0o644)), "InvalidParameterValueException", "not executable"},
		"a VPC":                  {func(in *input) { in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"subnet-1"}} }, "NotImplemented", "VpcConfig"},
		"a layer":                {func(in *input) { in.Layers = []string{"arn:aws:lambda:eu-west-1:000000000000:layer:x:1"} }, "NotImplemented", "Layers"},
		"a version":              {func(in *input) { in.Publish = true }, "NotImplemented", "versions"},
		"another log":            {func(in *input) { in.LoggingConfig = &types.LoggingConfig{LogGroup: aws.String("/mine")} }, "NotImplemented", "/mine"},
	}
	if here == types.ArchitectureX8664 { // the program's header is read, whatever the machine: this test is an x86-64 one there
		arm := bytes.Clone(self)
		arm[18] = 0xb7 // e_machine: AArch64
		tests["a program for another machine"] = struct {
			change  func(*input)
			code    string
			message string
		}{withZip(pack("bootstrap", string(arm), 0o755)), "InvalidParameterValueException", "EM_AARCH64"}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.CreateFunction(t.Context(), newFunction(tt.change))
			if got := failed(t, err); got.Code != tt.code || !strings.Contains(got.Message, tt.message) {
				t.Errorf("%s: %s, want %s: %s", got.Code, got.Message, tt.code, tt.message)
			}
		})
	}
	if len(r.deployer.functions) != 2 {
		t.Errorf("%d functions, want the two of the plan", len(r.deployer.functions))
	}
}

func variables(name, value string) *types.Environment {
	return &types.Environment{Variables: map[string]string{name: value}}
}

func withZip(content []byte) func(*awslambda.CreateFunctionInput) {
	return func(in *awslambda.CreateFunctionInput) { in.Code = &types.FunctionCode{ZipFile: content} }
}

func TestFunctionsOfThePlanAreNoClients(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	_, err := r.UpdateFunctionCode(t.Context(), &awslambda.UpdateFunctionCodeInput{FunctionName: aws.String(chargeName), ZipFile: script})
	if got := failed(t, err); got.Code != "InvalidParameterValueException" || !strings.Contains(got.Message, "less/"+chargeID) {
		t.Errorf("UpdateFunctionCode: %v", err)
	}
	if _, err := r.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String(chargeName)}); failed(t, err).Code != "InvalidParameterValueException" {
		t.Errorf("DeleteFunction: %v", err)
	}
}

func TestAPermissionsLife(t *testing.T) {
	onlyLinux(t)
	r := newRig(t, awsapi.Options{})
	if _, err := r.CreateFunction(t.Context(), newFunction(nil)); err != nil {
		t.Fatal(err)
	}
	const apiARN = "arn:aws:execute-api:eu-west-1:000000000000:a1b2/*/POST/orders"
	in := &awslambda.AddPermissionInput{
		FunctionName: aws.String("worker"), StatementId: aws.String("api"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String(apiARN),
	}
	added, err := r.AddPermission(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	const statement = `{"Sid":"api","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",` +
		`"Resource":"arn:aws:lambda:eu-west-1:000000000000:function:worker","Condition":{"ArnLike":{"AWS:SourceArn":"` + apiARN + `"}}}`
	if *added.Statement != statement {
		t.Errorf("statement %s", *added.Statement)
	}
	_, err = r.AddPermission(t.Context(), in)
	if got := failed(t, err); got.Status != 409 || !strings.HasPrefix(got.Message, "The statement id (api) provided already exists.") {
		t.Errorf("again: %v", err)
	}
	nobody := *in
	nobody.StatementId, nobody.Principal = aws.String("nobody"), aws.String("nobody")
	if _, err := r.AddPermission(t.Context(), &nobody); failed(t, err).Message != "The provided principal was invalid. Please check the principal and try again." {
		t.Errorf("for nobody: %v", err)
	}
	policy, err := r.GetPolicy(t.Context(), &awslambda.GetPolicyInput{FunctionName: aws.String("worker")})
	var document struct {
		Version, ID string
		Statement   []json.RawMessage
	}
	if err != nil || json.Unmarshal([]byte(*policy.Policy), &document) != nil || document.ID != "default" || string(document.Statement[0]) != statement {
		t.Errorf("policy %+v, %v", policy, err)
	}

	mayInvoke := map[[2]string]bool{
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/$default/POST/orders"}:   true,
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/prod/POST/orders"}:       true,
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/$default/GET/orders"}:    false,
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/$default/POST/orders/1"}: false,
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:other/x/POST/orders"}:         false,
		{"apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-2:000000000000:a1b2/x/POST/orders"}:          false,
		{"sns.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/$default/POST/orders"}:          false,
	}
	for who, want := range mayInvoke {
		if got := r.service.MayInvoke("worker", who[0], who[1]); got != want {
			t.Errorf("%s for %s may invoke: %v, want %v", who[0], who[1], got, want)
		}
	}

	if _, err := r.RemovePermission(t.Context(), &awslambda.RemovePermissionInput{FunctionName: aws.String("worker"), StatementId: aws.String("api")}); err != nil {
		t.Fatal(err)
	}
	_, err = r.RemovePermission(t.Context(), &awslambda.RemovePermissionInput{FunctionName: aws.String("worker"), StatementId: aws.String("api")})
	if got := failed(t, err); got.Status != 404 || got.Message != "Statement api is not found in resource policy." {
		t.Errorf("removed again: %v", err)
	}
	_, err = r.GetPolicy(t.Context(), &awslambda.GetPolicyInput{FunctionName: aws.String("worker")})
	if got := failed(t, err); got.Message != "The resource you requested does not exist." {
		t.Errorf("no policy: %v", err)
	}
	if r.service.MayInvoke("worker", "apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:000000000000:a1b2/$default/POST/orders") {
		t.Error("the permission is removed and still good")
	}
}

func TestTagsOfAFunction(t *testing.T) {
	onlyLinux(t)
	r := newRig(t, awsapi.Options{})
	created, err := r.CreateFunction(t.Context(), newFunction(func(in *awslambda.CreateFunctionInput) { in.Tags = map[string]string{"a": "1"} }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.TagResource(t.Context(), &awslambda.TagResourceInput{Resource: created.FunctionArn, Tags: map[string]string{"b": "2"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UntagResource(t.Context(), &awslambda.UntagResourceInput{Resource: created.FunctionArn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	out, err := r.ListTags(t.Context(), &awslambda.ListTagsInput{Resource: created.FunctionArn})
	if err != nil || !cmp.Equal(out.Tags, map[string]string{"b": "2"}) {
		t.Errorf("tags %v, %v", out, err)
	}
}

func TestAZipThatIsTooLongIsRefusedInAWSsWords(t *testing.T) {
	r := newRig(t, awsapi.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+"/2015-03-31/functions", strings.NewReader(strings.Repeat(" ", 70_167_212)))
	if err != nil {
		t.Fatal(err)
	}
	resp, object := r.body(t, req)
	if resp.StatusCode != 413 || object["Message"] != "Request must be smaller than 70167211 bytes for the CreateFunction operation" {
		t.Errorf("%s %v", resp.Status, object)
	}
}
