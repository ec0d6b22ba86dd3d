// Package restaurantserviceconfirmorder asks the restaurant to cook a paid order.
package restaurantserviceconfirmorder

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/less-go/less"
	"github.com/less-go/less/less/shared/order"
	"github.com/less-go/less/less/topics"
	paymentsuccess "github.com/less-go/less/less/topics/payment_success"
)

// errRejected is the restaurant's no: a result of the business, which the
// workflow answers with a refund. Any other error is a failure, and retried.
var errRejected = errors.New("the restaurant rejected the order")

// Process handles one payment_success event.
func Process(ctx context.Context, o paymentsuccess.Message) error {
	log := less.Logger(ctx)
	log.Info("[RESTAURANT SERVICE] Confirming order: " + o.ID)
	// Confirm order...
	err := confirm(o)
	if errors.Is(err, errRejected) {
		log.Info("[RESTAURANT SERVICE] Failed to confirm order: " + o.ID)
		return topics.RestaurantOrderConfirmationFailed.Publish(ctx, o)
	}
	if err != nil {
		return fmt.Errorf("confirm order %s: %w", o.ID, err)
	}
	log.Info("[RESTAURANT SERVICE] Order confirmed: " + o.ID)
	return topics.RestaurantConfirmedOrder.Publish(ctx, o)
}

// confirm asks the restaurant, which rejects half of the orders unless the
// order says how it is to go.
func confirm(o order.Order) error {
	switch o.Simulate {
	case order.Confirm:
		return nil
	case order.Reject:
		return errRejected
	case order.Crash:
		return errors.New("the restaurant's kitchen does not answer")
	}
	if rand.IntN(2) == 0 {
		return errRejected
	}
	return nil
}
