package sns

import (
	"encoding/json"
	"time"

	"github.com/less-go/less/internal/queue"
)

// A parcel is what is to be brought to an HTTP endpoint, as it stands in the queue
// of the subscription. Attributes that the endpoint does not get, but a dead-letter
// queue does, are the queue message's.
type parcel struct {
	Type            string
	MessageID       string
	TopicARN        string
	SubscriptionARN string `json:",omitempty"`
	Raw             bool   `json:",omitempty"`
	Body            string
	// Failed is how many attempts have failed. One that the engine's end cut short is
	// none of them.
	Failed int `json:",omitempty"`
	// Wait is how much longer than the queue delays it the next attempt has to wait.
	Wait time.Duration `json:",omitempty"`
}

func (m *message) parcel(t *topic, sub *subscription) parcel {
	return parcel{
		Type: notification, MessageID: m.id, TopicARN: t.arn(m.req.Region), SubscriptionARN: sub.arn(m.req.Region), Raw: sub.raw,
		Body: string(m.letter(t, sub).Body),
	}
}

// entry is the parcel for the queue of sub.
func (p parcel) entry(sub *subscription) queue.Entry {
	return queue.Entry{Queue: sub.target, Body: encode(p)}
}

func openParcel(m queue.Message) (p parcel, err error) {
	err = json.Unmarshal(m.Body, &p)
	return p, err
}

// endpointQueue is the queue of what goes to the endpoint of sub. A delivery takes at
// most postTime, so a message is visible again only if nobody is at it any more.
func endpointQueue(sub *subscription) queue.Spec {
	return queue.Spec{Name: sub.target, Visibility: 4 * postTime, Retention: 14 * 24 * time.Hour}
}
