package resources

import (
	"context"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/cwlogs"
)

const logGroupType = "AWS::Logs::LogGroup"

// logGroups makes log groups.
type logGroups struct{ service *cwlogs.Service }

type logGroupProperties struct {
	LogGroupName    string `cfn:",replace"`
	LogGroupClass   string
	KMSKeyID        string `cfn:"KmsKeyId"`
	RetentionInDays *int
	Tags            []provider.Tag
}

func (logGroups) Schema() provider.Schema {
	return provider.SchemaOf[logGroupProperties](provider.Options{Name: "LogGroupName", Attributes: []string{"Arn"}})
}

func (s logGroups) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[logGroupProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := p.LogGroupName
	if name == "" {
		name = r.Name(512)
	}
	if _, err := s.service.CreateLogGroup(ctx, &cwlogs.CreateLogGroupInput{
		LogGroupName: name, LogGroupClass: p.LogGroupClass, KMSKeyID: p.KMSKeyID, Tags: tags(r, p.Tags),
	}); err != nil {
		if e := awsapi.AsError(err); e.Code == "ResourceAlreadyExistsException" {
			return provider.Made{}, provider.AlreadyExists(logGroupType, name)
		}
		return provider.Made{}, err
	}
	// Made in one step, and known to be this stack's only now.
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	return s.retain(ctx, name, p.RetentionInDays)
}

// retain sets how long lines are kept.
func (s logGroups) retain(ctx context.Context, name string, days *int) (provider.Made, error) {
	group := cwlogs.Reference{LogGroupName: name}
	var err error
	if days == nil {
		_, err = s.service.DeleteRetentionPolicy(ctx, &group)
	} else {
		_, err = s.service.PutRetentionPolicy(ctx, &cwlogs.PutRetentionPolicyInput{Reference: group, RetentionInDays: *days})
	}
	arn := awsapi.LocalARN("logs", awsapi.RequestFrom(ctx).Region, "log-group:"+name)
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Arn": arn + ":*"}}, err
}

func (s logGroups) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[logGroupProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	of := cwlogs.TagsReference{ResourceARN: awsapi.LocalARN("logs", awsapi.RequestFrom(ctx).Region, "log-group:"+r.PhysicalID)}
	before, err := s.service.ListTagsForResource(ctx, &of)
	if err != nil {
		return provider.Made{}, err
	}
	now := tags(r, p.Tags)
	if gone := untag(before.Tags, now); len(gone) > 0 {
		if _, err := s.service.UntagResource(ctx, &cwlogs.UntagResourceInput{TagsReference: of, TagKeys: gone}); err != nil {
			return provider.Made{}, err
		}
	}
	if _, err := s.service.TagResource(ctx, &cwlogs.TagResourceInput{TagsReference: of, Tags: now}); err != nil {
		return provider.Made{}, err
	}
	return s.retain(ctx, r.PhysicalID, p.RetentionInDays)
}

func (s logGroups) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.DeleteLogGroup(ctx, &cwlogs.Reference{LogGroupName: r.PhysicalID})
	return unlessGone(err)
}
