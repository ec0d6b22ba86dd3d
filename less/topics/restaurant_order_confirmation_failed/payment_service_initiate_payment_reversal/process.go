// Package paymentserviceinitiatepaymentreversal gives the customer the money back.
package paymentserviceinitiatepaymentreversal

import (
	"context"

	"github.com/less-go/less"
	"github.com/less-go/less/less/topics"
	restaurantorderconfirmationfailed "github.com/less-go/less/less/topics/restaurant_order_confirmation_failed"
)

// Process handles one restaurant_order_confirmation_failed event.
func Process(ctx context.Context, o restaurantorderconfirmationfailed.Message) error {
	log := less.Logger(ctx)
	log.Info("[PAYMENT SERVICE] Refunding payment for order: " + o.ID)
	// Refund payment...
	log.Info("[PAYMENT SERVICE] Refunded succeeded for order: " + o.ID)
	return topics.PaymentReversed.Publish(ctx, o)
}
