package cloudformation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cloudformation"
)

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAStackIsMadeInTheOrderOfItsDependencies(t *testing.T) {
	inTime(t, func(r *rig) {
		if status := r.deploy(`{"Description": "a shop", "Resources": {
			"B": {"Type": "AWS::Test::Thing", "Properties": {"Value": {"Fn::Sub": "after ${A.Value}"}}},
			"A": {"Type": "AWS::Test::Thing", "Properties": {"Value": "first"}},
			"C": {"Type": "AWS::Test::Thing", "DependsOn": "B", "Properties": {"Link": {"Ref": "A"}}}
		}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["B", "Arn"]}}}}`); status != "CREATE_COMPLETE" {
			t.Fatal(status)
		}
		same(t, r.events("shop"),
			"shop REVIEW_IN_PROGRESS User Initiated",
			"shop CREATE_IN_PROGRESS User Initiated",
			"A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS Resource creation Initiated", "A CREATE_COMPLETE",
			"B CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS Resource creation Initiated", "B CREATE_COMPLETE",
			"C CREATE_IN_PROGRESS", "C CREATE_IN_PROGRESS Resource creation Initiated", "C CREATE_COMPLETE",
			"shop CREATE_COMPLETE",
		)
		out, err := r.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
		if err != nil || len(out.Stacks) != 1 {
			t.Fatal(out, err)
		}
		want := []cloudformation.Output{{OutputKey: "Arn", OutputValue: "arn:B-2"}}
		if diff := cmp.Diff(want, out.Stacks[0].Outputs); diff != "" || out.Stacks[0].Description != "a shop" {
			t.Error(diff, out.Stacks[0].Description)
		}
		if r.world.things["B-2"].Value != "after first" || r.world.things["C-3"].Link != "A-1" {
			t.Errorf("%+v", r.world.things)
		}
	})
}

func TestWhatDoesNotDependOnEachOtherIsMadeAtTheSameTime(t *testing.T) {
	inTime(t, func(r *rig) {
		began := time.Now()
		r.deploy(things(map[string]string{
			"A": `"Seconds": 10`, "B": `"Seconds": 10`, "C": `"Seconds": 10`, "D": `"Seconds": 5, "Link": {"Ref": "A"}`,
		}))
		if took := time.Since(began); took < 15*time.Second || took > 16*time.Second {
			t.Errorf("%v, want 15 s", took)
		}
	})
}

func TestACreationThatFailsIsRolledBack(t *testing.T) {
	inTime(t, func(r *rig) {
		r.world.refuse["create bad"] = "The role is not there."
		status := r.deploy(things(map[string]string{
			"A": `"Value": "a"`, "Bad": `"Value": "bad", "Seconds": 2, "Link": {"Ref": "A"}`, "Slow": `"Value": "slow", "Seconds": 10, "Link": {"Ref": "A"}`, "Z": `"Link": {"Ref": "Bad"}`,
		}))
		if status != "ROLLBACK_COMPLETE" || r.world.has() != "" {
			t.Errorf("%s and left: %s", status, r.world.has())
		}
		events := r.since(5)
		slices.Sort(events[:4]) // Bad and Slow begin at the same time
		same(t, events,
			"Bad CREATE_IN_PROGRESS", "Bad CREATE_IN_PROGRESS Resource creation Initiated",
			"Slow CREATE_IN_PROGRESS", "Slow CREATE_IN_PROGRESS Resource creation Initiated",
			`Bad CREATE_FAILED Resource handler returned message: "The role is not there."`,
			"Slow CREATE_FAILED Resource creation cancelled",
			"shop ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad]. Rollback requested by user.",
			events[7], events[8], events[9], events[10], // Bad and Slow go at the same time
			"A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
			"shop ROLLBACK_COMPLETE",
		)
		slices.Sort(events[7:11])
		same(t, events[7:11], "Bad DELETE_COMPLETE", "Bad DELETE_IN_PROGRESS", "Slow DELETE_COMPLETE", "Slow DELETE_IN_PROGRESS")
		if err := r.propose("UPDATE", things(map[string]string{"A": ""})); err == nil {
			t.Error("a stack in ROLLBACK_COMPLETE can be updated")
		}
	})
}

func TestATakenNameIsToldAndNobodyElsesThingIsDeleted(t *testing.T) {
	inTime(t, func(r *rig) {
		r.world.things["jobs"] = thingProperties{Value: "another's"}
		if status := r.deploy(things(map[string]string{"A": `"Name": "jobs", "Value": "ours"`})); status != "ROLLBACK_COMPLETE" {
			t.Error(status)
		}
		same(t, r.since(3),
			`A CREATE_FAILED Resource handler returned message: "Resource of type 'AWS::Test::Thing' with identifier 'jobs' already exists."`,
			"shop ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [A]. Rollback requested by user.",
			"A DELETE_COMPLETE",
			"shop ROLLBACK_COMPLETE",
		)
		if r.world.has() != "another's" {
			t.Errorf("there is %q", r.world.has())
		}
	})
}

func TestWithoutARollbackTheNextDeploymentGoesOn(t *testing.T) {
	inTime(t, func(r *rig) {
		r.world.refuse["create b"] = "no"
		body := things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Link": {"Ref": "A"}`})
		if err := r.propose("CREATE", body); err != nil {
			t.Fatal(err)
		}
		r.execute(true)
		if status := r.wait(); status != "CREATE_FAILED" || r.world.has() != "a b" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		delete(r.world.refuse, "create b")
		if status := r.deploy(body); status != "UPDATE_COMPLETE" || r.world.has() != "a b" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}

func TestAFailedCreationCanBeRolledBackLater(t *testing.T) {
	inTime(t, func(r *rig) {
		r.world.refuse["create b"] = "no"
		if err := r.propose("CREATE", things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Link": {"Ref": "A"}`})); err != nil {
			t.Fatal(err)
		}
		r.execute(true)
		r.wait()
		if _, err := r.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		if status := r.wait(); status != "ROLLBACK_COMPLETE" || r.world.has() != "" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}

func TestADeletionGoesBackwardsAndKeepsWhatIsToBeKept(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Link": {"Ref": "A"}`, "Data": `"Value": "data"+"DeletionPolicy": "Retain"`, "C": `"Link": {"Ref": "B"}`}))
		n := len(r.events("shop"))
		id := r.id()
		if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		if status := r.wait(); status != "" || r.world.has() != "data" {
			t.Errorf("%q with %s", status, r.world.has())
		}
		events := slices.DeleteFunc(r.events(id)[n:], func(e string) bool { return e == "Data DELETE_SKIPPED" })
		same(t, events,
			"shop DELETE_IN_PROGRESS User Initiated",
			"C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
			"shop DELETE_COMPLETE",
		)
	})
}

func (r *rig) id() string {
	r.t.Helper()
	out, err := r.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: "shop"})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.Stacks[0].StackID
}

func TestADeletionThatFailsCanBeTriedAgain(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Link": {"Ref": "A"}`}))
		r.world.refuse["delete b"] = "in use"
		remove := func(retain ...string) string {
			if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop", RetainResources: retain}); err != nil {
				t.Fatal(err)
			}
			return r.wait()
		}
		if status := remove(); status != "DELETE_FAILED" || r.world.has() != "a b" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		if last := r.events("shop"); last[len(last)-1] != "shop DELETE_FAILED The following resource(s) failed to delete: [B]." {
			t.Error(last[len(last)-1])
		}
		if status := remove("B"); status != "" || r.world.has() != "b" {
			t.Errorf("%q with %s", status, r.world.has())
		}
	})
}

// The template of the CDK's bootstrap has a key that only other parameters ask for.
func TestATypeThatNobodyMakesMayBeInATemplateThatDoesNotWantIt(t *testing.T) {
	inTime(t, func(r *rig) {
		body := func(want string) string {
			return `{"Conditions": {"Wanted": {"Fn::Equals": ["yes", "` + want + `"]}},
				"Resources": {"A": {"Type": "AWS::Test::Thing", "Properties": {"Value": "a"}}, "Key": {"Type": "AWS::KMS::Key", "Condition": "Wanted"}}}`
		}
		if err := r.propose("CREATE", body("yes")); err == nil || !strings.Contains(err.Error(), "Unrecognized resource types: [AWS::KMS::Key]") {
			t.Errorf("wanted: %v", err)
		}
		if status := r.deploy(body("no")); status != "CREATE_COMPLETE" || r.world.has() != "a" {
			t.Errorf("not wanted: %s, there is %q", status, r.world.has())
		}
	})
}
