// Package orderserviceupdateorderstatus notes that the restaurant has confirmed.
package orderserviceupdateorderstatus

import (
	"context"

	"github.com/less-go/less"
	restaurantconfirmedorder "github.com/less-go/less/less/topics/restaurant_confirmed_order"
)

// Process handles one restaurant_confirmed_order event.
func Process(ctx context.Context, o restaurantconfirmedorder.Message) error {
	log := less.Logger(ctx)
	log.Info("[ORDER SERVICE] Updating order confirmation success status: " + o.ID)
	// Update order...
	log.Info("[ORDER SERVICE] Updated order confirmation success status: " + o.ID)
	return nil
}
