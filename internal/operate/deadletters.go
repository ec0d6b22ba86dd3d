package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/plan"
)

// MaxPeek is how many dead letters of one function are looked at.
const MaxPeek = 1000

// A DeadLetter is a message that its subscriber has given up.
type DeadLetter struct {
	// ID is the queue's id of the message, EventID that of the event, which the
	// function's log has; they are the same for what package less has not published.
	ID            string `json:"id"`
	EventID       string `json:"event_id"`
	CorrelationID string `json:"correlation_id,omitempty"`
	// Source is the function that published it, where that is known.
	Source string    `json:"source,omitempty"`
	Sent   time.Time `json:"sent"`
	// Attempts is how often it was tried; 0 where it never got into the
	// subscriber's queue.
	Attempts int `json:"attempts"`
	// Error is why the last attempt failed, empty where the function's log does not say.
	Error      string            `json:"error,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Body is the payload; what is not JSON is a JSON string.
	Body json.RawMessage `json:"body"`

	message types.Message
}

// A Group is dead letters with the same last error, but for ids and numbers in it.
type Group struct {
	Error    string       `json:"error"`
	Count    int          `json:"count"`
	Messages []DeadLetter `json:"messages"`
}

// DeadLetters are those of one function.
type DeadLetters struct {
	Function string `json:"function"`
	Queue    string `json:"queue"`
	// Count is how many there are, by SQS's approximate count; InFlight are those
	// that somebody else looks at in this moment.
	Count    int       `json:"count"`
	InFlight int       `json:"in_flight,omitempty"`
	Oldest   time.Time `json:"oldest,omitzero"`
	// Groups hold those that were looked at, at most MaxPeek: the largest first.
	Groups []Group `json:"groups"`
}

// Messages are the dead letters of all groups, the oldest first.
func (d DeadLetters) Messages() []DeadLetter {
	var out []DeadLetter
	for _, g := range d.Groups {
		out = append(out, g.Messages...)
	}
	slices.SortStableFunc(out, oldest)
	return out
}

func oldest(a, b DeadLetter) int {
	return cmp.Or(a.Sent.Compare(b.Sent), strings.Compare(a.ID, b.ID))
}

// DeadLetters looks at the dead letters of subscribers, and changes nothing.
func (d Deployment) DeadLetters(ctx context.Context, subscriptions []plan.Subscription) ([]DeadLetters, error) {
	out := make([]DeadLetters, len(subscriptions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, s := range subscriptions {
		group.Go(func() (err error) {
			out[i], err = d.deadLetters(ctx, s)
			return err
		})
	}
	return out, group.Wait()
}

func (d Deployment) deadLetters(ctx context.Context, s plan.Subscription) (DeadLetters, error) {
	out := DeadLetters{Function: s.Function, Queue: s.DeadLetter.Name, Groups: []Group{}}
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return out, err
	}
	out.Count, out.InFlight = q.visible, q.hidden
	if q.visible == 0 {
		return out, nil
	}
	var found []DeadLetter
	if err := q.scan(ctx, func(m types.Message) (bool, error) {
		found = append(found, newDeadLetter(m, s))
		if len(found) == MaxPeek {
			return false, errEnough
		}
		return false, nil
	}); err != nil {
		return out, err
	}
	if err := d.explain(ctx, s, found); err != nil {
		return out, err
	}
	out.Count = max(out.Count, len(found))
	slices.SortStableFunc(found, oldest)
	if len(found) > 0 {
		out.Oldest = found[0].Sent
	}
	out.Groups = groupByError(found)
	return out, nil
}

func newDeadLetter(m types.Message, s plan.Subscription) DeadLetter {
	attribute := func(name string) string { return aws.ToString(m.MessageAttributes[name].StringValue) }
	id := aws.ToString(m.MessageId)
	out := DeadLetter{
		ID: id, EventID: cmp.Or(attribute(event.ID), id),
		Source:     strings.TrimPrefix(attribute(event.Source), "/"),
		Attributes: map[string]string{},
		Body:       asJSON([]byte(aws.ToString(m.Body))),
		message:    m,
	}
	out.CorrelationID = cmp.Or(attribute(event.CorrelationID), out.EventID)
	if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
		out.Sent = time.UnixMilli(ms).UTC()
	}
	if m.Attributes[string(types.MessageSystemAttributeNameDeadLetterQueueSourceArn)] != "" {
		out.Attempts = s.Queue.MaxReceives // until the log knows better
	}
	for name, a := range m.MessageAttributes {
		if !strings.HasPrefix(name, "ce-") && name != event.TraceParent {
			out.Attributes[name] = cmp.Or(aws.ToString(a.StringValue), fmt.Sprintf("%x", a.BinaryValue))
		}
	}
	return out
}

// explain adds to dead letters why their last attempts have failed, which only the
// function's log knows.
func (d Deployment) explain(ctx context.Context, s plan.Subscription, letters []DeadLetter) error {
	if len(letters) == 0 {
		return nil
	}
	f, _ := d.Plan.Function(s.Function)
	last := map[string]line{}
	since := slices.MinFunc(letters, oldest).Sent
	err := d.events(ctx, f, logQuery{pattern: `{ $.level = "ERROR" }`, from: since}, func(e logEvent) error {
		l, ok := parseLine(e.message)
		if before, found := last[l.MessageID]; ok && l.MessageID != "" && (l.final() || !found || !before.final() || before.Attempt != l.Attempt) {
			last[l.MessageID] = l
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNoLog) {
		return err
	}
	for i := range letters {
		if l, found := last[letters[i].EventID]; found && letters[i].Attempts > 0 {
			letters[i].Error = l.reason()
			letters[i].Attempts = cmp.Or(l.Attempt, letters[i].Attempts)
		}
	}
	return nil
}

// What the error of one message has and another's has not.
var (
	uuids   = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	numbers = regexp.MustCompile(`\b[0-9][0-9a-fA-F]*\b`)
)

// Unknown and Undelivered are errors of messages whose own is not known.
const (
	Unknown     = "the function's log says no reason"
	Undelivered = "never handled: SNS could not put it into the queue"
)

func groupByError(letters []DeadLetter) []Group {
	groups := []Group{}
	for _, l := range letters {
		text := l.Error
		switch {
		case l.Attempts == 0:
			text = Undelivered
		case text == "":
			text = Unknown
		default:
			text = numbers.ReplaceAllString(uuids.ReplaceAllString(text, "<id>"), "<n>")
		}
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Error == text })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Error: text})
		}
		groups[i].Count++
		groups[i].Messages = append(groups[i].Messages, l)
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Compare(b.Count, a.Count) })
	return groups
}

// DeadLetter finds one by the id of the message or the event, or by as much of its
// beginning as is the only one's.
func (d Deployment) DeadLetter(ctx context.Context, s plan.Subscription, id string) (DeadLetter, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return DeadLetter{}, err
	}
	var found []DeadLetter
	if err := q.scan(ctx, func(m types.Message) (bool, error) {
		l := newDeadLetter(m, s)
		if l.is(id) {
			found = append(found, l)
		}
		if l.ID == id {
			found = []DeadLetter{l}
			return false, errEnough
		}
		return false, nil
	}); err != nil {
		return DeadLetter{}, err
	}
	switch len(found) {
	case 0:
		return DeadLetter{}, noLetter(s, id, q)
	case 1:
		return found[0], d.explain(ctx, s, found)
	}
	return DeadLetter{}, fmt.Errorf("%s has %d dead letters %q. Name one by more of its id, such as %s", s.Function, len(found), id, found[0].ID)
}

func noLetter(s plan.Subscription, id string, q *deadQueue) error {
	seen := fmt.Sprintf("'less-cli dlq list %s' shows those it has", s.Function)
	if q.hidden > 0 {
		seen = fmt.Sprintf("%d of its dead letters are being looked at by somebody else: try again in a minute", q.hidden)
	}
	return fmt.Errorf("%s has no dead letter %q. %s", s.Function, id, seen)
}

// is says whether id means this message.
func (l DeadLetter) is(id string) bool {
	const enough = 6 // characters, to mean one of many
	return l.ID == id || l.EventID == id ||
		len(id) >= enough && (strings.HasPrefix(l.ID, id) || strings.HasPrefix(l.EventID, id))
}

// has says whether the message or its error has a text.
func (l DeadLetter) has(text string) bool {
	if strings.Contains(aws.ToString(l.message.Body), text) || strings.Contains(l.Error, text) || l.CorrelationID == text {
		return true
	}
	for _, value := range l.Attributes {
		if strings.Contains(value, text) {
			return true
		}
	}
	return false
}

// Purge deletes all dead letters of a subscriber, and tells how many there were.
func (d Deployment) Purge(ctx context.Context, s plan.Subscription) (int, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return 0, err
	}
	_, err = d.Target.SQS().PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(q.url)})
	if _, again := errors.AsType[*types.PurgeQueueInProgress](err); again {
		return q.deleteAll(ctx) // SQS purges a queue once in a minute
	}
	if err != nil {
		return 0, d.Target.Explain(err)
	}
	return q.visible + q.hidden, nil
}

// deleteAll deletes what can be received, one by one.
func (q *deadQueue) deleteAll(ctx context.Context) (n int, err error) {
	err = q.scan(ctx, func(m types.Message) (bool, error) {
		if _, err := q.Target.SQS().DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(q.url), ReceiptHandle: m.ReceiptHandle}); err != nil {
			return false, q.Target.Explain(err)
		}
		n++
		return true, nil
	})
	return n, err
}

// Count is how many dead letters a subscriber has, those in flight included.
func (d Deployment) Count(ctx context.Context, s plan.Subscription) (int, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return 0, err
	}
	return q.visible + q.hidden, nil
}
