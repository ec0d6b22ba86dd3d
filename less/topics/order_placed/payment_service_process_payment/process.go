// Package paymentserviceprocesspayment takes the payment of a new order.
package paymentserviceprocesspayment

import (
	"context"

	"github.com/less-go/less"
	"github.com/less-go/less/less/topics"
	orderplaced "github.com/less-go/less/less/topics/order_placed"
)

// Process handles one order_placed event.
func Process(ctx context.Context, o orderplaced.Message) error {
	log := less.Logger(ctx)
	log.Info("[PAYMENT SERVICE] Processing payment for order: " + o.ID)
	// Process payment...
	log.Info("[PAYMENT SERVICE] Payment succeeded for order: " + o.ID)
	return topics.PaymentSuccess.Publish(ctx, o)
}
