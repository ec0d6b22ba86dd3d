package resources

import (
	"context"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/cloudwatch"
)

const alarmType = "AWS::CloudWatch::Alarm"

// alarms makes alarms.
type alarms struct{ service *cloudwatch.Service }

type alarmProperties struct {
	AlarmName                        string `cfn:",replace"`
	AlarmDescription                 string
	ActionsEnabled                   *bool
	OKActions                        []string
	AlarmActions                     []string
	InsufficientDataActions          []string
	MetricName                       string
	Namespace                        string
	Statistic                        string
	ExtendedStatistic                string
	Dimensions                       []alarmDimension
	Period                           *int
	Unit                             string
	EvaluationPeriods                *int `cfn:",required"`
	DatapointsToAlarm                *int
	Threshold                        *float64
	ComparisonOperator               string `cfn:",required"`
	TreatMissingData                 string
	EvaluateLowSampleCountPercentile string
	Tags                             []provider.Tag
}

type alarmDimension struct {
	Name  string `cfn:",required"`
	Value string `cfn:",required"`
}

func (alarms) Schema() provider.Schema {
	return provider.SchemaOf[alarmProperties](provider.Options{Name: "AlarmName", Attributes: []string{"Arn"}})
}

func (s alarms) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[alarmProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := p.AlarmName
	if name == "" {
		name = r.Name(255)
	}
	found, err := s.service.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil {
		return provider.Made{}, err
	}
	if len(found.MetricAlarms) > 0 {
		return provider.Made{}, provider.AlreadyExists(alarmType, name)
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, name, p, tags(r, p.Tags))
}

// put makes an alarm as it is to be. One that exists keeps its tags.
func (s alarms) put(ctx context.Context, name string, p alarmProperties, tags map[string]string) (provider.Made, error) {
	in := &cloudwatch.PutMetricAlarmInput{Settings: cloudwatch.Settings{
		AlarmName: name, AlarmDescription: p.AlarmDescription, ActionsEnabled: p.ActionsEnabled,
		OKActions: p.OKActions, AlarmActions: p.AlarmActions, InsufficientDataActions: p.InsufficientDataActions,
		MetricName: p.MetricName, Namespace: p.Namespace, Statistic: p.Statistic, ExtendedStatistic: p.ExtendedStatistic,
		Period: p.Period, Unit: p.Unit, EvaluationPeriods: p.EvaluationPeriods, DatapointsToAlarm: p.DatapointsToAlarm,
		Threshold: p.Threshold, ComparisonOperator: p.ComparisonOperator, TreatMissingData: p.TreatMissingData,
		EvaluateLowSampleCountPercentile: p.EvaluateLowSampleCountPercentile,
	}}
	for _, d := range p.Dimensions {
		in.Dimensions = append(in.Dimensions, cloudwatch.Dimension(d))
	}
	in.Tags = alarmTags(tags)
	if _, err := s.service.PutMetricAlarm(ctx, in); err != nil {
		return provider.Made{}, err
	}
	found, err := s.service.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil {
		return provider.Made{}, err
	}
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Arn": found.MetricAlarms[0].AlarmARN}}, nil
}

func alarmTags(all map[string]string) []cloudwatch.Tag {
	var out []cloudwatch.Tag
	for _, key := range keys(all) {
		out = append(out, cloudwatch.Tag{Key: key, Value: all[key]})
	}
	return out
}

func (s alarms) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[alarmProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	made, err := s.put(ctx, r.PhysicalID, p, nil)
	if err != nil {
		return provider.Made{}, err
	}
	of := cloudwatch.TagsReference{ResourceARN: made.Attributes["Arn"].(string)}
	listed, err := s.service.ListTagsForResource(ctx, &of)
	if err != nil {
		return provider.Made{}, err
	}
	before, now := map[string]string{}, tags(r, p.Tags)
	for _, t := range listed.Tags {
		before[t.Key] = t.Value
	}
	if gone := untag(before, now); len(gone) > 0 {
		if _, err := s.service.UntagResource(ctx, &cloudwatch.UntagResourceInput{TagsReference: of, TagKeys: gone}); err != nil {
			return provider.Made{}, err
		}
	}
	_, err = s.service.TagResource(ctx, &cloudwatch.TagResourceInput{TagsReference: of, Tags: alarmTags(now)})
	return made, err
}

func (s alarms) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.DeleteAlarms(ctx, &cloudwatch.AlarmNames{AlarmNames: []string{r.PhysicalID}})
	return unlessGone(err)
}

const dashboardType = "AWS::CloudWatch::Dashboard"

// dashboards makes dashboards.
type dashboards struct{ service *cloudwatch.Service }

type dashboardProperties struct {
	DashboardName string `cfn:",replace"`
	DashboardBody any    `cfn:",required"`
	// Tags are not kept: the service here has none for dashboards, and nothing reads them.
	Tags []provider.Tag
}

func (dashboards) Schema() provider.Schema {
	return provider.SchemaOf[dashboardProperties](provider.Options{Name: "DashboardName"})
}

func (s dashboards) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[dashboardProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := p.DashboardName
	if name == "" {
		name = r.Name(255)
	}
	_, err = s.service.GetDashboard(ctx, &cloudwatch.DashboardReference{DashboardName: name})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(dashboardType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, name, p)
}

func (s dashboards) put(ctx context.Context, name string, p dashboardProperties) (provider.Made, error) {
	_, err := s.service.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: text(p.DashboardBody)})
	return provider.Made{PhysicalID: name}, err
}

func (s dashboards) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[dashboardProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, r.PhysicalID, p)
}

func (s dashboards) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{r.PhysicalID}})
	return unlessGone(err)
}
