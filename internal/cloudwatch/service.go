// Package cloudwatch is a part of CloudWatch's actions: metric alarms and dashboards.
//
// They are kept as a client has made them. There are no metrics here but one, how many
// messages can be received from a queue, which is what an alarm on a dead-letter
// queue watches: the state of such an alarm is that of the queue at the moment of
// asking. All other alarms have insufficient data, which is the truth. No alarm's
// actions are carried out.
package cloudwatch

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/shelf"
)

// A Store keeps documents and knows how long queues are; [queue.Store] is one.
type Store interface {
	shelf.Store
	Stats(ctx context.Context, name string) (queue.Stats, error)
}

// A Service is CloudWatch. Its methods are its actions; they may be called at the same time.
type Service struct {
	store      Store
	alarms     *shelf.Shelf[Alarm]
	dashboards *shelf.Shelf[Dashboard]
}

// New returns CloudWatch with what the store keeps of it.
func New(ctx context.Context, store Store) (*Service, error) {
	alarms, err := shelf.Open[Alarm](ctx, store, "alarm")
	if err != nil {
		return nil, err
	}
	dashboards, err := shelf.Open[Dashboard](ctx, store, "dashboard")
	if err != nil {
		return nil, err
	}
	return &Service{store, alarms, dashboards}, nil
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:      "monitoring",
		Target:    "GraniteServiceVersion20100801",
		Versions:  []string{"2010-08-01"},
		Namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
		Prefix:    "cloudwatch",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{
				Code: "AccessDenied", Status: http.StatusForbidden,
				Message: d.Sentence("cloudwatch:" + d.Action),
			}
		},
	}
	awsapi.Register(api, "DeleteAlarms", s.DeleteAlarms)
	awsapi.Register(api, "DeleteDashboards", s.DeleteDashboards)
	awsapi.Register(api, "DescribeAlarms", s.DescribeAlarms)
	awsapi.Register(api, "DisableAlarmActions", s.DisableAlarmActions)
	awsapi.Register(api, "EnableAlarmActions", s.EnableAlarmActions)
	awsapi.Register(api, "GetDashboard", s.GetDashboard)
	awsapi.Register(api, "ListDashboards", s.ListDashboards)
	awsapi.Register(api, "ListTagsForResource", s.ListTagsForResource)
	awsapi.Register(api, "PutDashboard", s.PutDashboard)
	awsapi.Register(api, "PutMetricAlarm", s.PutMetricAlarm)
	awsapi.Register(api, "SetAlarmState", s.SetAlarmState)
	awsapi.Register(api, "TagResource", s.TagResource)
	awsapi.Register(api, "UntagResource", s.UntagResource)
	return api
}

// page returns the part of a list that a token begins, of at most limit elements, and
// the token of the next: the name of the last one. Names are sorted.
func page[T any](all []T, name func(T) string, token string, limit int) (part []T, next string) {
	from, _ := slices.BinarySearchFunc(all, token, func(one T, token string) int {
		return cmp.Or(strings.Compare(name(one), token), -1) // after the token's own
	})
	if token == "" {
		from = 0
	}
	part = all[from:]
	if len(part) <= limit {
		return part, ""
	}
	return part[:limit], name(part[limit-1])
}
