// Command silent is POST /orders without its event: what a route costs that
// publishes nothing, for the benchmarks to compare with.
package main

import (
	"context"

	"github.com/google/uuid"

	"github.com/less-go/less"
	"github.com/less-go/less/less/shared/order"
)

func main() {
	less.ServeAPI(less.Typed(func(ctx context.Context, req order.Request) (less.Created[order.Order], error) {
		log := less.Logger(ctx)
		log.Info("[ORDER SERVICE] Creating order")
		o := order.Order{ID: uuid.NewString(), Request: req}
		log.Info("[ORDER SERVICE] Created order: " + o.ID)
		return less.Created[order.Order]{Body: o}, nil
	}))
}
