package mapping_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/activity"
)

func TestAPartialBatchResponseIsReadAsAWSReadsIt(t *testing.T) {
	all := []string{"a", "b", "c"}
	tests := []struct {
		name, answer string
		failed       []string
		why          string // part of the Err of those that failed
		notice       string // part of the Notice
	}{
		{"empty list", `{"batchItemFailures":[]}`, nil, "", ""},
		{"null list", `{"batchItemFailures":null}`, nil, "", ""},
		{"empty object", `{}`, nil, "", ""},
		{"null", `null`, nil, "", ""},
		{"nothing", ``, nil, "", ""},
		{"only space", " \n", nil, "", ""},
		{"one of the batch", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, []string{"b"}, "", ""},
		{"all of the batch", `{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}`, all, "", ""},
		{"one twice", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}`, []string{"b"}, "", ""},
		{"more keys", `{"x":1,"batchItemFailures":[{"itemIdentifier":"b","y":2}]}`, []string{"b"}, "", ""},

		{"empty identifier", `{"batchItemFailures":[{"itemIdentifier":""}]}`, all, "without an itemIdentifier", ""},
		{"null identifier", `{"batchItemFailures":[{"itemIdentifier":null}]}`, all, "without an itemIdentifier", ""},
		{"empty identifier beside a good one", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":""}]}`, all, "without an itemIdentifier", ""},
		{"number as identifier", `{"batchItemFailures":[{"itemIdentifier":1}]}`, all, "without an itemIdentifier", ""},
		{"bad key of an item", `{"batchItemFailures":[{"foo":"b"}]}`, all, "without an itemIdentifier", ""},
		{"key of an item in other letters", `{"batchItemFailures":[{"ItemIdentifier":"b"}]}`, all, "without an itemIdentifier", ""},
		{"null item", `{"batchItemFailures":[null]}`, all, "without an itemIdentifier", ""},
		{"not in the batch", `{"batchItemFailures":[{"itemIdentifier":"z"}]}`, all, "z, which is not in the batch", ""},
		{"not in the batch beside a good one", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"z"}]}`, all, "z, which is not in the batch", ""},
		{"not JSON", `{"batchItemFailures":[`, all, "not JSON", ""},
		{"not JSON at all", `handled`, all, "not JSON", ""},
		{"string as list", `{"batchItemFailures":"b"}`, all, "not a list", ""},
		{"object as list", `{"batchItemFailures":{"itemIdentifier":"b"}}`, all, "not a list", ""},
		{"list of strings", `{"batchItemFailures":["b"]}`, all, "not a list", ""},
		{"string", `"handled"`, all, "not an object", ""},
		{"list", `[{"itemIdentifier":"b"}]`, all, "not an object", ""},

		{"wrong top-level key", `{"BatchItemFailures":[{"itemIdentifier":"b"}]}`, nil, "", "BatchItemFailures"},
		{"other keys", `{"statusCode":200,"failed":["b"]}`, nil, "", "failed, statusCode"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(context.Context, events.SQSEvent) (string, error) { return test.answer, nil }, nil)
				w.send(all...)
				synctest.Wait()

				if diff := cmp.Diff(test.failed, w.left("kitchen"), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("not deleted (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.failed, w.messages(activity.Retry), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("told as failed (-want +got):\n%s", diff)
				}
				if done := w.messages(activity.Done); len(done)+len(test.failed) != len(all) {
					t.Errorf("told as done: %v", done)
				}
				for _, e := range w.told.Of(activity.Retry) {
					if !strings.Contains(e.Err, test.why) || test.why == "" && e.Err != "" {
						t.Errorf("failed because %q, want %q", e.Err, test.why)
					}
				}
				notices := w.told.Of(activity.Notice)
				switch {
				case test.notice == "" && len(notices) != 0:
					t.Errorf("told %+v", notices)
				case test.notice != "" && (len(notices) != 1 || !strings.Contains(notices[0].Line, test.notice)):
					t.Errorf("told %+v, want %q", notices, test.notice)
				}
				if n := len(w.invocations()); n != 1 {
					t.Errorf("%d invocations", n)
				}
			})
		})
	}
}
