package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// An attribute is a setting of a queue as its clients read and write it.
type attribute struct {
	// get returns the value, "" for a queue that has none.
	get func(*draft) string
	// set takes a new value. Where it refuses, its answer is the error, or nil for
	// the one that says the value is invalid.
	set func(d *draft, value string) (ok bool, refused error)
	// ordered says that only FIFO queues have it.
	ordered bool
}

const (
	fifoQueue    = "FifoQueue"
	groupScope   = "messageGroup"
	queueScope   = "queue"
	perGroup     = "perMessageGroupId"
	perQueue     = "perQueue"
	defaultReuse = 300 // s
)

// attributes are the settings that clients can change.
var attributes = map[string]attribute{
	"VisibilityTimeout": count(0, maxVisibility,
		func(d *draft) int { return int(d.spec.Visibility.Seconds()) },
		func(d *draft, n int) { d.spec.Visibility = duration(n) }),
	"DelaySeconds": count(0, maxDelay,
		func(d *draft) int { return int(d.spec.Delay.Seconds()) },
		func(d *draft, n int) { d.spec.Delay = duration(n) }),
	"MessageRetentionPeriod": count(60, 1_209_600,
		func(d *draft) int { return int(d.spec.Retention.Seconds()) },
		func(d *draft, n int) { d.spec.Retention = duration(n) }),
	"MaximumMessageSize": count(1024, maxMessage,
		func(d *draft) int { return d.maxMessage() },
		func(d *draft, n int) { d.MaximumMessageSize = n }),
	"ReceiveMessageWaitTimeSeconds": count(0, maxWait,
		func(d *draft) int { return d.ReceiveWait },
		func(d *draft, n int) { d.ReceiveWait = n }),
	"Policy": {
		get: func(d *draft) string { return d.Policy },
		set: func(d *draft, value string) (bool, error) {
			d.Policy = value
			return value == "" || json.Valid([]byte(value)) && strings.HasPrefix(strings.TrimSpace(value), "{"), nil
		},
	},
	"RedrivePolicy":      {get: (*draft).redrivePolicy, set: (*draft).setRedrivePolicy},
	"RedriveAllowPolicy": {get: func(d *draft) string { return d.RedriveAllowPolicy }, set: (*draft).setRedriveAllowPolicy},
	"KmsMasterKeyId": {
		get: func(d *draft) string { return d.KMSKey },
		set: func(d *draft, value string) (bool, error) {
			if d.KMSKey = value; value != "" {
				d.NoManagedSSE = true
			}
			return true, nil
		},
	},
	"KmsDataKeyReusePeriodSeconds": {
		get: func(d *draft) string {
			if d.KMSReuse == 0 {
				return ""
			}
			return strconv.Itoa(d.KMSReuse)
		},
		set: func(d *draft, value string) (bool, error) {
			n, err := strconv.Atoi(value)
			if d.KMSReuse = n; n == defaultReuse {
				d.KMSReuse = 0
			}
			return err == nil && n >= 60 && n <= 86_400, nil
		},
	},
	"SqsManagedSseEnabled": flag(false,
		func(d *draft) bool { return !d.NoManagedSSE },
		func(d *draft, on bool) {
			if d.NoManagedSSE = !on; on {
				d.KMSKey, d.KMSReuse = "", 0
			}
		}),
	fifoQueue: {
		ordered: true,
		get:     func(*draft) string { return "true" },
		set: func(_ *draft, value string) (bool, error) {
			if strings.EqualFold(value, "true") {
				return true, nil
			}
			return false, awsapi.Errorf("InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
		},
	},
	"ContentBasedDeduplication": flag(true,
		func(d *draft) bool { return d.ContentBasedDeduplication },
		func(d *draft, on bool) { d.ContentBasedDeduplication = on }),
	"DeduplicationScope": choice(queueScope, groupScope,
		func(d *draft) *bool { return &d.spec.DeduplicateByGroup }),
	"FifoThroughputLimit": choice(perQueue, perGroup,
		func(d *draft) *bool { return &d.PerGroupThroughput }),
}

func count(least, most int, get func(*draft) int, set func(*draft, int)) attribute {
	return attribute{
		get: func(d *draft) string { return strconv.Itoa(get(d)) },
		set: func(d *draft, value string) (bool, error) {
			n, err := strconv.Atoi(value)
			set(d, n)
			return err == nil && n >= least && n <= most, nil
		},
	}
}

func flag(ordered bool, get func(*draft) bool, set func(*draft, bool)) attribute {
	return attribute{
		ordered: ordered,
		get:     func(d *draft) string { return strconv.FormatBool(get(d)) },
		set: func(d *draft, value string) (bool, error) {
			on := strings.EqualFold(value, "true")
			set(d, on)
			return on || strings.EqualFold(value, "false"), nil
		},
	}
}

// choice is between two words, the first of which is the default.
func choice(first, second string, field func(*draft) *bool) attribute {
	return attribute{
		ordered: true,
		get: func(d *draft) string {
			if *field(d) {
				return second
			}
			return first
		},
		set: func(d *draft, value string) (bool, error) {
			*field(d) = value == second
			return value == first || value == second, nil
		},
	}
}

func (d *draft) get(name string) string {
	if a := attributes[name]; !a.ordered || d.spec.FIFO {
		return a.get(d)
	}
	return ""
}

// set changes the settings to the given values.
func (d *draft) set(values map[string]string) error {
	if values["KmsMasterKeyId"] != "" && strings.EqualFold(values["SqsManagedSseEnabled"], "true") {
		return awsapi.Errorf("InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		a, known := attributes[name]
		switch {
		case !known:
			return unknownAttribute(name)
		case a.ordered && !d.spec.FIFO && (name == "DeduplicationScope" || name == "FifoThroughputLimit"):
			return awsapi.Errorf("InvalidAttributeName", "You can specify the %s only when FifoQueue is set to true.", name)
		case a.ordered && !d.spec.FIFO:
			return unknownAttribute(name)
		}
		if ok, refused := a.set(d, values[name]); refused != nil {
			return refused
		} else if !ok {
			return awsapi.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
		}
	}
	if d.PerGroupThroughput && !d.spec.DeduplicateByGroup {
		// AWS refuses it too; its words were not seen.
		return awsapi.Errorf("InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit. Reason: %s is allowed only when DeduplicationScope is %s.", perGroup, groupScope)
	}
	return nil
}

// changed returns the first of the given attributes whose value is not the one
// that the queue had.
func (d *draft) changed(values map[string]string) string {
	before := &draft{d.service, d.region, d.before, d.before, settingsOf(queue.Info{Spec: d.before})}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if before.get(name) != d.get(name) {
			return name
		}
	}
	return ""
}
