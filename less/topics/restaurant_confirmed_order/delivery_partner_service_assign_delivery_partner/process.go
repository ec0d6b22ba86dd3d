// Package deliverypartnerserviceassigndeliverypartner finds somebody to deliver the order.
package deliverypartnerserviceassigndeliverypartner

import (
	"context"

	"github.com/less-go/less"
	"github.com/less-go/less/less/topics"
	restaurantconfirmedorder "github.com/less-go/less/less/topics/restaurant_confirmed_order"
)

// Process handles one restaurant_confirmed_order event.
func Process(ctx context.Context, o restaurantconfirmedorder.Message) error {
	log := less.Logger(ctx)
	log.Info("[DELIVERY PARTNER SERVICE] Assigning delivery partner: " + o.ID)
	// Assign delivery partner...
	log.Info("[DELIVERY PARTNER SERVICE] Delivery partner assigned: " + o.ID)
	return topics.DeliveryPartnerAssigned.Publish(ctx, o)
}
