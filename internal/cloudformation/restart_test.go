package cloudformation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/less-go/less/internal/cloudformation"
)

func (r *rig) sleep(seconds int) { time.Sleep(time.Duration(seconds) * time.Second) }

func TestACreationThatIsInterruptedIsRolledBack(t *testing.T) {
	inTime(t, func(r *rig) {
		body := things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Seconds": 60, "Link": {"Ref": "A"}`})
		if err := r.propose("CREATE", body); err != nil {
			t.Fatal(err)
		}
		r.execute(false)
		r.sleep(5)
		r.reopen()
		if status := r.wait(); status != "ROLLBACK_COMPLETE" || r.world.has() != "" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		if events := r.events("shop"); !slices.Contains(events, "B CREATE_FAILED Resource creation cancelled") {
			t.Errorf("%q", events)
		}
		if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		r.wait()
		if status := r.deploy(body); status != "CREATE_COMPLETE" {
			t.Error(status)
		}
	})
}

func TestAnUpdateThatIsInterruptedIsRolledBack(t *testing.T) {
	for _, after := range []int{5, 65, 95} { // in A, in the replacement of B, in the cleanup
		inTime(t, func(r *rig) {
			r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Value": "b", "Kind": "old"`, "Gone": `"Value": "gone", "Seconds": 30`}))
			if err := r.propose("UPDATE", things(map[string]string{"A": `"Value": "a2", "Seconds": 60`, "B": `"Value": "b2", "Kind": "new", "Seconds": 30, "Link": {"Ref": "A"}`})); err != nil {
				t.Fatal(err)
			}
			r.execute(false)
			r.sleep(after)
			r.reopen()
			status := r.wait()
			want, has := "UPDATE_ROLLBACK_COMPLETE", "a b gone"
			if after == 95 {
				want, has = "UPDATE_COMPLETE", "a2 b2"
			}
			if status != want || r.world.has() != has {
				t.Errorf("after %d s: %s with %s", after, status, r.world.has())
			}
			if status := r.deploy(things(map[string]string{"A": `"Value": "a3"`})); status != "UPDATE_COMPLETE" || r.world.has() != "a3" {
				t.Errorf("after %d s, and a deployment: %s with %s", after, status, r.world.has())
			}
		})
	}
}

func TestADeletionThatIsInterruptedGoesOn(t *testing.T) {
	inTime(t, func(r *rig) {
		r.deploy(things(map[string]string{"A": `"Value": "a"`, "B": `"Seconds": 60, "Link": {"Ref": "A"}`}))
		if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		r.sleep(5)
		r.reopen()
		if status := r.wait(); status != "" || r.world.has() != "" {
			t.Errorf("%s with %s", status, r.world.has())
		}
	})
}

func TestWhatIsKnownOutlivesTheService(t *testing.T) {
	inTime(t, func(r *rig) {
		body := things(map[string]string{"A": `"Value": "a", "Seconds": "1", "Tags": [{"Key": "k", "Value": 1}]`})
		r.deploy(body)
		before := r.events("shop")
		r.reopen()
		same(t, r.events("shop"), before...)
		if err := r.propose("UPDATE", body); err != nil {
			t.Fatal(err)
		}
		same(t, r.changes())
		r.reopen()
		same(t, r.changes())
	})
}
