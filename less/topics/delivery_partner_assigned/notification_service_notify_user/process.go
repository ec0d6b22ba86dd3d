// Package notificationservicenotifyuser tells the customer who delivers.
package notificationservicenotifyuser

import (
	"context"

	"github.com/less-go/less"
	deliverypartnerassigned "github.com/less-go/less/less/topics/delivery_partner_assigned"
)

// Process handles one delivery_partner_assigned event.
func Process(ctx context.Context, o deliverypartnerassigned.Message) error {
	log := less.Logger(ctx)
	log.Info("[NOTIFICATION SERVICE] Emailing customer of delivery partner assignment: " + o.ID)
	// Email customer...
	log.Info("[NOTIFICATION SERVICE] Emailed customer of delivery partner assignment: " + o.ID)
	return nil
}
