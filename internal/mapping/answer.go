package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/queue"
)

// failuresKey is the one key of an answer that is read.
const failuresKey = "batchItemFailures"

// An answer is what a function said of a batch.
type answer struct {
	failed map[string]bool // the messages to be received again, by id
	// ignored are the keys of an answer that has others but not failuresKey. AWS
	// takes it for a success, so a misspelt key loses messages without a word.
	ignored []string
}

// parseAnswer reads a function's answer as ReportBatchItemFailures has it. An
// error means that the whole batch has failed: what AWS cannot make sense of it
// does not take for a success.
//
// That a list of the wrong type and an answer that is no object fail the batch
// was not seen on AWS; the alternative would lose messages.
func parseAnswer(payload []byte, messages []queue.Message) (answer, error) {
	if len(bytes.TrimSpace(payload)) == 0 {
		return answer{}, nil
	}
	if !json.Valid(payload) {
		return answer{}, fmt.Errorf("the function's answer is not JSON")
	}
	// Maps, because a struct's fields would match keys in any case.
	var object map[string]json.RawMessage
	if json.Unmarshal(payload, &object) != nil {
		return answer{}, fmt.Errorf("the function's answer is not an object with %s", failuresKey)
	}
	list, found := object[failuresKey]
	if !found {
		return answer{ignored: slices.Sorted(maps.Keys(object))}, nil
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(list, &items) != nil {
		return answer{}, fmt.Errorf("%s in the function's answer is not a list of objects", failuresKey)
	}
	inBatch := make(map[string]bool, len(messages))
	for _, msg := range messages {
		inBatch[msg.ID] = true
	}
	failed := make(map[string]bool, len(items))
	for _, item := range items {
		var id string
		if json.Unmarshal(item["itemIdentifier"], &id) != nil || id == "" {
			return answer{}, fmt.Errorf("%s in the function's answer has an item without an itemIdentifier", failuresKey)
		}
		if !inBatch[id] {
			return answer{}, fmt.Errorf("%s in the function's answer names %s, which is not in the batch", failuresKey, id)
		}
		failed[id] = true
	}
	return answer{failed: failed}, nil
}

// complaint is what to say of the ignored keys, or "".
func (a answer) complaint() string {
	if len(a.ignored) == 0 {
		return ""
	}
	return fmt.Sprintf("The function's answer has no %s but %s, which AWS ignores: all messages of the batch count as handled, and any that failed are lost. Name the key %s.",
		failuresKey, strings.Join(a.ignored, ", "), failuresKey)
}
