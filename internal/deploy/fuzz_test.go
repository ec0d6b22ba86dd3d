package deploy

import (
	"strings"
	"testing"
)

// FuzzParseEvent wants of a line that is taken for an event that it has what it tells.
func FuzzParseEvent(f *testing.F) {
	f.Add("food-dev |  3/41 | 1:45:03 PM | CREATE_FAILED        | AWS::SQS::Queue | topics/paid/Queue (Queue4A7E3555) Queue already exists")
	f.Add("food-dev | 13:45:03 | DELETE_FAILED (skipped) | Custom::Thing | Thing (this will take a few minutes to recover)")
	f.Add("food-dev |   0 | 1:45:03 | CREATE_COMPLETE | AWS::CloudFormation::Stack | food-dev ")
	f.Fuzz(func(t *testing.T, line string) {
		e, ok := parseEvent(line)
		if !ok {
			return
		}
		for _, part := range []string{e.Stack, e.Status, e.Type, e.LogicalID} {
			if part == "" || strings.ContainsAny(part, " |\n") {
				t.Errorf("%q of %q", part, line)
			}
		}
		e.Failure()
		e.Change()
	})
}
