package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/cloudformation"
)

const parentTemplate = `{"Resources": {
	"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "WHERE", "Parameters": {"Word": "hello"}}},
	"Own": {"Type": "AWS::Test::Thing", "Properties": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Told"]}}}
}}`

const childTemplate = `{"Parameters": {"Word": {"Type": "String"}}, "Resources": {
	"A": {"Type": "AWS::Test::Thing", "Properties": {"Value": {"Ref": "Word"}, "Kind": "KIND"}}
}, "Outputs": {"Told": {"Value": {"Fn::Sub": "told ${A.Value}"}}}}`

func (r *rig) child() string {
	r.t.Helper()
	out, err := r.DescribeStackResource(r.t.Context(), &cloudformation.DescribeStackResourceInput{StackName: "shop", LogicalResourceID: "Child"})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.StackResourceDetail.PhysicalResourceID
}

func parent(url string) string { return strings.ReplaceAll(parentTemplate, "WHERE", url) }

func TestANestedStackIsMadeWithItsParent(t *testing.T) {
	inTime(t, func(r *rig) {
		r.templates["one"] = childTemplate
		if status := r.deploy(parent("one")); status != "CREATE_COMPLETE" || r.world.has() != "hello told hello" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		events := r.events(r.child())
		if events[0] != strings.Split(r.child(), "/")[1]+" CREATE_IN_PROGRESS" || !strings.HasSuffix(events[len(events)-1], " CREATE_COMPLETE") {
			t.Errorf("%q", events)
		}
		if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		if status := r.wait(); status != "" || r.world.has() != "" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}

func TestANestedStackGoesBackWithItsParent(t *testing.T) {
	for _, kill := range []bool{false, true} {
		inTime(t, func(r *rig) {
			r.templates["one"] = childTemplate
			r.templates["two"] = strings.ReplaceAll(childTemplate, "KIND", "another")
			r.deploy(parent("one"))
			r.world.refuse["create bad"] = "no"
			body := strings.Replace(parent("two"), `"Resources": {`, `"Resources": {"Bad": {"Type": "AWS::Test::Thing", "Properties": {"Value": "bad", "Seconds": 30, "Link": {"Ref": "Child"}}},`, 1)
			if err := r.propose("UPDATE", body); err != nil {
				t.Fatal(err)
			}
			r.execute(false)
			r.sleep(5)
			if r.world.has() != "bad hello hello told hello" { // the old thing of the child waits for the root's success
				t.Errorf("on the way there is %s", r.world.has())
			}
			if kill {
				r.reopen()
			}
			if status := r.wait(); status != "UPDATE_ROLLBACK_COMPLETE" || r.world.has() != "hello told hello" {
				t.Errorf("%s with %s", status, r.world.has())
			}
			if r.world.things["A-1"].Value != "hello" {
				t.Errorf("another thing serves than before: %+v", r.world.things)
			}
			out, err := r.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: r.child()})
			if err != nil || out.Stacks[0].StackStatus != "UPDATE_ROLLBACK_COMPLETE" {
				t.Errorf("the nested stack is in %s", out.Stacks[0].StackStatus)
			}
			delete(r.world.refuse, "create bad")
			if status := r.deploy(parent("two")); status != "UPDATE_COMPLETE" || r.world.has() != "hello told hello" || r.world.things["A-1"].Value != "" {
				t.Errorf("%s with %+v", status, r.world.things)
			}
		})
	}
}

func TestANestedStackThatFailsFailsItsParent(t *testing.T) {
	inTime(t, func(r *rig) {
		r.templates["one"] = childTemplate
		r.world.refuse["create hello"] = "no"
		if status := r.deploy(parent("one")); status != "ROLLBACK_COMPLETE" || r.world.has() != "" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		found := false
		for _, e := range r.events("shop") {
			found = found || strings.HasPrefix(e, "Child CREATE_FAILED Embedded stack arn:") && strings.HasSuffix(e, "was not successfully created: The following resource(s) failed to create: [A].")
		}
		if !found {
			t.Errorf("%q", r.events("shop"))
		}
	})
}
