package resources

import (
	"context"
	"encoding/json"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/eventsapi"
)

const ruleType = "AWS::Events::Rule"

// rules makes rules.
type rules struct{ service *eventsapi.Service }

type ruleProperties struct {
	Name               *string `cfn:",replace"`
	EventBusName       string  `cfn:",replace"`
	Description        string
	ScheduleExpression string
	EventPattern       any
	State              string
	Targets            []ruleTarget
	Tags               []provider.Tag
}

type ruleTarget struct {
	ID    string `cfn:"Id,required"`
	ARN   string `cfn:"Arn,required"`
	Input string
}

func (rules) Schema() provider.Schema {
	return provider.SchemaOf[ruleProperties](provider.Options{Name: "Name", Attributes: []string{"Arn"}})
}

func (s rules) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[ruleProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.Name, r.Name(64))
	bus := eventsapi.Bus{EventBusName: p.EventBusName}
	_, err = s.service.DescribeRule(ctx, &eventsapi.RuleReference{Bus: bus, Name: name})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(ruleType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, name, p, tags(r, p.Tags), nil)
}

// put makes a rule as it is to be, and takes from it the targets gone.
func (s rules) put(ctx context.Context, name string, p ruleProperties, tags map[string]string, gone []string) (provider.Made, error) {
	bus := eventsapi.Bus{EventBusName: p.EventBusName}
	in := &eventsapi.PutRuleInput{
		Bus: bus, Name: name, Description: p.Description, ScheduleExpression: p.ScheduleExpression, EventPattern: text(p.EventPattern), State: p.State,
	}
	for _, key := range keys(tags) {
		in.Tags = append(in.Tags, eventsapi.Tag{Key: key, Value: tags[key]})
	}
	out, err := s.service.PutRule(ctx, in)
	if err != nil {
		return provider.Made{}, err
	}
	if len(gone) > 0 {
		if _, err := s.service.RemoveTargets(ctx, &eventsapi.RemoveTargetsInput{Bus: bus, Rule: name, IDs: gone}); err != nil {
			return provider.Made{}, err
		}
	}
	var targets []json.RawMessage
	for _, t := range p.Targets {
		targets = append(targets, json.RawMessage(text(eventsapi.Target{ID: t.ID, ARN: t.ARN, Input: t.Input})))
	}
	if len(targets) > 0 {
		if _, err := s.service.PutTargets(ctx, &eventsapi.PutTargetsInput{Bus: bus, Rule: name, Targets: targets}); err != nil {
			return provider.Made{}, err
		}
	}
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Arn": out.RuleARN}}, nil
}

func (s rules) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[ruleProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := s.targets(ctx, r.PhysicalID)
	if err != nil {
		return provider.Made{}, err
	}
	var now []string
	for _, t := range p.Targets {
		now = append(now, t.ID)
	}
	made, err := s.put(ctx, r.PhysicalID, p, nil, without(before, now))
	if err != nil {
		return provider.Made{}, err
	}
	return made, s.retag(ctx, made.Attributes["Arn"].(string), tags(r, p.Tags))
}

// targets are the ids of a rule's targets.
func (s rules) targets(ctx context.Context, name string) ([]string, error) {
	out, err := s.service.ListTargetsByRule(ctx, &eventsapi.ListTargetsByRuleInput{Rule: name})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, t := range out.Targets {
		ids = append(ids, t.ID)
	}
	return ids, nil
}

func (s rules) retag(ctx context.Context, arn string, now map[string]string) error {
	resource := eventsapi.TagsReference{ResourceARN: arn}
	listed, err := s.service.ListTagsForResource(ctx, &resource)
	if err != nil {
		return err
	}
	before := map[string]string{}
	for _, t := range listed.Tags {
		before[t.Key] = t.Value
	}
	if gone := untag(before, now); len(gone) > 0 {
		if _, err := s.service.UntagResource(ctx, &eventsapi.UntagResourceInput{TagsReference: resource, TagKeys: gone}); err != nil {
			return err
		}
	}
	in := &eventsapi.TagResourceInput{TagsReference: resource}
	for _, key := range keys(now) {
		in.Tags = append(in.Tags, eventsapi.Tag{Key: key, Value: now[key]})
	}
	_, err = s.service.TagResource(ctx, in)
	return err
}

func (s rules) Delete(ctx context.Context, r provider.Resource) error {
	ids, err := s.targets(ctx, r.PhysicalID)
	if err != nil {
		return unlessGone(err)
	}
	if len(ids) > 0 {
		if _, err := s.service.RemoveTargets(ctx, &eventsapi.RemoveTargetsInput{Rule: r.PhysicalID, IDs: ids}); err != nil {
			return unlessGone(err)
		}
	}
	_, err = s.service.DeleteRule(ctx, &eventsapi.RuleReference{Name: r.PhysicalID})
	return err
}
