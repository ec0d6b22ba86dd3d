// Package paymentreversed is the topic payment_reversed: the customer has the money back.
package paymentreversed

import "github.com/less-go/less/less/shared/order"

// Message is what the topic carries.
type Message = order.Order
