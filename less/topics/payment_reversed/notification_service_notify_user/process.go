// Package notificationservicenotifyuser tells the customer that the money is back.
package notificationservicenotifyuser

import (
	"context"

	"github.com/less-go/less"
	paymentreversed "github.com/less-go/less/less/topics/payment_reversed"
)

// Process handles one payment_reversed event.
func Process(ctx context.Context, o paymentreversed.Message) error {
	log := less.Logger(ctx)
	log.Info("[NOTIFICATION SERVICE] Emailing customer of payment reversal: " + o.ID)
	// Email customer...
	log.Info("[NOTIFICATION SERVICE] Emailed customer of payment reversal: " + o.ID)
	return nil
}
