package sns

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
)

// newToken is 288 hexadecimal digits, as AWS's are.
func newToken() string {
	var token [144]byte
	rand.Read(token[:])
	return hex.EncodeToString(token[:])
}

// A control is what an endpoint gets that is no message: the request to confirm a
// subscription, and the news that it is ended. The order of the keys is AWS's.
type control struct {
	Type             string
	MessageID        string `json:"MessageId"`
	Token            string
	TopicARN         string `json:"TopicArn"`
	Message          string
	SubscribeURL     string
	Timestamp        string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
}

// The types of what is sent to an endpoint.
const (
	notification             = "Notification"
	subscriptionConfirmation = "SubscriptionConfirmation"
	unsubscribeConfirmation  = "UnsubscribeConfirmation"
)

// askToConfirm sends an endpoint that has not confirmed its subscription what it
// needs to. What cannot be reached from here stays pending.
func (s *Service) askToConfirm(ctx context.Context, t *topic, sub *subscription) error {
	switch {
	case !sub.Pending:
		return nil
	case !sub.overHTTP():
		s.notice(t, "the subscription of %s to topic %s stays pending: no e-mail is sent from here", sub.Endpoint, t.title())
		return nil
	case !onLoopback(sub.Endpoint):
		s.notice(t, "the subscription of %s to topic %s stays pending: it is not on this machine, which nothing leaves", sub.Endpoint, t.title())
		return nil
	}
	return s.sendControl(ctx, t, sub, subscriptionConfirmation)
}

func (s *Service) notice(t *topic, format string, args ...any) {
	s.sink(activity.Event{Time: time.Now(), Kind: activity.Notice, Topic: t.title(), Line: fmt.Sprintf(format, args...)})
}

// sendControl puts a control before the messages that come later for the endpoint.
func (s *Service) sendControl(ctx context.Context, t *topic, sub *subscription, kind string) error {
	req := awsapi.RequestFrom(ctx)
	topicARN, subscriptionARN := t.arn(req.Region), sub.arn(req.Region)
	c := control{
		Type: kind, MessageID: uuid.NewString(), Token: sub.Token, TopicARN: topicARN,
		SubscribeURL:     req.URL + "/?Action=ConfirmSubscription&TopicArn=" + topicARN + "&Token=" + sub.Token,
		Timestamp:        timestamp(time.Now()),
		SignatureVersion: t.signature,
		Signature:        unsigned,
		SigningCertURL:   certificateURL(req),
	}
	p := parcel{Type: kind, MessageID: c.MessageID, TopicARN: topicARN}
	if kind == subscriptionConfirmation {
		c.Message = "You have chosen to subscribe to the topic " + topicARN + ".\nTo confirm the subscription, visit the SubscribeURL included in this message."
	} else {
		c.Message = "You have chosen to deactivate subscription " + subscriptionARN + ".\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
		p.SubscriptionARN = subscriptionARN
	}
	p.Body = string(encode(c))
	_, err := s.store.Send(ctx, p.entry(sub))
	return err
}

// ConfirmSubscriptionInput is the input of ConfirmSubscription.
type ConfirmSubscriptionInput struct {
	TopicARN                  string `json:"TopicArn"`
	Token                     string
	AuthenticateOnUnsubscribe string
}

// Resource returns the topic's ARN.
func (in *ConfirmSubscriptionInput) Resource(string) string { return in.TopicARN }

// ConfirmSubscriptionOutput is the output of ConfirmSubscription.
type ConfirmSubscriptionOutput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
}

// ConfirmSubscription begins the subscription that token was sent for, or restores
// it. It is the token that counts: AWS takes it with the name of another topic, too.
func (s *Service) ConfirmSubscription(ctx context.Context, in *ConfirmSubscriptionInput) (*ConfirmSubscriptionOutput, error) {
	if _, err := awsapi.ParseARN(in.TopicARN); err != nil {
		return nil, invalid("Topic")
	}
	if _, err := hex.DecodeString(in.Token); err != nil || in.Token == "" {
		return nil, awsapi.Errorf("InvalidParameter", "Invalid token")
	}
	req := awsapi.RequestFrom(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	topics := s.snapshot.Load().topics
	for _, sub := range s.stored {
		if sub.Token != in.Token || topics[sub.Topic] == nil || sub.forgotten(time.Now()) {
			continue
		}
		if sub.Pending || !sub.Removed.IsZero() {
			confirmed := *sub
			confirmed.Pending, confirmed.Removed = false, time.Time{}
			confirmed.Authenticated = req.Signed
			confirmed.OwnerOnly = req.Signed && in.AuthenticateOnUnsubscribe == "true"
			if err := s.replace(ctx, &confirmed); err != nil {
				return nil, err
			}
		}
		return &ConfirmSubscriptionOutput{sub.arn(req.Region)}, nil
	}
	return nil, invalid("Token")
}
