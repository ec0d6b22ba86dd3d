package mapping

import (
	"testing"

	"github.com/less-go/less/internal/queue"
)

// Whatever a function answers, each message of its batch either failed or is
// handled, and nothing else does.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"batchItemFailures":null}`, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`,
		`{"batchItemFailures":[{"itemIdentifier":"a"},{}]}`, `{"batchItemFailures":[[]]}`, `{"BatchItemFailures":[]}`,
		`{"batchItemFailures":[{"itemIdentifier":"a"}],"batchItemFailures":[]}`, "{\"\xff\":1}",
	} {
		f.Add([]byte(seed))
	}
	messages := []queue.Message{{ID: "a"}, {ID: "b"}}
	f.Fuzz(func(t *testing.T, payload []byte) {
		a, err := parseAnswer(payload, messages)
		if err != nil {
			if len(a.failed) != 0 || a.complaint() != "" {
				t.Errorf("%q: %v and %+v", payload, err, a)
			}
			return
		}
		if len(a.failed) > 0 && len(a.ignored) > 0 {
			t.Errorf("%q: %+v", payload, a)
		}
		for id := range a.failed {
			if id != "a" && id != "b" {
				t.Errorf("%q fails %q", payload, id)
			}
		}
	})
}
