// Package resources makes CloudFormation's resources of the types that run an
// application: queues, topics, functions, HTTP APIs, rules, alarms and log groups, and of
// those that a deployment rests on: roles, buckets, parameters and repositories. Each is made by the
// actions of its service, with the inputs that a client would send, so that what a
// template makes is what the same calls make.
package resources

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/cloudwatch"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/ecr"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/s3"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/sqs"
	"github.com/less-go/less/internal/ssm"
)

// Services are what makes the resources.
type Services struct {
	SQS    *sqs.Service
	SNS    *sns.Service
	Lambda *lambdaapi.Service
	APIs   *apigatewayv2.Service
	Events *eventsapi.Service
	Alarms *cloudwatch.Service
	Logs   *cwlogs.Service
	S3     *s3.Service
	IAM    *iamapi.Service
	SSM    *ssm.Service
	ECR    *ecr.Service
}

// Providers are the providers of all types, by the types' names.
func Providers(s Services) map[string]provider.Provider {
	return map[string]provider.Provider{
		queueType:                         queues{s.SQS},
		"AWS::SQS::QueuePolicy":           queuePolicies{s.SQS},
		topicType:                         topics{s.SNS},
		"AWS::SNS::TopicPolicy":           topicPolicies{s.SNS},
		"AWS::SNS::Subscription":          subscriptions{s.SNS},
		functionType:                      functions{s.Lambda},
		"AWS::Lambda::Permission":         permissions{s.Lambda},
		"AWS::Lambda::EventSourceMapping": mappings{s.Lambda},
		"AWS::ApiGatewayV2::Api":          apis{s.APIs},
		"AWS::ApiGatewayV2::Stage":        stages{s.APIs},
		"AWS::ApiGatewayV2::Integration":  integrations{s.APIs},
		"AWS::ApiGatewayV2::Route":        routes{s.APIs},
		ruleType:                          rules{s.Events},
		alarmType:                         alarms{s.Alarms},
		logGroupType:                      logGroups{s.Logs},
		dashboardType:                     dashboards{s.Alarms},
		bucketType:                        buckets{s.S3},
		"AWS::S3::BucketPolicy":           bucketPolicies{s.S3},
		roleType:                          roles{s.IAM},
		"AWS::IAM::Policy":                rolePolicies{s.IAM},
		managedPolicyType:                 managedPolicies{s.IAM},
		parameterType:                     parameters{s.SSM},
		repositoryType:                    repositories{s.ECR},
	}
}

// text is free JSON as an attribute of a service has it: a template may write it as
// an object, or as text already. What is not there is "".
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		panic("resources: a property cannot be written: " + err.Error()) // it was read as JSON
	}
	return string(out)
}

// gone are the errors of what is not there that have not the status 404.
var gone = []string{
	"QueueDoesNotExist", "ResourceNotFoundException", "NotFoundException", "ParameterNotFound", "RepositoryNotFoundException",
}

// isGone says that an action failed because what it is about is not there.
func isGone(err error) bool {
	e, ok := errors.AsType[*awsapi.Error](err)
	return ok && (e.Status == http.StatusNotFound || slices.Contains(gone, e.Code))
}

// unlessGone is err, but for what was to be ended and is not there.
func unlessGone(err error) error {
	if isGone(err) {
		return nil
	}
	return err
}

// tags are those of a resource, its own and its stack's.
func tags(r provider.Resource, own []provider.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range r.MergeTags(own) {
		out[t.Key] = t.Value
	}
	return out
}

// untag are the keys of before that after has not.
func untag(before, after map[string]string) []string {
	var out []string
	for key := range before {
		if _, stays := after[key]; !stays {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// lowerName is the name for a resource whose name must be in lower case.
func lowerName(r provider.Resource, limit int) string { return strings.ToLower(r.Name(limit)) }

// or is what v points to, or otherwise.
func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// keys are those of m, sorted, so that what fails is always the same.
func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
