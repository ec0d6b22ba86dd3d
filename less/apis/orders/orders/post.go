// Package orders takes orders from customers.
package orders

import (
	"context"

	"github.com/google/uuid"

	"github.com/less-go/less"
	"github.com/less-go/less/less/shared/order"
	"github.com/less-go/less/less/topics"
)

// Post is POST /orders: it gives the order an id and lets the payment service know.
func Post(ctx context.Context, req order.Request) (less.Created[order.Order], error) {
	if !req.Simulate.Valid() {
		return less.Created[order.Order]{}, less.BadRequest("simulate: %q is not one of confirm, reject, crash", req.Simulate)
	}
	log := less.Logger(ctx)
	log.Info("[ORDER SERVICE] Creating order")

	o := order.Order{ID: uuid.NewString(), Request: req}

	log.Info("[ORDER SERVICE] Created order: " + o.ID)
	if err := topics.OrderPlaced.Publish(ctx, o); err != nil {
		return less.Created[order.Order]{}, err
	}
	return less.Created[order.Order]{Body: o}, nil
}
