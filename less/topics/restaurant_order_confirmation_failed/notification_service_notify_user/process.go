// Package notificationservicenotifyuser tells the customer that the order is cancelled.
package notificationservicenotifyuser

import (
	"context"

	"github.com/less-go/less"
	restaurantorderconfirmationfailed "github.com/less-go/less/less/topics/restaurant_order_confirmation_failed"
)

// Process handles one restaurant_order_confirmation_failed event.
func Process(ctx context.Context, o restaurantorderconfirmationfailed.Message) error {
	log := less.Logger(ctx)
	log.Info("[NOTIFICATION SERVICE] Emailing customer of order cancellation: " + o.ID)
	// Email customer...
	log.Info("[NOTIFICATION SERVICE] Emailed customer of order cancellation: " + o.ID)
	return nil
}
