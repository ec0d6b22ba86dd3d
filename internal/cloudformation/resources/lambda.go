package resources

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/lambdaapi"
)

const functionType = "AWS::Lambda::Function"

// functions makes functions.
type functions struct{ service *lambdaapi.Service }

type functionProperties struct {
	FunctionName     *string      `cfn:",replace"`
	Code             functionCode `cfn:",required"`
	Role             string       `cfn:",required"`
	Architectures    []string
	PackageType      *string `cfn:",replace"`
	Runtime          *string
	Handler          *string
	Description      *string
	Timeout          *int
	MemorySize       *int
	Environment      *functionEnvironment
	TracingConfig    *functionTracing
	LoggingConfig    *functionLogging
	EphemeralStorage *functionStorage
	Tags             []provider.Tag
}

type functionCode struct {
	S3Bucket, S3Key string `cfn:",required"`
	S3ObjectVersion string
}

type functionEnvironment struct{ Variables map[string]string }

type functionTracing struct{ Mode string }

type functionLogging struct{ LogFormat, LogGroup *string }

type functionStorage struct{ Size int }

func (functions) Schema() provider.Schema {
	return provider.SchemaOf[functionProperties](provider.Options{Name: "FunctionName", Attributes: []string{"Arn"}})
}

// settings are what the template says; what it does not say is as it is without
// being said.
func (p functionProperties) settings() lambdaapi.FunctionSettings {
	s := lambdaapi.FunctionSettings{
		Role: &p.Role, Runtime: p.Runtime, Handler: p.Handler, Description: new(or(p.Description, "")),
		Timeout: new(or(p.Timeout, 3)), MemorySize: new(or(p.MemorySize, 128)),
		Environment:   &lambdaapi.Environment{},
		TracingConfig: &lambdaapi.TracingConfig{Mode: "PassThrough"},
		LoggingConfig: &lambdaapi.LoggingSettings{LogFormat: new("Text")},
	}
	if p.Environment != nil {
		s.Environment.Variables = p.Environment.Variables
	}
	if p.TracingConfig != nil {
		s.TracingConfig.Mode = p.TracingConfig.Mode
	}
	if l := p.LoggingConfig; l != nil {
		s.LoggingConfig.LogGroup = l.LogGroup
		s.LoggingConfig.LogFormat = new(or(l.LogFormat, "Text"))
	}
	if p.EphemeralStorage != nil {
		s.EphemeralStorage = &lambdaapi.EphemeralStorage{Size: p.EphemeralStorage.Size}
	}
	return s
}

func (p functionProperties) code() lambdaapi.FunctionCode {
	return lambdaapi.FunctionCode{S3Bucket: p.Code.S3Bucket, S3Key: p.Code.S3Key, S3ObjectVersion: p.Code.S3ObjectVersion}
}

func (f functions) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[functionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.FunctionName, r.Name(64))
	_, err = f.service.GetFunctionConfiguration(ctx, &lambdaapi.GetFunctionInput{Reference: lambdaapi.Reference{FunctionName: name}})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(functionType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	if _, err := f.service.CreateFunction(ctx, &lambdaapi.CreateFunctionInput{
		FunctionName: name, Code: p.code(), Architectures: p.Architectures, PackageType: or(p.PackageType, ""),
		Tags: tags(r, p.Tags), FunctionSettings: p.settings(),
	}); err != nil {
		return provider.Made{}, err
	}
	return madeFunction(ctx, name), nil
}

func madeFunction(ctx context.Context, name string) provider.Made {
	return provider.Made{PhysicalID: name, Attributes: map[string]any{
		"Arn": awsapi.LocalARN("lambda", awsapi.RequestFrom(ctx).Region, "function:"+name),
	}}
}

func (f functions) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[functionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	only := lambdaapi.FunctionOnly{FunctionName: r.PhysicalID}
	if differs(r.Properties, old, "Code", "Architectures") {
		if _, err := f.service.UpdateFunctionCode(ctx, &lambdaapi.UpdateFunctionCodeInput{FunctionOnly: only, FunctionCode: p.code(), Architectures: p.Architectures}); err != nil {
			return provider.Made{}, err
		}
	}
	if _, err := f.service.UpdateFunctionConfiguration(ctx, &lambdaapi.UpdateFunctionConfigurationInput{FunctionOnly: only, FunctionSettings: p.settings()}); err != nil {
		return provider.Made{}, err
	}
	made := madeFunction(ctx, r.PhysicalID)
	return made, f.retag(ctx, made.Attributes["Arn"].(string), tags(r, p.Tags))
}

// differs says whether properties differ in some of them.
func differs(now, before map[string]any, names ...string) bool {
	for _, name := range names {
		a, errA := json.Marshal(now[name])
		b, errB := json.Marshal(before[name])
		if errA != nil || errB != nil || string(a) != string(b) {
			return true
		}
	}
	return false
}

func (f functions) retag(ctx context.Context, arn string, now map[string]string) error {
	resource := lambdaapi.ListTagsInput{ARN: arn}
	before, err := f.service.ListTags(ctx, &resource)
	if err != nil {
		return err
	}
	if gone := untag(before.Tags, now); len(gone) > 0 {
		if _, err := f.service.UntagResource(ctx, &lambdaapi.UntagResourceInput{ListTagsInput: resource, TagKeys: gone}); err != nil {
			return err
		}
	}
	if len(now) == 0 {
		return nil
	}
	_, err = f.service.TagResource(ctx, &lambdaapi.TagResourceInput{ListTagsInput: resource, Tags: now})
	return err
}

func (f functions) Delete(ctx context.Context, r provider.Resource) error {
	_, err := f.service.DeleteFunction(ctx, &lambdaapi.Reference{FunctionName: r.PhysicalID})
	return unlessGone(err)
}

// permissions lets services invoke functions.
type permissions struct{ service *lambdaapi.Service }

type permissionProperties struct {
	Action        string `cfn:",required,replace"`
	FunctionName  string `cfn:",required,replace"`
	Principal     string `cfn:",required,replace"`
	SourceARN     string `cfn:"SourceArn,replace"`
	SourceAccount string `cfn:",replace"`
}

func (permissions) Schema() provider.Schema {
	return provider.SchemaOf[permissionProperties](provider.Options{Attributes: []string{"Id"}})
}

func (s permissions) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[permissionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	made := named(r.Name(100))
	if err := r.Begin(made.PhysicalID); err != nil {
		return provider.Made{}, err
	}
	_, err = s.service.AddPermission(ctx, &lambdaapi.AddPermissionInput{
		Reference: lambdaapi.Reference{FunctionName: p.FunctionName}, StatementID: made.PhysicalID, Action: p.Action,
		Principal: p.Principal, SourceARN: p.SourceARN, SourceAccount: p.SourceAccount,
	})
	return made, err
}

// Update has nothing to do: every property of a permission replaces it.
func (permissions) Update(_ context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	return named(r.PhysicalID), nil
}

func (s permissions) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[permissionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	_, err = s.service.RemovePermission(ctx, &lambdaapi.RemovePermissionInput{Reference: lambdaapi.Reference{FunctionName: p.FunctionName}, StatementID: r.PhysicalID})
	return unlessGone(err)
}

// mappings has functions run on the messages of queues.
type mappings struct{ service *lambdaapi.Service }

type mappingProperties struct {
	EventSourceARN                 string `cfn:"EventSourceArn,required,replace"`
	FunctionName                   string `cfn:",required"`
	BatchSize                      *int
	MaximumBatchingWindowInSeconds *int
	FunctionResponseTypes          []string
	ScalingConfig                  *mappingScaling
	Enabled                        *bool
	// Tags of a mapping nobody can ask for here.
	Tags []provider.Tag
}

type mappingScaling struct{ MaximumConcurrency *int }

func (mappings) Schema() provider.Schema {
	return provider.SchemaOf[mappingProperties](provider.Options{Attributes: []string{"Id", "EventSourceMappingArn"}})
}

func (p mappingProperties) settings() lambdaapi.MappingSettings {
	s := lambdaapi.MappingSettings{
		BatchSize: new(or(p.BatchSize, 10)), MaximumBatchingWindowInSeconds: new(or(p.MaximumBatchingWindowInSeconds, 0)),
		FunctionResponseTypes: &p.FunctionResponseTypes, Enabled: new(or(p.Enabled, true)), ScalingConfig: &lambdaapi.ScalingConfig{},
	}
	if p.ScalingConfig != nil {
		s.ScalingConfig.MaximumConcurrency = p.ScalingConfig.MaximumConcurrency
	}
	return s
}

// madeMapping is a mapping that exists.
func madeMapping(ctx context.Context, id string) provider.Made {
	made := named(id)
	made.Attributes["EventSourceMappingArn"] = awsapi.LocalARN("lambda", awsapi.RequestFrom(ctx).Region, "event-source-mapping:"+id)
	return made
}

func (m mappings) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[mappingProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%s", functionType, r.ID(52))).String()
	if err := r.Begin(id); err != nil {
		return provider.Made{}, err
	}
	_, err = m.service.CreateEventSourceMapping(ctx, &lambdaapi.CreateEventSourceMappingInput{
		ID: id, EventSourceARN: p.EventSourceARN, FunctionName: p.FunctionName, MappingSettings: p.settings(),
	})
	return madeMapping(ctx, id), err
}

func (m mappings) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[mappingProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	_, err = m.service.UpdateEventSourceMapping(ctx, &lambdaapi.UpdateEventSourceMappingInput{
		MappingReference: lambdaapi.MappingReference{UUID: r.PhysicalID}, FunctionName: p.FunctionName, MappingSettings: p.settings(),
	})
	return madeMapping(ctx, r.PhysicalID), err
}

func (m mappings) Delete(ctx context.Context, r provider.Resource) error {
	_, err := m.service.DeleteEventSourceMapping(ctx, &lambdaapi.MappingReference{UUID: r.PhysicalID})
	return unlessGone(err)
}
