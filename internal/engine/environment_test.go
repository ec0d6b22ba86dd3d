package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/less-go/less/internal/secret"
)

// setEnv gives every function of d the project's variables.
func (d *demo) setEnv(env map[string]secret.Text) {
	for i := range d.plan.Functions {
		d.plan.Functions[i].Env = env
	}
}

func TestAProjectsVariablesReachItsFunctionsAndNobodyElse(t *testing.T) {
	const route = "apis/orders/orders/post"
	d := newDemo(t, t.TempDir(), 0)
	tell := func(want string) {
		t.Helper()
		if _, got := d.post("do-tell"); got != want {
			t.Errorf("the function has the value %q, want %q", got, want)
		}
	}
	d.setEnv(map[string]secret.Text{"PAYMENT_KEY": "hunter2"})
	d.apply(d.with(route, d.built[enemyMain]))
	tell("hunter2")

	f, err := lambda.NewFromConfig(d.config()).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(route)})
	if err != nil {
		t.Fatal(err)
	}
	if v := f.Configuration.Environment.Variables; v["LESS_FUNCTION"] != route || v["PAYMENT_KEY"] != "" {
		t.Errorf("a client sees the variables %v", v)
	}
	told, err := json.Marshal(d.journal.Events())
	if err != nil || strings.Contains(string(told), "hunter2") {
		t.Errorf("the value is told: %s, %v", told, err)
	}

	d.setEnv(map[string]secret.Text{"PAYMENT_KEY": "hunter3"})
	d.apply(d.with(route, d.built[enemyMain]))
	tell("hunter3")
	d.setEnv(nil)
	d.apply(d.with(route, d.built[enemyMain]))
	tell("")
}
