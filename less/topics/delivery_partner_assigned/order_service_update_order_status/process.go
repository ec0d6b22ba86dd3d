// Package orderserviceupdateorderstatus notes that the order is on its way.
package orderserviceupdateorderstatus

import (
	"context"

	"github.com/less-go/less"
	deliverypartnerassigned "github.com/less-go/less/less/topics/delivery_partner_assigned"
)

// Process handles one delivery_partner_assigned event.
func Process(ctx context.Context, o deliverypartnerassigned.Message) error {
	log := less.Logger(ctx)
	log.Info("[ORDER SERVICE] Update delivery status: " + o.ID)
	// Update delivery status...
	log.Info("[ORDER SERVICE] Updated delivery status: " + o.ID)
	return nil
}
