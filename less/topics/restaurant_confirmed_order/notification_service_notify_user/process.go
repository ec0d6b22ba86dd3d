// Package notificationservicenotifyuser tells the customer that the order is confirmed.
package notificationservicenotifyuser

import (
	"context"

	"github.com/less-go/less"
	restaurantconfirmedorder "github.com/less-go/less/less/topics/restaurant_confirmed_order"
)

// Process handles one restaurant_confirmed_order event.
func Process(ctx context.Context, o restaurantconfirmedorder.Message) error {
	log := less.Logger(ctx)
	log.Info("[NOTIFICATION SERVICE] Emailing customer of order success: " + o.ID)
	// Email customer...
	log.Info("[NOTIFICATION SERVICE] Emailed customer of order success: " + o.ID)
	return nil
}
