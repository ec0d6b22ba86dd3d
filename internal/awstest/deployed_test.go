package awstest

import (
	"testing"
	"time"
)

func TestWhatIsDeployedIsWhatWasPlanned(t *testing.T) {
	a := synthesized(t)
	r := newRig(t, a)
	began := time.Now()
	if _, err := r.create(string(a.template)); err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(began))
	for _, f := range r.wiring(t.Context(), a.Deployment, a.roles) {
		t.Error(f)
	}
}
