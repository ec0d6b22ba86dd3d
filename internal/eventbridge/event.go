package eventbridge

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/google/uuid"
)

// Event is what a function gets when the rule with that ARN is due. A rule that has
// no ARN has no account and no region.
func Event(rule string, at time.Time) []byte {
	where, _ := arn.Parse(rule)
	payload, err := json.Marshal(struct {
		Version    string    `json:"version"`
		ID         string    `json:"id"`
		DetailType string    `json:"detail-type"`
		Source     string    `json:"source"`
		Account    string    `json:"account"`
		Time       time.Time `json:"time"`
		Region     string    `json:"region"`
		Resources  []string  `json:"resources"`
		Detail     struct{}  `json:"detail"`
	}{"0", uuid.NewString(), "Scheduled Event", "aws.events", where.AccountID, at.UTC().Truncate(time.Second), where.Region, []string{rule}, struct{}{}})
	if err != nil {
		panic(err) // strings and a time can be encoded
	}
	return payload
}
