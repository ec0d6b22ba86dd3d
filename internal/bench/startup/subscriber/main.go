// Command subscriber is a function that uses all of package less: it receives a
// message, logs, publishes, and asks for a retry where that fails.
package main

import (
	"context"
	"time"

	"github.com/less-go/less"
)

type message struct {
	ID    string   `json:"id"`
	Items []string `json:"items"`
}

var (
	placed  = less.NewTopic[message]("order_placed")
	success = less.NewTopic[message]("payment_success")
)

func process(ctx context.Context, m message) error {
	less.Logger(ctx).Info("processing payment", "order", m.ID)
	if err := success.Publish(ctx, m); err != nil {
		return less.RetryAfter(time.Minute, err)
	}
	return nil
}

func main() { less.ServeTopic(placed, process) }
