// Package orderserviceupdateorderstatus notes that the order is cancelled.
package orderserviceupdateorderstatus

import (
	"context"

	"github.com/less-go/less"
	restaurantorderconfirmationfailed "github.com/less-go/less/less/topics/restaurant_order_confirmation_failed"
)

// Process handles one restaurant_order_confirmation_failed event.
func Process(ctx context.Context, o restaurantorderconfirmationfailed.Message) error {
	log := less.Logger(ctx)
	log.Info("[ORDER SERVICE] Updating order cancellation status: " + o.ID)
	// Update order...
	log.Info("[ORDER SERVICE] Updated order cancellation status: " + o.ID)
	return nil
}
