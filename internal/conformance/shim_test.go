package conformance_test

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/queue"
)

// ensure stands for CreateQueue until there is one.
func (c *cloud) ensure(name string, attributes map[string]any) error {
	n := func(key string, def int) int {
		if s, ok := attributes[key].(string); ok {
			v, _ := strconv.Atoi(s)
			return v
		}
		return def
	}
	spec := queue.Spec{
		Name:       name,
		Visibility: time.Duration(n("VisibilityTimeout", 30)) * time.Second,
		Delay:      time.Duration(n("DelaySeconds", 0)) * time.Second,
		Retention:  time.Duration(n("MessageRetentionPeriod", 345600)) * time.Second,
	}
	if p, ok := attributes["RedrivePolicy"].(string); ok {
		_, rest, _ := strings.Cut(p, `"$`)
		dead, rest, _ := strings.Cut(rest, `_arn`)
		_, rest, _ = strings.Cut(rest, `Count":`)
		spec.DeadLetter = dead
		spec.MaxReceives, _ = strconv.Atoi(strings.TrimSuffix(rest, "}"))
	}
	return c.store.Ensure(context.Background(), spec)
}
