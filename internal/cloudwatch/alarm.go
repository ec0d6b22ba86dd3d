package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A Dimension says which of a metric's values are meant.
type Dimension struct{ Name, Value string }

// Settings are what a client says of an alarm.
type Settings struct {
	AlarmName                        string
	AlarmDescription                 string      `json:",omitempty"`
	ActionsEnabled                   *bool       `json:",omitempty"`
	OKActions                        []string    `json:",omitempty"`
	AlarmActions                     []string    `json:",omitempty"`
	InsufficientDataActions          []string    `json:",omitempty"`
	MetricName                       string      `json:",omitempty"`
	Namespace                        string      `json:",omitempty"`
	Statistic                        string      `json:",omitempty"`
	ExtendedStatistic                string      `json:",omitempty"`
	Dimensions                       []Dimension `json:",omitempty"`
	Period                           *int        `json:",omitempty"` // s
	Unit                             string      `json:",omitempty"`
	EvaluationPeriods                *int        `json:",omitempty"`
	DatapointsToAlarm                *int        `json:",omitempty"`
	Threshold                        *float64    `json:",omitempty"`
	ComparisonOperator               string      `json:",omitempty"`
	TreatMissingData                 string      `json:",omitempty"`
	EvaluateLowSampleCountPercentile string      `json:",omitempty"`
}

// An Alarm is a metric alarm as it is kept.
type Alarm struct {
	Settings
	Region  string
	Tags    map[string]string
	Updated time.Time
	// Set is a state that a client has set; it holds until the alarm is changed.
	Set *State `json:",omitempty"`
}

// ARN is the alarm's.
func (a Alarm) ARN() string { return awsapi.LocalARN("cloudwatch", a.Region, alarmPrefix+a.AlarmName) }

const alarmPrefix = "alarm:"

// A State is OK, ALARM or INSUFFICIENT_DATA, with the reason and since when.
type State struct {
	Value, Reason string
	Since         time.Time
}

// The states.
const (
	ok           = "OK"
	alarm        = "ALARM"
	insufficient = "INSUFFICIENT_DATA"
)

// A Tag is one of an alarm's.
type Tag struct{ Key, Value string }

// PutMetricAlarmInput is the input of PutMetricAlarm.
type PutMetricAlarmInput struct {
	Settings
	Tags []Tag
	// What would be lost if it were ignored: alarms over several metrics.
	Metrics            []struct{ ID string }
	ThresholdMetricID  string `json:"ThresholdMetricId"`
	EvaluationInterval *int
}

// Resource returns the alarm's ARN.
func (in *PutMetricAlarmInput) Resource(region string) string {
	return awsapi.LocalARN("cloudwatch", region, alarmPrefix+in.AlarmName)
}

// PutMetricAlarm makes an alarm, or changes all of one but for its tags.
func (s *Service) PutMetricAlarm(ctx context.Context, in *PutMetricAlarmInput) (*struct{}, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &struct{}{}, s.alarms.Change(ctx, in.AlarmName, func(before Alarm, exists bool) (*Alarm, error) {
		a := Alarm{Settings: in.Settings, Region: awsapi.RequestFrom(ctx).Region, Tags: map[string]string{}, Updated: time.Now()}
		if exists {
			a.Tags = before.Tags
			return &a, nil
		}
		for _, t := range in.Tags {
			a.Tags[t.Key] = t.Value
		}
		return &a, nil
	})
}

func (in *PutMetricAlarmInput) check() error {
	if len(in.Metrics) > 0 || in.ThresholdMetricID != "" || in.EvaluationInterval != nil {
		return awsapi.NotImplemented("alarms over metric queries")
	}
	oneOf := func(name, value string, values ...string) error {
		if slices.Contains(values, value) {
			return nil
		}
		return awsapi.Errorf("ValidationError", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
			value, name, strings.Join(values, ", "))
	}
	switch {
	case in.AlarmName == "" || len(in.AlarmName) > 255:
		return awsapi.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'alarmName' failed to satisfy constraint: Member must have length between 1 and 255", in.AlarmName)
	case in.MetricName == "" || in.Namespace == "":
		return awsapi.Errorf("ValidationError", "Exactly one of MetricName or Metrics must be specified")
	case (in.Statistic == "") == (in.ExtendedStatistic == ""):
		return awsapi.Errorf("ValidationError", "Exactly one of Statistic or ExtendedStatistic must be specified")
	case in.EvaluationPeriods == nil || *in.EvaluationPeriods < 1:
		return awsapi.Errorf("ValidationError", "The parameter EvaluationPeriods is required and at least 1.")
	case in.Threshold == nil:
		return awsapi.Errorf("ValidationError", "The parameter Threshold is required.")
	case in.Period == nil || *in.Period != 10 && *in.Period != 20 && *in.Period != 30 && (*in.Period < 60 || *in.Period%60 != 0):
		return awsapi.Errorf("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
	}
	if err := oneOf("comparisonOperator", in.ComparisonOperator, "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"); err != nil {
		return err
	}
	if in.TreatMissingData != "" {
		return oneOf("treatMissingData", in.TreatMissingData, "breaching", "notBreaching", "ignore", "missing")
	}
	return nil
}

// DescribeAlarmsInput is the input of DescribeAlarms.
type DescribeAlarmsInput struct {
	AlarmNames      []string
	AlarmNamePrefix string
	AlarmTypes      []string
	StateValue      string
	ActionPrefix    string
	MaxRecords      *int
	NextToken       string
}

// An AlarmDescription is an alarm as DescribeAlarms shows it.
type AlarmDescription struct {
	Settings
	AlarmARN string `json:"AlarmArn"`
	// AlarmConfigurationUpdatedTimestamp is when a client changed it last.
	AlarmConfigurationUpdatedTimestamp awsapi.Timestamp
	StateValue                         string
	StateReason                        string
	StateUpdatedTimestamp              awsapi.Timestamp
}

// DescribeAlarmsOutput is the output of DescribeAlarms.
type DescribeAlarmsOutput struct {
	MetricAlarms    []AlarmDescription
	CompositeAlarms []struct{}
	NextToken       string `json:",omitempty"`
}

// maxAlarms is how many alarms an answer has at most.
const maxAlarms = 100

// DescribeAlarms returns alarms with their states.
func (s *Service) DescribeAlarms(ctx context.Context, in *DescribeAlarmsInput) (*DescribeAlarmsOutput, error) {
	limit := maxAlarms
	if in.MaxRecords != nil {
		limit = *in.MaxRecords
	}
	if limit < 1 || limit > maxAlarms {
		return nil, awsapi.Errorf("ValidationError", "MaxRecords is %d, and can be 1 to %d", limit, maxAlarms)
	}
	var found []AlarmDescription
	if len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, "MetricAlarm") {
		for _, a := range s.alarms.All() {
			state := s.state(ctx, a)
			if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, a.AlarmName) || !strings.HasPrefix(a.AlarmName, in.AlarmNamePrefix) ||
				in.StateValue != "" && in.StateValue != state.Value ||
				!slices.ContainsFunc(append(slices.Clone(a.AlarmActions), ""), func(arn string) bool { return strings.HasPrefix(arn, in.ActionPrefix) }) {
				continue
			}
			found = append(found, describe(a, state))
		}
	}
	out := &DescribeAlarmsOutput{CompositeAlarms: []struct{}{}}
	out.MetricAlarms, out.NextToken = page(found, func(a AlarmDescription) string { return a.AlarmName }, in.NextToken, limit)
	return out, nil
}

func describe(a Alarm, state State) AlarmDescription {
	if a.ActionsEnabled == nil {
		enabled := true
		a.ActionsEnabled = &enabled
	}
	return AlarmDescription{
		Settings: a.Settings, AlarmARN: a.ARN(), AlarmConfigurationUpdatedTimestamp: awsapi.Timestamp(a.Updated),
		StateValue: state.Value, StateReason: state.Reason, StateUpdatedTimestamp: awsapi.Timestamp(state.Since),
	}
}

// state is that of an alarm now.
func (s *Service) state(ctx context.Context, a Alarm) State {
	if a.Set != nil {
		return *a.Set
	}
	value, measured := s.measure(ctx, a)
	if !measured {
		return State{insufficient, "Unchecked: Initial alarm creation", a.Updated}
	}
	state := State{Value: ok, Since: a.Updated}
	breached := map[string]bool{
		"GreaterThanOrEqualToThreshold": value >= *a.Threshold, "GreaterThanThreshold": value > *a.Threshold,
		"LessThanThreshold": value < *a.Threshold, "LessThanOrEqualToThreshold": value <= *a.Threshold,
	}[a.ComparisonOperator]
	relation := "not "
	if breached {
		state.Value, relation = alarm, ""
	}
	state.Reason = fmt.Sprintf("Threshold Crossed: 1 datapoint [%v] was %s%s (%v).", value, relation, words(a.ComparisonOperator), *a.Threshold)
	return state
}

// words are an operator as reasons have it: "greater than the threshold".
func words(operator string) string {
	return map[string]string{
		"GreaterThanOrEqualToThreshold": "greater than or equal to the threshold", "GreaterThanThreshold": "greater than the threshold",
		"LessThanThreshold": "less than the threshold", "LessThanOrEqualToThreshold": "less than or equal to the threshold",
	}[operator]
}

// measure is the one metric that there is.
func (s *Service) measure(ctx context.Context, a Alarm) (value float64, measured bool) {
	if a.Namespace != "AWS/SQS" || a.MetricName != "ApproximateNumberOfMessagesVisible" || len(a.Dimensions) != 1 || a.Dimensions[0].Name != "QueueName" {
		return 0, false
	}
	stats, err := s.store.Stats(ctx, a.Dimensions[0].Value)
	return float64(stats.Visible), err == nil
}

// AlarmNames is the input of several actions.
type AlarmNames struct{ AlarmNames []string }

// DeleteAlarms deletes all of the alarms, or none where one does not exist.
func (s *Service) DeleteAlarms(ctx context.Context, in *AlarmNames) (*struct{}, error) {
	for _, name := range in.AlarmNames {
		if _, exists := s.alarms.Get(name); !exists {
			return nil, noAlarm(name)
		}
	}
	for _, name := range in.AlarmNames {
		if err := s.alarms.Change(ctx, name, func(Alarm, bool) (*Alarm, error) { return nil, nil }); err != nil {
			return nil, err
		}
	}
	return &struct{}{}, nil
}

func noAlarm(name string) error {
	return &awsapi.Error{Code: "ResourceNotFound", Status: 404, Message: "Alarm " + name + " does not exist"} // AWS's words were not seen
}

// change changes an alarm that there is.
func (s *Service) change(ctx context.Context, name string, how func(*Alarm)) error {
	return s.alarms.Change(ctx, name, func(a Alarm, exists bool) (*Alarm, error) {
		if !exists {
			return nil, noAlarm(name)
		}
		how(&a)
		return &a, nil
	})
}

// EnableAlarmActions and DisableAlarmActions change what an alarm says of its
// actions. Names that do not exist are passed over.
func (s *Service) EnableAlarmActions(ctx context.Context, in *AlarmNames) (*struct{}, error) {
	return s.enable(ctx, in.AlarmNames, true)
}

// DisableAlarmActions is the other way round.
func (s *Service) DisableAlarmActions(ctx context.Context, in *AlarmNames) (*struct{}, error) {
	return s.enable(ctx, in.AlarmNames, false)
}

func (s *Service) enable(ctx context.Context, names []string, enabled bool) (*struct{}, error) {
	for _, name := range names {
		if _, exists := s.alarms.Get(name); !exists {
			continue
		}
		if err := s.change(ctx, name, func(a *Alarm) { a.ActionsEnabled = &enabled }); err != nil {
			return nil, err
		}
	}
	return &struct{}{}, nil
}

// SetAlarmStateInput is the input of SetAlarmState.
type SetAlarmStateInput struct{ AlarmName, StateValue, StateReason, StateReasonData string }

// SetAlarmState sets a state that the next change of the alarm ends. On AWS the next
// evaluation does.
func (s *Service) SetAlarmState(ctx context.Context, in *SetAlarmStateInput) (*struct{}, error) {
	if !slices.Contains([]string{ok, alarm, insufficient}, in.StateValue) {
		return nil, awsapi.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]", in.StateValue)
	}
	return &struct{}{}, s.change(ctx, in.AlarmName, func(a *Alarm) { a.Set = &State{in.StateValue, in.StateReason, time.Now()} })
}
