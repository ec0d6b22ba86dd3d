package sqs

import (
	"cmp"
	"encoding/json"

	"github.com/less-go/less/internal/queue"
)

// settings are what SQS knows of a queue that the store need not understand. They
// are kept with the queue, as JSON. The zero value is a queue with AWS's defaults.
type settings struct {
	MaximumMessageSize        int               `json:",omitempty"` // 0: maxMessage
	ReceiveWait               int               `json:",omitempty"` // s
	ContentBasedDeduplication bool              `json:",omitempty"`
	PerGroupThroughput        bool              `json:",omitempty"`
	Policy                    string            `json:",omitempty"`
	RedriveAllowPolicy        string            `json:",omitempty"`
	KMSKey                    string            `json:",omitempty"`
	KMSReuse                  int               `json:",omitempty"` // s; 0: AWS's default
	NoManagedSSE              bool              `json:",omitempty"`
	Tags                      map[string]string `json:",omitempty"`
}

// settingsOf reads the settings of a queue. A queue that the application's plan
// has made has none, until a client changes them.
func settingsOf(q queue.Info) settings {
	var s settings
	if q.Settings != "" {
		// What another version wrote and this one cannot read counts as not said.
		_ = json.Unmarshal([]byte(q.Settings), &s)
	}
	return s
}

func (s settings) encode() string {
	text, _ := json.Marshal(s) // strings and numbers always encode
	return string(text)
}

func (s settings) maxMessage() int { return cmp.Or(s.MaximumMessageSize, maxMessage) }
