// Package loyaltyserviceaddloyaltypoints thanks the customer with points.
package loyaltyserviceaddloyaltypoints

import (
	"context"

	"github.com/less-go/less"
	restaurantconfirmedorder "github.com/less-go/less/less/topics/restaurant_confirmed_order"
)

// Process handles one restaurant_confirmed_order event.
func Process(ctx context.Context, o restaurantconfirmedorder.Message) error {
	log := less.Logger(ctx)
	log.Info("[LOYALTY SERVICE] Adding points to wallet: " + o.ID)
	// Add points to wallet...
	log.Info("[LOYALTY SERVICE] Added points to wallet: " + o.ID)
	return nil
}
