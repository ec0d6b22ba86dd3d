package awstest

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/less-go/less/internal/plan"
)

// alarms are by their text: CloudFormation chooses their names.
type alarms map[string]types.MetricAlarm

func (r *reading) alarmsByText() alarms {
	out := alarms{}
	r.at = r.d.Root
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(r.config), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(r.d.Root + "-")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(r.ctx)
		if !r.known("alarms", err) {
			return out
		}
		for _, a := range page.MetricAlarms {
			out[aws.ToString(a.AlarmDescription)] = a
		}
	}
	return out
}

// watching reads the alarms of all functions, whom they tell, and the dashboard.
func (r *reading) watching(all alarms) {
	watched := map[string]bool{}
	for _, s := range r.d.Subscriptions() {
		r.at, watched[s.Function] = s.Function, true
		for _, a := range r.d.SubscriberAlarms(s) {
			r.alarm(all, a)
		}
	}
	for _, c := range r.d.Crons {
		r.at, watched[c.Function] = c.Function, true
		f, _ := r.d.Function(c.Function)
		for _, a := range r.d.CronAlarms(f) {
			r.alarm(all, a)
		}
	}
	for _, f := range r.d.Functions {
		r.at = f.ID
		if !watched[f.ID] {
			for _, a := range r.d.RouteAlarms(f) {
				r.alarm(all, a)
			}
		}
	}
	r.at = r.d.Root
	r.ops()
	r.dashboard()
}

func (r *reading) alarm(all alarms, want plan.Alarm) {
	name := "alarm " + want.ID
	got, found := all[want.Text]
	if !found {
		r.fault(name, "there is none that says %q", want.Text)
		return
	}
	r.same(name+" metric", aws.ToString(got.Namespace)+" "+aws.ToString(got.MetricName), want.Namespace+" "+want.Metric)
	dimensions := map[string]string{}
	for _, d := range got.Dimensions {
		dimensions[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	r.same(name+" dimensions", dimensions, want.Dimensions)
	statistic, few := want.Statistic, ""
	if strings.HasPrefix(statistic, "p") {
		statistic, few = "", "ignore"
		r.same(name+" statistic", aws.ToString(got.ExtendedStatistic), want.Statistic)
	}
	r.same(name+" statistic", string(got.Statistic), statistic)
	r.same(name+" few samples", aws.ToString(got.EvaluateLowSampleCountPercentile), few)
	r.same(name+" comparison", got.ComparisonOperator, types.ComparisonOperatorGreaterThanThreshold)
	r.same(name+" threshold", aws.ToFloat64(got.Threshold), want.Above)
	r.same(name+" period", float64(aws.ToInt32(got.Period)), want.Period.Seconds())
	r.same(name+" periods", int(aws.ToInt32(got.EvaluationPeriods)), want.Periods)
	r.same(name+" missing data", aws.ToString(got.TreatMissingData), "notBreaching")
	var tells []string
	if arn := r.opsARN(); arn != "" {
		tells = []string{arn}
	}
	r.same(name+" actions", written(got.AlarmActions), written(tells))
	r.same(name+" OK actions", written(got.OKActions), written(tells))
	if tags, err := cloudwatch.NewFromConfig(r.config).ListTagsForResource(r.ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: got.AlarmArn}); r.known(name+" tags", err) {
		all := map[string]string{}
		for _, tag := range tags.Tags {
			all[*tag.Key] = *tag.Value
		}
		r.tags(name+" tags", all)
	}
}

// opsARN is the topic that alarms tell, or "".
func (r *reading) opsARN() string {
	if r.d.OpsTopic != "" {
		return r.arn("sns", r.d.OpsTopic)
	}
	return r.d.OpsARN
}

// ops reads the topic that alarms tell, where the deployment makes it.
func (r *reading) ops() {
	if r.d.OpsTopic == "" {
		return
	}
	arn := r.opsARN()
	out, err := sns.NewFromConfig(r.config).GetTopicAttributes(r.ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if !r.known("ops topic", err) {
		return
	}
	r.topicTags("ops topic tags", arn)
	r.samePolicy("ops topic policy", out.Attributes["Policy"], map[string]any{
		"Sid": "Alarms", "Effect": "Allow", "Action": "sns:Publish", "Resource": arn,
		"Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
		"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": r.account}},
	}, onlyTLS("sns:Publish", arn))
}

// dashboard reads that there is one, of this region, whose widgets search for metrics by
// the deployment's name.
func (r *reading) dashboard() {
	out, err := cloudwatch.NewFromConfig(r.config).GetDashboard(r.ctx, &cloudwatch.GetDashboardInput{DashboardName: &r.d.Name})
	if !r.known("dashboard", err) {
		return
	}
	var body struct {
		Widgets []struct {
			Properties struct {
				Title, Region string
				Metrics       [][]struct{ Expression string }
			}
		}
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.DashboardBody)), &body); !r.known("dashboard", err) {
		return
	}
	var titles []string
	for _, w := range body.Widgets {
		titles = append(titles, w.Properties.Title)
		r.same("dashboard region", w.Properties.Region, r.config.Region)
		if len(w.Properties.Metrics) != 1 || len(w.Properties.Metrics[0]) != 1 {
			r.fault("dashboard metric", "%s shows %v", w.Properties.Title, w.Properties.Metrics)
			continue
		}
		for word := range strings.SplitSeq(r.d.Name, "-") {
			if search := w.Properties.Metrics[0][0].Expression; !strings.Contains(search, "Name="+word) {
				r.fault("dashboard metric", "%s does not search for %s: %s", w.Properties.Title, word, search)
			}
		}
	}
	r.same("dashboard widgets", titles, []string{
		"Dead letters", "Age of the oldest message", "Invocations", "Errors", "Duration, 99 of 100", "Throttles", "Published", "Not delivered",
	})
}
