package cloudformation_test

import (
	"maps"
	"testing"

	"github.com/less-go/less/internal/cloudformation"
)

func TestAnUpdateTouchesOnlyWhatChanged(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b"`, "C": `"Value": "c"`, "D": `"Value": {"Fn::Sub": "${B.Value}"}, "Kind": "k"`}))
		n := len(r.events("shop"))
		if err := r.propose("UPDATE", things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b2"`, "New": `"Value": "new"`, "D": `"Value": {"Fn::Sub": "${B.Value}"}, "Kind": "k"`})); err != nil {
			t.Fatal(err)
		}
		same(t, r.changes(), "B Modify False Value", "C Remove", "New Add")
		r.execute(false)
		if status := r.wait(); status != "UPDATE_COMPLETE" || r.world.has() != "a b2 b2 new" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		seen := map[string]bool{}
		for _, e := range r.since(n) {
			seen[e] = true
		}
		for _, e := range []string{"A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE"} {
			if seen[e] {
				t.Errorf("what has not changed has the event %s", e)
			}
		}
		for _, e := range []string{
			"shop UPDATE_IN_PROGRESS User Initiated", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE", "D UPDATE_COMPLETE", "New CREATE_COMPLETE",
			"shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "shop UPDATE_COMPLETE",
		} {
			if !seen[e] {
				t.Errorf("there is no event %s in %q", e, r.since(n))
			}
		}
	})
}

func TestAReplacementIsMadeBeforeTheOldOneGoes(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a", "Kind": "old"`, "B": `"Link": {"Ref": "A"}, "Value": "b"`}))
		n := len(r.events("shop"))
		if err := r.propose("UPDATE", things(map[string]string{"A": `"Value": "a", "Kind": "new"`, "B": `"Link": {"Ref": "A"}, "Value": "b"`})); err != nil {
			t.Fatal(err)
		}
		same(t, r.changes(), "A Modify True Kind", "B Modify False Link")
		r.execute(false)
		r.wait()
		same(t, r.since(n),
			"shop UPDATE_IN_PROGRESS User Initiated",
			"A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
			"A UPDATE_IN_PROGRESS Resource creation Initiated", "A UPDATE_COMPLETE",
			"B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
			"shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
			"A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
			"shop UPDATE_COMPLETE",
		)
		if r.world.things["B-2"].Link != "A-3" || r.world.has() != "a b" {
			t.Errorf("%+v", r.world.things)
		}
	})
}

func TestAThingWithANameIsNotReplacedUnderThatName(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a", "Name": "jobs", "Kind": "old"`}))
		n := len(r.events("shop"))
		if status := r.deploy(things(map[string]string{"A": `"Value": "a", "Name": "jobs", "Kind": "new"`})); status != "UPDATE_ROLLBACK_COMPLETE" {
			t.Error(status)
		}
		same(t, r.since(n),
			"shop UPDATE_IN_PROGRESS User Initiated",
			"A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
			"A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename jobs and update the stack again.",
			"shop UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [A].",
			"shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
			"shop UPDATE_ROLLBACK_COMPLETE",
		)
	})
}

func TestAnUpdateThatFailsLeavesWhatWasBefore(t *testing.T) {
	inTime(t, func(r *rig) {
		before := map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Kind": "old"`, "C": `"Value": "c"`, "Gone": `"Value": "gone"`}
		r.deploy(things(before))
		was := maps.Clone(r.world.things)
		n := len(r.events("shop"))
		r.world.refuse["update bad"] = "no"
		if status := r.deploy(things(map[string]string{
			"A": `"Value": "a2"`, "B": `"Value": "b", "Kind": "new", "Link": {"Ref": "A"}`, "New": `"Value": "new", "Link": {"Ref": "B"}`, "C": `"Value": "bad", "Link": {"Ref": "New"}`,
		})); status != "UPDATE_ROLLBACK_COMPLETE" {
			t.Error(status)
		}
		for id, p := range was {
			if r.world.things[id].Value != p.Value {
				t.Errorf("%s is %+v, and was %+v", id, r.world.things[id], p)
			}
		}
		if len(r.world.things) != len(was) {
			t.Errorf("there is %s", r.world.has())
		}
		seen := map[string]bool{}
		for _, e := range r.since(n) {
			seen[e] = true
		}
		for _, e := range []string{
			`C UPDATE_FAILED Resource handler returned message: "no"`,
			"shop UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [C].",
			"shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "New DELETE_COMPLETE", "B DELETE_COMPLETE", "shop UPDATE_ROLLBACK_COMPLETE",
		} {
			if !seen[e] {
				t.Errorf("there is no event %s in %q", e, r.since(n))
			}
		}
		// And all is as if it had never been tried.
		if err := r.propose("UPDATE", things(before)); err != nil {
			t.Fatal(err)
		}
		same(t, r.changes())
	})
}

func TestARollbackThatFailsCanBeContinued(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b"`}))
		r.world.refuse["update bad"], r.world.refuse["update a"] = "no", "not back"
		if status := r.deploy(things(map[string]string{"A": `"Value": "a2"`, "B": `"Value": "bad", "Link": {"Ref": "A"}`})); status != "UPDATE_ROLLBACK_FAILED" {
			t.Error(status)
		}
		delete(r.world.refuse, "update a")
		if _, err := r.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		if status := r.wait(); status != "UPDATE_ROLLBACK_COMPLETE" || r.world.has() != "a b" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}

func TestASetWithoutChangesFails(t *testing.T) {
	inTime(t, func(r *rig) {
		body := things(map[string]string{"A": `"Value": "a"`})
		r.deploy(body)
		if err := r.propose("UPDATE", body); err != nil {
			t.Fatal(err)
		}
		out, err := r.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetReference: reference})
		const reason = "The submitted information didn't contain changes. Submit different information to create a change set."
		if err != nil || out.Status != "FAILED" || out.StatusReason != reason || out.ExecutionStatus != "UNAVAILABLE" {
			t.Errorf("%+v, %v", out, err)
		}
		_, err = r.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: "shop", Settings: cloudformation.Settings{TemplateBody: body}})
		if err == nil || err.Error() != "ValidationError: No updates are to be performed." {
			t.Error(err)
		}
	})
}

func TestAnUpdateCanBeCancelled(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`}))
		if err := r.propose("UPDATE", things(map[string]string{"A": `"Value": "a2", "Seconds": 60`})); err != nil {
			t.Fatal(err)
		}
		r.execute(false)
		r.sleep(5)
		if _, err := r.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		if status := r.wait(); status != "UPDATE_ROLLBACK_COMPLETE" || r.world.has() != "a" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}
