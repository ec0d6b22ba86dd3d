package sns

import (
	"encoding/json"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/filter"
)

// A throttlePolicy is kept and told, and nothing else.
type throttlePolicy struct {
	MaxReceivesPerSecond *int `json:"maxReceivesPerSecond,omitempty"`
}

type requestPolicy struct {
	ContentType string `json:"headerContentType"`
}

const defaultContentType = "text/plain; charset=UTF-8"

// A topicDelivery is a topic's DeliveryPolicy.
type topicDelivery struct {
	HTTP *topicHTTP `json:"http"`
}

type topicHTTP struct {
	Retries          *retryPolicy    `json:"defaultHealthyRetryPolicy,omitempty"`
	DisableOverrides bool            `json:"disableSubscriptionOverrides"`
	Throttle         *throttlePolicy `json:"defaultThrottlePolicy,omitempty"`
	Request          *requestPolicy  `json:"defaultRequestPolicy,omitempty"`
}

// A subscriptionDelivery is a subscription's DeliveryPolicy.
type subscriptionDelivery struct {
	Retries    *retryPolicy    `json:"healthyRetryPolicy"`
	Sickly     *retryPolicy    `json:"sicklyRetryPolicy"`
	Throttle   *throttlePolicy `json:"throttlePolicy"`
	Request    *requestPolicy  `json:"requestPolicy"`
	Guaranteed bool            `json:"guaranteed"`
}

// parseTopicDelivery reads and checks a topic's policy; an empty text is none.
func parseTopicDelivery(text string) (topicDelivery, *awsapi.Error) {
	var p topicDelivery
	if e := readPolicy(deliveryPolicy, text, &p); e != nil || p.HTTP == nil {
		return p, e
	}
	if e := p.HTTP.Throttle.check("http.defaultThrottlePolicy"); e != nil {
		return p, e
	}
	return p, p.HTTP.Retries.check("http.defaultHealthyRetryPolicy")
}

// parseSubscriptionDelivery reads and checks a subscription's policy.
func parseSubscriptionDelivery(text string) (subscriptionDelivery, *awsapi.Error) {
	var p subscriptionDelivery
	if e := readPolicy(deliveryPolicy, text, &p); e != nil {
		return p, e
	}
	if e := p.Throttle.check("throttlePolicy"); e != nil {
		return p, e
	}
	return p, p.Retries.check("healthyRetryPolicy")
}

// readPolicy decodes an attribute that is JSON; an empty one says nothing.
func readPolicy(attribute, text string, into any) *awsapi.Error {
	if text == "" {
		return nil
	}
	if json.Valid([]byte(text)) {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return invalid("%s: failed to parse JSON.", attribute)
		}
		return nil
	}
	// SNS says the same of every attribute that is no JSON. The policy of a filter
	// is the one whose words are known.
	if _, err := filter.Parse([]byte(text), filter.MessageBody); err != nil {
		return invalid("%s%s", attribute, err.Error()[len("FilterPolicy"):])
	}
	return invalid("%s: failed to parse JSON.", attribute)
}

// String is the policy as SNS tells it, "" for none.
func (p topicDelivery) String() string {
	if p.HTTP == nil {
		return ""
	}
	return encodePolicy(p)
}

func (p subscriptionDelivery) String() string { return encodePolicy(p) }

func encodePolicy(p any) string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("sns: a delivery policy cannot be encoded: " + err.Error())
	}
	return string(text)
}

// effective fills in what the policy leaves open.
func (p topicDelivery) effective() topicDelivery {
	out := topicHTTP{}
	if p.HTTP != nil {
		out = *p.HTTP
	}
	out.Retries = out.Retries.or(defaultRetries())
	if out.Request == nil {
		out.Request = &requestPolicy{defaultContentType}
	}
	return topicDelivery{&out}
}

// effective fills in what the policy leaves open or the topic does not let it say.
func (p subscriptionDelivery) effective(t topicDelivery) subscriptionDelivery {
	of := t.effective().HTTP
	if of.DisableOverrides {
		return subscriptionDelivery{Retries: of.Retries, Throttle: of.Throttle, Request: of.Request}
	}
	p.Retries = p.Retries.or(of.Retries)
	if p.Throttle == nil {
		p.Throttle = of.Throttle
	}
	if p.Request == nil {
		p.Request = of.Request
	}
	return p
}

// check says what SNS would say against the policy found at path.
func (p *throttlePolicy) check(path string) *awsapi.Error {
	if p != nil && p.MaxReceivesPerSecond != nil && *p.MaxReceivesPerSecond < 1 {
		return invalid("DeliveryPolicy: %s.maxReceivesPerSecond must be >= 1", path)
	}
	return nil
}
