package policy_test

import (
	"testing"

	"github.com/less-go/less/internal/policy"
)

func TestConditions(t *testing.T) {
	context := map[string][]string{
		"aws:securetransport": {"true"},
		"aws:sourcearn":       {topic},
		"aws:sourceaccount":   {account},
		"aws:sourceip":        {"127.0.0.1"},
		"aws:currenttime":     {"2026-01-02T12:00:00Z"},
		"aws:epochtime":       {"1767355200"},
		"s3:max-keys":         {"10"},
		"aws:tagkeys":         {"app", "stage"},
		"app":                 {"shop"},
	}
	for _, tt := range []struct {
		condition string
		want      bool
	}{
		{`{}`, true},
		{`{"Bool":{"aws:SecureTransport":"true"}}`, true},
		{`{"Bool":{"AWS:securetransport":true}}`, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, false},
		{`{"Bool":{"aws:None":"false"}}`, false},
		{`{"BoolIfExists":{"aws:None":"false"}}`, true},
		{`{"StringEquals":{"app":"shop"}}`, true},
		{`{"StringEquals":{"app":["other","shop"]}}`, true},
		{`{"StringEquals":{"app":"Shop"}}`, false},
		{`{"StringEquals":{"app":"s*"}}`, false},
		{`{"StringEquals":{"none":"shop"}}`, false},
		{`{"StringEqualsIfExists":{"none":"shop"}}`, true},
		{`{"StringEqualsIfExists":{"app":"other"}}`, false},
		{`{"StringEqualsIgnoreCase":{"app":"SHOP"}}`, true},
		{`{"StringNotEquals":{"app":"shop"}}`, false},
		{`{"StringNotEquals":{"app":["shop","other"]}}`, false},
		{`{"StringNotEquals":{"app":["one","other"]}}`, true},
		{`{"StringNotEquals":{"none":"shop"}}`, true},
		{`{"StringNotEqualsIgnoreCase":{"app":"SHOP"}}`, false},
		{`{"StringLike":{"app":"s?o*"}}`, true},
		{`{"StringNotLike":{"app":"s*"}}`, false},
		{`{"StringEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:${aws:SourceAccount}:${app}-order_placed"}}`, true},
		{`{"StringEquals":{"app":"${none}"}}`, false},
		{`{"StringLike":{"app":"${$}{app}"}}`, false},
		{`{"ArnEquals":{"aws:SourceArn":"` + topic + `"}}`, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:shop-*"}}`, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:shop-*"}}`, false},
		{`{"ArnNotEquals":{"aws:SourceArn":"` + topic + `"}}`, false},
		{`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sqs:*:*:*"}}`, true},
		{`{"NumericEquals":{"s3:max-keys":"10.0"}}`, true},
		{`{"NumericNotEquals":{"s3:max-keys":10}}`, false},
		{`{"NumericLessThan":{"s3:max-keys":"11"}}`, true},
		{`{"NumericLessThan":{"s3:max-keys":"10"}}`, false},
		{`{"NumericLessThanEquals":{"s3:max-keys":"10"}}`, true},
		{`{"NumericGreaterThan":{"s3:max-keys":"9"}}`, true},
		{`{"NumericGreaterThanEquals":{"s3:max-keys":"10.5"}}`, false},
		{`{"NumericEquals":{"app":"1"}}`, false},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01"}}`, true},
		{`{"DateLessThan":{"aws:CurrentTime":"2026-01-02T12:00:00Z"}}`, false},
		{`{"DateEquals":{"aws:EpochTime":"2026-01-02T12:00:00Z"}}`, true},
		{`{"DateNotEquals":{"aws:EpochTime":"1767355200"}}`, false},
		{`{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`, true},
		{`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","::1"]}}`, false},
		{`{"NotIpAddress":{"aws:SourceIp":"127.0.0.1"}}`, false},
		{`{"Null":{"sts:ExternalId":"true"}}`, true},
		{`{"Null":{"app":"true"}}`, false},
		{`{"Null":{"app":false}}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["app","stage","owner"]}}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":"app"}}`, false},
		{`{"ForAllValues:StringEquals":{"none":"app"}}`, true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"stage"}}`, true},
		{`{"ForAnyValue:StringLike":{"aws:TagKeys":"x*"}}`, false},
		{`{"ForAnyValue:StringEquals":{"none":"app"}}`, false},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["app","stage"]}}`, false},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":"owner"}}`, true},
		// All operators, and all keys of one, must hold.
		{`{"StringEquals":{"app":"shop","aws:SourceAccount":"` + account + `"},"Bool":{"aws:SecureTransport":"true"}}`, true},
		{`{"StringEquals":{"app":"shop","aws:SourceAccount":"1"},"Bool":{"aws:SecureTransport":"true"}}`, false},
		{`{"StringEquals":{"app":"shop"},"Bool":{"aws:SecureTransport":"false"}}`, false},
	} {
		d := identity(t, allow(onTopic+`,"Condition":`+tt.condition))
		got := policy.Evaluate(policy.Request{Action: "sns:Publish", Resource: topic, Context: context}, policy.Policies{Identity: d})
		if got.Allowed != tt.want {
			t.Errorf("%s: holds %t", tt.condition, got.Allowed)
		}
	}
}
