package policy_test

import (
	"errors"
	"testing"

	"github.com/less-go/less/internal/policy"
)

func TestMalformed(t *testing.T) {
	const syntax = "Syntax errors in policy."
	kinds := map[string]func(string) (*policy.Document, error){
		"identity": policy.ParseIdentity, "resource": policy.ParseResource, "trust": policy.ParseTrust,
	}
	for _, tt := range []struct{ kind, text, want string }{
		{"identity", ``, syntax},
		{"identity", `[]`, syntax},
		{"identity", `{}`, syntax},
		{"identity", `{"Statement":[]}`, syntax},
		{"identity", `{"Version":"2012-10-17","Statement":[],"More":1}`, syntax},
		{"identity", `{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"a:b","Resource":"*"}}`, syntax},
		{"identity", `{"Statement":{"Effect":"allow","Action":"a:b","Resource":"*"}}`, syntax},
		{"identity", `{"Statement":{"Action":"a:b","Resource":"*"}}`, syntax},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","NotAction":"a:c","Resource":"*"}}`, syntax},
		{"identity", `{"Statement":{"Effect":"Allow","Action":{"a":"b"},"Resource":"*"}}`, syntax},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}x`, syntax},
		{"identity", `{"Version":"2013-01-01","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}`, "Policy document must be version 2012-10-17 or greater."},
		{"identity", `{"Statement":{"Effect":"Allow","Resource":"*"}}`, "Policy statement must contain actions."},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b"}}`, "Policy statement must contain resources."},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}}`, "Policy document should not specify a principal."},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"b","Resource":"*"}}`, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a b:c","Resource":"*"}}`, "Vendor a b is not valid"},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"queue"}}`, `Resource queue must be in ARN format or "*".`},
		{"identity", `{"Statement":[{"Sid":"S","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"S","Effect":"Allow","Action":"a:b","Resource":"*"}]}`, "Statement IDs (SID) in a single policy must be unique."},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringIs":{"a":"b"}}}}`, "Invalid Condition type : StringIs"},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}}}`, "Invalid Condition type : NullIfExists"},
		{"identity", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NumericEquals":{"a":"1e999999999"}}}}`, "Invalid value 1e999999999 in a condition"},
		{"resource", `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}`, "Missing required field Principal"},
		{"resource", `{"Statement":{"Effect":"Allow","Action":"a:b","Principal":{"AWS":"me"}}}`, `Invalid principal in policy: "AWS":"me"`},
		{"resource", `{"Statement":{"Effect":"Allow","Action":"a:b","Principal":{"AWS":"arn:aws:iam::000000000000:role/*"}}}`, `Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/*"`},
		{"trust", `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}}`, "Has prohibited field Resource"},
		{"trust", `{"Statement":{"Effect":"Allow","Action":"s3:*","Principal":"*"}}`, "AssumeRole policy may only specify STS AssumeRole actions."},
	} {
		_, err := kinds[tt.kind](tt.text)
		if m, ok := errors.AsType[*policy.Malformed](err); !ok || m.Message != tt.want {
			t.Errorf("%s policy %s: %v, want %s", tt.kind, tt.text, err, tt.want)
		}
	}
}

// A policy of any text must be read or refused, and no request may make it panic. What
// it denies it does not allow.
func FuzzEvaluate(f *testing.F) {
	f.Add(allow(onTopic), topic, "sns:Publish", "shop")
	f.Add(deny(onTopic+`,"Condition":{"ForAllValues:NumericLessThan":{"app":["1",2]}}`), topic, "sns:Publish", "1.5")
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"a:*","Resource":"arn:*:${app}:${none, 'x'}","Principal":"*"}}`, "arn:a:b", "b:c", "*")
	f.Fuzz(func(t *testing.T, text, on, action, value string) {
		r := policy.Request{Principal: charge, Action: action, Resource: on, Context: map[string][]string{"app": {value}}}
		for _, parse := range []func(string) (*policy.Document, error){policy.ParseIdentity, policy.ParseResource, policy.ParseTrust} {
			d, err := parse(text)
			if err != nil {
				if _, ok := errors.AsType[*policy.Malformed](err); !ok {
					t.Fatalf("%v is not Malformed", err)
				}
				continue
			}
			as := policy.Evaluate(r, policy.Policies{Resource: d, ResourceDecides: true})
			if as.Allowed && as.Explicit {
				t.Fatal("allowed and denied")
			}
			all := identity(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
			if policy.Evaluate(r, policy.Policies{Identity: all, Resource: d}).Allowed == as.Explicit {
				t.Fatal("a deny of the resource's is not the only thing that keeps an administrator out")
			}
		}
	})
}
