package sns

import (
	"encoding/json"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sqs"
)

// defaultText is the key of the text for protocols that have none of their own.
const defaultText = "default"

// parseStructure reads a message that has a text for each protocol. Values that are
// no strings are as good as absent; of a repeated key the last one counts, which
// was not seen on AWS.
func parseStructure(o *Outgoing) (map[string]string, *awsapi.Error) {
	if o.MessageStructure != "json" {
		// These words were not seen on AWS.
		return nil, invalid("MessageStructure Reason: it can only be json")
	}
	var values map[string]any
	if json.Unmarshal([]byte(o.Message), &values) != nil {
		return nil, invalid("Message Structure - JSON message body failed to parse")
	}
	texts := map[string]string{}
	for key, value := range values {
		if text, ok := value.(string); ok {
			texts[key] = text
		}
	}
	if _, found := texts[defaultText]; !found {
		return nil, invalid("Message Structure - No default entry in JSON message body")
	}
	for _, text := range texts {
		if !sqs.ValidText(text) {
			return nil, unfit()
		}
	}
	return texts, nil
}
