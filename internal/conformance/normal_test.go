package conformance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// A normaliser makes answers of two clouds comparable: what each of them makes up,
// ids and receipts, is numbered in the order in which it comes, and times are TIME.
type normaliser struct {
	endpoint string
	numbers  map[string]string
	counts   map[string]int
}

func newNormaliser(endpoint string) *normaliser {
	return &normaliser{endpoint: endpoint, numbers: map[string]string{}, counts: map[string]int{}}
}

// made are the members whose values a cloud makes up.
var made = map[string]string{
	"MessageId": "id", "ReceiptHandle": "receipt", "SequenceNumber": "sequence", "NextToken": "token", "TaskHandle": "task",
	"SentTimestamp": "TIME", "ApproximateFirstReceiveTimestamp": "TIME", "CreatedTimestamp": "TIME", "LastModifiedTimestamp": "TIME",
	"Timestamp": "TIME", "StartedTimestamp": "TIME",
	"Signature": "SIGNATURE", "SigningCertURL": "URL", "UnsubscribeURL": "URL", "SignatureVersion": "VERSION", "SenderId": "SENDER",
	"SubscriptionPrincipal": "PRINCIPAL",
}

// answer is an answer of the SDK's, or its error, as a text.
func (n *normaliser) answer(output any, err error) string {
	if err != nil {
		if e, ok := errors.AsType[smithy.APIError](err); ok {
			return n.text(fmt.Sprintf("%s: %s", e.ErrorCode(), e.ErrorMessage()))
		}
		return err.Error()
	}
	encoded, err := json.Marshal(output)
	if err != nil {
		return err.Error()
	}
	decoded, err := decodeJSON(encoded)
	if err != nil {
		return err.Error()
	}
	encoded, _ = json.Marshal(n.value("", decoded)) // it was JSON
	return string(encoded)
}

// value normalises a member; nil is what is not there.
func (n *normaliser) value(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) { // numbers are given in this order
			if member := n.value(key, v[key]); key != "ResultMetadata" && !absent(member) {
				out[key] = member
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = n.value(name, v[i])
		}
		return v
	case string:
		return n.member(name, v)
	}
	return v
}

// absent says that the SDK has made nothing of something that was not there.
func absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func (n *normaliser) member(name, s string) string {
	kind, is := made[name]
	switch {
	case is && kind == strings.ToUpper(kind):
		return kind
	case is:
		return n.number(kind, s)
	case strings.HasPrefix(s, "{"):
		if decoded, err := decodeJSON([]byte(s)); err == nil { // a policy, or an envelope
			encoded, _ := json.Marshal(n.value("", decoded))
			return string(encoded)
		}
	}
	return n.text(s)
}

func (n *normaliser) number(kind, s string) string {
	if n.numbers[s] == "" {
		n.counts[kind]++
		n.numbers[s] = fmt.Sprintf("%s-%d", kind, n.counts[kind])
	}
	return n.numbers[s]
}

var (
	accounts = regexp.MustCompile(`\b(000000000000|123456789012)\b`)
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// text replaces what a cloud makes up and what is its own within a text.
func (n *normaliser) text(s string) string {
	s = strings.ReplaceAll(s, n.endpoint, "ENDPOINT")
	for value, number := range n.numbers {
		if len(value) > 20 {
			s = strings.ReplaceAll(s, value, number)
		}
	}
	s = uuids.ReplaceAllStringFunc(s, func(id string) string { return n.number("id", id) })
	return accounts.ReplaceAllString(s, "ACCOUNT")
}
