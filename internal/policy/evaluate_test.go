package policy_test

import (
	"fmt"
	"testing"

	"github.com/less-go/less/internal/policy"
)

const (
	account = "000000000000"
	role    = "arn:aws:iam::" + account + ":role/charge"
	session = "arn:aws:sts::" + account + ":assumed-role/charge/charge"
	root    = "arn:aws:iam::" + account + ":root"
	topic   = "arn:aws:sns:us-east-1:" + account + ":shop-order_placed"
)

var charge = policy.Principal{ARN: session, Role: role, Account: account}

func allow(more string) string { return statement("Allow", more) }
func deny(more string) string  { return statement("Deny", more) }

func statement(effect, more string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":%q,"Action":"sns:Publish",%s}]}`, effect, more)
}

const onTopic = `"Resource":"` + topic + `"`

func principal(text string) string { return onTopic + `,"Principal":` + text }

func identity(t *testing.T, texts ...string) (all []*policy.Document) {
	t.Helper()
	for _, text := range texts {
		d, err := policy.ParseIdentity(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all = append(all, d)
	}
	return all
}

func resource(t *testing.T, text string) *policy.Document {
	t.Helper()
	if text == "" {
		return nil
	}
	d, err := policy.ParseResource(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

// The logic within one account, as AWS documents it.
func TestEvaluationLogic(t *testing.T) {
	const noIdentity = "because no identity-based policy allows the sns:Publish action"
	const noResource = "because no resource-based policy allows the sns:Publish action"
	sns := policy.Principal{Service: "sns.amazonaws.com"}
	owner := policy.Principal{ARN: root, Account: account}
	for _, tt := range []struct {
		name     string
		who      policy.Principal
		identity []string
		resource string
		decides  bool
		want     string // why not; "" where it is allowed
	}{
		{"nobody says anything", charge, nil, "", false, noIdentity},
		{"the role allows", charge, []string{allow(onTopic)}, "", false, ""},
		{"the role allows something else", charge, []string{allow(`"Resource":"` + topic + `-2"`)}, "", false, noIdentity},
		{"one of two policies allows", charge, []string{allow(`"Resource":"arn:aws:sns:*:*:other"`), allow(onTopic)}, "", false, ""},
		{"one allows and one denies", charge, []string{allow(onTopic), deny(onTopic)}, "", false, "with an explicit deny in an identity-based policy"},
		{"the resource names the role", charge, nil, allow(principal(`{"AWS":"` + role + `"}`)), false, ""},
		{"the resource names the session", charge, nil, allow(principal(`{"AWS":"` + session + `"}`)), false, ""},
		{"the resource names everybody", charge, nil, allow(principal(`"*"`)), false, ""},
		{"the resource names another role", charge, nil, allow(principal(`{"AWS":"` + role + `2"}`)), false, noIdentity},
		{"the resource leaves it to the account", charge, nil, allow(principal(`{"AWS":"` + account + `"}`)), false, noIdentity},
		{"and so does the account's ARN", charge, nil, allow(principal(`{"AWS":"` + root + `"}`)), false, noIdentity},
		{"which the account's policy does", charge, []string{allow(onTopic)}, allow(principal(`{"AWS":"` + root + `"}`)), false, ""},
		{"the account itself needs no more", owner, nil, allow(principal(`{"AWS":"` + account + `"}`)), false, ""},
		{"the resource denies the account", charge, []string{allow(onTopic)}, deny(principal(`{"AWS":"` + root + `"}`)), false, "with an explicit deny in a resource-based policy"},
		{"the resource denies everybody", charge, []string{allow(onTopic)}, deny(principal(`"*"`)), false, "with an explicit deny in a resource-based policy"},
		{"the resource decides and says nothing of it", charge, []string{allow(onTopic)}, allow(principal(`{"AWS":"111111111111"}`)), true, noResource},
		{"the resource decides and leaves it to the account", charge, []string{allow(onTopic)}, allow(principal(`{"AWS":"` + account + `"}`)), true, ""},
		{"the resource decides and the account is silent", charge, nil, allow(principal(`{"AWS":"` + account + `"}`)), true, noIdentity},
		{"a service that is named", sns, nil, allow(principal(`{"Service":["sqs.amazonaws.com","sns.amazonaws.com"]}`)), false, ""},
		{"a service that is not", sns, nil, allow(principal(`{"Service":"events.amazonaws.com"}`)), false, noResource},
		{"a service and no policy", sns, nil, "", false, noResource},
		{"an account is no service", sns, nil, allow(principal(`{"AWS":"` + account + `"}`)), false, noResource},
		{"all but one role are denied", charge, []string{allow(onTopic)}, deny(onTopic + `,"NotPrincipal":{"AWS":"` + role + `"}`), false, ""},
		{"all but another are denied", charge, []string{allow(onTopic)}, deny(onTopic + `,"NotPrincipal":{"AWS":"` + role + `2"}`), false, "with an explicit deny in a resource-based policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := policy.Evaluate(
				policy.Request{Principal: tt.who, Action: "sns:Publish", Resource: topic},
				policy.Policies{Identity: identity(t, tt.identity...), Resource: resource(t, tt.resource), ResourceDecides: tt.decides},
			)
			if because := got.Because("sns:Publish"); because != tt.want || got.Allowed != (tt.want == "") {
				t.Errorf("allowed %t, %q, want %q", got.Allowed, because, tt.want)
			}
			if (got.Explicit || got.Allowed) && got.Statement != "S" {
				t.Errorf("the statement is %q", got.Statement)
			}
		})
	}
}

func TestActionsAndResources(t *testing.T) {
	for _, tt := range []struct {
		what string
		want bool
	}{
		{`"Action":"SNS:publish","Resource":"*"`, true},
		{`"Action":["sqs:*","sns:Pub*"],"Resource":"*"`, true},
		{`"Action":"sns:Publis?","Resource":"*"`, true},
		{`"Action":"sns:Publis??","Resource":"*"`, false},
		{`"Action":"*","Resource":"*"`, true},
		{`"Action":"sqs:*","Resource":"*"`, false},
		{`"NotAction":"sqs:*","Resource":"*"`, true},
		{`"NotAction":["sqs:*","sns:*"],"Resource":"*"`, false},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:*:shop-*"`, true},
		{`"Action":"sns:*","Resource":"arn:aws:sns:us-east-?:*:*"`, true},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:shop-order_placed"`, false}, // a wildcard is of one part
		{`"Action":"sns:*","Resource":"arn:aws:sns:us-east-1:` + account + `:SHOP-order_placed"`, false},
		{`"Action":"sns:*","NotResource":"arn:aws:sns:*:*:shop-*"`, false},
		{`"Action":"sns:*","NotResource":"arn:aws:sns:*:*:other-*"`, true},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:*:${aws:PrincipalTag/app}-*"`, true},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:*:${aws:PrincipalTag/none}*"`, false},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:*:${aws:PrincipalTag/none, 'shop'}-*"`, true},
		{`"Action":"sns:*","Resource":"arn:aws:sns:*:*:${aws:PrincipalTag/star}"`, false}, // its * means nothing
		{`"Action":"sns:*","NotResource":"arn:aws:sns:*:*:${aws:PrincipalTag/none}"`, false},
	} {
		text := `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + tt.what + `}}`
		got := policy.Evaluate(policy.Request{Principal: charge, Action: "sns:Publish", Resource: topic, Context: map[string][]string{
			"aws:principaltag/app": {"shop"}, "aws:principaltag/star": {"*"},
		}}, policy.Policies{Identity: identity(t, text)})
		if got.Allowed != tt.want {
			t.Errorf("%s: allowed %t", tt.what, got.Allowed)
		}
	}
}

// Variables are of the newer version only.
func TestOldVersionHasNoVariables(t *testing.T) {
	text := `{"Statement":{"Effect":"Allow","Action":"sns:*","Resource":"arn:aws:sns:*:*:${app}"}}`
	ask := func(name string) bool {
		return policy.Evaluate(policy.Request{Action: "sns:Publish", Resource: "arn:aws:sns:a:b:" + name, Context: map[string][]string{"app": {"shop"}}},
			policy.Policies{Identity: identity(t, text)}).Allowed
	}
	if ask("shop") || !ask("${app}") {
		t.Error("a policy without a version has variables")
	}
}
