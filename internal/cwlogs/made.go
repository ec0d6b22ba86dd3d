package cwlogs

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// made is a group that a client has made, or changed: of a function, whose log is there
// without it, or of something that logs nothing here.
type made struct {
	Name string
	// Retention is how many days lines are to be kept, 0 for ever. The oldest go here
	// when there is too much.
	Retention int `json:",omitempty"`
	Tags      map[string]string
	Created   time.Time
}

// put changes a group, and has it seen.
func (s *Service) put(ctx context.Context, name string, how func(m made, found bool) (*made, error)) (*struct{}, error) {
	if err := s.made.Change(ctx, name, how); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.join()
	return &struct{}{}, nil
}

// change changes a group that there is.
func (s *Service) change(ctx context.Context, r Reference, how func(*made)) (*struct{}, error) {
	g, err := s.find(r)
	if err != nil {
		return nil, err
	}
	return s.put(ctx, g.name, func(m made, found bool) (*made, error) {
		if !found {
			m = made{Name: g.name, Created: g.since}
		}
		tags := map[string]string{}
		maps.Copy(tags, m.Tags)
		m.Tags = tags
		how(&m)
		return &m, nil
	})
}

// CreateLogGroupInput is the input of CreateLogGroup.
type CreateLogGroupInput struct {
	LogGroupName  string            `json:"logGroupName"`
	LogGroupClass string            `json:"logGroupClass"`
	KMSKeyID      string            `json:"kmsKeyId"`
	Tags          map[string]string `json:"tags"`
}

// Resource returns the ARN of the group.
func (in *CreateLogGroupInput) Resource(region string) string {
	return groupARN(region, in.LogGroupName)
}

var groupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// CreateLogGroup makes a group. That of a function can be made too, once: until then
// it is there without having been made.
func (s *Service) CreateLogGroup(ctx context.Context, in *CreateLogGroupInput) (*struct{}, error) {
	switch {
	case !groupName.MatchString(in.LogGroupName):
		return nil, invalid("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", in.LogGroupName)
	case in.LogGroupClass != "" && in.LogGroupClass != standardClass:
		return nil, awsapi.NotImplemented("log groups of the class %s", in.LogGroupClass)
	case in.KMSKeyID != "":
		return nil, awsapi.NotImplemented("the encryption of log groups")
	}
	return s.put(ctx, in.LogGroupName, func(_ made, exists bool) (*made, error) {
		if exists {
			return nil, awsapi.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
		}
		return &made{Name: in.LogGroupName, Tags: in.Tags, Created: time.Now()}, nil
	})
}

// DeleteLogGroup forgets what was made of a group. What a function has written is there
// as long as the function.
func (s *Service) DeleteLogGroup(ctx context.Context, in *Reference) (*struct{}, error) {
	g, err := s.find(*in)
	if err != nil {
		return nil, err
	}
	return s.put(ctx, g.name, func(made, bool) (*made, error) { return nil, nil })
}

// retentions are the days that lines can be kept for.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// PutRetentionPolicyInput is the input of PutRetentionPolicy.
type PutRetentionPolicyInput struct {
	Reference
	RetentionInDays int `json:"retentionInDays"`
}

// PutRetentionPolicy says how long lines are to be kept.
func (s *Service) PutRetentionPolicy(ctx context.Context, in *PutRetentionPolicyInput) (*struct{}, error) {
	if !slices.Contains(retentions, in.RetentionInDays) {
		return nil, invalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", in.RetentionInDays, retentions) // AWS's order was not seen
	}
	return s.change(ctx, in.Reference, func(m *made) { m.Retention = in.RetentionInDays })
}

// DeleteRetentionPolicy says that they are for ever.
func (s *Service) DeleteRetentionPolicy(ctx context.Context, in *Reference) (*struct{}, error) {
	return s.change(ctx, *in, func(m *made) { m.Retention = 0 })
}

// TagsReference is the part of an input that says whose tags are meant.
type TagsReference struct {
	ResourceARN string `json:"resourceArn"`
}

// Resource returns the ARN of what has the tags.
func (in *TagsReference) Resource(string) string { return in.ResourceARN }

func (in *TagsReference) group() Reference { return Reference{LogGroupIdentifier: in.ResourceARN} }

// Tags are the output of ListTagsForResource.
type Tags struct {
	Tags map[string]string `json:"tags"`
}

// ListTagsForResource returns the tags of a group.
func (s *Service) ListTagsForResource(_ context.Context, in *TagsReference) (*Tags, error) {
	g, err := s.find(in.group())
	if err != nil {
		return nil, err
	}
	out := &Tags{Tags: map[string]string{}}
	m, _ := s.made.Get(g.name)
	maps.Copy(out.Tags, m.Tags)
	return out, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	TagsReference
	Tags map[string]string `json:"tags"`
}

// TagResource sets tags of a group.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*struct{}, error) {
	return s.change(ctx, in.group(), func(m *made) { maps.Copy(m.Tags, in.Tags) })
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	TagsReference
	TagKeys []string `json:"tagKeys"`
}

// UntagResource takes tags from a group.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*struct{}, error) {
	return s.change(ctx, in.group(), func(m *made) {
		for _, key := range in.TagKeys {
			delete(m.Tags, key)
		}
	})
}
